"""Repairing: runs a repair flow, and goes where a bot's own version of it leads."""

from typing import Any

from dialogues.exchange import Exchange
from dialogues.executor import start
from dialogues.handoff import hand_over
from dialogues.step import HandOff, Link


def repair(x: Exchange, name: str, **more: Any) -> None:  # noqa: ANN401 - passed on as it is
    """Say what the repair flow `name` says; its hand-off or link is followed."""
    match x.repair(name, **more):
        case HandOff(hand_off=desk):
            hand_over(x, desk=desk, reason="cannot_handle")
        case Link(link=flow):
            start(x, flow, {})
