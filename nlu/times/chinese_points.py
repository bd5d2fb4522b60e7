"""Days and moments said in Chinese: a day with its time of day, and hours told from now."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from nlu.times.chinese_clocks import PARTS, clock_at, part_at
from nlu.times.chinese_days import PAST, days_at
from nlu.times.chinese_lengths import Length, length_at
from nlu.times.chinese_values import SaidClock, SaidDays, before_today
from nlu.times.moment import at, moment_iso, plus_months, shifted

#: What tells a day as past: 周五买的, 10月的账单.
_DONE = re.compile(
    r"\s?(?:就|才|刚|已经?|在.{1,6})?(?:下|买|订|购买?|付|寄|拍|签收|收到|办理?|预订|预约|提交|申请|发货?|退)[单款货]?[的了过]"
    r"|的?(?:订单|账单|发票|流水|消费|交易|记录|快递单|扣款)"
)
_NOW = re.compile(r"(?:(?<![出呈体表实浮])现在|目前|此刻|这会儿)")
_NEAR_HOURS = re.compile(
    r"(?P<way>上|下|过去|之前|未来|接下来|之后|最近|近)(?:一?个|的|这)?\s?(?P<one>小时)?"
)
_AGO = re.compile(r"\s?[之以]?(?P<side>前|后)(?!后)")
_WITHIN = re.compile(r"\s?[之以]?内(?!容|存)")
_AHEAD = {"未来", "接下来", "之后", "下"}


@dataclass(frozen=True, slots=True)
class Point:
    """A day, a part of a day or a moment; or two moments with nothing known of days."""

    end: int
    days: SaidDays | None = None
    clock: SaidClock | None = None
    part: str | None = None
    moments: tuple[datetime, datetime] | None = None
    exact: bool = False  #: seconds were said


class PointReader:
    """Reads the days and moments of one text, as said at one moment."""

    def __init__(self, text: str, now: datetime) -> None:
        self._text = text
        self._now = now
        self._today = now.date()
        self._known: dict[tuple[int, date | None], Point | None] = {}

    def point(self, start: int, base: date | None = None) -> Point | None:
        """Return the day or moment said at `start`; `base` is the first day of its range."""
        key = start, base
        if key not in self._known:
            self._known[key] = self._read(start, base)
        return self._known[key]

    def _read(self, start: int, base: date | None) -> Point | None:
        now = _NOW.match(self._text, start)
        if now is not None:
            return Point(now.end(), moments=(self._now, self._now))
        hours = self._hours(start)
        if hours is not None:
            return hours
        found = days_at(self._text, start, self._today, base)
        if found is None:
            clock = clock_at(self._text, start)
            if clock is not None:
                return Point(clock[2], clock=clock[0], part=clock[1])
            part = part_at(self._text, start, dated=False)
            return part and Point(part[1], part=part[0])
        days, end = found
        if not days.is_one:
            return Point(end, self._told(days, end))
        point = self._in_day(days, end)
        return replace(point, days=self._told(days, point.end))

    def _told(self, days: SaidDays, end: int) -> SaidDays:
        """Return the days before today instead, when what follows is told as past: 周五买的."""
        return before_today(days, self._today) if _DONE.match(self._text, end) else days

    def _in_day(self, days: SaidDays, end: int) -> Point:
        """Return the point with the time of day that follows a day."""
        for at_ in (end, end + 1):
            if at_ > end and self._text[end : end + 1] not in {"的", " "}:
                break
            clock = clock_at(self._text, at_, dated=True)
            if clock is not None:
                return Point(clock[2], days, clock[0], clock[1])
            part = part_at(self._text, at_, dated=True)
            if part is not None:
                return Point(part[1], days, part=part[0])
        return Point(end, days)

    def _hours(self, start: int) -> Point | None:
        """Return what is told by hours from now: 两小时后, 半小时内, 过十分钟, 上个小时."""
        near = _NEAR_HOURS.match(self._text, start)
        if near is not None:
            found = (
                (Length(seconds=3600), near.end())
                if near["one"]
                else length_at(self._text, near.end())
            )
            if found is not None and found[0].in_hours:
                ways = (0, 1) if near["way"] in _AHEAD else (-1, 0)
                return self._between(found[0], ways, found[1])
        past = PAST.match(self._text, start)
        found = length_at(self._text, past.end() if past else start)
        if found is None or not found[0].in_hours:
            return None
        length, end = found
        within = _WITHIN.match(self._text, end)
        if within is not None:
            return self._between(length, (0, 1), within.end())
        ago = _AGO.match(self._text, end)
        if ago is not None:
            way = -1 if ago["side"] == "前" else 1
            return self._between(length, (way, way), ago.end())
        return self._between(length, (1, 1), end) if past else None

    def _between(self, length: Length, ways: tuple[int, int], end: int) -> Point | None:
        first, last = (self._away(length, way) for way in ways)
        if first is None or last is None:
            return None
        return Point(end, moments=(first, last), exact=bool(length.seconds % 60))

    def _away(self, length: Length, way: int) -> datetime | None:
        span = timedelta(days=length.days, seconds=length.seconds)
        try:
            day = plus_months(self._now.date(), way * length.months)
            moment = datetime.combine(day, self._now.timetz())
            return shifted(moment, way * span) if length.months else shifted(self._now, way * span)
        except (ValueError, OverflowError):
            return None

    def value(self, point: Point) -> tuple[str, str]:
        """Return kind and ISO 8601 value of a point."""
        if point.moments is not None:
            first, last = (self.iso(each, point) for each in point.moments)
            return "time", first if first == last else f"{first}/{last}"
        if point.clock is not None:
            if point.days is None:
                return "time", point.clock.iso()
            return "time", self.iso(at(point.days.start, point.clock, self._now), point)
        if point.part is not None:
            first_hour, last_hour = (SaidClock(hour) for hour in PARTS[point.part])
            if point.days is None:
                return "time", f"{first_hour.iso()}/{last_hour.iso()}"
            edges = (at(point.days.start, each, self._now) for each in (first_hour, last_hour))
            return "time", "/".join(self.iso(each, point) for each in edges)
        return "date", point.days.iso() if point.days is not None else ""

    def iso(self, moment: datetime, point: Point) -> str:
        """Return a moment of a point as ISO 8601; with seconds when they were said."""
        seconds = point.exact or (point.clock is not None and point.clock.second is not None)
        return moment_iso(moment, seconds=seconds)
