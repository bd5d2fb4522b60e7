"""All expressions of time in a Chinese text: points, ranges, open ranges, lengths, recurrences."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nlu.times.chinese_clocks import PARTS, part_at
from nlu.times.chinese_days import days_at
from nlu.times.chinese_lengths import length_at
from nlu.times.chinese_numerals import HAN, SMALL
from nlu.times.chinese_points import Point, PointReader
from nlu.times.chinese_recurrences import recurrence_at
from nlu.times.chinese_values import SaidClock, SaidDays, before_today, one
from nlu.times.moment import TimeExpression, at, plus_months

_LOOKED_AT = 1_000
#: Expressions of one text; a flood of them is not worth more.
_EXPRESSIONS_MAX = 50
#: No expression of time is without one of these.
_HINT = re.compile(
    r"[年月日号天周期拜点时分秒刻钟午晚早晨夜昏晓旬半季节诞旦国秋明端夕阳旦昼朝现目这此近世]|\d[:/.\-a-z]?|q\d|双|五一|六一"
)
_ANY = rf"[\d{HAN}]"
#: Where an expression may begin; the commonest characters only before what makes them one.
_START = re.compile(
    rf"""\d{{1,12}}+(?=\s?(?:[年月日号天周星礼季点时分秒刻钟小世个到至半/.:~–—-]|[ap]\.?m|[{HAN}百]|\d))
  |[{HAN}千]{{1,8}}+(?=\s?(?:[年月日号天周星礼季点时分秒刻钟小世个到至半百廿~–—-]|早|大早))
  |一(?=大?早)|[三五六][八一]|五一|六一
  |这一?个?(?=[周星礼季月年])|这会儿|本(?=[周月年季星礼世])
  |[上下]{{1,3}}(?:一?个?的?(?=[周星礼季月年半世小旬午昼\d])|(?={_ANY}))
  |[前后以之过未接随往近再头](?=[天日年晚去来后前往再过半的这下旬]|\s?{_ANY}|间)
  |大(?=[前后年约概清半])|不(?=[晚迟]于)|打(?=[今明昨周\d])|到(?=.{{1,16}}为止)
  |自(?=[从\d今明昨去周上本星礼{HAN}])|[从逢每今明昨去周星礼农阴旧正腊月年元国双端中清除重平圣情女妇植愚劳青儿建教万光]
  |[母父感跨新春第初冬廿最截直约差听琴寻现目此民康雍乾嘉道咸同宣顺洪贞神开凌早晚傍夜深半午黄拂晨朝晌当q]""",
    re.VERBOSE,
)
_NUMBER = re.compile(rf"\d+|[{HAN}]+")
_FROM = re.compile(r"(?:从|自从|自|打)\s?(?:在|今年)?")
_TO = re.compile(r"\s?(?:直到|一直到|到|至|-|~|—|–|－|——)\s?")
_AND = re.compile(r"\s?(?:和|与|跟)\s?")
_BETWEEN = re.compile(r"\s?(?:之间|期间|间(?!隔))")
_UNTIL_END = re.compile(r"\s?为止")
_BY = re.compile(r"(?:截止到?|截至到?|不晚于|不迟于|最晚|最迟|直到|到(?=.{1,16}为止))\s?在?")
_BEFORE = re.compile(r"\s?(?P<with>[或及])?(?:[之以]前|前(?!后|面|台|往|来|去|[天台]))")
_AFTER = re.compile(r"\s?(?P<with>[或及])?(?:[之以]后|后(?!来|台|面|天|续|悔|勤))")
_SINCE = re.compile(r"\s?(?:以来|开始|起(?![床来飞码步价诉])|至今)")
_YEAR_RANGE = re.compile(
    r"(?<![\d.])(?P<from>[从自])?(?P<first>(?:19|20)\d\d)\s?(?P<mark>年)?\s?(?:到|至|-|–|~)\s?"
    r"(?P<last>(?:19|20)\d\d)(?![\d.\-/]|\s?[元块个名件])\s?(?P<mark2>年(?!\s?\d))?"
)
_SHORT_RANGE = re.compile(
    rf"(?P<first>{SMALL})\s?(?:到|至|-|~)\s?(?=(?P<last>{SMALL})\s?(?:[日号]|点|时(?!候|间)))"
)


def find_times(folded: str, now: datetime) -> Sequence[TimeExpression]:
    """Return the expressions of time in the first part of a text, in order, without overlaps.

    `folded` is in lower case and Simplified Chinese, `now` aware in the customer's zone.
    """
    text = folded[:_LOOKED_AT]
    if not _HINT.search(text):
        return ()
    return _Reader(text, now).read()


class _Reader:
    """Reads one text at one moment."""

    def __init__(self, text: str, now: datetime) -> None:
        self._text = text
        self._now = now
        self._today = now.date()
        self._points = PointReader(text, now)

    def read(self) -> list[TimeExpression]:
        """Return all expressions from left to right, the longest at each place."""
        found: list[TimeExpression] = []
        start = 0
        while (
            len(found) < _EXPRESSIONS_MAX
            and (match := _START.search(self._text, start)) is not None
        ):
            start = match.start()
            expression = self._at(start)
            if expression is None or expression.end <= start:
                # A number is one thing: no month stands in 13月.
                start += len(_number(self._text, start)) or 1
                continue
            start = expression.end
            found.append(expression)
        return _joined(found)

    def _at(self, start: int) -> TimeExpression | None:
        try:
            return self._longest(start)
        except (OverflowError, ValueError):  # before the year 1 or after 9999
            return None

    def _longest(self, start: int) -> TimeExpression | None:
        recurring = recurrence_at(self._text, start)
        if recurring is not None:
            return TimeExpression(start, recurring[1], "recurrence", recurring[0])
        candidates = [self._years(start), self._range(start), self._open(start)]
        longest = max((each for each in candidates if each), key=lambda e: e.end, default=None)
        if longest is not None:
            return longest
        point = self._points.point(start)
        length = length_at(self._text, start)
        if length is not None and (point is None or length[1] > point.end):
            return TimeExpression(start, length[1], "duration", length[0].iso())
        return self._single(start, point) if point is not None else None

    def _single(self, start: int, point: Point) -> TimeExpression:
        kind, value = self._points.value(point)
        return TimeExpression(start, point.end, "time" if kind == "time" else "date", value)

    # Ranges

    def _years(self, start: int) -> TimeExpression | None:
        """Read 1995-1997年 and 从2016到2018."""
        match = _YEAR_RANGE.match(self._text, start)
        if match is None or not (match["from"] or match["mark"] or match["mark2"]):
            return None
        first, last = int(match["first"]), int(match["last"])
        if first > last:
            return None
        value = f"{first}-01-01/{last}-12-31"
        end = start + len(match[0].rstrip())
        between = _BETWEEN.match(self._text, end)
        return TimeExpression(start, between.end() if between else end, "date", value)

    def _range(self, start: int) -> TimeExpression | None:
        opening = _FROM.match(self._text, start)
        at_ = opening.end() if opening else start
        first = self._short_first(at_) or self._points.point(at_)
        if first is None:
            return None
        joint, needs_between = _TO.match(self._text, first.end), False
        if joint is None:
            joint, needs_between = _AND.match(self._text, first.end), True
        if joint is None:
            return None
        base = first.days.start if first.days is not None else None
        last = self._points.point(joint.end(), base)
        if last is None:
            return None
        if first.clock is None and first.part is None and _is_weekly(first) and _is_weekly(last):
            # 周一至周五9:00-18:00: the hours are those of every day.
            found = days_at(self._text, joint.end(), self._today, base)
            last = Point(found[1], found[0]) if found else last
        between = _BETWEEN.match(self._text, last.end)
        if needs_between and between is None:
            return None
        value = self._range_value(first, last)
        if value is None:
            return None
        end = between.end() if between else last.end
        return TimeExpression(start, end, "date" if value[0] == "date" else "time", value[1])

    def _short_first(self, start: int) -> Point | None:
        """Return the first of 四到六点 or 3-5号, whose unit comes only with the second."""
        part = part_at(self._text, start, dated=False)
        short = _SHORT_RANGE.match(self._text, part[1] if part else start)
        if short is None or (start and self._text[start - 1] in f"0123456789.-第{HAN}"):
            return None
        unit = self._text[short.end() + len(short["last"]) :].lstrip()[:1]
        said = self._text[start : short.end("first")] + ("号" if unit in "日号" else "点")
        point = PointReader(said, self._now).point(0)
        if point is None or point.end != len(said):
            return None
        return Point(short.end("first"), point.days, point.clock, point.part)

    def _range_value(self, first: Point, last: Point) -> tuple[str, str] | None:
        if first.moments is not None or last.moments is not None:
            return self._moments_range(first, last)
        opening, closing = _opening(first), _closing(last)
        if opening is None and closing is None:
            if first.days is None or last.days is None:
                return None
            return self._days_range(first.days, last.days)
        if opening is None or closing is None:
            if first.days is None or last.days is None:
                return None
            opening, closing = opening or SaidClock(0), closing or SaidClock(24)
        if last.part is None and last.days is None:
            closing = closing.later(opening)
        if first.days is None and last.days is None:
            return "time", f"{opening.iso()}/{closing.iso()}"
        day = first.days.start if first.days is not None else self._today
        last_day = last.days.end if last.days is not None else day
        opens, closes = at(day, opening, self._now), at(last_day, closing, self._now)
        if closes <= opens:
            if last.days is not None:
                return None
            closes = at(day + timedelta(1), closing, self._now)
        return "time", f"{self._points.iso(opens, first)}/{self._points.iso(closes, last)}"

    def _days_range(self, first: SaidDays, last: SaidDays) -> tuple[str, str] | None:
        opens, closes = first.start, last.end
        if closes < opens and first.floating and last.floating and last.end <= self._today:
            # 10月15日到10月20日的订单: what is told as past at its end is past at its start.
            opens = plus_months(opens, -12)
        if closes < opens:
            return None
        if first.floating and last.floating:
            # The one under way rather than the next: 11月1日到30日 said on the 24th.
            earlier = plus_months(opens, -12), plus_months(closes, -12)
            if earlier[0] < self._today <= earlier[1]:
                opens, closes = earlier
        return "date", SaidDays(opens, closes).iso()

    def _moments_range(self, first: Point, last: Point) -> tuple[str, str] | None:
        opens = first.moments[0] if first.moments else None
        closes = last.moments[1] if last.moments else None
        if opens is None and first.clock is not None:
            opens = at((first.days or one(self._today)).start, first.clock, self._now)
        if closes is None and last.clock is not None and last.days is not None:
            closes = at(last.days.start, last.clock, self._now)
        elif closes is None and last.clock is not None and opens is not None:
            hours = (
                (last.clock.hour, last.clock.hour + 12) if last.clock.vague else (last.clock.hour,)
            )
            for hour in (*hours, last.clock.hour + 24):
                closes = at(
                    self._today, SaidClock(hour, last.clock.minute, last.clock.second), self._now
                )
                if closes > opens:
                    break
        elif closes is None and last.days is not None and opens is not None:
            return "date", SaidDays(opens.date(), last.days.end).iso()
        if opens is None or closes is None or closes <= opens:
            return None
        return "time", f"{self._points.iso(opens, first)}/{self._points.iso(closes, last)}"

    # Open ranges

    def _open(self, start: int) -> TimeExpression | None:
        """Read 周五之前, 三点以后, 从明天起, 截止到2018年."""
        by = _BY.match(self._text, start)
        opening = None if by else _FROM.match(self._text, start)
        prefix = by or opening
        point = self._points.point(prefix.end() if prefix else start)
        if point is None or point.moments is not None:
            return None
        if by is not None:
            closing = _UNTIL_END.match(self._text, point.end) or _BEFORE.match(
                self._text, point.end
            )
            end = closing.end() if closing else point.end
            return self._opened(start, end, point, before=True, inclusive=True)
        before, after = _BEFORE.match(self._text, point.end), _AFTER.match(self._text, point.end)
        since = _SINCE.match(self._text, point.end)
        if before is not None and opening is None:
            return self._opened(
                start, before.end(), point, before=True, inclusive=bool(before["with"])
            )
        if after is not None:
            return self._opened(
                start, after.end(), point, before=False, inclusive=bool(after["with"])
            )
        if since is not None or (opening is not None and opening[0].startswith("自从")):
            end = since.end() if since else point.end
            if point.days is not None and (since is None or "来" in since[0]):
                point = replace(point, days=before_today(point.days, self._today))
            return self._opened(start, end, point, before=False, inclusive=True)
        return None

    def _opened(
        self, start: int, end: int, point: Point, *, before: bool, inclusive: bool
    ) -> TimeExpression | None:
        if point.clock is None and point.part is None:
            days = point.days
            if days is None:
                return None
            if before:
                # 月底前 is by the end of the month.
                inclusive = inclusive or self._text[point.end - 1] in "底末"
                last = days.end if inclusive else days.start - timedelta(1)
                value = SaidDays(None, last).iso()
            else:
                value = SaidDays(days.start if inclusive else days.end + timedelta(1), None).iso()
            return TimeExpression(start, end, "date", value)
        value = self._points.value(point)[1]
        edges = value.split("/")
        return TimeExpression(
            start, end, "time", f"../{edges[0]}" if before else f"{edges[-1]}/.."
        )


def _is_weekly(point: Point) -> bool:
    return point.days is not None and point.days.weekly


def _opening(point: Point) -> SaidClock | None:
    return SaidClock(PARTS[point.part][0]) if point.part and not point.clock else point.clock


def _closing(point: Point) -> SaidClock | None:
    return SaidClock(PARTS[point.part][1]) if point.part and not point.clock else point.clock


def _number(text: str, start: int) -> str:
    found = _NUMBER.match(text, start)
    return found[0] if found else ""


def _joined(found: Sequence[TimeExpression]) -> list[TimeExpression]:
    """Return the expressions with 2010年之后2018年之前 made one range."""
    joined: list[TimeExpression] = []
    for each in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.end == each.start
            and last.kind == each.kind
            and last.value.endswith("/..")
            and each.value.startswith("../")
        ):
            value = f"{last.value[:-2]}{each.value[3:]}"
            joined[-1] = TimeExpression(last.start, each.end, each.kind, value)
        else:
            joined.append(each)
    return joined
