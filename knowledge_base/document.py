"""Documents a source is made of, and the articles that are read from one."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge_base.articles import AnswerKind, Audience

#: Largest document that is read, in bytes.
DOCUMENT_BYTES_MAX: Final = 50_000_000
#: Longest article, in characters of Markdown: a book of some 700 pages.
BODY_CHARS_MAX: Final = 2_000_000
#: Longest title or question, in characters; the same as in the bot's own articles.
LINE_CHARS_MAX: Final = 300
#: Most ways to ask for one article.
QUESTIONS_MAX: Final = 100
#: Most tags of one article, and the longest one in characters.
TAGS_MAX: Final = 50
TAG_CHARS_MAX: Final = 300
#: Longest address of an article, in characters.
URL_CHARS_MAX: Final = 2000

_SPACES: Final = re.compile(r"\s+")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: What turns the reading direction or is not seen at all; nothing in a text needs it.
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


class UnreadableError(Exception):
    """A document cannot be read; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of one file or page."""

    key: str  #: what its source calls it: a path below the source, or a URL
    kind: str  #: which module of `sources` reads it
    raw: bytes
    modified: date
    url: str | None = None  #: where people can read it
    charset: str | None = None  #: as the server declared it
    etag: str | None = None  #: as the server gave it, for the next time
    last_modified: str | None = None  #: as the server gave it


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A document the server says is as it was."""

    key: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something of a source that is not read, and why."""

    key: str
    why: str
    gone: bool = False  #: it is no more of the source; else what was read before is kept


@dataclass(frozen=True, slots=True)
class Extract:
    """One article as a document words it; what is None the document does not say."""

    title: str
    body: str  #: Markdown
    key: str = ""  #: which part of the document: "" is all of it, a table has one for each row
    where: str = ""  #: for people, e.g. "row 12"
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    id: str | None = None
    language: str | None = None  #: BCP-47
    language_hint: str | None = None  #: BCP-47, from where it is often wrong
    audience: Audience | None = None
    updated: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    url: str | None = None
    answer_kind: AnswerKind = "extract"


@dataclass(frozen=True, slots=True)
class Note:
    """Something of a document that was left out or read otherwise, and why."""

    message: str
    where: str = ""  #: inside the document, e.g. "row 12"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from a document."""

    extracts: tuple[Extract, ...] = ()
    notes: tuple[Note, ...] = ()
    links: tuple[str, ...] = ()  #: absolute URLs a page leads to
    canonical: str | None = None  #: the address a page says it has


def one_line(text: str) -> str:
    """Return `text` on one line without controls and invisible characters."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", _CONTROLS.sub(" ", text))).strip()


def clean(text: str) -> str:
    """Return `text` with plain line ends, without controls and invisible characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\n")
    return _INVISIBLE.sub("", _CONTROLS.sub("", text.replace("\u00a0", " ")))


def shorten(text: str, most: int = LINE_CHARS_MAX) -> str:
    """Return `text` on one line, cut at a word where it is longer than `most` characters."""
    line = one_line(text)
    if len(line) <= most:
        return line
    head = line[: most - 1]
    space = head.rfind(" ")
    return f"{head[:space] if space > most // 2 else head}…"
