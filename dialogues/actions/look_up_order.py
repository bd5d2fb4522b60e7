"""Looks an order up in the example company's `orders.yml`."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from dialogues.action import ActionError, ActionTurn, Input, Output
from dialogues.bot import localised

INPUTS: Final = {"number": Input(required=True)}
OUTPUTS: Final = {"status": Output(), "eta": Output("date"), "items": Output()}
REPEATABLE: Final = True


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what is known about the order; an unknown number is a failure."""
    order = turn.bot.orders.get(str(inputs.get("number", "")).strip().upper())
    if order is None:
        raise ActionError("not_found")
    return {
        "status": localised(order.status, turn.language),
        "eta": order.eta.isoformat() if order.eta else None,
        "items": ", ".join(order.items) if turn.language != "zh" else "、".join(order.items),
    }
