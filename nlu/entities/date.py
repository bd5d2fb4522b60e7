"""Days without a time of day: 24 November, next week, before Friday, 明天, 最近三天."""

from collections.abc import Iterator

from nlu.circumstances import Circumstances
from nlu.times.expressions import times
from nlu.understanding import Entity

#: Above numbers and quantities; below people, who may be called April.
SPECIFICITY = 25


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the dates in `text`; the value is ISO 8601, both ends of a range included."""
    del language
    for each in times(text, circumstances):
        if each.kind == "date":
            yield Entity("date", each.start, each.end, each.value)
