"""Simplified Chinese shown in Traditional characters, with the words of a region."""

import re
from functools import cache
from typing import Final, Literal

import opencc

#: Where Traditional characters are read: Taiwan, or Hong Kong and Macau.
Region = Literal["tw", "hk"]

_CONFIGURATIONS: Final[dict[Region, str]] = {"tw": "s2twp", "hk": "s2hk"}
#: What leads somewhere and must stay as it is written: targets of links, bare addresses, code.
_KEPT: Final = re.compile(r"(\]\([^)\n]*\)|https?://\S+|[\w.+-]+@[\w.-]+|`[^`\n]*`)")


def traditional(text: str, region: Region) -> str:
    """Return `text` with its Simplified characters as they are written in `region`."""
    if text.isascii():
        return text
    parts = _KEPT.split(text)
    return "".join(
        part if at % 2 else _converter(region).convert(part) for at, part in enumerate(parts)
    )


@cache
def _converter(region: Region) -> opencc.OpenCC:
    return opencc.OpenCC(_CONFIGURATIONS[region])
