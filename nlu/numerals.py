"""Numerals in texts and their values: digits, English number words, Chinese numerals."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Largest value that is taken for a number; more is a code or noise.
VALUE_MAX = 10**12

_UNIT_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: value for value, word in enumerate(_UNIT_WORDS.split())}
_TENS = {word: 10 * value for value, word in enumerate(_TEN_WORDS.split(), start=2)}
_SCALES = {
    "couple": 2,
    "pair": 2,
    "dozen": 12,
    "dozens": 12,
    "hundred": 100,
    "k": 1000,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
}
_OTHER_WORDS = "couple pair dozens? hundred thousand million billion half an? and of"
_WORD = "|".join([*_UNITS, *_TENS, *_OTHER_WORDS.split()])
_ENGLISH = re.compile(
    rf"(?<!\d)(?<!\d\s)(?<![\w'])(?:{_WORD})(?:[\s-]{{1,2}}(?:{_WORD}))*(?![\w'])", re.ASCII
)
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(
    # Not inside codes (AB12, MK-123, 1.2.3), dates (2026-09-01, 3/4) or times (12:30).
    r"(?<![A-Za-z0-9_#@.:/\\])(?<!\d,)(?<![A-Za-z0-9]-)(?P<sign>(?<![\w)])-)?"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,15}(?:\.\d{1,6})?)"
    r"(?P<scale>\s?(?:hundred|thousand|million|billion|dozen)(?![a-z])|k(?![a-z0-9])"
    r"|\s?[百千万亿]{1,2}(?![一二两三四五六七八九]?分之))?"
    r"(?![A-Za-z0-9_]*[@\\])(?![.,:/]?\d)(?!-\d)(?!(?:st|nd|rd|th)\b)(?=[^0-9]|$)"
)
_HAN_DIGITS = {c: v for v, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_DIGITS |= dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True))
_HAN_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_HAN_MYRIADS = {"万": 10**4, "亿": 10**8}
_HAN_NUMERAL = re.compile(
    "[一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾零〇][零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]*"
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written: half-open span and value."""

    start: int
    end: int
    value: float
    digits: bool  #: written with digits, hence certainly meant as a number


def numerals(folded: str) -> Iterator[Numeral]:
    """Yield the numerals of a folded text, in no particular order."""
    if _DIGIT.search(folded):
        yield from _digit_numerals(folded)
    yield from _english_numerals(folded)
    if not folded.isascii():
        yield from _han_numerals(folded)


def whole(value: float) -> int | float:
    """Return `value` as an int when it is one."""
    return int(value) if value == int(value) else round(value, 6)


def _digit_numerals(folded: str) -> Iterator[Numeral]:
    for match in _DIGITS.finditer(folded):
        value = float(match["number"].replace(",", ""))
        for scale in _scales(match["scale"]):
            value *= scale
        if match["sign"]:
            value = -value
        if abs(value) <= VALUE_MAX:
            yield Numeral(match.start(), match.end(), value, digits=True)


def _scales(written: str | None) -> list[int]:
    word = (written or "").strip()
    if not word:
        return []
    if word in _SCALES:
        return [_SCALES[word]]
    return [(_HAN_SCALES | _HAN_MYRIADS)[character] for character in word]


def _english_numerals(folded: str) -> Iterator[Numeral]:
    for match in _ENGLISH.finditer(folded):
        parts = [(p[0], p.start(), p.end()) for p in re.finditer(r"[a-z]+", match[0])]
        # Fillers join numbers but do not start or end one: "and two hundred of".
        while parts and parts[-1][0] in {"a", "an", "and", "of", "half"}:
            parts.pop()
        while parts and parts[0][0] in {"and", "of"}:
            parts.pop(0)
        words = [word for word, _, _ in parts]
        while words[:1] in (["a"], ["an"]) and (len(words) < 2 or words[1] not in _SCALES):
            words.pop(0)
            parts.pop(0)
        value = _english_value(words)
        if value is not None and value <= VALUE_MAX:
            start, end = match.start() + parts[0][1], match.start() + parts[-1][2]
            yield Numeral(start, end, value, digits=False)


def _english_value(words: list[str]) -> float | None:
    """Return the value of English number words, None when they are not one number."""
    total, current, seen, factor = 0.0, 0.0, False, 1.0
    for word in words:
        if word in {"and", "of"}:
            continue
        if word in {"a", "an"}:
            if seen and factor == 1.0:
                return None
            continue
        if word == "half":
            factor = 0.5
        elif word in _UNITS or word in _TENS:
            step = _UNITS.get(word, _TENS.get(word, 0))
            # "one two" and "twenty thirty" are lists, not one number.
            if current % 100 and (word in _TENS or current % 10 or current % 100 < 20):
                return None
            current += step
            seen = True
        else:
            scale = _SCALES[word]
            current = (current or 1.0) * scale
            seen = True
            if scale >= 1000:
                total, current = total + current, 0.0
    return (total + current) * factor if seen else None


def _han_numerals(folded: str) -> Iterator[Numeral]:
    for match in _HAN_NUMERAL.finditer(folded):
        value = _han_value(match[0])
        if value is not None and value <= VALUE_MAX:
            yield Numeral(match.start(), match.end(), value, digits=False)


def _han_value(written: str) -> float | None:
    """Return the value of a Chinese numeral; a last bare digit is a tenth of the scale before it.

    三千五 is 3,500 and 两万三 23,000, but 三千零五 is 3,005.
    """
    if all(c in _HAN_DIGITS for c in written):
        return float("".join(str(_HAN_DIGITS[c]) for c in written))
    total, section, digit, scale, zero = 0, 0, None, 1, False
    for character in written:
        if character in _HAN_DIGITS:
            if digit is not None and not zero:
                return None
            zero = zero or _HAN_DIGITS[character] == 0
            digit = _HAN_DIGITS[character]
        elif character in _HAN_SCALES:
            scale, zero = _HAN_SCALES[character], False
            section += (1 if digit is None else digit) * scale
            digit = None
        else:
            scale, zero = _HAN_MYRIADS[character], False
            total = (
                (total + section + (digit or 0)) * scale if section or digit or total else scale
            )
            section, digit = 0, None
    if digit is not None:
        section += digit * (scale // 10 if scale >= 100 and not zero else 1)
    return float(total + section)
