"""Revision: replaces a value given before, and has done again only what depended on it."""

from typing import Any

from pydantic import JsonValue

from dialogues.action import form_of
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.places import place_name
from dialogues.state import Frame
from dialogues.step import Act, Say, Search


def correct(x: Exchange, frame: Frame, slot: str, value: JsonValue) -> None:
    """Replace a value and go through the flow again; only what depended on it is done again."""
    flow = x.bot.flows[frame.flow]
    frame.slots = {**frame.slots, slot: value}
    frame.path, frame.attempts = (0,), 0
    depends = {place_name(path) for path, step in flow.walked if _reads(x, flow, step, slot)}
    frame.done = [name for name in frame.done if name not in depends]


def _reads(x: Exchange, flow: Flow, step: Any, slot: str) -> bool:  # noqa: ANN401 - one of Step
    match step:
        case Say():
            response = x.bot.response(step.say, flow)
            texts = response.variants.values() if response is not None else ()
            return any(f"{{{slot}}}" in w.text for wordings in texts for w in wordings)
        case Act():
            form = form_of(x.bot, step.act)
            again = form is not None and form.repeatable
            return again and any(f"{{{slot}}}" in str(v) for v in step.with_.values())
        case Search():
            return f"{{{slot}}}" in step.search
    return False
