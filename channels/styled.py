"""Styled texts: the Markdown subset as words and the styles they carry, for channels' own markup.

A text that is cut into several messages keeps its styles in each: markup is written for a piece
as a whole, so a bold run or a link never begins in one message and ends in another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from channels.contract import Capabilities
from channels.pieces import piece_edges

#: Token types of the parser that begin and end a style, and its name.
_STYLES: Final = {"strong": "bold", "em": "italic"}


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of one style."""

    text: str
    styles: frozenset[str] = frozenset()  #: of "bold", "italic", "code"
    url: str | None = None  #: where the words lead


Runs = tuple[Run, ...]


def parse(text: str) -> Runs:
    """Return a text of the Markdown subset as runs; their texts are what a reader sees."""
    writer = _Writer()
    for token in _markdown().parse(text):
        writer.take(token)
    return writer.done()


def words(runs: Runs) -> str:
    """Return what a reader sees."""
    return "".join(run.text for run in runs)


def cut(runs: Runs, capabilities: Capabilities) -> list[Runs]:
    """Return `runs` in pieces that fit into one message each, styles kept."""
    whole = words(runs)
    return [between(runs, start, end) for start, end in piece_edges(whole, capabilities)]


def between(runs: Runs, start: int, end: int) -> Runs:
    """Return the runs of the code points from `start` to before `end`."""
    found: list[Run] = []
    at = 0
    for run in runs:
        first, last = max(start - at, 0), min(end - at, len(run.text))
        if first < last:
            found.append(Run(run.text[first:last], run.styles, run.url))
        at += len(run.text)
    return tuple(found)


def markup(runs: Runs, write: Callable[[Run], str]) -> str:
    """Return the markup of all runs, each written by `write`."""
    return "".join(write(run) for run in runs)


class _Writer:
    """Collects the runs of parsed blocks."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._lists: list[int | None] = []
        self._after_bullet = False

    def take(self, token: Token) -> None:
        """Add one block token."""
        match token.type:
            case "bullet_list_open":
                self._lists.append(None)
            case "ordered_list_open":
                self._lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._break("\n")
                self._runs.append(Run(f"{'  ' * (len(self._lists) - 1)}{self._bullet()} "))
                self._after_bullet = True
            case "paragraph_open" if not self._after_bullet:
                self._break("\n" if self._lists else "\n\n")
            case "inline":
                self._after_bullet = False
                self._inline(token.children or [])

    def done(self) -> Runs:
        """Return everything, neighbours of one style joined, without space at the ends."""
        joined: list[Run] = []
        for run in self._runs:
            if joined and (joined[-1].styles, joined[-1].url) == (run.styles, run.url):
                joined[-1] = Run(joined[-1].text + run.text, run.styles, run.url)
            elif run.text:
                joined.append(run)
        return tuple(joined)

    def _break(self, gap: str) -> None:
        if self._runs:
            self._runs.append(Run(gap))

    def _bullet(self) -> str:
        number = self._lists[-1]
        if number is None:
            return "•"
        self._lists[-1] = number + 1
        return f"{number}."

    def _inline(self, tokens: Sequence[Token]) -> None:
        styles: list[str] = []
        url: str | None = None
        for token in tokens:
            name, _, place = token.type.rpartition("_")
            match place:
                case "open" if name in _STYLES:
                    styles.append(_STYLES[name])
                case "close" if name in _STYLES:
                    styles.remove(_STYLES[name])
                case "open" if name == "link":
                    url = str(token.attrs.get("href", ""))
                case "close" if name == "link":
                    url = None
                case "inline" if name == "code":
                    self._runs.append(Run(token.content, frozenset({*styles, "code"}), url))
                case _:
                    is_break = token.type in {"softbreak", "hardbreak"}
                    text = "\n" if is_break else token.content
                    self._runs.append(Run(text, frozenset(styles), url))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("zero").enable(
        ["emphasis", "backticks", "link", "list", "escape", "newline"]
    )
