"""Inputs: the values of a step as YAML states them, with their placeholders filled in."""

from pydantic import JsonValue

from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.placeholders import PLACEHOLDER, is_slot
from dialogues.state import Frame


def filled_in(x: Exchange, flow: Flow, frame: Frame, value: JsonValue) -> JsonValue:
    """Return `value`: a lone placeholder keeps its type, others become text."""
    if not isinstance(value, str):
        return value
    lone = PLACEHOLDER.fullmatch(value)
    if lone is not None and is_slot(lone[1]):
        return frame.slots.get(lone[1])
    text = PLACEHOLDER.sub(lambda match: x.value(match[1], flow, frame.slots), value)
    return text.strip() or None
