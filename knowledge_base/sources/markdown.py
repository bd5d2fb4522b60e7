"""Markdown files, with or without front matter."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from knowledge_base.articles import Audience
from knowledge_base.decoding import decode
from knowledge_base.document import Document, Extract, Note, Reading, UnreadableError, one_line
from knowledge_base.passages import plain_text
from nlu.yaml_file import FaultyFileError, YamlFile

SUFFIXES: Final = (".md", ".markdown", ".mdx")
MEDIA_TYPES: Final = ("text/markdown", "text/x-markdown")

_HEADING: Final = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", re.M)
_UNDERLINED: Final = re.compile(r"^(?=\S)(?![-*+>#|`~])(.+)\n(=+|-{2,})[ \t]*$", re.M)
_FENCE: Final = re.compile(r"^( {0,3})(`{3,}|~{3,}).*?^\1\2[ \t]*$", re.M | re.S)
_COMMENT: Final = re.compile(r"<!--.*?-->", re.S)
#: Keys of other tools' front matter that say nothing an article needs, left out without a word.
_SILENT: Final = frozenset(
    """
    layout template draft weight menu author authors sidebar sidebar_label
    sidebar_position nav_order parent slug permalink image cover description
    keywords hide_title toc
    """.split()  # noqa: SIM905 - a list of quoted words does not read
)
_TITLES: Final = ("title", "question", "标题", "標題", "问题")
_QUESTIONS: Final = ("questions", "similar", "aliases", "问法", "相似问法", "相似问题")
_DATES: Final = ("updated", "modified", "lastmod", "last_modified", "date")
_AUDIENCES: Final = {"public": "public", "staff": "staff", "internal": "staff", "private": "staff"}


def read(document: Document) -> Reading:
    """Return the file as one article.

    The title is the front matter's, else the first heading, else the file's name.

    Raises:
        UnreadableError: no text, an unfinished front matter, or nothing below it.
    """
    text = decode(document.raw)
    matter, body, notes = _front_matter(text)
    body = _COMMENT.sub("", body).strip()
    title = next((_line(matter[key]) for key in _TITLES if _line(matter.get(key))), "")
    if not title:
        title, body = first_heading(body)
    if not body.strip():
        message = "has no text"
        raise UnreadableError(message)
    extract = Extract(
        title=title or name_as_title(document.key),
        body=body,
        questions=tuple(_lines(_first(matter, _QUESTIONS))),
        tags=tuple(_lines(_first(matter, ("tags", "categories", "标签", "分类")))),
        id=_line(matter.get("id")) or None,
        language=_line(_first(matter, ("language", "lang", "locale", "语言"))) or None,
        audience=_audience(matter.get("audience"), notes),
        updated=_day(_first(matter, _DATES), "updated", notes),
        valid_from=_day(_first(matter, ("valid_from", "生效")), "valid_from", notes),
        valid_to=_day(_first(matter, ("valid_to", "expires", "失效")), "valid_to", notes),
        url=_line(matter.get("url")) or None,
    )
    return Reading((extract,), tuple(notes))


def first_heading(body: str) -> tuple[str, str]:
    """Return the heading a Markdown text begins with, and the text without it.

    A text that begins otherwise keeps its headings; its first one is the title all the same.
    """
    plain = _FENCE.sub(lambda found: " " * len(found[0]), body)
    atx, underlined = _HEADING.search(plain), _UNDERLINED.search(plain)
    found = min(filter(None, (atx, underlined)), key=lambda each: each.start(), default=None)
    if found is None:
        return "", body
    title = one_line(plain_text(found[2] if found is atx else found[1]))
    if plain[: found.start()].strip():
        return title, body
    return title, body[found.end() :].lstrip("\n")


def name_as_title(key: str) -> str:
    """Return the name of a file or page in words: "guides/first_use.md" is "first use"."""
    name = PurePosixPath(key.rstrip("/"))
    return one_line(re.sub(r"[_+-]+", " ", name.stem or name.name)) or one_line(key)


def _front_matter(text: str) -> tuple[dict[str, Any], str, list[Note]]:
    """Return keys in lower case, the text below, and what of it was not understood."""
    lines = text.lstrip("\n").split("\n")
    if lines[0].rstrip() != "---":
        return {}, text, []
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in {"---", "..."}), None)
    if end is None:
        # A rule at the top of a text is no front matter.
        return {}, text, []
    try:
        data = YamlFile.parse("\n".join(lines[1:end]), path=Path("file"), first_line=2).data
    except FaultyFileError as error:
        fault = error.faults[0]
        message = f"front matter, line {fault.line}: {fault.key} {fault.message}"
        raise UnreadableError(message) from error
    body = "\n".join(lines[end + 1 :])
    if data is None:
        return {}, body, []
    if not isinstance(data, dict):
        # Two rules around a paragraph.
        return {}, text, []
    matter = {str(key).strip().lower(): value for key, value in data.items()}
    return matter, body, _unknown(matter)


def _unknown(matter: Iterable[str]) -> list[Note]:
    known = {
        *_TITLES, *_QUESTIONS, *_DATES, *_SILENT, "id", "language", "lang", "locale", "语言",
        "tags", "categories", "标签", "分类", "audience", "url", "valid_from", "生效", "valid_to",
        "expires", "失效", "review_by", "owner",
    }  # fmt: skip
    return [
        Note(f"unknown key {one_line(key)[:60]!r} left out", "front matter")
        for key in matter
        if key not in known
    ]


def _first(matter: dict[str, Any], keys: Iterable[str]) -> object:
    return next((matter[key] for key in keys if matter.get(key) is not None), None)


def _line(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else one_line(str(value))


def _lines(value: object) -> list[str]:
    if isinstance(value, str):
        value = re.split(r"[\n|,，;；]", value)
    items = value if isinstance(value, list) else []
    return [line for item in items if (line := _line(item))]


def _audience(value: object, notes: list[Note]) -> Audience | None:
    if value is None:
        return None
    found = _AUDIENCES.get(_line(value).lower())
    if found is None:
        # Nothing is shown to customers that may have been meant for staff.
        message = f"audience {_line(value)[:60]!r} is neither public nor staff: taken as staff"
        notes.append(Note(message, "front matter"))
    return "public" if found == "public" else "staff"


def _day(value: object, key: str, notes: list[Note]) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(_line(value)[:10])
    except ValueError:
        notes.append(
            Note(f"{key} {_line(value)[:60]!r} is no date like 2026-05-31", "front matter")
        )
        return None
