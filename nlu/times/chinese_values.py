"""What Chinese expressions of time mean before they are written as ISO 8601: days and hours."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

#: Years that are dates; others are codes or typing errors.
YEARS = range(100, 2200)


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row, both ends included; None leaves an end open."""

    first: date | None
    last: date | None
    floating: bool = False  #: no year was said: it is the next one to come
    weekly: bool = False  #: a weekday without a date

    @property
    def start(self) -> date:
        """Return the first day that is known."""
        known = self.first or self.last
        if known is None:
            raise ValueError("days without a day")
        return known

    @property
    def end(self) -> date:
        """Return the last day that is known."""
        return self.last or self.start

    @property
    def is_one(self) -> bool:
        """Tell whether it is one day."""
        return self.first is not None and self.first == self.last

    def iso(self) -> str:
        """Return ISO 8601: `2026-11-24`, `2026-12-01/2026-12-31`, `../2026-11-26`."""
        if self.is_one:
            return self.start.isoformat()
        return "/".join(
            ".." if day is None else day.isoformat() for day in (self.first, self.last)
        )


def one(day: date, *, floating: bool = False, weekly: bool = False) -> Days:
    """Return one day."""
    return Days(day, day, floating, weekly)


def month_of(year: int, month: int, *, floating: bool = False) -> Days:
    """Return all days of a month."""
    return Days(
        date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), floating
    )


def months_of(year: int, month: int, count: int) -> Days:
    """Return the days of `count` months from the one given; months above 12 run on."""
    first = date(year, 1, 1)
    start = plus_months(first, month - 1)
    return Days(start, plus_months(start, count) - timedelta(1))


def week_of(day: date) -> Days:
    """Return the week of a day, Monday to Sunday."""
    monday = day - timedelta(day.weekday())
    return Days(monday, monday + timedelta(6))


def plus_months(day: date, months: int) -> date:
    """Return the day so many months on, at most the last of its month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; hour 24 and more is on the next day."""

    hour: int
    minute: int = 0
    second: int | None = None
    vague: bool = False  #: no part of day was said, and the hour may be either half of the day's

    @property
    def order(self) -> int:
        """Return the seconds since midnight."""
        return self.hour * 3600 + self.minute * 60 + (self.second or 0)

    def iso(self) -> str:
        """Return ISO 8601 without a day: `T15:00`."""
        seconds = "" if self.second is None else f":{self.second:02}"
        return f"T{self.hour % 24:02}:{self.minute:02}{seconds}"

    def later(self, first: "Clock") -> "Clock":
        """Return this time as the end of a range that starts at `first`."""
        half = 12 if not first.vague and 12 <= first.hour < 24 and self.hour < 12 else 0
        moved = Clock(self.hour + half, self.minute, self.second)
        if self.vague and half and moved.order > first.order:
            return moved
        other = Clock(self.hour + 12, self.minute, self.second)
        if self.vague and self.order <= first.order < other.order and other.hour <= 24:
            return other
        return self


def at(day: date, clock: Clock, now: datetime) -> datetime:
    """Return the moment of a clock time on a day in the zone of `now`."""
    days, hour = divmod(clock.hour, 24)
    return _local(
        datetime.combine(
            day + timedelta(days), time(hour, clock.minute, clock.second or 0), now.tzinfo
        ),
        now,
    )


def moment_iso(moment: datetime, *, seconds: bool) -> str:
    """Return ISO 8601 with the zone's offset; seconds only when they were said."""
    return moment.isoformat(timespec="seconds" if seconds else "minutes")


def shifted(now: datetime, span: timedelta) -> datetime:
    """Return the moment a span of real time away, across changes of summer time."""
    return (now.astimezone(UTC) + span).astimezone(now.tzinfo)


def _local(moment: datetime, now: datetime) -> datetime:
    """Return a moment that the zone's clocks show: none lies in the hour summer time skips."""
    return moment.astimezone(UTC).astimezone(now.tzinfo)
