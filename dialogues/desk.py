"""Desks: places where staff work, with their hours and holidays."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field

from dialogues.strict import Strict

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = "(mon|tue|wed|thu|fri|sat|sun)"

#: `mon` or `mon-fri`.
Days = Annotated[str, Field(pattern=rf"^{_DAY}(-{_DAY})?$")]
#: `09:00-18:00`, or `22:00-06:00` over midnight.
Hours = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]

#: Days looked ahead for the next opening: the longest closure is shorter.
_AHEAD: Final = 60


class Desk(Strict):
    """A place where staff work, with its opening hours in the bot's time zone."""

    hours: dict[Days, Hours | tuple[Hours, ...]] = Field(default_factory=dict)  #: none: always
    holidays: tuple[date, ...] = ()  #: days on which nobody works
    languages: tuple[str, ...] = ()  #: spoken there; none: all of the bot's

    def is_open(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether staff work at `now` (aware)."""
        return self.opens_at(now, zone) <= now

    def opens_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return when staff work next: `now` when they do already, or when they never do."""
        if not self.hours:
            return now
        today = now.astimezone(zone).date()
        spans = [
            span
            for ahead in range(-1, _AHEAD)
            for span in self._spans(today + timedelta(days=ahead), zone)
        ]
        return next((max(opens, now) for opens, closes in sorted(spans) if closes > now), now)

    def _spans(self, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        if day in self.holidays:
            return
        for days, hours in self.hours.items():
            first, _, last = days.partition("-")
            start, end = _DAYS.index(first), _DAYS.index(last or first)
            if (day.weekday() - start) % 7 > (end - start) % 7:
                continue
            for span in (hours,) if isinstance(hours, str) else hours:
                opens, _, closes = span.partition("-")
                yield (
                    _at(day, opens, zone),
                    _at(day + timedelta(days=closes != "24:00" and closes <= opens), closes, zone),
                )


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)
