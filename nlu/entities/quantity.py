"""How many or how much: a number of things or of a measure; no sum, duration or share."""

from collections.abc import Iterator

from nlu.amounts.numeral import whole
from nlu.circumstances import Circumstances
from nlu.counting import counts
from nlu.understanding import Entity

SPECIFICITY = 20


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the quantities in `text`.

    The unit of things is as written, in lower case and Simplified Chinese; a unit of measure is a
    short code (kg, m2, GB, °C), and that of an age is year, month, week or day.
    """
    del language, circumstances
    for count in counts(text):
        if count.counted == "other" or (count.value < 0 and count.counted != "measure"):
            continue
        yield Entity("quantity", count.start, count.end, whole(count.value), count.unit)
