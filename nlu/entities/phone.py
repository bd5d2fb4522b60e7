"""Phone numbers; the value is E.164. Numbers without a country code need a region."""

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import Leniency, PhoneNumberFormat

from nlu.circumstances import Circumstances
from nlu.understanding import Entity

SPECIFICITY = 60
#: So many candidates are tried; a flood of digits must not cost seconds.
_TRIES_MAX = 10
#: Numbers stand in the first so many characters.
_TEXT_MAX = 1000
_DIGITS_MIN = 7
_CANDIDATE = re.compile(r"\d(?:[\s().+/-]{0,3}\d){6}")
_LETTER_OR_CODE = re.compile(r"[A-Za-z_#]-?$", re.ASCII)


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the phone numbers in `text` that can exist.

    Args:
        text: what to look in.
        language: not used.
        circumstances: with the region, for numbers without a country code.
    """
    del language
    region = circumstances.region
    head = text[:_TEXT_MAX]
    if not _CANDIDATE.search(head):
        return
    matcher = phonenumbers.PhoneNumberMatcher(
        head, region, leniency=Leniency.POSSIBLE, max_tries=_TRIES_MAX
    )
    for match in matcher:
        if not phonenumbers.is_valid_number(match.number):
            continue
        if _LETTER_OR_CODE.search(head[max(0, match.start - 2) : match.start]):
            continue  # the digits of a code such as AB-12345678
        value = phonenumbers.format_number(match.number, PhoneNumberFormat.E164)
        yield Entity("phone", match.start, match.end, value)
