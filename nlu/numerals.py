"""Numerals in texts and their values: digits, English number words, Chinese numerals."""

from collections.abc import Iterator
from functools import lru_cache

from nlu.amounts.digits import digit_numerals
from nlu.amounts.english import english_numerals
from nlu.amounts.han import han_numerals
from nlu.amounts.numeral import TEXT_MAX, VALUE_MAX, Numeral, whole

#: Numerals of one text; a flood of them is not worth more.
_NUMERALS_MAX = 100

__all__ = ["VALUE_MAX", "Numeral", "numerals", "ranks", "whole"]


def numerals(folded: str, plain: str | None = None) -> Iterator[Numeral]:
    """Yield the numerals of a folded text, in order; none overlaps another.

    Args:
        folded: what to look in.
        plain: the same in the letters as written, if known: "3M" is three million, "3m" is not.
    """
    yield from _read(folded[:TEXT_MAX], folded[:TEXT_MAX] if plain is None else plain[:TEXT_MAX])[
        0
    ]


def ranks(folded: str) -> tuple[Numeral, ...]:
    """Return the English ranks in words of a folded text: third, twenty-first."""
    return _read(folded[:TEXT_MAX], folded[:TEXT_MAX])[1]


@lru_cache(maxsize=256)
def _read(folded: str, plain: str) -> tuple[tuple[Numeral, ...], tuple[Numeral, ...]]:
    digits = list(digit_numerals(folded, plain))
    found, english_ranks = english_numerals(folded, digits)
    if not folded.isascii():
        found += han_numerals(folded, digits)
    kept: list[Numeral] = []
    for numeral in sorted([*found, *digits], key=lambda each: (each.start, -each.end)):
        if not kept or numeral.start >= kept[-1].end:
            kept.append(numeral)
    return tuple(kept[:_NUMERALS_MAX]), tuple(english_ranks)
