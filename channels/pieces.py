"""Pieces: where a text is cut into messages that fit, in the unit the channel counts in.

Cuts are at paragraphs, lines, sentences or words; a web address and what a reader takes for one
character (a flag, a letter with its accents) stay whole unless they alone are too long.
"""

from typing import Final

import regex

from channels.contract import Capabilities

_URL: Final = regex.compile(r"https?://[^\s<>\"'，。；！？（）]+")
_GRAPHEME: Final = regex.compile(r"\X")
_SEAMS: Final = ("\n\n", "\n", "。", ". ", "！", "？", "! ", "? ", "；", "; ", "，", ", ", " ")


def size(text: str, unit: str) -> int:
    """Return the length of `text` in a unit of `Capabilities.text_unit`."""
    match unit:
        case "utf8_bytes":
            return len(text.encode())
        case "utf16_units":
            return len(text.encode("utf-16-le")) // 2
        case _:
            return len(text)


def piece_edges(text: str, capabilities: Capabilities) -> list[tuple[int, int]]:
    """Return where each piece begins and ends, in code points, without space at its ends."""
    edges: list[tuple[int, int]] = []
    start = _after_space(text, 0)
    while start < len(text):
        end = start + _fitting(text[start:], capabilities)
        if end < len(text):
            end = _seam(text, start, end)
        edges.append((start, start + len(text[start:end].rstrip())))
        start = _after_space(text, end)
    return edges


def _after_space(text: str, start: int) -> int:
    return len(text) - len(text[start:].lstrip())


def _fitting(text: str, capabilities: Capabilities) -> int:
    """Return how many code points of `text` fit into one message, at least one."""
    most, unit = capabilities.text_max, capabilities.text_unit
    # No unit counts a code point as less than one, so nothing behind this can fit.
    text = text[: most + 1]
    if size(text, unit) <= most:
        return len(text)
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle], unit) <= most else (low, middle - 1)
    return low


def _seam(text: str, start: int, end: int) -> int:
    """Return the best place at or before `end` to cut at, not in the first half."""
    half = start + (end - start) // 2
    for url in _URL.finditer(text, start):
        if url.start() >= end:
            break
        if url.end() > end and url.start() > start:
            return int(url.start())
    for seam in _SEAMS:
        at = text.rfind(seam, half, end)
        if at >= 0:
            return at + len(seam)
    return _between_graphemes(text, start, end)


def _between_graphemes(text: str, start: int, end: int) -> int:
    """Return the last end of a grapheme cluster at or before `end`, or `end` without one."""
    last = end
    # Clusters are short: looking from a little way back finds the same edges.
    for cluster in _GRAPHEME.finditer(text, max(start, end - 64), min(len(text), end + 64)):
        if cluster.end() == end:
            return end
        if cluster.end() > end:
            last = cluster.start()
            break
    return last if last > start else end
