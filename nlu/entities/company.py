"""The customer's company, from an introduction or a legal form such as Ltd."""

from collections.abc import Iterator

from nlu.circumstances import Circumstances
from nlu.names import introductions
from nlu.understanding import Entity

SPECIFICITY = 35


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the company names in `text`."""
    del language, circumstances
    for found in introductions(text):
        if found.kind == "company" and found.end > found.start:
            yield Entity("company", found.start, found.end, text[found.start : found.end])
