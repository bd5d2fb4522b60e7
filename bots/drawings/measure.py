"""Measure: how wide a text will be in a font we do not have, and where to break it."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

#: Widths in em of a wide sans-serif face, so that narrower ones fit as well.
_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]{}`\"/\\ ")
_WIDE: Final = frozenset("mwMW@%—…ŒÆœæ")
_EM_NARROW: Final = 0.37
_EM_PLAIN: Final = 0.61
_EM_CAPITAL: Final = 0.72
_EM_WIDE: Final = 0.95
_EM_HAN: Final = 1.0
_EM_EMOJI: Final = 1.3

#: What may be broken: words with the space behind them; each wide character stands by itself.
_PIECE: Final = re.compile(r"\s+|[^\s\u1100-\uffff]+|[\u1100-\uffff]")
#: Punctuation that may not begin a line.
_CLINGING: Final = frozenset("，。、；：？！）】》」』”’,.;:?!)]%…")


@lru_cache(maxsize=4096)
def _em(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return 0.0
    if ord(character) >= 0x1F000:
        return _EM_EMOJI
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return _EM_HAN
    if character in _NARROW:
        return _EM_NARROW
    if character in _WIDE:
        return _EM_WIDE
    return _EM_CAPITAL if character.isupper() else _EM_PLAIN


def width(text: str, size: float) -> float:
    """Return the width of one line of `text` at a font size, in the size's unit."""
    return sum(_em(character) for character in text) * size


def shorten(text: str, size: float, most: float) -> str:
    """Return one line of `text` that is not wider than `most`, with … where it was cut."""
    line = " ".join(text.split())
    if width(line, size) <= most:
        return line
    while line and width(line + "…", size) > most:
        line = line[:-1]
    return line.rstrip() + "…"


def wrap(text: str, size: float, most: float, *, lines: int) -> list[str]:
    """Return `text` broken into at most so many lines, none wider than `most`."""
    broken: list[str] = []
    for paragraph in text.splitlines():
        broken += _wrap_line(" ".join(paragraph.split()), size, most)
    broken = [line for line in broken if line]
    if len(broken) <= lines:
        return broken
    return [*broken[: lines - 1], shorten(broken[lines - 1] + " …", size, most)]


def pack(items: Sequence[str], size: float, most: float, *, lines: int) -> list[str]:
    """Return short texts side by side on at most so many lines, none broken, the last with …."""
    packed: list[str] = []
    for item in items:
        short = shorten(item, size, most)
        wider = f"{packed[-1]}  {short}" if packed else short
        if packed and width(wider, size) <= most:
            packed[-1] = wider
        else:
            packed.append(short)
    if len(packed) <= lines:
        return packed
    return [*packed[: lines - 1], shorten(packed[lines - 1] + "  …", size, most)]


def _wrap_line(text: str, size: float, most: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _PIECE.findall(text):
        if not line or width((line + piece).rstrip(), size) <= most or piece in _CLINGING:
            line += piece
        else:
            lines.append(line.rstrip())
            line = piece.lstrip()
        while width(line.rstrip(), size) > most and len(line) > 1 and piece not in _CLINGING:
            cut = _fitting(line, size, most)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()]


def _fitting(line: str, size: float, most: float) -> int:
    """Return how many characters of a word that is too long fit, at least one."""
    total = 0.0
    for count, character in enumerate(line):
        total += _em(character) * size
        if total > most:
            return max(1, count)
    return len(line)
