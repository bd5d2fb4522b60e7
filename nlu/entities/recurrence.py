"""What comes again and again: every Monday, daily at 9, 每天早上八点."""

from collections.abc import Iterator

from nlu.circumstances import Circumstances
from nlu.times.expressions import times
from nlu.understanding import Entity

#: Above numbers and quantities; below people, who may be called April.
SPECIFICITY = 25


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the recurrences in `text`; values are rules of RFC 5545: `FREQ=WEEKLY;BYDAY=MO`."""
    del language
    for each in times(text, circumstances):
        if each.kind == "recurrence":
            yield Entity("recurrence", each.start, each.end, each.value)
