"""Phone numbers; the value is E.164.

A number is one for three reasons: it is valid where the bot works (or in another country, when
its country code is written); its punctuation is that of a phone number, "(650) 253-0000"; or the
text says so, "my phone is ...". In the last two cases it may be a number that cannot exist there,
be it mistyped or of a country that is not said: then the value is its digits as written, no
country is guessed, and who needs a number to call finds it not valid and asks again.
"""

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from nlu.circumstances import Circumstances
from nlu.phone_signs import is_announced, is_labelled, masked
from nlu.text import fold, han_count
from nlu.understanding import Entity

SPECIFICITY = 60
#: So many candidates are tried; a flood of digits must not cost seconds.
_TRIES_MAX = 10
#: Numbers stand in the first so many characters.
_TEXT_MAX = 1000
_DIGITS_MIN = 7
#: ITU-T E.164; a trunk prefix, an access code and a Chinese extension may come on top.
_DIGITS_MAX = 19
_ENOUGH = re.compile(r"\d(?:[\s().+/-]{0,3}\d){6}")
_EXTENSION_FORM = r"\s?(?:x|ext\.?|extension|转|轉|分机|分機)\s?\d{1,6}"
_EXTENSION = re.compile(rf"{_EXTENSION_FORM}\Z", re.IGNORECASE)
_RUN = re.compile(
    rf"[+(]{{0,2}}\s?\d(?:[ \u00a0().\-/]{{0,3}}\d){{5,40}}(?:{_EXTENSION_FORM})?", re.IGNORECASE
)
#: Where one run of digits is two numbers.
_GAP = re.compile(r"\s{1,3}|/")
_DIGIT = re.compile(r"\d")
_STRONG = re.compile(r"(?:1[ .-]?)?(?:\(\d{3}\)[ .-]{0,2}|\d{3}[).-]|\d{3} )\d{3}[ .-]\d{4}")
_CARD = re.compile(r"\d{4}([ -])\d{4}\1\d{4}\1\d{2,4}|\d{4}([ -])\d{6}\2\d{5}")
_SOCIAL_SECURITY = re.compile(r"\d{3}-\d{2}-\d{4}")
_DECIMAL = re.compile(r"\d+\.\d+")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
#: Years from to, and counting in steps.
_SERIES = re.compile(r"(?:19|20)\d\d\s?[-/ ]\s?(?:19|20)\d\d|[1-9]\d(?:[ -]\d\d){3,}")
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6})?")
_BRACKETS = re.compile(r"\([^()]*\(|\)[^()]*\)")
#: Directly before a run: part of a code, a sum, a calculation or a longer number.
_JOINED_BEFORE = re.compile(r"(?:[A-Za-z0-9_#$€£¥₹*=%^&]|\d[.,:]|[)\d]\s?[+*/=-]|(?:^|\s)-)$")
#: A blank forgotten: "is(+45)".
_WORD_BEFORE = re.compile(r"[A-Za-z]{2}$", re.ASCII)
_CODE_BEFORE = re.compile(r"[A-Za-z0-9_]-$", re.ASCII)
_JOINED_AFTER = re.compile(
    r"[A-Za-z0-9_%*=@°€£¥]|[.:]\d|,\d{3}(?![\d-])|-[A-Za-z]\w*-\d|\s?(?:元|万|台|个|件|块|美元|usd|eur|rmb|cny)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s?(?:[,，、;；/]|and|or|和|或|及)?\s?")


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the phone numbers in `text`.

    Args:
        text: what to look in.
        language: "zh" adds China to where a number without a country code may be.
        circumstances: with the region, for numbers without a country code.
    """
    head = text[:_TEXT_MAX]
    if not _ENOUGH.search(head):
        return
    head = masked(head)
    regions = _regions(head, language, circumstances.region)
    before: int | None = None  # where the number before ended
    for count, match in enumerate(_RUN.finditer(head)):
        if count >= _TRIES_MAX:
            return
        for start, end in _parts(match, regions):
            follows = before is not None and _BETWEEN.fullmatch(head, before, start) is not None
            value = _value(head, start, end, regions, follows=follows)
            if value is not None:
                before = end
                yield Entity("phone", start, end, value)


def _regions(text: str, language: str, region: str | None) -> tuple[str, ...]:
    regions = dict.fromkeys([region] if region else [])
    if language.startswith("zh") or han_count(text[:200]):
        regions["CN"] = None
        # Traditional characters: Taiwan and Hong Kong.
        if fold(text) != text.lower():
            regions |= {"TW": None, "HK": None}
    return tuple(regions)


def _parts(match: re.Match[str], regions: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield the spans of the numbers in one run of digits, mostly one."""
    written = match[0]
    start = match.start()
    digits = len(_DIGIT.findall(written))
    if digits > 2 * _DIGITS_MIN and not _CARD.fullmatch(written):
        for gap in _GAP.finditer(written):
            left, right = written[: gap.start()], written[gap.end() :]
            if _valid(left, regions) and _valid(right, regions):
                yield start, start + gap.start()
                yield start + gap.end(), match.end()
                return
    # An opening bracket that is never closed, or the other way round, is not the number's.
    if written[0] == "(" and ")" not in written:
        start += 1
    while match.string[start].isspace():
        start += 1
    yield start, match.end()


def _value(
    text: str, start: int, end: int, regions: tuple[str, ...], *, follows: bool
) -> str | None:
    """Return the value of the run of digits at a place, None when it is no phone number."""
    written = _EXTENSION.sub("", text[start:end])
    if not _is_shaped(written) or _ends_badly(text, end):
        return None
    if not follows and (_begins_badly(text, start, end) or is_labelled(text, start)):
        return None
    digits = "".join(_DIGIT.findall(written))
    sure = follows or is_announced(text, start, end)
    if not sure and (_DAY.fullmatch(written) or _SERIES.fullmatch(written)):
        return None
    strong = _STRONG.fullmatch(written) is not None
    number = _valid(written, (*regions, "US") if strong else regions)
    if number is None and (sure or written.startswith("00")):
        number = _valid_abroad(written, digits)
    if number is None and (sure or strong) and "+" in written[:2]:
        number = _possible(written)
    if number is not None:
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return digits if sure or strong else None


def _is_shaped(written: str) -> bool:
    digits = len(_DIGIT.findall(written))
    return (
        _DIGITS_MIN <= digits <= _DIGITS_MAX
        and not _BRACKETS.search(written)
        and not any(shape.fullmatch(written) for shape in (_CARD, _SOCIAL_SECURITY, _DECIMAL, _IP))
    )


def _begins_badly(text: str, start: int, end: int) -> bool:
    """Tell whether the digits are the end of something longer."""
    lead = text[max(0, start - 4) : start]
    bare = text[start].isdigit()
    if not bare and _WORD_BEFORE.search(lead):
        return False
    code = bare and "(" not in text[start:end] and _CODE_BEFORE.search(lead) is not None
    return code or _JOINED_BEFORE.search(lead) is not None


def _ends_badly(text: str, end: int) -> bool:
    return _JOINED_AFTER.match(text, end) is not None


def _valid(written: str, regions: tuple[str, ...]) -> PhoneNumber | None:
    """Return the number if it exists in one of the regions, or where its country code says."""
    for region in regions or (None,):
        number = _parsed(written, region)
        if number is not None and phonenumbers.is_valid_number(number):
            return number
    return None


def _valid_abroad(written: str, digits: str) -> PhoneNumber | None:
    """Return the number when it begins with 00 and, or only with, a country code."""
    international = digits[2:] if digits.startswith("00") else digits
    if "+" in written[:2] or international.startswith("0") or len(international) < _DIGITS_MIN + 4:
        return None
    number = _parsed(f"+{international}", None)
    return number if number is not None and phonenumbers.is_valid_number(number) else None


def _possible(written: str) -> PhoneNumber | None:
    number = _parsed(written, None)
    return number if number is not None and phonenumbers.is_possible_number(number) else None


def _parsed(written: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(written, region)
    except NumberParseException:
        return None
