"""Telegram's HTML: what it refuses, and what a reader sees of it."""

from html.parser import HTMLParser
from typing import Any, Final

_TAGS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "s": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}


class MarkupError(ValueError):
    """The markup is refused; the message is what Telegram says."""


def units(text: str) -> int:
    """Return the length of a text as Telegram counts it: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def read_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text and the entities of Telegram's HTML.

    Raises:
        MarkupError: a tag is unknown, or does not close.
    """
    reader = _Reader()
    reader.feed(source)
    reader.close()
    if reader.open:
        tag = reader.open[-1][0]
        message = f"can't parse entities: Can't find end tag corresponding to start tag {tag}"
        raise MarkupError(message)
    return reader.text, reader.entities


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.entities: list[dict[str, Any]] = []
        self.open: list[tuple[str, int, dict[str, Any]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            message = f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset 0'
            raise MarkupError(message)
        entity: dict[str, Any] = {"type": _TAGS[tag]}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self.open.append((tag, units(self.text), entity))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            message = f'can\'t parse entities: Unexpected end tag at byte offset 0 "{tag}"'
            raise MarkupError(message)
        _, start, entity = self.open.pop()
        length = units(self.text) - start
        if length:
            self.entities.append({"offset": start, "length": length, **entity})

    def handle_data(self, data: str) -> None:
        self.text += data
