"""Days, clock times and moments that expressions of time mean, written as ISO 8601 values."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

Kind = Literal["date", "time", "duration", "recurrence"]

_OPEN = ".."


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A span of a text that tells a time: half-open, in code points."""

    start: int
    end: int
    kind: Kind
    value: str  #: ISO 8601; of a recurrence an RFC 5545 rule


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row, both ends included; None leaves an end open."""

    first: date | None
    last: date | None

    @property
    def is_one(self) -> bool:
        """Tell whether it is one day."""
        return self.first is not None and self.first == self.last

    def iso(self) -> str:
        """Return ISO 8601: `2026-11-24`, `2026-12-01/2026-12-31`, `../2026-11-26`."""
        if self.first is not None and self.first == self.last:
            return self.first.isoformat()
        ends = (self.first, self.last)
        return "/".join(_OPEN if day is None else day.isoformat() for day in ends)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; hour 24 and more is on the next day."""

    hour: int
    minute: int = 0
    second: int | None = None

    @property
    def order(self) -> int:
        """Return the seconds since midnight."""
        return self.hour * 3600 + self.minute * 60 + (self.second or 0)

    def iso(self) -> str:
        """Return ISO 8601 without a day: `T15:00`."""
        seconds = "" if self.second is None else f":{self.second:02}"
        return f"T{self.hour % 24:02}:{self.minute:02}{seconds}"


def one_day(day: date) -> Days:
    """Return one day."""
    return Days(day, day)


def week_of(day: date) -> Days:
    """Return the week of a day, Monday to Sunday."""
    monday = day - timedelta(day.weekday())
    return Days(monday, monday + timedelta(6))


def weekend_of(day: date) -> Days:
    """Return Saturday and Sunday of the week of a day."""
    monday = day - timedelta(day.weekday())
    return Days(monday + timedelta(5), monday + timedelta(6))


def month_of(year: int, month: int) -> Days:
    """Return all days of a month."""
    return Days(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def months_of(year: int, month: int, count: int) -> Days:
    """Return the days of `count` months from the one given; months above 12 run on."""
    start = plus_months(date(year, 1, 1), month - 1)
    return Days(start, plus_months(start, count) - timedelta(1))


def years_of(year: int, count: int = 1) -> Days:
    """Return the days of `count` years from the one given."""
    return Days(date(year, 1, 1), date(year + count - 1, 12, 31))


def plus_months(day: date, months: int) -> date:
    """Return the day so many months on, at most the last of its month.

    Raises:
        ValueError: no such year.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_to_come(today: date, month: int, day: int) -> date:
    """Return the next such day from today on; of 29 February the next that there is.

    Raises:
        ValueError: no year has this day.
    """
    for year in range(today.year, today.year + 9):
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
    raise ValueError("no such day")


def weekday_to_come(today: date, weekday: int) -> date:
    """Return the next such weekday (Monday is 0) from today on."""
    return today + timedelta((weekday - today.weekday()) % 7)


def at(day: date, clock: Clock, now: datetime) -> datetime:
    """Return the moment of a clock time on a day in the zone of `now`.

    Where summer time skips the hour it is the one after, which clocks show.
    """
    days, hour = divmod(clock.hour, 24)
    said = time(hour, clock.minute, clock.second or 0)
    moment = datetime.combine(day + timedelta(days), said, now.tzinfo)
    return moment.astimezone(UTC).astimezone(now.tzinfo)


def shifted(now: datetime, span: timedelta) -> datetime:
    """Return the moment a span of real time away, across changes of summer time."""
    return (now.astimezone(UTC) + span).astimezone(now.tzinfo)


def moment_iso(moment: datetime, *, seconds: bool = False) -> str:
    """Return ISO 8601 with the zone's offset; seconds only when they were said."""
    return moment.isoformat(timespec="seconds" if seconds else "minutes")


def range_iso(first: str | None, last: str | None) -> str:
    """Return a range of two ISO 8601 values, None for an open end."""
    return f"{first or _OPEN}/{last or _OPEN}"
