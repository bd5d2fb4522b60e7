"""Times of day, with or without a day: 3pm, tomorrow at nine, tonight, 明天下午三点."""

from collections.abc import Iterator

from nlu.circumstances import Circumstances
from nlu.times.expressions import times
from nlu.understanding import Entity

#: Above numbers and quantities; below people, who may be called April.
SPECIFICITY = 25


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the times in `text`; the value is ISO 8601, the end of a range excluded."""
    del language
    for each in times(text, circumstances):
        if each.kind == "time":
            yield Entity("time", each.start, each.end, each.value)
