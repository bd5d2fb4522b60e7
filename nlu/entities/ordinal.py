"""Places in an order: third, 21st, 第三; the last is -1."""

from collections.abc import Iterator

from nlu.amounts.reading import read
from nlu.circumstances import Circumstances
from nlu.understanding import Entity

SPECIFICITY = 25


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the places in `text`.

    Counted from 1, or back from -1 for the last; with the unit "current" from what is being
    spoken of: 1 is the next one, -1 the previous one.
    """
    del language, circumstances
    for place in read(text).places:
        yield Entity("ordinal", place.start, place.end, place.value, place.unit)
