"""Revision: replaces a value given before, and has done again only what depended on it."""

from typing import Any

from pydantic import JsonValue

from dialogues.action import form_of
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.placeholders import names_in
from dialogues.state import Frame
from dialogues.step import Act, Say, Search, Set


def correct(x: Exchange, frame: Frame, slot: str, value: JsonValue) -> None:
    """Replace a value and go through the flow again; only what depended on it is done again."""
    flow = x.bot.flows[frame.flow]
    frame.slots = {**frame.slots, slot: value}
    frame.path, frame.attempts = (0,), 0
    depends = {flow.names[path] for path, step in flow.walked if _reads(x, flow, step, slot)}
    # What failed had no effect; with another value it may well succeed.
    frame.done = [
        done
        for done in frame.done
        if done.partition("/")[0] not in depends and not done.endswith("/on_failure")
    ]


def _reads(x: Exchange, flow: Flow, step: Any, slot: str) -> bool:  # noqa: ANN401 - one of Step
    match step:
        case Say():
            response = x.bot.response(step.say, flow)
            texts = response.variants.values() if response is not None else ()
            return any(slot in names_in(w.text) for wordings in texts for w in wordings)
        case Act():
            form = form_of(x.bot, step.act)
            again = form is not None and form.repeatable
            return again and any(slot in names_in(str(v)) for v in step.with_.values())
        case Search():
            return slot in names_in(step.search)
        case Set():
            return any(slot in names_in(str(v)) for v in step.set.values())
    return False
