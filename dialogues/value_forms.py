"""Value forms: turns what was said into the form a slot keeps, and holds it to its pattern."""

from functools import lru_cache
from typing import Final

from dialogues.slot import Slot
from nlu.patterns import Pattern, compile_pattern
from nlu.text import normalise, simplified

#: Types whose values are words of the customer, so that a slot may ask for a form and pattern.
FORMED: Final = frozenset({"text", "name", "company", "entity", "date_text"})


def reform(slot: Slot, value: str) -> str:
    """Return `value` in the form that `slot` keeps."""
    match slot.form:
        case "upper":
            return value.upper()
        case "lower":
            return value.lower()
        case "digits":
            return "".join(c for c in normalise(value).plain if c.isdecimal() and c.isascii())
        case "simplified":
            return simplified(value)
    return value


def matching(slot: Slot, value: str) -> str | None:
    """Return the whole of `value`, or the one part of it, that the slot's pattern matches.

    Without a pattern every value but the empty one matches.
    """
    if slot.pattern is None:
        return value or None
    pattern = _pattern(slot.pattern)
    if pattern.exact.fullmatch(value):
        return value
    if slot.form == "digits":
        return None
    found = {str(entity.value) for entity in pattern.find(value)}
    parts = [part for part in found if pattern.exact.fullmatch(part)]
    return parts[0] if len(parts) == 1 else None


@lru_cache(maxsize=256)
def _pattern(expression: str) -> Pattern:
    return compile_pattern("pattern", expression)
