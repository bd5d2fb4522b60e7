"""Moments: reads a day or a time of day out of what a customer wrote, as a slot keeps them."""

import re
from datetime import date, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from dialogues.figures import find_numbers
from dialogues.slot import Slot
from nlu.circumstances import Circumstances
from nlu.text import comparable, han_count, normalise
from nlu.times.expressions import times

_DATE: Final = re.compile(r"\d{4}-\d\d-(\d\d)")
_CLOCK: Final = re.compile(r"(\d\d):\d\d")

#: Words and characters beside a day that is clearly the answer: "next Friday would be fine".
_BESIDE_MAX: Final = 5


_BARE_DAY: Final = re.compile(r"(?:the )?(\d{1,2}(?:st|nd|rd|th))", re.IGNORECASE)


def read_moment(
    slot: Slot, text: str, *, now: datetime, region: str | None
) -> tuple[JsonValue, bool] | None:
    """Return the day ("2026-11-24") or time ("15:30") that `text` names, None when there is none.

    Args:
        slot: of type date or time.
        text: what the customer wrote.
        now: aware, in the customer's time zone: what "tomorrow" refers to.
        region: ISO 3166 country, for 5/4.

    Returns:
        The value, and whether the text says little else.
    """
    if slot.type == "date" and (bare := _BARE_DAY.fullmatch(text.strip(" .!"))):
        text = f"on the {bare[1]}"  # where a day is asked for, "the 5th" is one
    normal = normalise(text)
    for said in times(normal.plain, Circumstances(region, now)):
        value = moment(slot, said.value, now)
        if value is not None:
            rest = normal.folded[: said.start] + " " + normal.folded[said.end :]
            beside = len(comparable(rest).split()) + han_count(rest)
            return value, beside <= _BESIDE_MAX
    return None


def names_moment(value: str, text: str) -> bool:
    """Tell whether `text` says the day of a date or the hour of a time that is kept."""
    said = {int(figure) for figure in re.findall(r"\d{1,2}", text)}
    said |= {int(number) for number in find_numbers(text) if number < 100}
    if match := _DATE.fullmatch(value):
        return int(match[1]) in said
    clock = _CLOCK.fullmatch(value)
    return clock is not None and bool(said & {int(clock[1]), int(clock[1]) % 12 or 12})


def moment(slot: Slot, value: str, now: datetime) -> JsonValue:
    """Return an ISO 8601 value as `slot` keeps it; None: a range, or not what it is about."""
    if "/" in value:
        return (
            moment(slot, value.partition("T")[0], now) if _is_part_of_a_day(slot, value) else None
        )
    day, _, clock = value.partition("T")
    if slot.type == "time":
        return clock[:5] or None
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        return None
    return None if slot.future and parsed <= now.date() else parsed.isoformat()


def _is_part_of_a_day(slot: Slot, value: str) -> bool:
    """Tell whether a range lies within the one day that is asked for, as tomorrow morning does."""
    if slot.type != "date":
        return False
    try:
        first, last = (datetime.fromisoformat(end) for end in value.split("/"))
    except ValueError:
        return False
    if "T" not in value or (first.tzinfo is None) is not (last.tzinfo is None):
        return False
    return last > first and (last - timedelta(microseconds=1)).date() == first.date()
