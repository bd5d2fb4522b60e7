"""Picking: which of the options that were shown a customer means by what they typed."""

from collections.abc import Mapping
from typing import Final

from rapidfuzz import fuzz, process

from dialogues.figures import ordinal
from nlu.text import comparable

#: Least similarity (rapidfuzz ratio, 0..100) at which a misspelt label or name is taken.
FUZZY_MIN: Final = 80


def pick(values: list[str], labels: Mapping[str, str], text: str) -> str | None:
    """Return the value among `values` that `text` names by label, number, ordinal or nearly so.

    Args:
        values: what may be picked, in the order shown.
        labels: comparable label -> value.
        text: what the customer typed.
    """
    words = comparable(text)
    if not words or len(words) > 100:
        return None
    if words in labels:
        return labels[words]
    position = ordinal(words)
    if position is not None and (position == -1 or 1 <= position <= len(values)):
        return values[position if position == -1 else position - 1]
    if len(words) < 4 and words.isascii():
        return None
    near = process.extractOne(words, list(labels), scorer=fuzz.ratio, score_cutoff=FUZZY_MIN)
    return labels[near[0]] if near else None
