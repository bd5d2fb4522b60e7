"""What a numeral counts: things (a quantity), a measure, time, money, a share, or nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from nlu.amounts.numeral import Numeral
from nlu.amounts.reading import Reading, read
from nlu.amounts.sums import is_weight, sums
from nlu.amounts.units import age_before, scale_before, unit_at

#: `measure` has a unit of measure, `plain` counts things that are not named by a unit.
Counted = Literal["things", "measure", "plain", "other"]

_ENGLISH_UNIT = re.compile(
    r"[\s-]{0,2}(seats?|units?|pieces?|pcs|people|persons?|employees|colleagues|guests|licen[cs]es?"
    r"|box(?:es)?|packs?|packets?|packages?|cases?|sets?|bags?|bottles?|pairs?|copies|rooms?|tables?"
    r"|cartons?|pallets?|machines?|items?)(?![a-z])"
)
_HAN_UNIT = re.compile(
    "[多余来几]?\\s?(席位|坐席|台|套|件|个|箱|只|把|盒|包(?!邮)|瓶|份|张|支|位|人|名|杯|袋|桶|组|批|双|对|条|本|辆|部|间|座|席|壶|罐"
    "|块(?!钱))(?!月|小时|钟|星期|礼拜|工作日|百分|别|人信息|字)"
)
_HAN_HALF = re.compile(
    "(?<![一大多夜过减各])半(?=个(?!月|小时|钟|星期|礼拜|工作日|世纪)|公?斤|千?克|吨|公里|米|升|箱|打|盒|瓶|包|张|杯)"
)
_HAN_AND_HALF = re.compile("半(?![个月年天数价小块元])")
_INCHES_AFTER = re.compile(
    r"\s?(?:and\s)?(?P<inches>\d{1,2}(?:\.\d{1,2})?)\s?(?:inches|inch|in\b|\"|'')"
)
_POUNDS = re.compile(r"[\s-]{0,2}pounds?(?![a-z])")
_NOT_THINGS = re.compile(
    r"[\s-]{0,2}(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|am|pm|o'clock"
    r"|percent|per\s?cent|dollars?|euros?|bucks|yuan|rmb|cents?|times|stars?|points?|%|‰|\$|€|£|¥)"
    r"(?![a-z])"
    r"|\s?(?:个月|个小时|个星期|个礼拜|个工作日|个百分点|秒|分钟|小时|天|周|年|月|日|号|点|毛|角|万元|折|星|分|次|%|成)"
)
_NOT_BEFORE = re.compile(r"(?:[$€£¥#]|usd|eur|rmb|no\.?|number)\s?$|[第周期拜之]$")
_YEAR_BEFORE = re.compile(r"(?:in|since|year|until|by|before|after)\s$")
_DATE_BEFORE = re.compile(r"\b(?:on|by|until|till|before|after|since|from|due|at|the|of)\s$")
_PART_OF = re.compile(r"\s(?:of|the|a|an|my|our|this|that)\b")
#: Words after which a bare "one" is a wish for one thing.
_WISH = re.compile(r"(?:want|need|order|buy|get|just|only|take|have)\s+$|[要买订购来需拿给加]$")
_IDIOM_AFTER = frozenset("下些点样直起定般切共旦边会号")
_ASIDE = " \t\r\n.,!?。，！？~～"


@dataclass(frozen=True, slots=True)
class Count:
    """A numeral with what it counts."""

    numeral: Numeral
    counted: Counted
    unit: str | None
    end: int  #: after the unit
    start: int  #: before the words that belong to the unit: aged 25


@lru_cache(maxsize=256)
def counts(text: str) -> tuple[Count, ...]:
    """Return the numerals of a text (normal form) that are meant as numbers.

    Remembered, because numbers and quantities both ask.
    """
    reading = read(text)
    if not reading.numerals and "半" not in reading.folded:
        return ()
    return tuple(_counts(reading))


def _counts(reading: Reading) -> Iterator[Count]:
    folded, plain = reading.folded, reading.plain
    bare = folded.strip(_ASIDE) if len(folded) < 40 else ""
    money = sums(folded, plain, reading.numerals, region=None, chinese=False)
    spans = [(e.start, e.end) for e in money]
    spans += [(e.start, e.end) for e in reading.shares]
    spans += [(e.start, e.end) for e in reading.places]
    elsewhere = {n.start for n in reading.numerals if any(a <= n.start < b for a, b in spans)}
    for numeral in reading.numerals:
        before, after = (
            folded[max(0, numeral.start - 12) : numeral.start],
            folded[numeral.end :][:16],
        )
        written = folded[numeral.start : numeral.end]
        alone = bare == written
        if _is_ordinal_or_idiom(numeral, before, after, written) and not alone:
            continue
        count = None if alone else _measured(reading, numeral, before)
        thing = None if alone else _thing(after)
        other = numeral.start in elsewhere
        if not other and count is None:
            other = _NOT_THINGS.match(after) is not None or bool(_NOT_BEFORE.search(before[-8:]))
            other = other or _is_year(numeral, before) or _is_part(numeral, written)
        counted = count is not None or thing is not None or other
        measured = count is not None and not other and (written != "一" or "度" not in after[:2])
        if not (alone or measured) and not _is_meant(
            numeral, written, before, after, counted=counted
        ):
            continue
        if count is not None and not other:
            yield count
        elif other and not (thing and thing[1] == "个" and numeral.start not in elsewhere):
            yield Count(numeral, "other", None, numeral.end, numeral.start)
        elif thing:
            yield _with_half(
                folded,
                Count(numeral, "things", thing[1], numeral.end + thing.end(), numeral.start),
            )
        else:
            yield Count(numeral, "plain", None, numeral.end, numeral.start)
    if "半" in folded:
        yield from _halves(reading)


def _measured(reading: Reading, numeral: Numeral, before: str) -> Count | None:
    """Return the count with a unit of measure, None when there is none."""
    folded = reading.folded
    start = age_before(folded, numeral.start)
    unit = unit_at(folded, reading.plain, numeral.start, numeral.end)
    if unit is None:
        if start is not None and 0 < numeral.value < 130:
            return Count(numeral, "measure", "year", numeral.end, start)
        pounds = _POUNDS.match(folded, numeral.end)
        if pounds and is_weight(folded, numeral.start, pounds.end()):
            return Count(numeral, "measure", "lb", pounds.end(), numeral.start)
        return None
    if unit.code in {"ft", "'"} and (inches := _INCHES_AFTER.match(folded, unit.end)):
        tall = replace(numeral, value=numeral.value + float(inches["inches"]) / 12)
        return Count(tall, "measure", "ft", inches.end(), numeral.start)
    if unit.dimension == "temperature":
        start = scale_before(folded, numeral.start)
    first = numeral.start if start is None else start
    if start is None and before.endswith("零下") and unit.dimension == "temperature":
        numeral, first = replace(numeral, value=-numeral.value), numeral.start - 2
    return _with_half(folded, Count(numeral, "measure", unit.code, unit.end, first))


def _thing(after: str) -> re.Match[str] | None:
    return _ENGLISH_UNIT.match(after) or (None if after.isascii() else _HAN_UNIT.match(after))


def _with_half(folded: str, count: Count) -> Count:
    """Add the half that is said behind the unit: 三斤半."""
    if folded[count.end : count.end + 1] != "半" or not _HAN_AND_HALF.match(folded, count.end):
        return count
    more = replace(count.numeral, value=count.numeral.value + 0.5)
    return replace(count, numeral=more, end=count.end + 1)


def _halves(reading: Reading) -> Iterator[Count]:
    """Yield 半 before a unit: 半斤."""
    folded = reading.folded
    for match in _HAN_HALF.finditer(folded):
        numeral = Numeral(match.start(), match.end(), 0.5, digits=False)
        unit = unit_at(folded, reading.plain, match.start(), match.end())
        if unit is not None:
            yield Count(numeral, "measure", unit.code, unit.end, match.start())
        elif folded[match.end()] == "打":
            dozen = Numeral(match.start(), match.end() + 1, 6.0, digits=False)
            yield Count(dozen, "plain", None, dozen.end, match.start())
        elif thing := _HAN_UNIT.match(folded, match.end()):
            yield Count(numeral, "things", thing[1], thing.end(), match.start())


def _is_ordinal_or_idiom(numeral: Numeral, before: str, after: str, written: str) -> bool:
    if numeral.digits:
        return before.endswith("第")
    if written == "十" and after[:1] in {"分", "足"}:  # 十分感谢
        return True
    if written == "一" and after[:1] in _IDIOM_AFTER:
        return True
    return before[-1:] in set("第周期拜之统唯万") or after[:1] in set("月号日")


def _is_meant(numeral: Numeral, written: str, before: str, after: str, *, counted: bool) -> bool:
    """Tell whether a numeral in words counts, or is only part of another word."""
    if "/" in written and " " not in written and not counted:
        # A part of something, unless it can be a day: 3/4 of it, but not "by 3/4".
        return _PART_OF.match(after) is not None or not _DATE_BEFORE.search(before)
    if numeral.digits:
        return True
    if written.isascii():
        return _is_meant_in_english(written, before, after, counted=counted)
    if written in {"俩", "仨"}:
        return counted or bool(_WISH.search(before[-1:]))
    if written == "一":  # 我有一个问题 counts nothing; 要一个 does
        return counted and bool(_WISH.search(before[-1:]))
    return counted or (len(written) > 1 and any(c in "十百千万亿拾佰仟廿卅点分" for c in written))


def _is_meant_in_english(written: str, before: str, after: str, *, counted: bool) -> bool:
    if written == "one":
        return bool(_WISH.search(before)) or (counted and not before.endswith("this "))
    if written == "half":
        return counted or _PART_OF.match(after) is not None
    return True


def _is_part(numeral: Numeral, written: str) -> bool:
    """Tell whether a numeral is a part of a whole rather than a count: half, 2/3."""
    return 0 < numeral.value < 1 and ("/" in written or not written[:1].isdigit())


def _is_year(numeral: Numeral, before: str) -> bool:
    return (
        numeral.digits and 1900 <= numeral.value <= 2100 and bool(_YEAR_BEFORE.search(before[-8:]))
    )
