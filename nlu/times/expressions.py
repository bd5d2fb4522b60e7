"""All expressions of time of a text, whatever its language; remembered, for several ask."""

import re
from datetime import datetime
from functools import lru_cache

from nlu.circumstances import Circumstances
from nlu.times import english
from nlu.times.moment import TimeExpression
from nlu.text import fold

#: Expressions stand in the first so many characters.
_TEXT_MAX = 1000
_LATIN = re.compile("[a-z0-9]")
#: Where months are written before days: 11/24.
_MONTH_FIRST = frozenset({"US"})


def times(text: str, circumstances: Circumstances) -> tuple[TimeExpression, ...]:
    """Return the expressions of time in a text in normal form, in order, without overlaps."""
    month_first = circumstances.region in _MONTH_FIRST
    return _times(text[:_TEXT_MAX], circumstances.now, month_first)


@lru_cache(maxsize=64)
def _times(text: str, now: datetime, month_first: bool) -> tuple[TimeExpression, ...]:
    folded = fold(text)
    if not _LATIN.search(folded):
        return ()
    return tuple(english.find_times(folded, now, month_first=month_first))
