"""Misfits: finds what was plainly meant for a slot and does not fit, so that it is not dropped."""

import re
from collections.abc import Collection
from typing import Final

from dialogues.flow import Flow
from dialogues.naming import is_named
from dialogues.slot import Slot
from dialogues.slot_values import ENTITIES, Said, parse
from nlu.text import normalise

_MAILBOX: Final = re.compile(r"[^\s@,;:，；：（）()\"']{1,64}@[^\s@,;，；（）()\"']{0,253}")
_DIGITS: Final = re.compile(r"[+(]?\d[\d ()/.-]{4,24}\d")
_WORDS_MAX: Final = 80


def misfits(flow: Flow, said: Said, *, without: Collection[str]) -> dict[str, str]:
    """Return by slot the words that were meant for it although they do not fit.

    Args:
        flow: whose slots to look at; only those a step asks for are told of.
        said: the customer's words.
        without: slots that have a value, or get one from these words.
    """
    found: dict[str, str] = {}
    for name in flow.collected:
        slot = flow.slots.get(name)
        if slot is None or name in without:
            continue
        words = _meant_for(name, slot, said)
        if words and words not in found.values():
            found[name] = words[:_WORDS_MAX]
    return found


def _meant_for(name: str, slot: Slot, said: Said) -> str | None:
    text = normalise(said.text).plain
    match slot.type:
        case "email":
            written = _MAILBOX.search(text)
            if written is None or parse(slot, said) is not None:
                return None
            return written[0].rstrip(".。")
        case "phone":
            written = _DIGITS.search(text) if is_named(name, slot, text) else None
            if written is None or parse(slot, said) is not None:
                return None
            return written[0]
        case "quantity" | "number":
            return _figure(name, slot, said)
        case "date" | "time":
            return _moment(slot, said)
    return None


def _figure(name: str, slot: Slot, said: Said) -> str | None:
    """Return a quantity outside the bounds; a bare number only where the slot is named."""
    if slot.min is None and slot.max is None:
        return None
    named = is_named(name, slot, said.text)
    for entity in said.entities({"quantity", "number"} if named else {"quantity"}):
        value = entity.value
        if not isinstance(value, int | float):
            continue
        low = slot.min is not None and value < slot.min
        high = slot.max is not None and value > slot.max
        if low or high:
            return said.text[entity.start : entity.end].strip()
    return None


def _moment(slot: Slot, said: Said) -> str | None:
    """Return a date or time that was said and is not allowed, e.g. one in the past."""
    found = said.entities(ENTITIES.get(slot.type, (slot.type,)))
    if not found or parse(slot, said) is not None:
        return None
    return said.text[found[0].start : found[0].end].strip()
