"""What recurs, in Chinese: 每天早上八点, 每周一三五, 每隔两天, 逢周三, 每月5号; RFC 5545 rules."""

import re

from nlu.times.chinese_clocks import clock_at, part_at
from nlu.times.chinese_numerals import HAN, SMALL, read

_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_INDEX = {word: index for index, word in enumerate("一二三四五六日")} | {"天": 6}
_INDEX |= {str(number): number - 1 for number in range(1, 8)}
_FREQUENCIES = {
    "天": "DAILY",
    "日": "DAILY",
    "周": "WEEKLY",
    "星期": "WEEKLY",
    "礼拜": "WEEKLY",
    "月": "MONTHLY",
    "年": "YEARLY",
    "小时": "HOURLY",
    "钟头": "HOURLY",
    "分钟": "MINUTELY",
    "秒": "SECONDLY",
}
_EVERY = re.compile(
    rf"(?:每(?P<gap>隔)?一?(?P<number>\d{{1,3}}|[{HAN}]{{1,2}})?\s?个?"
    r"(?P<unit>天|日|周|星期|礼拜|月|年|小时|钟头|分钟|秒|季度|工作日|(?=[早晚夜]))|(?:每逢|逢|每到)\s?(?=周|星期|礼拜))"
)
_WEEKDAYS = re.compile(
    r"(?:周|星期|礼拜)?(?P<first>[一二三四五六日天末1-7](?!\d))"
    r"(?:(?P<to>[到至~-])(?:周|星期|礼拜)?(?P<last>[一二三四五六日天1-7](?!\d))"
    r"|(?P<more>(?:[、,和与及跟]?(?:周|星期|礼拜)?[一二三四五六日天](?!次|个|点|回|趟|杯)){1,6}))?"
    r"(?!次|个|回|趟|遍|杯|份|盒|瓶|件|片|粒)"
)
_WEEK_NAME = re.compile(r"周|星期|礼拜")
_MONTH_DAY = re.compile(rf"(?P<day>{SMALL})\s?[日号]")
_TO = re.compile(r"\s?[到至~-]\s?")
_YEAR_DAY = re.compile(rf"(?P<month>{SMALL})\s?月(?:(?P<day>{SMALL})\s?[日号]?)?")


def recurrence_at(folded: str, start: int) -> tuple[str, int] | None:
    """Return the RFC 5545 rule said at `start` and where it ends."""
    every = _EVERY.match(folded, start)
    if every is None:
        return None
    unit, end = every["unit"], every.end()
    number = read(every["number"]) if every["number"] else 1
    if not number:
        return None
    if unit is None or unit in {"周", "星期", "礼拜"}:
        rule, end = _weekly(folded, end, named=unit is not None)
        if not rule:
            return None
    elif unit == "工作日":
        rule = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    elif unit == "季度":
        rule, number = "FREQ=MONTHLY", 3 * number
    else:
        rule = f"FREQ={_FREQUENCIES.get(unit, 'DAILY')}"
        more, end = _days_within(folded, end, unit)
        rule += more
    if (every["gap"] and unit in {"天", "日"}) or (every["gap"] and number == 1):
        # 每隔一天 is every second day, but 每隔两小时 every two hours.
        number += 1
    if number > 1:
        name, _, rest = rule.partition(";")
        rule = f"{name};INTERVAL={number}" + (f";{rest}" if rest else "")
    return _timed(folded, end, rule)


def _weekly(folded: str, end: int, *, named: bool) -> tuple[str, int]:
    """Read the weekdays after 每周 or 逢; without any it is every week."""
    days = _WEEKDAYS.match(folded, end)
    if days is None or (not named and not _WEEK_NAME.match(folded, end)):
        return ("FREQ=WEEKLY" if named else ""), end
    if days["first"] == "末":
        chosen = {5, 6}
    else:
        first = _INDEX[days["first"]]
        chosen = {first}
        if days["last"]:
            last = _INDEX[days["last"]]
            chosen = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
        for word in days["more"] or "":
            chosen |= {_INDEX[word]} if word in _INDEX else set()
    codes = ",".join(_DAY_CODES[day] for day in sorted(chosen))
    return f"FREQ=WEEKLY;BYDAY={codes}", days.end()


def _days_within(folded: str, end: int, unit: str) -> tuple[str, int]:
    """Read the day of every month, or month and day of every year."""
    if unit == "月":
        at = end + folded.startswith("的", end)
        day = _MONTH_DAY.match(folded, at)
        number = read(day["day"]) if day else None
        if day is not None and number and number <= 31:
            return f";BYMONTHDAY={number}", day.end()
        for last in ("最后一天", "底", "末"):
            if folded.startswith(last, at):
                return ";BYMONTHDAY=-1", at + len(last)
    if unit == "年":
        at = end + folded.startswith("的", end)
        match = _YEAR_DAY.match(folded, at)
        month = read(match["month"]) if match else None
        number = read(match["day"]) if match and match["day"] else None
        if match is not None and month and month <= 12:
            days = f";BYMONTHDAY={number}" if number and number <= 31 else ""
            return f";BYMONTH={month}{days}", match.end()
    return "", end


def _timed(folded: str, end: int, rule: str) -> tuple[str, int]:
    """Add the time of day that follows."""
    at = end + folded.startswith(("的", " "), end)
    found = clock_at(folded, at, dated=True)
    if found is not None:
        clock, _, clock_end = found
        to = _TO.match(folded, clock_end)
        if to is not None and clock_at(folded, to.end(), dated=True) is not None:
            # Hours from and to are no rule: they are a range of their own.
            return rule, end
        end = clock_end
        return f"{rule};BYHOUR={clock.hour % 24};BYMINUTE={clock.minute}", end
    part = part_at(folded, at, dated=True)
    return (rule, part[1]) if part is not None else (rule, end)
