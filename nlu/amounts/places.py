"""Places in an order: third, 21st, 第三, and those told from the end or from what is shown."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlu.amounts.numeral import Numeral

_DIGITS = re.compile(r"(?<![\w.,/-])(?P<value>\d{1,6})(?:st|nd|rd|th)(?!\w)")
_FROM_END = re.compile(
    r"(?P<third>antepenultimate)"
    r"|(?P<second>(?:the\s)?(?:last\sbut\sone|second\s(?:to\s)?last|one\sbefore\sthe\slast(?:\sone)?)"
    r"|next\sto\slast|penultimate)"
    r"|(?<!at\s)last(?!\s(?:name|but|to)|-name|ly|s)"
)
_RELATIVE = re.compile(
    r"(?P<word>next|previous|current)(?P<one>\sone)?(?!\s(?:to|door|time)\b|-door)(?!\w)"
)
_TOLD = re.compile(
    r"\b(?:the\s)?(?:last|second\s(?:to\s)?last|one\sbefore\sthe\slast|next\sto\slast|penultimate"
    r"|antepenultimate|next|previous|current)\b"
)
_TOLD_WORDS = ("last", "ultimate", "next", "previous", "current")
_STEPS = {"next": 1, "previous": -1, "current": 0}
_HAN_END = re.compile("最后一(?=[个台件套条项份张位次家款种页步])")
_HAN_RELATIVE = re.compile(
    "(?<![以之马早晚天身桌地楼路车网线手头床])(?P<way>[上下])一(?=[个台件套条项份张位家款种页步])(?!个?(?:月|星期|礼拜|年|周|季|小时))"
)
_NO_PLACE = re.compile("[方者]|时间|手资料")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an order, counted from 1; from the end -1 is the last."""

    start: int
    end: int
    value: int
    unit: str | None = None  #: "current" where 1 is the next and -1 the previous one


def places(folded: str, numerals: Sequence[Numeral], ranks: Sequence[Numeral]) -> Iterator[Place]:
    """Yield the places in a folded text, given its numerals and ranks in English words."""
    for rank in ranks:
        yield Place(rank.start, rank.end, int(rank.value))
    for match in _DIGITS.finditer(folded):
        yield Place(match.start(), match.end("value") + 2, int(match["value"]))
    if any(word in folded for word in _TOLD_WORDS):
        yield from _told_places(folded)
    if not folded.isascii():
        yield from _han_places(folded, numerals)


def _told_places(folded: str) -> Iterator[Place]:
    taken = -1
    for match in _TOLD.finditer(folded):
        if match.start() < taken:
            continue
        start = match.start()
        if (end := _FROM_END.match(folded, start)) or (
            end := _FROM_END.match(folded, start + 4 * match[0].startswith("the "))
        ):
            value = -3 if end["third"] else -2 if end["second"] else -1
            taken = end.end()
            yield Place(end.start(), end.end(), value)
        elif step := _RELATIVE.match(folded, start + 4 * match[0].startswith("the ")):
            taken = step.end()
            yield Place(step.start(), step.end(), _STEPS[step["word"]], "current")


def _han_places(folded: str, numerals: Sequence[Numeral]) -> Iterator[Place]:
    for numeral in numerals:
        at = numeral.start - 1
        if folded[at : at + 1] == " ":
            at -= 1
        if at < 0 or folded[at] != "第" or _NO_PLACE.match(folded, numeral.end):
            continue
        if numeral.value != int(numeral.value):
            continue
        back = folded[max(0, at - 2) : at] == "倒数"
        value = -int(numeral.value) if back else int(numeral.value)
        yield Place(at - 2 * back, numeral.end, value)
    for match in _HAN_END.finditer(folded):
        yield Place(match.start(), match.end(), -1)
    for match in _HAN_RELATIVE.finditer(folded):
        yield Place(match.start(), match.end(), 1 if match["way"] == "下" else -1, "current")
