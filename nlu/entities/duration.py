"""Lengths of time: three days, an hour and a half, 两个小时."""

from collections.abc import Iterator

from nlu.circumstances import Circumstances
from nlu.times.expressions import times
from nlu.understanding import Entity

#: Above numbers and quantities; below people, who may be called April.
SPECIFICITY = 25


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the lengths in `text`; the value is ISO 8601, such as `P3D`."""
    del language
    for each in times(text, circumstances):
        if each.kind == "duration":
            yield Entity("duration", each.start, each.end, each.value)
