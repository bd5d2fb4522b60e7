"""Sums of money; the unit is the currency (ISO 4217)."""

from collections.abc import Iterator

from nlu.amounts.numeral import whole
from nlu.amounts.reading import read_sums
from nlu.circumstances import Circumstances
from nlu.understanding import Entity

SPECIFICITY = 45


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the sums of money in `text`.

    Args:
        text: what to look in.
        language: of the text; "¥" is the yuan in Chinese.
        circumstances: with the region, which decides whose dollar "$" is.
    """
    for each in read_sums(text, language, circumstances):
        yield Entity("money", each.start, each.end, whole(each.value), each.currency)
