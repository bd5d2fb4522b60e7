"""The customer's own name, from an introduction."""

from collections.abc import Iterator

from nlu.circumstances import Circumstances
from nlu.names import introductions
from nlu.understanding import Entity

SPECIFICITY = 30


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the person names in `text`."""
    del language, circumstances
    for found in introductions(text):
        if found.kind == "person" and found.end > found.start:
            yield Entity("person", found.start, found.end, text[found.start : found.end])
