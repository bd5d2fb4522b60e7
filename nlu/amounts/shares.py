"""Shares of a whole: percentages, 成, and 折, the part of a price that remains to be paid."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlu.amounts.numeral import Numeral

_AFTER = re.compile(
    r"\s{0,2}(?:%(?![0-9a-f]{2})|(?P<mille>‰)"
    r"|-?(?:percent(?:age)?s?|per\s?cents?|pct)(?:\spoints?)?(?![a-z]))"
    r"|\s{0,4}(?:个\s{0,3})?百\s?分\s?点"
)
_BEFORE = re.compile(
    r"(?<![零一二两三四五六七八九十百千万亿\d])(?P<of>[百佰千仟万]|百万|千万|万万|百万万)\s{0,2}分\s{0,2}之\s{0,2}$"
)
_ALL = re.compile("百分之百")
_WHOLES = {"百": 1.0, "佰": 1.0, "千": 0.1, "仟": 0.1, "万": 0.01, "百万": 1e-4, "千万": 1e-5}
_WHOLES |= {"万万": 1e-6, "百万万": 1e-8}
_TENTHS = re.compile(
    r"\s?成(?:\s?(?P<half>半)|\s?(?P<more>[一二三四五六七八九\d])(?![\u4e00-\u9fff\d]))?"
    r"(?![功为本员立交果品了都绩份长熟人型分]|(?<=八成)[是要会得])"
)
_HALF_TENTH = re.compile("半成(?![品功年熟])")
_DISCOUNT = re.compile("\\s?折(?![扣叠腾磨旧返断腰线页]|起来)")
_DIGIT = "一二三四五六七八九"
_TWO_DIGITS = re.compile(
    rf"(?<![{_DIGIT}\d.])(?P<tens>[{_DIGIT}\d])\s?(?P<ones>[{_DIGIT}\d])\s?折(?!扣|叠|腾|磨|旧|返)"
)
_HALF_PRICE = re.compile("(?<=打)[对半]折|(?<![对\u4e00-\u9fff])半折")
_VALUES = {c: v for v, c in enumerate(_DIGIT, start=1)}


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a whole."""

    start: int
    end: int
    value: float  #: percent
    unit: str  #: "%", or "折" for what remains of a price


def shares(folded: str, numerals: Sequence[Numeral]) -> Iterator[Share]:
    """Yield the shares in a folded text, given its numerals."""
    for numeral in numerals:
        if (match := _AFTER.match(folded, numeral.end)) is not None:
            value = numeral.value * (0.1 if match["mille"] else 1)
            yield Share(numeral.start, match.end(), value, "%")
    if folded.isascii():
        return
    yield from _han_shares(folded, numerals)


def _han_shares(folded: str, numerals: Sequence[Numeral]) -> Iterator[Share]:
    yield from _numbered(folded, numerals)
    if "成" in folded:
        for match in _HALF_TENTH.finditer(folded):
            yield Share(match.start(), match.end(), 5.0, "%")
    if "百分之百" in folded:
        for match in _ALL.finditer(folded):
            yield Share(match.start(), match.end(), 100.0, "%")
    if "折" in folded:
        for match in _TWO_DIGITS.finditer(folded):
            value = 10 * _digit(match["tens"]) + _digit(match["ones"])
            yield Share(match.start(), match.end(), value, "折")
        for match in _HALF_PRICE.finditer(folded):
            yield Share(match.start(), match.end(), 50.0, "折")


def _numbered(folded: str, numerals: Sequence[Numeral]) -> Iterator[Share]:
    for numeral in numerals:
        at = numeral.end
        if match := _BEFORE.search(folded, max(0, numeral.start - 12), numeral.start):
            yield Share(match.start(), at, numeral.value * _WHOLES[match["of"]], "%")
        elif 0 < numeral.value <= 10 and (match := _TENTHS.match(folded, at)):
            more = match["more"]
            extra = 0.5 if match["half"] else 0.1 * _digit(more) if more else 0.0
            yield Share(numeral.start, match.end(), 10 * (numeral.value + extra), "%")
        elif match := _DISCOUNT.match(folded, at):
            value = numeral.value * 10 if numeral.value < 10 else numeral.value
            if 0 < value < 100 and numeral.value != 10:
                yield Share(numeral.start, match.end(), value, "折")


def _digit(written: str) -> float:
    return float(_VALUES[written]) if written in _VALUES else float(written)
