"""Excerpts: the few sentences or the one list of a passage that answer what was asked.

Only whole sentences and whole lists are taken, in their order and without a gap: an excerpt never
says what the article does not say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Passage, plain_text, split_sentences
from knowledge_base.terms import has_han, size

#: Passages up to this many words (about 130 Chinese characters) are shown whole.
WHOLE_WORDS: Final = 80
#: Longest excerpt: units, and words unless one unit alone is longer.
UNITS_MAX: Final = 3
EXCERPT_WORDS: Final = 90
#: A neighbour belongs to the excerpt when it scores at least this share of the best unit.
_NEIGHBOUR_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest part that can be shown: a sentence, a list, a table or code."""

    block: int  #: number of the passage's block it is in
    markdown: str
    lines: tuple[str, ...]  #: plain text; of a list its items, of a table its rows


@lru_cache(maxsize=8192)
def units_of(passage: Passage) -> tuple[Unit, ...]:
    """Return the units of `passage` in reading order; each has at least one line."""
    units: list[Unit] = []
    for number, block in enumerate(passage.blocks):
        if block.kind == "text":
            sentences = split_sentences(block.markdown)
            units += [Unit(number, text, (plain_text(text) or text,)) for text in sentences]
        else:
            lines = tuple(line for line in block.plain.split("\n") if line.strip())
            units.append(Unit(number, block.markdown, lines or (block.markdown,)))
    return tuple(units)


@lru_cache(maxsize=8192)
def is_short(passage: Passage) -> bool:
    """Tell whether `passage` is shown whole."""
    return size(passage.plain) <= WHOLE_WORDS or len(units_of(passage)) <= 1


def shorten(passage: Passage, scores: NDArray[np.float32]) -> str:
    """Return the part of `passage` that answers best, as Markdown.

    Args:
        passage: what to shorten; a short one is returned whole.
        scores: for each unit of `units_of(passage)` how much it has to do with the question.
    """
    if is_short(passage):
        return passage.markdown
    units = units_of(passage)
    first, last = _window(units, scores)
    # What ends with a colon is nothing without what follows, and a list little without its lead.
    while last + 1 < len(units) and _introduces(units[last]):
        last += 1
    while first > 0 and _introduces(units[first - 1]):
        first -= 1
    return join(units[first : last + 1])


def join(units: Sequence[Unit]) -> str:
    """Return neighbouring units as Markdown, sentences of one paragraph on one line."""
    text = ""
    block = -1
    for unit in units:
        if not text:
            joint = ""
        elif unit.block != block:
            joint = "\n\n"
        else:
            joint = "" if has_han(text[-2:]) else " "
        text += joint + unit.markdown
        block = unit.block
    return text


def _window(units: Sequence[Unit], scores: NDArray[np.float32]) -> tuple[int, int]:
    best = int(np.argmax(scores))
    first = last = best
    words = sum(map(size, units[best].lines))
    floor = float(scores[best]) * _NEIGHBOUR_SHARE
    while last - first + 1 < UNITS_MAX:
        sides = [n for n in (first - 1, last + 1) if 0 <= n < len(units) and scores[n] >= floor]
        if not sides:
            break
        # On a tie the later one: an answer goes on after its first sentence.
        chosen = max(sides, key=lambda n: (float(scores[n]), n))
        words += sum(map(size, units[chosen].lines))
        if words > EXCERPT_WORDS:
            break
        first, last = min(first, chosen), max(last, chosen)
    return first, last


def _introduces(unit: Unit) -> bool:
    return unit.lines[-1].endswith((":", "："))
