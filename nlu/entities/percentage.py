"""Percentages; of prices also 折, whose value is the percentage that remains to be paid."""

from collections.abc import Iterator

from nlu.amounts.numeral import whole
from nlu.amounts.reading import read
from nlu.circumstances import Circumstances
from nlu.understanding import Entity

SPECIFICITY = 40


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the percentages in `text`: 20 with the unit "%"; 八折 is 80 with the unit "折"."""
    del language, circumstances
    for share in read(text).shares:
        yield Entity("percentage", share.start, share.end, whole(share.value), share.unit)
