"""Stored values: whether a value that is kept already is one its slot could have."""

from datetime import date, time
from typing import Final

from pydantic import JsonValue

from dialogues.slot import Slot

#: Longest text a slot keeps, in code points.
_TEXT_MAX: Final = 4000


def fits(slot: Slot, value: JsonValue) -> bool:
    """Tell whether `slot` could have `value`; None, a question that was skipped, fits any."""
    if value is None:
        return True
    match slot.type:
        case "boolean":
            return isinstance(value, bool)
        case "number" | "quantity" | "rating":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "choice":
            return isinstance(value, str) and value in slot.options
        case "date":
            return isinstance(value, str) and _reads(date, value)
        case "time":
            return isinstance(value, str) and _reads(time, value)
        case "entity":
            return isinstance(value, str | int | float) and not isinstance(value, bool)
        case _:
            return isinstance(value, str) and len(value) <= _TEXT_MAX


def _reads(kind: type[date] | type[time], value: str) -> bool:
    try:
        kind.fromisoformat(value)
    except ValueError:
        return False
    return True
