"""Numerals in texts and their values: digits, English number words, Chinese numerals."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from nlu.amounts.digits import digit_numerals
from nlu.amounts.english import english_numerals
from nlu.amounts.han import han_numerals
from nlu.amounts.numeral import FOUND_MAX, TEXT_MAX, VALUE_MAX, Numeral, whole

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
    digits = list(islice(digit_numerals(folded, plain), 2 * FOUND_MAX))
    found, english_ranks = english_numerals(folded, digits)
    if not folded.isascii():
        found += islice(han_numerals(folded, digits), FOUND_MAX)
    kept: list[Numeral] = []
    for numeral in sorted([*found, *digits], key=lambda each: (each.start, -each.end)):
        if not kept or numeral.start >= kept[-1].end:
            kept.append(numeral)
    return tuple(kept[:FOUND_MAX]), tuple(english_ranks)
