"""How many things: a number that is no sum, duration, date or share, with its unit if said."""

from collections.abc import Iterator

from nlu.circumstances import Circumstances
from nlu.counting import counts
from nlu.numerals import whole
from nlu.text import fold
from nlu.understanding import Entity

SPECIFICITY = 20


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the quantities in `text`; the unit is as written, in lower case."""
    del language, circumstances
    for count in counts(fold(text)):
        if count.counted == "other" or count.numeral.value < 0:
            continue
        start, end = count.numeral.start, count.end
        yield Entity("quantity", start, end, whole(count.numeral.value), count.unit)
