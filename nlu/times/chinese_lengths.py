"""How long, in Chinese: 三天, 一个半小时, 两年半, 8天20小时."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from nlu.times.chinese_numerals import HAN, read
from nlu.times.moment import plus_months

_MONTHS = {"年": 12, "季度": 3, "月": 1}
_DAYS = {"周": 7, "星期": 7, "礼拜": 7, "天": 1, "日": 1}
_SECONDS = {"小时": 3600, "钟头": 3600, "钟": 3600, "时": 3600, "刻钟": 900}
_SECONDS |= {"分钟": 60, "分": 60, "秒钟": 1, "秒": 1}
_NUMBER = rf"(?:\d{{1,5}}(?:\.\d{{1,2}})?|[{HAN}百]{{1,5}}|半)"
_UNIT = (
    "(?<=个半)月|年(?!级|纪|轻|龄|货|会|糕|代|底|初|度)|个?季度|个月|个?(?:星期(?![一二三四五六日天])|礼拜"
    "(?![一二三四五六日天]))|周(?!岁|年|边|围|转|到|期|[一二三四五六日])|天(?![猫气])|个?小时(?!候|工)|个?钟头|个钟|分钟"
    "|秒钟?(?!杀)|刻钟|日(?=以?内|之[内前后]|以[前后]|后)"
)
_FIRST = re.compile(
    rf"(?<![\d.{HAN}百第初q老大好几数])(?<![\d{HAN}][-~到至])(?P<number>{_NUMBER})\s?(?P<half>个半)?(?P<unit>{_UNIT})"
    rf"(?P<after>半(?!价|路|夜|年|天))?"
)
_FURTHER = re.compile(
    rf"[多又零余加]?\s?(?P<number>{_NUMBER})\s?(?P<half>个半)?(?P<unit>{_UNIT}|分|时(?!候|间))"
    r"(?P<after>半(?!价|路|夜))?"
)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time; months and days apart from seconds, since they are no fixed time."""

    months: int = 0
    days: int = 0
    seconds: int = 0
    weeks: bool = False  #: said in whole weeks

    @property
    def in_hours(self) -> bool:
        """Tell whether it has hours, minutes or seconds."""
        return self.seconds > 0 and self != HALF_DAY

    def iso(self) -> str:
        """Return ISO 8601: `P3D`, `PT1H30M`, `P2W`."""
        if self.weeks and self.days % 7 == 0:
            return f"P{self.days // 7}W"
        years, months = divmod(self.months, 12)
        hours, rest = divmod(self.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        day_part = _letters((years, "Y"), (months, "M"), (self.days, "D"))
        time_part = _letters((hours, "H"), (minutes, "M"), (seconds, "S"))
        return f"P{day_part}" + (f"T{time_part}" if time_part else "")

    def day_from(self, day: date, direction: int) -> date | None:
        """Return the day this long before (-1) or after (1); None where calendars end."""
        try:
            moved = plus_months(day, direction * self.months)
            return moved + timedelta(direction * self.days)
        except (ValueError, OverflowError):
            return None


HALF_DAY = Length(seconds=43_200)


def length_at(folded: str, start: int) -> tuple[Length, int] | None:
    """Return the length of time said at `start` and where it ends."""
    match = _FIRST.match(folded, start)
    total = _length(match) if match else None
    if match is None or total is None:
        return None
    end, unit = match.end(), _rank(match["unit"])
    seen = {unit}
    for _ in range(6):
        more = _FURTHER.match(folded, end)
        if more is None or (rank := _rank(more["unit"])) in seen:
            break
        part = _length(more)
        if part is None:
            break
        seen.add(rank)
        total = Length(
            total.months + part.months, total.days + part.days, total.seconds + part.seconds
        )
        end = more.end()
    return (total, end) if total != Length() else None


def _rank(unit: str) -> str:
    bare = unit.removeprefix("个")
    same = {"分钟": "分", "秒钟": "秒", "钟头": "时", "小时": "时", "钟": "时", "日": "天"}
    return same.get(bare, {"星期": "周", "礼拜": "周"}.get(bare, bare))


def _length(match: re.Match[str]) -> Length | None:
    number = match["number"]
    amount = 0.5 if number == "半" else float(number) if "." in number else read(number)
    # 2015年 and 08年 are years of the calendar.
    is_year = match["unit"] == "年" and (
        number[0] in "0零〇" or (number.isascii() and float(number) >= 80 and number[1:] != "00")
    )
    if amount is None or (is_year and "." not in number):
        return None
    amount += 0.5 * bool(match["half"]) + 0.5 * bool(match["after"])
    return length_of(amount, match["unit"].removeprefix("个"))


def length_of(amount: float, unit: str) -> Length | None:
    """Return so many of a unit; broken months are days of thirty, broken days hours."""
    if amount > 10_000:
        return None
    if unit in _MONTHS:
        months = amount * _MONTHS[unit]
        return Length(months=int(months), days=round((months - int(months)) * 30))
    if unit in _DAYS:
        days = amount * _DAYS[unit]
        whole = int(days)
        return Length(days=whole, seconds=round((days - whole) * 86_400), weeks=_DAYS[unit] == 7)
    return Length(seconds=round(amount * _SECONDS[unit]))


def _letters(*parts: tuple[int, str]) -> str:
    return "".join(f"{value}{letter}" for value, letter in parts if value)
