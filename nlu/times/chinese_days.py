"""Chinese days told from today: 明天, 下周一, 三天后, 最近一周, 月底, 十月的第一周."""

import re
from datetime import date, timedelta

from nlu.times.chinese_dates import near_month_end, near_year_end, written_date
from nlu.times.chinese_holidays import nth_weekday
from nlu.times.chinese_lengths import Length, length_at
from nlu.times.chinese_numerals import HAN, SMALL, read
from nlu.times.chinese_values import SaidDays, month_of, months_of, one, week_of

_NEAR = {"大前": -3, "前": -2, "昨": -1, "琴": -1, "寻": -1, "今": 0, "明": 1, "听": 1, "后": 2}
_NEAR |= {"大后": 3}
_NEAR_DAY = re.compile(
    r"(?P<near>大[前后]|今|(?<![聪透《])明|昨|琴|寻|听|(?<![以之从此目])前|(?<![以之今随最然])后)"
    r"(?:[天日](?![气期数]|本[人国的]|头条|之后》)|(?=[早晚晨夜](?![餐饭安报]))|(?<=听)(?=朝))"
)
_WEEKDAYS = {word: index for index, word in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAYS |= {str(number): number - 1 for number in range(1, 7)}
_SHIFT = r"(?P<shift>(?:上{1,3}|下{1,3}|这|本)(?:一?个)?的?\s?)"
_WEEK = re.compile(
    rf"(?:{_SHIFT}|(?<![一二两三四五六七八九十\d每几]))"
    r"(?:周|星期|礼拜)(?P<weekday>六日|六周日|末|[一二三四五六日天]|[1-6](?!\d))?"
    r"(?!次|回(?![来去家国])|趟|遍|部|杯|条|件|[年岁边围刊]|愉快|快乐|[一二三四五六]?个)"
)
_WHOLE = re.compile(
    r"(?P<shift>(?:上|下|本|这)一?个?)(?P<unit>季度|季(?!节|度)|年度?(?![级半龄代轻纪])|半年|半周)"
)
_HALF_WEEK = re.compile(r"(?P<half>[上下前后])半周")
_BARE = re.compile(
    r"(?<![\d每几个本这上下今明去十百千万亿])(?:(?P<half>[上下前后]半月|[上中下]旬)|月(?P<month>[初中底末])(?!秋)|年(?P<year>[初底末]|中))(?![一二三四五六终心])"
)
_SPAN = re.compile(
    r"(?P<way>未来|接下来|今后|往后|随后|之后|以后|过去|之前|以前|最近|近|(?<![以之马路早晚身])[前上]|(?<![以之最一查看问等改约算试])[后下])"
    r"(?:的|这)?\s?(?=[\d一二两三四五六七八九十]|(?<![上下前后])半)"
)
_AHEAD = {"未来", "接下来", "今后", "往后", "随后", "之后", "以后", "后", "下"}
_ONE_MONTH = re.compile(rf"(?P<number>\d{{1,2}})月(?![份底初中末上下的]|\s?[\d{HAN}])")
_AGO = re.compile(r"\s?(?:之|以)?(?P<side>前|后)(?!后|天|[台卫勤面置者端])")
#: 过两天 tells a day, but 去过两天 how long.
PAST = re.compile(r"(?:再过|再等|(?<![一-鿿])过|(?<=[我们就要请先想那])过)(?!了)\s?")
_WITHIN = re.compile(r"\s?[之以]?内(?!容|存|衣|裤|部)")
_OF = r"\s?的?\s?"
_NTH = re.compile(
    rf"{_OF}(?:第\s?(?P<nth>{SMALL})\s?|(?P<last>最后)一?)个?的?"
    r"(?:(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])|(?P<unit>周|星期|礼拜|月(?!份)|天|季度))"
)
_EDGE = re.compile(
    rf"{_OF}(?P<edge>前|最后|头)\s?(?P<count>{SMALL})\s?个?(?P<unit>周|星期|礼拜|月|天)"
)
_DECADE = re.compile(
    rf"(?:(?:(?P<near>上|本)个?|(?P<century>{SMALL}))世纪)?(?P<decade>[1-9]0|[二三四五六七八九]?十)年代"
)


def days_at(
    folded: str, start: int, today: date, base: date | None = None
) -> tuple[SaidDays, int] | None:
    """Return the days said at `start` and where they end.

    `base` is the first day of a range these end: days without a year come after it.

    Raises:
        ValueError: before the year 1 or after 9999, where calendars end.
        OverflowError: likewise.
    """
    for find in (_near_day, _week, _whole, _bare, _span, _ago, _decade):
        found = find(folded, start, today if base is None or find is not _week else base)
        if found is not None:
            return found
    if folded.startswith("最后", start):
        return _nth(folded, start, month_of(today.year, today.month))
    found = written_date(folded, start, today, base)
    if found is None or found[0].is_one:
        return found
    return _nth(folded, found[1], found[0]) or _edge(folded, found[1], found[0]) or found


def _near_day(folded: str, start: int, today: date) -> tuple[SaidDays, int] | None:
    match = _NEAR_DAY.match(folded, start)
    return match and (one(today + timedelta(_NEAR[match["near"]])), match.end())


def _week(folded: str, start: int, today: date) -> tuple[SaidDays, int] | None:
    match = _WEEK.match(folded, start)
    if match is None or not (match["shift"] or match["weekday"]):
        return None
    shift = (match["shift"] or "").count("下") - (match["shift"] or "").count("上")
    week = week_of(today + timedelta(7 * shift))
    weekday = match["weekday"]
    if weekday is None:
        return week, match.end()
    if weekday in {"末", "六日", "六周日"}:
        return SaidDays(week.start + timedelta(5), week.end), match.end()
    day = week.start + timedelta(_WEEKDAYS[weekday])
    if match["shift"]:
        return one(day), match.end()
    return one(day if day >= today else day + timedelta(7), weekly=True), match.end()


def _whole(folded: str, start: int, today: date) -> tuple[SaidDays, int] | None:
    """Read 上个季度, 本年度, 上个半年, 下半周."""
    half = _HALF_WEEK.match(folded, start)
    if half is not None:
        week = week_of(today)
        if half["half"] in "上前":
            return SaidDays(week.start, week.start + timedelta(2)), half.end()
        return SaidDays(week.start + timedelta(3), week.end), half.end()
    match = _WHOLE.match(folded, start)
    if match is None or (match["unit"] == "半年" and not match["shift"].endswith("个")):
        return None
    shift = match["shift"].count("下") - match["shift"].count("上")
    if match["unit"].startswith("年"):
        return months_of(today.year + shift, 1, 12), match.end()
    months = 6 if match["unit"] == "半年" else 3
    if match["unit"] == "半周":
        return None
    number = (today.month - 1) // months + shift
    return months_of(today.year, number * months + 1, months), match.end()


def _bare(folded: str, start: int, today: date) -> tuple[SaidDays, int] | None:
    match = _BARE.match(folded, start)
    if match is None:
        return None
    if match["month"]:
        return near_month_end(today, match["month"]), match.end()
    if match["half"]:
        return near_month_end(today, match["half"]), match.end()
    year = match["year"]
    return near_year_end(today, "年中" if year == "中" else year), match.end()


def _span(folded: str, start: int, today: date) -> tuple[SaidDays, int] | None:
    """Read 最近三天, 未来两周, 前1周: up to today with 最近, else without it."""
    match = _SPAN.match(folded, start)
    if match is None:
        return None
    found = length_at(folded, match.end())
    if found is None and match["way"] in {"上", "下"}:
        month = _ONE_MONTH.match(folded, match.end())
        found = (Length(months=int(month["number"])), month.end()) if month else None
    if found is None or found[0].in_hours:
        return None
    length, end = found
    if match["way"] in _AHEAD:
        last = length.day_from(today, 1)
        return (SaidDays(today + timedelta(1), last), end) if last and last > today else None
    first = length.day_from(today, -1)
    if first is None or first >= today:
        return None
    if match["way"] in {"最近", "近"}:
        return SaidDays(min(first + timedelta(1), today), today), end
    return SaidDays(first, today - timedelta(1)), end


def _ago(folded: str, start: int, today: date) -> tuple[SaidDays, int] | None:
    """Read 三天后, 两周前, 过两天, 三天内."""
    past = PAST.match(folded, start)
    found = length_at(folded, past.end() if past else start)
    if found is None or found[0].in_hours:
        return None
    length, end = found
    within = _WITHIN.match(folded, end)
    ago = _AGO.match(folded, end)
    if within is not None:
        last = length.day_from(today, 1)
        return (SaidDays(today, last), within.end()) if last else None
    if ago is None:
        day = length.day_from(today, 1) if past else None
        return (one(day), end) if day else None
    day = length.day_from(today, 1 if ago["side"] == "后" else -1)
    return (one(day), ago.end()) if day else None


def _decade(folded: str, start: int, today: date) -> tuple[SaidDays, int] | None:
    match = _DECADE.match(folded, start)
    decade = read(match["decade"]) if match else None
    if match is None or decade is None:
        return None
    if match["century"]:
        first = 100 * ((read(match["century"]) or 0) - 1) + decade
    else:
        century = today.year // 100 * 100
        is_past = match["near"] == "上" or (
            not match["near"] and century + decade > today.year + 10
        )
        first = century + decade - (100 if is_past else 0)
    return (
        (SaidDays(date(first, 1, 1), date(first + 9, 12, 31)), match.end()) if first > 0 else None
    )


def _nth(folded: str, start: int, whole: SaidDays) -> tuple[SaidDays, int] | None:
    """Read 的第一周, 的最后一个星期一, 第三个月 within the days before it."""
    match = _NTH.match(folded, start)
    count = (-1 if match["last"] else read(match["nth"])) if match else None
    if match is None or not count:
        return None
    unit, first, last = match["unit"], whole.start, whole.end
    if match["weekday"]:
        weekday = _WEEKDAYS[match["weekday"]]
        at = first if count > 0 else last
        day = nth_weekday(at.year, at.month, weekday, count)
        return (one(day), match.end()) if day else None
    found = _units(unit, first, last)
    if len(found) < abs(count):
        return None
    return found[count - 1 if count > 0 else count], match.end()


def _edge(folded: str, start: int, whole: SaidDays) -> tuple[SaidDays, int] | None:
    """Read 的前2周, 最后4个月, 前10天 of the days before it."""
    match = _EDGE.match(folded, start)
    count = read(match["count"]) if match else None
    if match is None or not count:
        return None
    units = _units(match["unit"], whole.start, whole.end)
    if count > len(units):
        return None
    chosen = units[-count:] if match["edge"] == "最后" else units[:count]
    return SaidDays(chosen[0].first, chosen[-1].last), match.end()


def _units(unit: str, first: date, last: date) -> list[SaidDays]:
    """Return all days, weeks, months or quarters of a time; a week is where its Thursday is."""
    if unit == "天":
        return [one(first + timedelta(count)) for count in range((last - first).days + 1)]
    if unit in {"月", "季度"}:
        step = 1 if unit == "月" else 3
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        return [months_of(first.year, first.month + at, step) for at in range(0, count, step)]
    week = week_of(first)
    weeks = []
    while week.start + timedelta(3) <= last:
        if week.start + timedelta(3) >= first:
            weeks.append(week)
        week = week_of(week.start + timedelta(7))
    return weeks
