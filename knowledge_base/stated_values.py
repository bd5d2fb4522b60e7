"""Stated values: the numbers of a text with their units, alike in digits, English and Chinese."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nlu.amounts.reading import read
from nlu.text import normalise

#: A number as it is compared, and its unit; "" when none was recognised.
Value = tuple[float, str]

#: Unit -> how it is written behind a number, in lower case and Simplified Chinese.
_BEHIND: Final = {
    "workday": r"(?:full )?(?:working|business|work)[ -]?days?|个?工作日",
    "day": r"(?:calendar )?days?|天|日(?!元)",
    "week": r"weeks?|周|个?星期|个?礼拜",
    "month": r"months?|个?月",
    "year": r"years?|yrs?\b|年|岁",
    "hour": r"hours?|hrs?\b|h\b|个?小时|个?钟头",
    "minute": r"minutes?|mins?\b|分钟",
    "second": r"seconds?|secs?\b|秒",
    "%": r"%|per ?cent|percent|折",
    "GBP": r"gbp|pounds?(?! of)|英镑|£",
    "USD": r"usd|us dollars?|dollars?|美元|美金",
    "EUR": r"eur\b|euros?|欧元|€",
    "HKD": r"hkd|hong kong dollars?|港元|港币",
    "CNY": r"cny|rmb|yuan|元|块|人民币",
    "kg": r"kg|kilos?|kilograms?|公斤|千克",
    "g": r"g\b|grams?|克",
    "ml": r"ml\b|millilit(?:re|er)s?|毫升",
    "l": r"l\b|lit(?:re|er)s?|升",
    "km": r"km\b|kilomet(?:re|er)s?|公里|千米",
    "mm": r"mm\b|millimet(?:re|er)s?|毫米",
    "cm": r"cm\b|centimet(?:re|er)s?|厘米|公分",
    "m": r"m\b|met(?:re|er)s?|米",
    "W": r"w\b|watts?|瓦",
    "V": r"v\b|volts?|伏",
    "°C": r"° ?c|℃|degrees?(?: celsius)?|摄氏度|度|°",
    "person": r"people|persons?|staff|个?人|位",
    "time": r"times|次",
    "machine": r"machines?|台",
    "box": r"boxes|box\b|盒|箱",
    "cup": r"cups?|杯",
    "piece": r"pieces?|items?|件",
    "point": r"points?|积分|分",
}
_BEFORE: Final = {
    "GBP": r"£|gbp",
    "USD": r"us\$|usd|\$",
    "EUR": r"€|eur",
    "HKD": r"hk\$|hkd",
    "CNY": r"cny|rmb|¥|人民币",
}
_UNIT_BEHIND: Final = [
    (unit, re.compile(rf"[ -]{{0,2}}(?:{form})(?![a-z])")) for unit, form in _BEHIND.items()
]
_UNIT_BEFORE: Final = [(unit, re.compile(rf"(?:{form}) ?$")) for unit, form in _BEFORE.items()]
#: Between the ends of a range, of which only the last has the unit.
_RANGE: Final = re.compile(r" ?(?:-|–|—|~|to|and|or|至|到|或) ?")
#: A time of day in digits.
_CLOCK: Final = re.compile(r"(?<![\d:])([01]?\d|2[0-4])[:：]([0-5]\d)(?![\d:])")
#: "9am", "6 p.m."; Chinese hours are numbers with the unit 点.
_HALF_DAY: Final = re.compile(r"(?<![\d:.])(\d{1,2})(?::(\d\d))? ?([ap])\.?m\b")
#: One hundredth written before its number.
_PER_CENT: Final = re.compile(r"百分之")
#: Behind a number that is a share of ten.
_TENTHS: Final = re.compile(r" ?折")


@dataclass(frozen=True, slots=True)
class Stated:
    """One number of a text; the span is of the folded text and takes in the unit."""

    value: Value
    start: int
    end: int


#: Units that measure one thing in steps of their own.
_KINDS: Final = {
    **dict.fromkeys(
        ("workday", "day", "week", "month", "year", "hour", "minute", "second"), "time"
    ),
    **dict.fromkeys(("GBP", "USD", "EUR", "HKD", "CNY"), "money"),
    **dict.fromkeys(("kg", "g"), "weight"),
    **dict.fromkeys(("ml", "l"), "volume"),
    **dict.fromkeys(("km", "m", "cm", "mm"), "length"),
}


def kind(value: Value) -> str:
    """Return what a value measures, its unit when nothing else does."""
    return _KINDS.get(value[1], value[1])


@lru_cache(maxsize=4096)
def stated_values(text: str) -> tuple[Stated, ...]:
    """Return the numbers in `text` in order; a lone "one" says as little as "a" and is none."""
    reading = read(normalise(text).plain)
    folded = reading.folded
    found = [
        Stated((int(m[1]) * 100 + int(m[2]), "clock"), m.start(), m.end())
        for m in _CLOCK.finditer(folded)
    ]
    for match in _HALF_DAY.finditer(folded):
        hour = int(match[1]) % 12 + (12 if match[3] == "p" else 0)
        found.append(
            Stated((hour * 100 + int(match[2] or 0), "clock"), match.start(), match.end())
        )
    taken = [(each.start, each.end) for each in found]
    numerals = [n for n in reading.numerals if not _overlaps(n.start, n.end, taken)]
    unit = ""
    behind = len(folded)
    for numeral in reversed(numerals):
        joined = folded[numeral.end : behind] if numeral.end <= behind else ""
        own, end = _unit(folded, numeral.start, numeral.end)
        unit = own or (unit if joined and _RANGE.fullmatch(joined) else "")
        behind = numeral.start
        value = round(float(numeral.value), 6)
        if _TENTHS.match(folded, numeral.end) and value < 10:
            value *= 10
        if unit or folded[numeral.start : numeral.end] not in {"one", "一", "a", "an"}:
            per_cent = _PER_CENT.search(folded[max(0, numeral.start - 3) : numeral.start])
            start = numeral.start - 3 if per_cent else numeral.start
            found.append(Stated((value, unit), start, end))
    found += [
        Stated((round(float(s.value), 6), "%"), s.start, s.end)
        for s in reading.shares
        if not _overlaps(s.start, s.end, [(each.start, each.end) for each in found])
    ]
    return tuple(sorted(found, key=lambda each: each.start))


def _unit(folded: str, start: int, end: int) -> tuple[str, int]:
    """Return the unit of the number at a span, and where number and unit end."""
    for unit, form in _UNIT_BEFORE:
        if form.search(folded[max(0, start - 4) : start]):
            return unit, end
    if _PER_CENT.search(folded[max(0, start - 3) : start]):
        return "%", end
    for unit, form in _UNIT_BEHIND:
        if (match := form.match(folded, end)) is not None:
            return unit, match.end()
    return "", end


def _overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return any(start < e and s < end for s, e in taken)
