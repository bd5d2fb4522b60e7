"""What a numeral counts: things (a quantity), time, money, a share, or nothing at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from nlu.numerals import Numeral, numerals

Counted = Literal["things", "plain", "other"]

_ENGLISH_UNIT = re.compile(
    r"[\s-]{0,2}(seats?|units?|pieces?|pcs|people|persons?|employees|colleagues|guests|licen[cs]es?"
    r"|box(?:es)?|packs?|packets?|packages?|cases?|sets?|bags?|bottles?|pairs?|copies|rooms?|tables?"
    r"|cartons?|pallets?|machines?|items?|kg|kilos?|kilograms?|grams?|tonn?e?s?|lit(?:er|re)s?)"
    r"(?![a-z])"
)
_HAN_UNIT = re.compile(
    "\\s?(席位|坐席|公斤|千克|毫升|台|套|件|个|箱|只|把|盒|包|瓶|份|张|支|位|人|名|杯|袋|桶|组|批|双|条|本|辆|部|间|座|席|壶|罐|斤|克|吨|升)"
    "(?!月|小时|钟|星期|礼拜|工作日|别|人信息)"
)
_NOT_THINGS = re.compile(
    r"[\s-]{0,2}(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|am|pm|o'clock"
    r"|percent|per\s?cent|dollars?|euros?|pounds?|bucks|yuan|rmb|usd|eur|gbp|cny|hkd|cents?|times"
    r"|stars?|points?|degrees?|%|‰|°|\$|€|£|¥)(?![a-z])"
    r"|\s?(?:个月|个小时|个星期|个礼拜|个工作日|秒|分钟|小时|天|周|年|月|日|号|点|元|块|毛|角|万元|美元|欧元|英镑|折|岁|星|分|次|%|％|成)"
)
_NOT_BEFORE = re.compile(r"(?:[$€£¥#]|usd|eur|rmb|no\.?|number)\s?$|[第周期拜之]$")
_YEAR_BEFORE = re.compile(r"(?:in|since|year|until|by|before|after)\s$")
#: Words after which a bare "one" is a wish for one thing.
_WISH = re.compile(r"(?:want|need|order|buy|get|just|only|take|have)\s+$|[要买订购来需拿给加]$")


@dataclass(frozen=True, slots=True)
class Count:
    """A numeral with what it counts."""

    numeral: Numeral
    counted: Counted
    unit: str | None
    end: int  #: after the unit


@lru_cache(maxsize=256)
def counts(folded: str) -> tuple[Count, ...]:
    """Return the numerals of a folded text that are meant as numbers.

    Remembered, because numbers and quantities both ask.
    """
    return tuple(_counts(folded))


def _counts(folded: str) -> Iterator[Count]:
    bare = folded.strip(" \t\r\n.,!?。，！？~～")
    for numeral in numerals(folded):
        before, after = folded[: numeral.start], folded[numeral.end :]
        written = folded[numeral.start : numeral.end]
        alone = bare == written
        if _is_ordinal_or_idiom(numeral, before, after, written) and not alone:
            continue
        unit = None if alone else (_ENGLISH_UNIT.match(after) or _HAN_UNIT.match(after))
        other = _NOT_THINGS.match(after) is not None or _NOT_BEFORE.search(before[-8:]) is not None
        other = other or _is_year(numeral, before)
        if not alone and not _is_meant(
            numeral, written, before, counted=unit is not None or other
        ):
            continue
        if other and not (unit and unit[1] in {"个"}):
            yield Count(numeral, "other", None, numeral.end)
        elif unit:
            yield Count(numeral, "things", unit[1], numeral.end + unit.end())
        else:
            yield Count(numeral, "plain", None, numeral.end)


def _is_ordinal_or_idiom(numeral: Numeral, before: str, after: str, written: str) -> bool:
    if numeral.digits:
        return before.endswith("第")
    if written == "十" and after[:1] in {"分", "足"}:  # 十分感谢
        return True
    if written == "一" and after[:1] in set("下些点样直起定般切共旦边会号"):
        return True
    return before[-1:] in set("第周期拜之统唯万") or after[:1] in set("月号日")


def _is_meant(numeral: Numeral, written: str, before: str, *, counted: bool) -> bool:
    """Tell whether a numeral in words counts, or is only part of another word."""
    if numeral.digits:
        return True
    if written.isascii():
        if written == "one":
            return bool(_WISH.search(before[-12:])) or (counted and not before.endswith("this "))
        return True
    if written == "一":  # 我有一个问题 counts nothing; 要一个 does
        return counted and bool(_WISH.search(before[-1:]))
    return counted or (len(written) > 1 and any(c in "十百千万亿拾佰仟" for c in written))


def _is_year(numeral: Numeral, before: str) -> bool:
    return (
        numeral.digits and 1900 <= numeral.value <= 2100 and bool(_YEAR_BEFORE.search(before[-8:]))
    )
