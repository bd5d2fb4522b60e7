"""Desks: places where staff work, with their hours and holidays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from dialogues.strict import Strict, one_or_more

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = "(mon|tue|wed|thu|fri|sat|sun)"

#: `mon` or `mon-fri`.
Days = Annotated[str, Field(pattern=rf"^{_DAY}(-{_DAY})?$")]
#: `09:00-18:00`, or `22:00-06:00` over midnight.
Hours = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]

#: One span, or several of one day.
Spans = Annotated[
    tuple[Hours, ...],
    BeforeValidator(one_or_more, json_schema_input_type=Hours | list[Hours]),
]

#: Days looked ahead for the next opening: the longest closure is shorter.
_AHEAD: Final = 60


class Desk(Strict):
    """A place where staff work, with its opening hours in the bot's time zone."""

    #: none: always
    hours: dict[Days, Spans] = Field(default_factory=dict)
    holidays: tuple[date, ...] = ()  #: days on which nobody works
    languages: tuple[str, ...] = ()  #: spoken there; none: all of the bot's

    def is_open(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether staff work at `now` (aware)."""
        opens = self.opens_at(now, zone)
        return opens is not None and opens <= now

    def opens_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when staff work next, in `zone`: `now` when they do; None: not for long."""
        here = now.astimezone(zone)
        if not self.hours:
            return here
        # Compared in UTC: two times of one zone are compared by their clocks, which jump.
        instant = now.astimezone(UTC)
        for ahead in range(-1, _AHEAD):
            spans = self._spans(here.date() + timedelta(days=ahead), zone)
            for opens, closes in sorted(spans):
                if closes > instant:
                    return max(opens, instant).astimezone(zone)
        return None

    def speaks(self, language: str) -> bool:
        """Tell whether staff speak `language`."""
        return not self.languages or language in self.languages

    def _spans(self, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        if day in self.holidays:
            return
        for days, hours in self.hours.items():
            first, _, last = days.partition("-")
            start, end = _DAYS.index(first), _DAYS.index(last or first)
            if (day.weekday() - start) % 7 > (end - start) % 7:
                continue
            for span in hours:
                opens, _, closes = span.partition("-")
                yield (
                    _at(day, opens, zone),
                    _at(day + timedelta(days=closes != "24:00" and closes <= opens), closes, zone),
                )


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)
    return local.astimezone(UTC)
