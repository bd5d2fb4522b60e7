"""Expressions of time in English texts: 3pm tomorrow, next week, two hours, every Monday."""

from collections.abc import Sequence
from datetime import datetime

from nlu.times import (
    english_clocks,
    english_dates,
    english_days,
    english_lengths,
    english_moments,
    english_periods,
    english_ranges,
    english_recurrences,
)
from nlu.times.english_grammar import CLASSES, Item, Scene, reduce
from nlu.times.english_lexer import items_of
from nlu.times.english_values import Value
from nlu.times.moment import Kind, TimeExpression

_CASCADE = (
    *english_recurrences.RECURRENCES,
    *english_clocks.QUARTERS,
    *english_lengths.LENGTHS,
    *english_clocks.CLOCKS,
    *english_moments.HOURS,
    *english_periods.YEARS,
    *english_ranges.MONTHS,
    *english_dates.DATES,
    *english_moments.PARTS_OF_WEEKS,
    *english_days.WEEKDAYS_OF_WEEKS,
    *english_days.DAYS,
    *english_periods.PERIODS,
    *english_days.WEEKDAYS_OF_WEEKS,
    *english_periods.SHARES,
    *english_clocks.BARE,
    *english_moments.MOMENTS,
    *english_recurrences.TIMED,
    *english_ranges.RANGES,
    *english_ranges.BOUNDS,
)
_KINDS: dict[str, Kind] = {
    CLASSES[name]: kind
    for names, kind in (
        ("DAY DAYS YEARS", "date"),
        ("CLOCK HOURS PART MOMENT MOMENTS", "time"),
        ("LEN", "duration"),
        ("RULE", "recurrence"),
    )
    for name in names.split()
    for kind in [kind]
}


def find_times(
    folded: str, now: datetime, *, month_first: bool = False
) -> Sequence[TimeExpression]:
    """Return the expressions of time of a folded text, in order, without overlaps.

    Args:
        folded: a text in lower case, see `nlu.text`.
        now: what they refer to; aware, in the customer's time zone.
        month_first: whether 05/06 is in May.
    """
    scene = Scene(now, month_first)
    text = folded.replace("’", "'")
    items = reduce(items_of(text, scene), _CASCADE, scene)
    return [
        TimeExpression(item.start, _end(text, item), _KINDS[item.code], item.value.iso(now))
        for item in items
        if item.code in _KINDS and isinstance(item.value, Value)
    ]


def _end(text: str, item: Item) -> int:
    """Return where an item ends without the full stop behind it."""
    said = text[item.start : item.end]
    spelt = said.endswith("m.") and "." in said[-5:-1]
    return item.end - (said.endswith(".") and not spelt)
