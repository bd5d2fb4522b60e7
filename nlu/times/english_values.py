"""What English expressions of time mean before they are written: dates, hours, lengths, rules."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from nlu.times.moment import Clock, Days, at, moment_iso, one_day, plus_months, range_iso

#: What may be added to an expression to make it mean a later day: a Friday, a 5th, a May.
Step = Literal["", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Dates:
    """Days in a row, and what the one who said them left open."""

    days: Days
    step: Step = ""

    @property
    def first(self) -> date:
        """Return the first day that is known."""
        known = self.days.first or self.days.last
        if known is None:
            raise ValueError("dates without a day")
        return known

    @property
    def last(self) -> date:
        """Return the last day, or the first one."""
        return self.days.last or self.first

    def not_before(self, day: date) -> "Dates":
        """Return these dates moved on, as far as they were left open, to `day` or later."""
        moved = self
        while moved.step and moved.last < day:
            moved = moved.moved(1)
        return moved

    def moved(self, count: int) -> "Dates":
        """Return these dates so many weeks, months or years on."""
        if self.step == "week":
            span = timedelta(7 * count)
            return replace(self, days=Days(self.first + span, self.last + span))
        months = count * (12 if self.step == "year" else 1)
        days = Days(plus_months(self.first, months), plus_months(self.last, months))
        if days.last and self.last.day >= 28 and (self.last + timedelta(1)).day == 1:
            # The end of February is a day later in leap years.
            day = plus_months(self.last + timedelta(1), months) - timedelta(1)
            days = Days(days.first if not self.days.is_one else day, day)
        return replace(self, days=days)

    def iso(self) -> str:
        """Return ISO 8601."""
        return self.days.iso()


@dataclass(frozen=True, slots=True)
class Hour:
    """A time of day; vague when it may be in either half of the day."""

    clock: Clock
    vague: bool = False

    def settled(self) -> Clock:
        """Return the time meant: nobody makes appointments for one to six in the night."""
        later = self.vague and 1 <= self.clock.hour <= 6
        return self.later_half() if later else self.clock

    def later_half(self) -> Clock:
        """Return the time after noon."""
        hour = self.clock.hour
        return replace(self.clock, hour=hour + 12 if hour < 12 else hour)

    def on(self, day: date, now: datetime) -> "Moment":
        """Return this time on a day."""
        clock = self.settled()
        return Moment(at(day, clock, now), seconds=clock.second is not None)

    def iso(self) -> str:
        """Return ISO 8601 without a day."""
        return self.settled().iso()


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the day, its end excluded; None leaves an end open."""

    first: Clock | None
    last: Clock | None
    part: str = ""  #: the part of the day that was named

    def on(self, day: date, now: datetime) -> "Moments":
        """Return this stretch of a day."""
        first, last = self.first, self.last
        following = first and last and last.order <= first.order
        return Moments(
            at(day, first, now) if first else None,
            at(day + timedelta(1) if following else day, last, now) if last else None,
            part=self.part,
        )

    def iso(self) -> str:
        """Return ISO 8601 without a day."""
        return range_iso(
            self.first.iso() if self.first else None, self.last.iso() if self.last else None
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of a day."""

    at: datetime
    seconds: bool = False

    def iso(self) -> str:
        """Return ISO 8601 with the offset."""
        return moment_iso(self.at, seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Moments:
    """A stretch of time, its end excluded; None leaves an end open."""

    first: datetime | None
    last: datetime | None
    part: str = ""
    seconds: bool = False

    @property
    def day(self) -> date:
        """Return the day it begins, or ends, on."""
        known = self.first or self.last
        if known is None:
            raise ValueError("moments without a moment")
        return known.date()

    def iso(self) -> str:
        """Return ISO 8601 with offsets."""
        return range_iso(
            *(
                moment_iso(each, seconds=self.seconds) if each else None
                for each in (self.first, self.last)
            )
        )


@dataclass(frozen=True, slots=True)
class Length:
    """How long: calendar months, days and seconds, which do not make up one another."""

    months: float = 0
    days: float = 0
    seconds: float = 0
    weeks: bool = False  #: said in weeks alone
    business: bool = False  #: days on which people work

    def plus(self, other: "Length") -> "Length":
        """Return both lengths together."""
        return Length(
            self.months + other.months,
            self.days + other.days,
            self.seconds + other.seconds,
            self.weeks and other.weeks,
            self.business or other.business,
        )

    @property
    def of_clock(self) -> bool:
        """Tell whether hours or less were said."""
        return self.seconds != 0

    def from_day(self, day: date, sign: int = 1) -> date:
        """Return the day this length after (sign 1) or before (sign -1) a day.

        Raises:
            ValueError, OverflowError: there is no such day.
        """
        whole = int(self.months)
        days = self.days + (self.months - whole) * 30
        if self.business:
            return _business_days(day, sign * round(days))
        return plus_months(day, sign * whole) + timedelta(sign * round(days))

    def from_moment(self, moment: datetime, sign: int = 1) -> datetime:
        """Return the moment this length after or before another, in real time below a day."""
        whole = self.from_day(moment.date(), sign)
        local = moment + (whole - moment.date())
        zone = moment.tzinfo
        return (local.astimezone(UTC) + timedelta(seconds=sign * self.seconds)).astimezone(zone)

    def iso(self) -> str:
        """Return ISO 8601: `P3D`, `P2W`, `PT1H30M`."""
        years, months = divmod(self.months, 12)
        date_part = _amount(years, "Y") + _amount(months, "M")
        days = self.days
        if self.weeks and not self.months and not self.seconds and days % 7 == 0:
            return f"P{_number(days / 7)}W"
        seconds = self.seconds
        if days != int(days):
            seconds, days = seconds + (days - int(days)) * 86400, int(days)
        hours, rest = divmod(seconds, 3600)
        minutes, rest = divmod(rest, 60)
        time_part = _amount(hours, "H") + _amount(minutes, "M") + _amount(round(rest, 3), "S")
        whole = date_part + _amount(days, "D") + (f"T{time_part}" if time_part else "")
        return f"P{whole}" if whole else "PT0S"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule of RFC 5545, with the hour when one was said."""

    rule: str
    hour: Clock | None = None
    part: str = ""  #: the part of the day that was named

    def iso(self) -> str:
        """Return the rule."""
        if self.hour is None:
            return self.rule
        minute = f";BYMINUTE={self.hour.minute}" if self.hour.minute else ""
        return f"{self.rule};BYHOUR={self.hour.hour % 24}{minute}"


Value = Dates | Hour | Hours | Moment | Moments | Length | Recurrence


def day_value(day: date, step: Step = "") -> Dates:
    """Return one day."""
    return Dates(one_day(day), step)


def _business_days(day: date, count: int) -> date:
    step = timedelta(1 if count >= 0 else -1)
    for _ in range(min(abs(count), 1000)):
        day += step
        while day.weekday() >= 5:
            day += step
    return day


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}".rstrip("0")


def _amount(value: float, unit: str) -> str:
    return f"{_number(value)}{unit}" if value else ""
