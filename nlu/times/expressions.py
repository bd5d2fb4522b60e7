"""All expressions of time of a text, whatever its language; remembered, for several ask."""

import re
from datetime import datetime
from functools import lru_cache

from nlu.circumstances import Circumstances
from nlu.text import fold, han_count
from nlu.times import chinese, english
from nlu.times.moment import TimeExpression

#: Expressions stand in the first so many characters.
_TEXT_MAX = 1000
_LATIN = re.compile("[a-z0-9]")
#: Where months are written before days: 11/24.
_MONTH_FIRST = frozenset({"US"})


def times(text: str, circumstances: Circumstances) -> tuple[TimeExpression, ...]:
    """Return the expressions of time in a text in normal form, in order, without overlaps.

    Of overlapping ones the longer is kept, at equal length the Chinese reading.
    """
    month_first = circumstances.region in _MONTH_FIRST
    return _times(text[:_TEXT_MAX], circumstances.now, month_first)


@lru_cache(maxsize=64)
def _times(text: str, now: datetime, month_first: bool) -> tuple[TimeExpression, ...]:
    folded = fold(text)
    found: list[TimeExpression] = []
    if han_count(folded):
        found += chinese.find_times(folded, now)
    if _LATIN.search(folded):
        read = english.find_times(folded, now, month_first=month_first)
        found = _longest([*found, *read]) if found else list(read)
    return tuple(found)


def _longest(found: list[TimeExpression]) -> list[TimeExpression]:
    kept: list[TimeExpression] = []
    for each in sorted(found, key=lambda e: e.start - e.end):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda e: e.start)
