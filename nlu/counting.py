"""What a numeral counts: things (a quantity), a measure, time, money, a share, or nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from nlu.amounts.numeral import Numeral
from nlu.amounts.reading import Reading, read
from nlu.amounts.sums import RANGE_JOINT, is_weight, sums
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
    "|块(?!钱))(?!半?(?:月|小时|钟|星期|礼拜|工作日)|百分|别|人信息|字)"
)
_HAN_HALF = re.compile(
    "(?<![一大多夜过减各])半(?=个(?!月|小时|钟|星期|礼拜|工作日|世纪)|公?斤(?!八两)|千?克|吨|公里|米|升|箱|打|盒|瓶|包|张|杯)"
)
_HAN_AND_HALF = re.compile("半(?![个月年天数价小块元])")
_INCHES_AFTER = re.compile(
    r"\s?(?:and\s)?(?P<inches>\d{1,2}(?:\.\d{1,2})?)\s?(?:inches|inch|in\b|\"|'')"
)
_METRES_AFTER = re.compile(
    r"(?P<digits>[一二三四五六七八九]{1,2}|\d{1,2})(?=$|[^\w.:/%-]|[的左高长宽吧了])"
)
_HAN_DIGITS = {character: value for value, character in enumerate("一二三四五六七八九", start=1)}
_ARTICLE = re.compile(r"\san?(?=\s)")
_POUNDS = re.compile(r"[\s-]{0,2}pounds?(?![a-z])")
_NOT_THINGS = re.compile(
    r"(?:\sof\s|[\s-]{0,2})(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|am|pm|o'clock"
    r"|percent|per\s?cent|dollars?|euros?|bucks|yuan|rmb|cents?|times|stars?|points?|%|‰|\$|€|£|¥)"
    r"(?![a-z])"
    r"|\s?(?:个月|个小时|个星期|个礼拜|个工作日|个百分点|秒|分钟|小时|天|周|年|月|日|号|点|毛|角|万元|折|星|分|次|楼|层|码|期|届|级|栋|幢|世纪|%)"
)
#: What follows is a name or a place, not a count.
_NOT_BEFORE = re.compile(
    r"(?:[$€£¥#]|\b(?:usd|eur|rmb|no\.?|number|version|model|page|step|room|floor|flat|apartment"
    r"|level|chapter|line|option|choice|gate|question|iphone|windows))\s?$|[第周期拜之]$"
)
_CODE_BEFORE = re.compile(
    r"(?:(?:order|invoice|tracking|ticket|reference|account|serial|zip|postal|post)[\s-]?"
    r"(?:no\.?|number|id|code)|\bzip)\s?(?:is|was|:|#)?\s?$"
    r"|(?:单号|编号|号码|尾号|工号|账号|帐号|卡号|房号|邮编|验证码)(?:是|为)?[::]?\s?$"
)
#: 3D, 1080p and 4K name what a thing is like.
_MODEL_AFTER = re.compile(
    r"\d{1,4}[Dp](?![A-Za-z])|401\s?[kK](?!\w)|[48][kK](?=\s?(?i:tv|video|screen|monitor|display|uhd|电视|屏|視頻|视频|高清|電視))"
)
#: Digits in groups, with a plus or a group that starts with zero: phones and the like.
_ROW_OF_GROUPS = re.compile(
    r"(?<![\w.,])(?:\+|(?=[\d -]{0,30}\b0))\d{1,5}(?:[ -]\d{2,5}){2,6}(?!\w)"
)
_DAY = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d")
_GENERATIONS = frozenset("23456")
_YEAR_BEFORE = re.compile(r"(?:in|since|year|until|by|before|after)\s$")
_DATE_BEFORE = re.compile(r"\b(?:on|by|until|till|before|after|since|from|due|at|the|of)\s$")
_PART_OF = re.compile(r"\s(?:of|the|a|an|my|our|this|that)\b")
#: Words after which a bare "one" is a wish for one thing.
_WISH = re.compile(
    r"(?:want|need|order|buy|get|just|only|take|have)\s+$|(?:[要买订购需拿给加]|(?<![后原本从起])来)$"
)
_IDIOM_AFTER = frozenset("下些点样直起定般切共旦边会号")
_ASIDE = " \t\r\n.,!?。，！？~～"


@dataclass(frozen=True, slots=True)
class Count:
    """A numeral with what it counts."""

    numeral: Numeral
    counted: Counted
    unit: str | None
    start: int  #: before the words that belong to the unit: aged 25
    end: int  #: after the unit
    value: float  #: with what stands apart from the numeral: 三斤半 is 3.5


@lru_cache(maxsize=256)
def counts(text: str) -> tuple[Count, ...]:
    """Return the numerals of a text (normal form) that are meant as numbers.

    Remembered, because numbers and quantities both ask.
    """
    reading = read(text)
    found: list[Count] = []
    if reading.numerals:
        elsewhere = _elsewhere(reading)
        rows = [match.span() for match in _ROW_OF_GROUPS.finditer(reading.folded)]
        in_rows = {n.start for n in reading.numerals if any(a <= n.start < b for a, b in rows)}
        bare = reading.folded.strip(_ASIDE) if len(reading.folded) < 40 else ""
        for numeral in reading.numerals:
            alone = bare == reading.folded[numeral.start : numeral.end]
            if (found and numeral.start < found[-1].end) or numeral.start in in_rows:
                continue
            count = _count(reading, numeral, alone=alone, elsewhere=numeral.start in elsewhere)
            if count is not None:
                found.append(count)
    if "半" in reading.folded:
        halves = _halves(reading)
        found += [h for h in halves if not any(h.start < c.end and c.start < h.end for c in found)]
        found.sort(key=lambda count: count.start)
    return tuple(_with_units(reading.folded, found))


def _elsewhere(reading: Reading) -> set[int]:
    """Return where the numerals of sums, shares and places start: those count no things."""
    money = sums(reading.folded, reading.plain, reading.numerals, region=None, chinese=False)
    spans = [(each.start, each.end) for each in money]
    spans += [(each.start, each.end) for each in reading.shares]
    spans += [(each.start, each.end) for each in reading.places]
    return {n.start for n in reading.numerals if any(a <= n.start < b for a, b in spans)}


def _count(reading: Reading, numeral: Numeral, *, alone: bool, elsewhere: bool) -> Count | None:
    """Return what a numeral counts, None when it is not meant as a number."""
    folded = reading.folded
    plain = Count(numeral, "plain", None, numeral.start, numeral.end, numeral.value)
    other = replace(plain, counted="other")
    if alone:
        return plain
    before = folded[max(0, numeral.start - 16) : numeral.start]
    after = folded[numeral.end : numeral.end + 20]
    written = folded[numeral.start : numeral.end]
    if _is_ordinal_or_idiom(numeral, before, after, written) or _is_code(reading, numeral, before):
        return None
    if not elsewhere and (measured := _measured(reading, numeral, before)) is not None:
        return None if written == "一" and after[:1] == "度" else measured
    thing = None if elsewhere else _thing(after)
    if thing is None or thing[1] != "个":
        time = _NOT_THINGS.match(after) is not None or _NOT_BEFORE.search(before) is not None
        elsewhere = elsewhere or time or _is_year(numeral, before)
    if not _is_meant(numeral, written, before, after, counted=thing is not None or elsewhere):
        return None
    if elsewhere or (thing is None and _is_part(numeral, written)):
        return other
    if thing is None:
        return plain
    end = numeral.end + thing.end()
    return _with_half(folded, replace(plain, counted="things", unit=thing[1], end=end))


def _measured(reading: Reading, numeral: Numeral, before: str) -> Count | None:
    """Return the count with a unit of measure, None when there is none."""
    folded = reading.folded
    start = age_before(folded, numeral.start)
    unit = unit_at(folded, reading.plain, numeral.start, _unit_start(folded, numeral))
    count = Count(numeral, "measure", None, numeral.start, numeral.end, numeral.value)
    if unit is None:
        if start is not None and 0 < numeral.value < 130:
            return replace(count, unit="year", start=start)
        pounds = _POUNDS.match(folded, numeral.end)
        if pounds and is_weight(folded, numeral.start, pounds.end()):
            return replace(count, unit="lb", end=pounds.end())
        return None
    count = replace(count, unit=unit.code, end=unit.end)
    if unit.code == "ft" and (inches := _INCHES_AFTER.match(folded, unit.end)):
        feet = numeral.value + float(inches["inches"]) / 12
        return replace(count, end=inches.end(), value=feet)
    if folded[unit.end - 1] == "米" and (more := _METRES_AFTER.match(folded, unit.end)):
        tenths = "".join(str(_HAN_DIGITS.get(each, each)) for each in more["digits"])
        return replace(count, end=more.end(), value=numeral.value + float(f"0.{tenths}"))
    if unit.dimension != "temperature":
        return _with_half(folded, count if start is None else replace(count, start=start))
    if before.endswith("零下"):
        count = replace(count, start=numeral.start - 2, value=-numeral.value)
    start = scale_before(folded, numeral.start)
    return count if start is None else replace(count, start=start)


def _unit_start(folded: str, numeral: Numeral) -> int:
    """Return where the unit of a numeral may start: behind half a and 十多."""
    if folded[numeral.start : numeral.end] == "half" and (
        article := _ARTICLE.match(folded, numeral.end)
    ):
        return article.end()
    return numeral.end + (folded[numeral.end : numeral.end + 1] in {"多", "余", "来"})


def _thing(after: str) -> re.Match[str] | None:
    return _ENGLISH_UNIT.match(after) or (None if after.isascii() else _HAN_UNIT.match(after))


def _with_half(folded: str, count: Count) -> Count:
    """Add the half that is said behind the unit: 三斤半."""
    if folded[count.end : count.end + 1] != "半" or not _HAN_AND_HALF.match(folded, count.end):
        return count
    return replace(count, value=count.value + 0.5, end=count.end + 1)


def _halves(reading: Reading) -> Iterator[Count]:
    """Yield 半 before a unit: 半斤."""
    folded = reading.folded
    for match in _HAN_HALF.finditer(folded):
        numeral = Numeral(match.start(), match.end(), 0.5, digits=False)
        half = Count(numeral, "things", None, match.start(), match.end(), 0.5)
        unit = unit_at(folded, reading.plain, match.start(), match.end())
        if unit is not None:
            yield replace(half, counted="measure", unit=unit.code, end=unit.end)
        elif folded[match.end()] == "打":
            dozen = replace(numeral, end=match.end() + 1, value=6.0)
            yield Count(dozen, "plain", None, dozen.start, dozen.end, dozen.value)
        elif thing := _HAN_UNIT.match(folded, match.end()):
            yield replace(half, unit=thing[1], end=thing.end())


def _with_units(folded: str, found: list[Count]) -> Iterator[Count]:
    """Yield the counts, the first of a range with the unit of the last: 3 to 5 boxes.

    Of a range of measures (5 to 10 kg) the first is only a number.
    """
    for index, count in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else None
        if (
            count.counted == "plain"
            and following is not None
            and following.unit is not None
            and count.end < following.start
            and RANGE_JOINT.fullmatch(folded, count.end, following.start)
        ):
            things = following.counted == "things"
            yield replace(count, counted="things" if things else "other", unit=following.unit)
        else:
            yield count


def _is_ordinal_or_idiom(numeral: Numeral, before: str, after: str, written: str) -> bool:
    if numeral.digits:
        return before.endswith("第")
    if written == "十" and after[:1] in {"分", "足"}:  # 十分感谢
        return True
    if written == "一" and after[:1] in _IDIOM_AFTER:
        return True
    return before[-1:] in set("第周期拜之统唯万") or after[:1] in set("月号日")


def _is_code(reading: Reading, numeral: Numeral, before: str) -> bool:
    """Tell whether digits are a code: of an order, a phone, a network."""
    if not numeral.digits:
        return False
    written = reading.folded[numeral.start : numeral.end]
    if written.isdigit() and (
        len(written) > 9 or (len(written) > 1 and written[0] == "0") or _DAY.fullmatch(written)
    ):
        return True
    network = reading.plain[numeral.end : numeral.end + 1] == "G" and written in _GENERATIONS
    model = network or _MODEL_AFTER.match(reading.plain, numeral.start) is not None
    return model or _CODE_BEFORE.search(before) is not None


def _is_meant(numeral: Numeral, written: str, before: str, after: str, *, counted: bool) -> bool:
    """Tell whether a numeral in words counts, or is only part of another word."""
    if "/" in written and " " not in written and not counted:
        # A part of something, unless it can be a day: 3/4 of it, but not "by 3/4".
        part = _PART_OF.match(after) is not None or not _DATE_BEFORE.search(before)
        return part and numeral.value < 1
    if numeral.digits:
        return True
    if written.isascii():
        return _is_meant_in_english(written, before, after, counted=counted)
    if written in {"俩", "仨"}:
        return counted or bool(_WISH.search(before[-2:]))
    if written == "一":  # 我有一个问题 counts nothing; 要一个 does
        return counted and bool(_WISH.search(before[-2:]))
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
