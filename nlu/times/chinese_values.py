"""What Chinese words for days and hours mean, with what decides how they go on: ranges, past."""

from dataclasses import dataclass
from datetime import date, timedelta

from nlu.times import moment
from nlu.times.moment import Clock, Days

#: Years that are dates; others are codes or typing errors.
YEARS = range(100, 2200)


@dataclass(frozen=True, slots=True)
class SaidDays(Days):
    """Days in a row as said; at least one end is known."""

    floating: bool = False  #: no year was said: it is the next one to come
    weekly: bool = False  #: a weekday without a date

    @property
    def start(self) -> date:
        """Return the first day that is known.

        Raises:
            ValueError: none is.
        """
        known = self.first or self.last
        if known is None:
            raise ValueError("days without a day")
        return known

    @property
    def end(self) -> date:
        """Return the last day that is known.

        Raises:
            ValueError: none is.
        """
        return self.last or self.start


@dataclass(frozen=True, slots=True)
class SaidClock(Clock):
    """A time of day as said."""

    vague: bool = False  #: no part of day was said, and the hour may be in either half of the day

    def later(self, first: Clock) -> "SaidClock":
        """Return this time as the end of a range that starts at `first`.

        下午3点到5点 ends at 17:00, and 上午10点到2点 at 14:00.
        """
        if not self.vague:
            return self
        after = SaidClock(self.hour + 12, self.minute, self.second)
        is_afternoon = 12 <= first.hour < 24 and not getattr(first, "vague", False)
        is_later = (is_afternoon and self.hour < 12) or self.order <= first.order
        return after if is_later and after.hour <= 24 and after.order > first.order else self


def one(day: date, *, floating: bool = False, weekly: bool = False) -> SaidDays:
    """Return one day."""
    return SaidDays(day, day, floating, weekly)


def month_of(year: int, month: int, *, floating: bool = False) -> SaidDays:
    """Return all days of a month."""
    days = moment.month_of(year, month)
    return SaidDays(days.first, days.last, floating)


def months_of(year: int, month: int, count: int) -> SaidDays:
    """Return the days of `count` months from the one given; months above 12 run on."""
    days = moment.months_of(year, month, count)
    return SaidDays(days.first, days.last)


def week_of(day: date) -> SaidDays:
    """Return the week of a day, Monday to Sunday."""
    days = moment.week_of(day)
    return SaidDays(days.first, days.last)


def before_today(days: SaidDays, today: date) -> SaidDays:
    """Return the last such days instead of the next, when nothing said which: 周五, 10月."""
    if days.start <= today:
        return days
    if days.weekly:
        return one(days.start - timedelta(7), weekly=True)
    if days.floating:
        first, last = (moment.plus_months(day, -12) for day in (days.start, days.end))
        return SaidDays(first, last, floating=True)
    return days
