"""Numerals in digits: separators of thousands, decimals, fractions, powers, short scales."""

import re
from collections.abc import Iterator

from nlu.amounts.numeral import DIGITS_MAX, VALUE_MAX, Numeral

_HAN = re.compile("[\u3400-\u9fff]")
_DIGIT = re.compile(r"\d")
_NUMERAL = re.compile(
    # Not inside codes (AB12, MK-123, 1.2.3), dates (2026-09-01) or times (12:30); but USD20.
    r"(?:(?<![a-z0-9_#@./\\])|(?<=\busd|\beur|\bgbp|\bcny|\brmb|\bjpy|\bhkd|\btwd|\baud|\bcad"
    r"|\bnzd|\bsgd|\bchf|\binr|\bthb|\bkrw))"
    r"(?<!\d,)(?<!\d:)(?<![a-z0-9]-)(?P<sign>(?<![\w)%])(?<!\d\s)-)?"
    r"(?:"
    r"(?:(?P<whole>\d{1,6})\s{1,2}(?=\d{1,3}/\d))?(?P<over>\d{1,4})/(?P<under>\d{1,4})(?!/)"
    r"|(?P<vulgar>\d{1,7})\u2044(?P<parts>\d{1,2})"
    r"|(?P<comma>\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,9})?|\d{1,2}(?:,\d{2}){1,4},\d{3}(?:\.\d{1,9})?)"
    r"|(?P<blank>\d{1,3}(?:\s\d{3}){2,4}(?:\.\d{1,9})?|\d{1,3}\s000)(?!\s?\d)"
    r"|(?P<dots>\d{1,3}(?:\.\d{3}){1,4},\d{1,2}|\d{1,3}(?:\.\d{3}){2})(?!\d|[.,]\d)"
    r"|(?P<decimals>\d{1,6},\d{2})(?!,?\d)"
    r"|(?P<plain>\d{1,15}(?:\.\d{1,9})?|(?<!\w)\.\d{1,9})"
    r"(?:e(?P<ten>[+-]?\d{1,2})(?![\w.])|\s?[x×]\s?10\^(?P<tenth>[+-]?\d{1,2})"
    r"|\^(?P<power>[+-]{0,2}\d{1,2}))?"
    r")"
    r"(?P<scale>(?:\s{0,2}k|\s?(?:mil|mln|mio|bn|bln|tn|tln))(?![a-z0-9/])|\s?mm?(?![a-z0-9/])"
    r"|(?<=\.\d)b(?![a-z0-9])|w(?![a-z0-9]))?"
    r"(?![a-z0-9_]{0,64}[@\\])(?![.,:/]?\d)(?!-\d)(?!(?:st|nd|rd|th)\b)"
    # Letters right behind the digits may name a unit, but a code goes on with digits: 12a7.
    r"(?![a-z]{1,9}-?\d{2}|[a-ln-z]\d|m(?![23](?![a-z0-9]))\d)(?![acefinoqruz](?![a-z°']))"
)
#: Two numbers with a dash, where what follows says what they count: 3-5 kg, 10-20%.
_RANGE = re.compile(
    r"(?<![A-Za-z0-9_#@./\\:,-])(?P<least>\d{1,6}(?:\.\d{1,3})?)\s?[-–]\s?(?P<most>\d{1,6}(?:\.\d{1,3})?)"
    r"(?=\s?(?:%|percent\b|per cent\b|dollars|euros|usd|eur|yuan|rmb|pcs|pieces|units|seats|people"
    r"|sets|boxes|bottles|bags|packs|items|pairs|copies|cases|machines|licen[cs]es|guests|employees"
    r"|kg|cm|mm|gb|years? old|个|台|件|套|箱|只|元|块|公斤|斤|岁|人|天大|°))"
)
#: Small numbers in a list without blanks.
_LIST = re.compile(r"(?<![A-Za-z0-9_.,:/#-])\d{1,2}(?:,\d{1,2}){2,20}(?![A-Za-z0-9_/-]|[.,:]\d)")
_SCALES = {
    "k": 1e3,
    "w": 1e4,
    "m": 1e6,
    "mm": 1e6,
    "mil": 1e6,
    "mln": 1e6,
    "mio": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "bln": 1e9,
    "tn": 1e12,
    "tln": 1e12,
}


def digit_numerals(folded: str, plain: str) -> Iterator[Numeral]:
    """Yield the numerals in digits of a folded text.

    `plain` is the text in the letters as written: "3M" is three million, "3m" a length.
    """
    if not _DIGIT.search(folded):
        return
    for match in _NUMERAL.finditer(folded):
        if match["decimals"] and _HAN.search(folded):
            # In Chinese a comma lists: 15,16岁.
            for each in re.finditer(r"\d+", match["decimals"]):
                start = match.start("decimals") + each.start()
                yield Numeral(start, start + len(each[0]), float(each[0]), digits=True)
            continue
        scale, end = _scale(match, plain)
        value = _value(match)
        if value is None:
            continue
        value *= -scale if match["sign"] else scale
        if abs(value) < VALUE_MAX:
            yield Numeral(match.start(), end, value, digits=True)
    for match in _RANGE.finditer(folded):
        if float(match["least"]) < float(match["most"]):
            for name in ("least", "most"):
                yield Numeral(*match.span(name), float(match[name]), digits=True)
    for match in _LIST.finditer(folded):
        for each in re.finditer(r"\d+", match[0]):
            start = match.start() + each.start()
            yield Numeral(start, start + len(each[0]), float(each[0]), digits=True)


def _scale(match: re.Match[str], plain: str) -> tuple[float, int]:
    """Return the scale behind the digits and the place after it."""
    scale = (match["scale"] or "").strip()
    written = plain[match.start("scale") : match.end()].strip() if scale else ""
    lower = scale == "w" and written == "w" and _HAN.search(plain)
    other = scale in {"m", "mm", "w"} and written not in {"M", "MM"} and not lower
    if not scale or other or (scale == "w" and not lower):
        return 1.0, match.end() if match["scale"] is None else match.start("scale")
    return _SCALES[scale], match.end()


def _value(match: re.Match[str]) -> float | None:
    """Return the value without its sign and scale, None when it is no number after all."""
    if match["under"]:
        return (
            int(match["whole"] or 0) + int(match["over"]) / int(match["under"])
            if int(match["under"])
            else None
        )
    if match["parts"]:
        # The numerators of all one-character fractions have one digit: 11⁄2 was written 1½.
        parts = int(match["parts"])
        written = match["vulgar"]
        return int(written[:-1] or 0) + int(written[-1]) / parts if parts else None
    if match["dots"]:
        return float(match["dots"].replace(".", "").replace(",", "."))
    if match["decimals"]:
        return float(match["decimals"].replace(",", "."))
    if grouped := match["comma"] or match["blank"]:
        return float(re.sub(r"[,\s]", "", grouped))
    plain = match["plain"]
    if len(plain.partition(".")[0]) > DIGITS_MAX:
        return None
    if exponent := match["ten"] or match["tenth"]:
        return float(plain) * 10.0 ** int(exponent)
    return _power(float(plain), match["power"]) if match["power"] else float(plain)


def _power(base: float, exponent: str) -> float | None:
    sign = -1 if exponent.count("-") % 2 else 1
    size = sign * int(exponent.lstrip("+-"))
    if base == 0 or abs(base) > 10**4 or abs(size) > 60:
        return None
    return float(base**size)
