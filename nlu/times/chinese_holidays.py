"""SaidDays with a name in Chinese, and the lunar calendar they follow."""

from collections.abc import Callable
from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate

from nlu.times.chinese_numerals import read

#: Years for which lunar dates can be told.
_LUNAR_YEARS = range(1900, 2100)
#: Same day each year: (month, day).
_FIXED = {
    "元旦": (1, 1),
    "新年": (1, 1),
    "情人": (2, 14),
    "女生": (3, 7),
    "妇女": (3, 8),
    "三八": (3, 8),
    "植树": (3, 12),
    "愚人": (4, 1),
    "五一": (5, 1),
    "劳动": (5, 1),
    "青年": (5, 4),
    "儿童": (6, 1),
    "六一": (6, 1),
    "建党": (7, 1),
    "建军": (8, 1),
    "教师": (9, 10),
    "国庆": (10, 1),
    "双十": (10, 10),
    "万圣": (10, 31),
    "光棍": (11, 11),
    "双十一": (11, 11),
    "双十二": (12, 12),
    "平安夜": (12, 24),
    "圣诞": (12, 25),
    "圣诞夜": (12, 24),
    "跨年夜": (12, 31),
}
#: The same for lunar months and days.
_LUNAR = {
    "春节": (1, 1),
    "大年初一": (1, 1),
    "元宵": (1, 15),
    "端午": (5, 5),
    "七夕": (7, 7),
    "中元": (7, 15),
    "中秋": (8, 15),
    "重阳": (9, 9),
    "腊八": (12, 8),
}
#: (month, weekday from Monday 0, which one; negative from the end).
_WEEKDAYS = {"母亲": (5, 6, 2), "父亲": (6, 6, 3), "感恩": (11, 3, 4)}
#: Names that are days only when 节 follows; 新年 and 青年 are words of their own.
_NEED_FESTIVAL = (
    "情人|女生|妇女|植树|愚人|劳动|青年|儿童|建党|建军|教师|万圣|光棍|中元|母亲|父亲|"
    "感恩|三八|双十"
)
_PLAIN = (
    "双十一|双十二|元旦|新年|国庆|平安夜|圣诞夜|跨年夜|圣诞|春节|大年初一|元宵|端午|"
    "七夕|中秋|重阳|腊八|清明|除夕|大年三十|年三十|大年夜|年夜|冬至"
)
#: The name of a day, for regular expressions.
NAME = (
    rf"(?:(?:{_NEED_FESTIVAL})节|(?:{_PLAIN})(?:节|当天|当日)?|大年初[二三四五六七八九十]"
    r"|(?:五一|六一)(?:节|(?![\d一二三四五六七八九十个些样起直定点天年月日号层楼次路])))(?!快乐|老人|树|路)"
)
_EVES = {"除夕", "大年三十", "年三十", "大年夜", "年夜"}


def holiday(name: str, year: int) -> date | None:
    """Return the day of a name in a year, None where it is not known.

    Lunar days are those of the lunar year that begins in `year`, but New Year's Eve is the one
    in `year`'s winter before spring.
    """
    name = name.removesuffix("当天").removesuffix("当日")
    name = name if name in _LUNAR else name.removesuffix("节")
    if name in _FIXED:
        return date(year, *_FIXED[name])
    if name.startswith("大年初"):
        return lunar_day(year, 1, read(name[-1]) or 0)
    if name in _EVES:
        first = lunar_day(year, 1, 1)
        return first and first - timedelta(1)
    if name in _LUNAR:
        return lunar_day(year, *_LUNAR[name])
    if name in _WEEKDAYS:
        return nth_weekday(year, *_WEEKDAYS[name])
    return _TERMS[name](year) if name in _TERMS else None


def lunar_day(year: int, month: int, day: int) -> date | None:
    """Return the day of a lunar date, None when that month has no such day."""
    if year not in _LUNAR_YEARS:
        return None
    try:
        found: date = LunarDate(year, month, day).to_solar_date()
    except ValueError:
        return None
    return found


def nth_weekday(year: int, month: int, weekday: int, count: int) -> date | None:
    """Return the `count`th weekday of a month, from its end when negative; None when none."""
    if count > 0:
        first = date(year, month, 1)
        found = first + timedelta((weekday - first.weekday()) % 7 + 7 * (count - 1))
    else:
        following = date(year + month // 12, month % 12 + 1, 1)
        last = following - timedelta(1)
        found = last - timedelta((last.weekday() - weekday) % 7 + 7 * (-count - 1))
    return found if found.month == month else None


def _qingming(year: int) -> date:
    """Return the day of Qingming by the common formula of the 21st century (right 2000-2099)."""
    short = year % 100
    return date(year, 4, int(short * 0.2422 + 4.81) - short // 4)


def _winter(year: int) -> date:
    """Return the day of the winter solstice by the same formula (right 2000-2099, but 2021)."""
    short = year % 100
    return date(year, 12, int(short * 0.2422 + 21.94) - short // 4 - (year == 2021))


_TERMS: dict[str, Callable[[int], date]] = {"清明": _qingming, "冬至": _winter}
