"""Contents as the reader of a channel sees them: plain words, options numbered without buttons."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from channels.contract import Capabilities
from channels.messages import Card, Choices, Media, Option, OutboundContent, Text

#: What a label ends with that was too long.
_ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One content as a channel shows it."""

    texts: tuple[str, ...]  #: more than one where the channel's messages are shorter
    options: tuple[Option, ...] = ()  #: with the labels that are shown
    numbered: bool = False  #: the options stand in the text, and their number is typed

    def number(self, value: str) -> str | None:
        """Return what a reader types to choose the option `value`, None where it is pressed."""
        if not self.numbered:
            return None
        values = [option.value for option in self.options]
        return str(values.index(value) + 1) if value in values else None

    def __str__(self) -> str:
        """Return everything that is seen; buttons stand in brackets."""
        lines = ["\n".join(self.texts)] if self.texts else []
        if self.options and not self.numbered:
            lines.append(" ".join(f"[{option.label}]" for option in self.options))
        return "\n".join(lines)


def render(content: OutboundContent, capabilities: Capabilities) -> Rendered:
    """Return `content` as an account with these `capabilities` shows it."""
    match content:
        case Text():
            return Rendered(split(plain(content.text), capabilities))
        case Media():
            caption = plain(content.caption) if content.caption else ""
            shown = content.mime in capabilities.media
            parts = (caption, f"({content.mime})" if shown else content.url)
            return Rendered(split("\n".join(part for part in parts if part), capabilities))
        case Choices():
            return _with_options(plain(content.text), content.options, capabilities)
        case Card():
            lines = [content.title, plain(content.text) if content.text else ""]
            if content.link is not None:
                lines.append(f"{content.link.label}: {content.link.url}")
            text = "\n".join(line for line in lines if line)
            return _with_options(text, content.options, capabilities)


def _with_options(text: str, options: tuple[Option, ...], capabilities: Capabilities) -> Rendered:
    """Return `text` with buttons, or with numbered lines where there are too few of them."""
    shown = tuple(
        option.model_copy(update={"label": _cut(plain(option.label), capabilities.label_max)})
        for option in options
    )
    if len(shown) <= capabilities.choices_max:
        return Rendered(split(text, capabilities), shown)
    lines = [f"{number}. {option.label}" for number, option in enumerate(shown, start=1)]
    return Rendered(split("\n".join([text, *lines]), capabilities), shown, numbered=True)


def _cut(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}{_ELLIPSIS}"


def split(text: str, capabilities: Capabilities) -> tuple[str, ...]:
    """Return `text` in pieces that fit, cut at paragraphs, lines, sentences or words."""
    pieces: list[str] = []
    rest = text.strip()
    while rest:
        end = _fitting(rest, capabilities)
        if end < len(rest):
            end = _seam(rest, end)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(pieces)


def _size(text: str, capabilities: Capabilities) -> int:
    match capabilities.text_unit:
        case "utf8_bytes":
            return len(text.encode())
        case "utf16_units":
            return len(text.encode("utf-16-le")) // 2
        case _:
            return len(text)


def _fitting(text: str, capabilities: Capabilities) -> int:
    """Return how many code points of `text` fit into one message, at least one."""
    if _size(text, capabilities) <= capabilities.text_max:
        return len(text)
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = _size(text[:middle], capabilities) <= capabilities.text_max
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _seam(text: str, end: int) -> int:
    """Return the best place at or before `end` to cut at, not in the first half."""
    for seam in ("\n\n", "\n", "。", ". ", "！", "？", " "):
        at = text.rfind(seam, end // 2, end)
        if at >= 0:
            return at + len(seam)
    return end


def plain(text: str) -> str:
    """Return a text of the Markdown subset as it reads: no marks, links with their address."""
    lines: list[str] = []
    lists: list[int | None] = []
    for token in _markdown().parse(text):
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                lines.append(f"{'  ' * (len(lists) - 1)}{_bullet(lists)} ")
            case "paragraph_open" if lines and not lists:
                lines.append("")
            case "inline":
                said = _inline(token.children or [])
                if lists and lines and lines[-1].endswith(" "):
                    lines[-1] += said
                else:
                    lines.append(said)
    return "\n".join(lines).strip()


def _bullet(lists: list[int | None]) -> str:
    number = lists[-1]
    if number is None:
        return "•"
    lists[-1] = number + 1
    return f"{number}."


def _inline(tokens: list[Token]) -> str:
    parts: list[str] = []
    address = ""
    start = 0
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "link_open":
                address, start = str(token.attrs.get("href", "")), len(parts)
            case "link_close" if "".join(parts[start:]) != address:
                parts.append(f" ({address})")
            case _:
                parts.append(token.content)
    return "".join(parts)


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("zero").enable(
        ["emphasis", "backticks", "link", "list", "escape", "newline"]
    )
