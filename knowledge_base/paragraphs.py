"""Paragraphs of a length that people and the search can take in; a text of one line has none."""

import re
from collections.abc import Iterator
from typing import Final

from knowledge_base.passages import split_sentences

#: Longest paragraph, in characters; longer ones are cut at sentences, then words, then anywhere.
PARAGRAPH_MAX: Final = 4000

#: Characters that are divided into sentences at a time.
_STRETCH: Final = 50_000

_FENCE: Final = re.compile(r"^ {0,3}(?:```|~~~)")


def fit_paragraphs(body: str) -> str:
    """Return Markdown whose lines outside of code have at most PARAGRAPH_MAX characters."""
    if len(body) <= PARAGRAPH_MAX:
        return body
    lines: list[str] = []
    in_code = False
    for line in body.split("\n"):
        in_code ^= _FENCE.match(line) is not None
        if len(line) <= PARAGRAPH_MAX or (in_code and len(line) <= 10 * PARAGRAPH_MAX):
            lines.append(line)
        else:
            lines.append("\n\n".join(_cut(line)))
    return "\n".join(lines)


def _cut(line: str) -> list[str]:
    parts: list[str] = [""]
    for piece in _pieces(line):
        if parts[-1] and len(parts[-1]) + len(piece) > PARAGRAPH_MAX:
            parts.append("")
        parts[-1] += piece
    return [part.strip() for part in parts if part.strip()]


def _pieces(line: str) -> list[str]:
    """Return sentences with a blank after them, the long ones in words or characters."""
    pieces: list[str] = []
    for stretch in _stretches(line):
        for sentence in split_sentences(stretch):
            if len(sentence) <= PARAGRAPH_MAX:
                pieces.append(sentence if sentence[-1] in "。！？；" else f"{sentence} ")
                continue
            for word in re.findall(r"\S+\s*|\s+", sentence):
                pieces.extend(
                    word[at : at + PARAGRAPH_MAX] for at in range(0, len(word), PARAGRAPH_MAX)
                )
    return pieces


def _stretches(line: str) -> Iterator[str]:
    """Yield a line in parts: looking for the ends of sentences in megabytes at once is slow."""
    start = 0
    while start < len(line):
        end = start + _STRETCH
        if end < len(line) and (blank := line.rfind(" ", start + _STRETCH // 2, end)) > 0:
            end = blank + 1
        yield line[start:end]
        start = end
