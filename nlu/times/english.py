"""Expressions of time in English texts: 3pm tomorrow, next week, two hours, every Monday."""

import re
from collections.abc import Sequence
from dataclasses import replace
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
from nlu.times import english_words as words
from nlu.times.english_grammar import Item, Scene, code, pattern, reduce
from nlu.times.english_holidays import HOLIDAYS
from nlu.times.english_lexer import items_of
from nlu.times.english_values import Dates, Value
from nlu.times.moment import Kind, TimeExpression

#: Lengths, clocks, days.
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
)
#: What is made of days and clocks.
_CASCADE_OF_DAYS = (
    *english_moments.MOMENTS,
    *english_recurrences.TIMED,
    *english_ranges.RANGES,
    *english_ranges.BOUNDS,
)
_NAMES: dict[Kind, str] = {
    "date": "DAY DAYS YEARS",
    "time": "CLOCK HOURS PART MOMENT MOMENTS",
    "duration": "LEN",
    "recurrence": "RULE",
}
_KINDS = {code(name): kind for kind, names in _NAMES.items() for name in names.split()}
#: A day so many items from a deed is the day of the deed, when nothing tells them apart.
_NEAR = 9
_PAST = pattern("WHO (just|already|only|have|had|has|been|recently)? DONE|(was|were|wasn't) DONE")
_APART = pattern("(STOP|DOT|will|can|could|would|should|may|if|when|for|by|but|until|till|please)")
_DIGIT = re.compile("[0-9]")
_WORD = re.compile("[a-z]+")
#: A text without any of these words and without digits tells no time.
_WORDS = frozenset(
    {
        *words.MONTHS, *words.WEEKDAYS, *words.WEEKDAY_PLURALS, *words.UNITS, *words.PARTS,
        *words.PART_PLURALS, *words.INSTANTS, *words.SEASONS, *words.FREQUENCIES, *words.SMALL,
        *words.TENS, *words.ORDINALS, *english_days.NAMED,
        *(word for name in HOLIDAYS for word in name[:1]),
        *words.OTHERS,
        *english_periods.DECADES,
    }
)  # fmt: skip


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
    if _WORDS.isdisjoint(_WORD.findall(text)) and not _DIGIT.search(text):
        return []
    items = reduce(items_of(text, scene), _CASCADE, scene)
    items = reduce(_told_as_past(items, scene), _CASCADE_OF_DAYS, scene)
    return [
        TimeExpression(item.start, _end(text, item), _KINDS[item.code], item.value.iso())
        for item in items
        if item.code in _KINDS and isinstance(item.value, Value)
    ]


def _told_as_past(items: list[Item], scene: Scene) -> list[Item]:
    """Return the items with days to come beside a deed of the past as the days before.

    I ordered it on Friday; on 3 May I received a letter.
    """
    codes = "".join(item.code for item in items)
    told = list(items)
    for deed in _PAST.finditer(codes):
        near = range(max(0, deed.start() - _NEAR), min(len(items), deed.end() + _NEAR))
        for at in near:
            between = codes[deed.end() : at] if at >= deed.end() else codes[at : deed.start()]
            if not _APART.search(between):
                told[at] = _before_today(told[at], scene)
    return told


def _before_today(item: Item, scene: Scene) -> Item:
    dates = item.value
    if not isinstance(dates, Dates) or not dates.step or dates.first <= scene.today:
        return item
    moved = dates.moved(-1)
    return replace(item, value=replace(moved, step="")) if moved.first <= scene.today else item


def _end(text: str, item: Item) -> int:
    """Return where an item ends without the full stop behind it."""
    said = text[item.start : item.end]
    spelt = said.endswith("m.") and "." in said[-5:-1]
    return item.end - (said.endswith(".") and not spelt)
