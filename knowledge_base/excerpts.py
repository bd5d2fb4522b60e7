"""Excerpts: the few sentences or the one list of a passage that answer what was asked.

Only whole sentences and whole lists are taken, in their order and without a gap: an excerpt never
says what the article does not say.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.aspects import aspect_of, tells
from knowledge_base.passages import BlockKind, Part, Passage, plain_text, split_sentences
from knowledge_base.terms import content, has_han, size, terms

#: Passages up to this many words (about 130 Chinese characters) are shown whole.
WHOLE_WORDS: Final = 80
#: Longest excerpt: units, and words unless one unit alone is longer.
UNITS_MAX: Final = 3
EXCERPT_WORDS: Final = 90
#: A neighbour belongs to the excerpt when it scores at least this share of the best unit.
_NEIGHBOUR_SHARE: Final = 0.5
#: What it adds, to a passage or a unit, that it has the kind of thing that was asked for. Nearly
#: any text tells some way or count.
_ASPECT_PASSAGE: Final = 0.25
_VAGUE_PASSAGE: Final = 0.08
_VAGUE: Final = frozenset({"way", "count", "reason"})
_ASPECT_UNIT: Final = 0.3
#: Least share of a row's label that names it, and most rows shown instead of the table.
_LABEL_MIN: Final = 0.3
_PARTS_MAX: Final = 3
#: "20-49", "100 and more", "100 台以上".
_RANGE: Final = re.compile(
    r"^\D{0,3}(\d{1,6})\s*(?:[-–~—至到]\s*(\d{1,6})|(?:\S{0,3}\s*)?(?:and|or) (?:more|above|over)"
    r"|\+|\s*\S{0,2}及?以上)"
)
_NUMBER: Final = re.compile(r"(?<![\w.])\d{1,6}(?![\w.])|(?<![a-zA-Z.\d])\d{1,6}(?=[^\W\da-zA-Z])")


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest part that can be shown: a sentence, a list, a table or code."""

    block: int  #: number of the passage's block it is in
    markdown: str
    lines: tuple[str, ...]  #: plain text; of a list its items, of a table its rows
    kind: BlockKind = "text"
    parts: tuple[Part, ...] = ()  #: rows of a table, items of a list without an order


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
            lines = lines or (block.markdown,)
            units.append(Unit(number, block.markdown, lines, block.kind, block.parts))
    return tuple(units)


@lru_cache(maxsize=8192)
def is_short(passage: Passage) -> bool:
    """Tell whether `passage` is shown whole."""
    return size(passage.plain) <= WHOLE_WORDS or len(units_of(passage)) <= 1


def excerpt(
    passage: Passage,
    asked: str,
    scores: Callable[[], NDArray[np.float32]],
    *,
    more: bool = False,
) -> str:
    """Return the part of `passage` that answers `asked` best, as Markdown.

    One row of a table or one item of a list is taken alone where it is named.

    Args:
        passage: what to shorten; a short one is returned whole.
        asked: the question.
        scores: returns for each unit of `units_of(passage)` how much it has to do with the
            question; asked for when the passage is long.
        more: only a detail is asked for: the sentence that has it is enough.
    """
    units = units_of(passage)
    named = [narrowed(unit, asked) for unit in units]
    if (only := _only(units, named)) is not None:
        return only
    boosts = _aspect_boosts(units, asked)
    if more and boosts.any() and not boosts.all():
        return _detail(units, boosts)
    if is_short(passage):
        return passage.markdown
    return shorten(passage, scores() + boosts)


def _detail(units: Sequence[Unit], boosts: NDArray[np.float32]) -> str:
    """Return the first units in a row that have the kind of thing that was asked for."""
    first = last = int(np.flatnonzero(boosts)[0])
    while last + 1 < len(units) and (boosts[last + 1] or _introduces(units[last])):
        last += 1
    while first > 0 and (_introduces(units[first - 1]) or units[first].kind != "text"):
        first -= 1
        if units[first].kind == "text" and not _introduces(units[first]):
            break
    return join(units[first : min(last, first + UNITS_MAX) + 1])


def shorten(passage: Passage, scores: NDArray[np.float32]) -> str:
    """Return the sentences and lists of `passage` that score best, as Markdown.

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


def passage_boosts(
    passages: Sequence[Passage], asked: str, *, own: str = ""
) -> NDArray[np.float32]:
    """Return what speaks for each passage besides its likeness to the question.

    Args:
        passages: those of one article.
        asked: the question, whose kind of answer a passage may hold.
        own: what a follow-up names, which a passage may name too.
    """
    aspect = aspect_of(asked)
    wanted = content(own)
    total = sum(wanted.values()) or 1.0
    boosts = np.zeros(len(passages), dtype=np.float32)
    for number, passage in enumerate(passages):
        if aspect is not None and any(
            tells(aspect, line) for unit in units_of(passage) for line in unit.lines
        ):
            boosts[number] += _VAGUE_PASSAGE if aspect in _VAGUE else _ASPECT_PASSAGE
        if wanted:
            there = _terms_of(passage)
            boosts[number] += sum(w for t, w in wanted.items() if t in there) / total
    return boosts


def narrowed(unit: Unit, asked: str) -> str | None:
    """Return the rows or items of `unit` that `asked` names, None when it names none or all."""
    if len(unit.parts) < 2:
        return None
    wanted = content(asked)
    named = [_named(part.label, wanted, asked, unit.kind) for part in unit.parts]
    best = max(named)
    chosen = [part for part, each in zip(unit.parts, named, strict=True) if each == best]
    if not best or len(chosen) == len(unit.parts) or len(chosen) > _PARTS_MAX:
        return None
    return "\n".join(part.markdown for part in chosen)


def _named(label: str, wanted: Mapping[str, float], asked: str, kind: str) -> float:
    """Return how much of a label's words the question has, 0 when it names the row too little."""
    if kind == "table" and (found := _RANGE.search(label)) is not None:
        low = int(found[1])
        high = int(found[2]) if found[2] else None
        numbers = [int(n) for n in _NUMBER.findall(asked)]
        fits = any(low <= n and (high is None or n <= high) for n in numbers)
        return 1.0 if fits else 0.0
    words = content(label)
    if not words:
        return 0.0
    there = sum(w for term, w in words.items() if term in wanted)
    # Of a list only what is named in full: its items are sentences that share many words.
    least = _LABEL_MIN if kind == "table" else 1.0
    return there if there >= least * sum(words.values()) else 0.0


def _only(units: Sequence[Unit], named: Sequence[str | None]) -> str | None:
    """Return the one named row or item with the sentence that leads to it."""
    at = [number for number, each in enumerate(named) if each is not None]
    if len(at) != 1:
        return None
    number = at[0]
    lead: list[Unit] = []
    for unit in reversed(units[:number]):
        if unit.kind != "text" or sum(size(line) for u in (unit, *lead) for line in u.lines) > 45:
            break
        lead.insert(0, unit)
    row = replace(units[number], markdown=named[number] or "")
    return join([*lead, row])


def _aspect_boosts(units: Sequence[Unit], asked: str) -> NDArray[np.float32]:
    aspect = aspect_of(asked)
    if aspect in _VAGUE:
        return np.zeros(len(units), dtype=np.float32)
    return np.array(
        [
            _ASPECT_UNIT
            if aspect is not None and any(tells(aspect, line) for line in unit.lines)
            else 0.0
            for unit in units
        ],
        dtype=np.float32,
    )


@lru_cache(maxsize=8192)
def _terms_of(passage: Passage) -> frozenset[str]:
    return frozenset(terms("\n".join((*passage.headings, passage.plain))))


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
