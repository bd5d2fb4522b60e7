"""Numbers of any kind: counts, sums, durations; digits, English words, Chinese numerals."""

from collections.abc import Iterator

from nlu.amounts.numeral import whole
from nlu.circumstances import Circumstances
from nlu.counting import counts
from nlu.understanding import Entity

SPECIFICITY = 10


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the numbers in `text`."""
    del language, circumstances
    for count in counts(text):
        numeral = count.numeral
        yield Entity("number", numeral.start, numeral.end, whole(numeral.value))
