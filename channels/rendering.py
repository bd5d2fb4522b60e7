"""Contents as the reader of a channel sees them: plain words, options numbered without buttons."""

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from channels.contract import Capabilities
from channels.messages import Card, Choices, Media, Option, OutboundContent, Text
from channels.pieces import piece_edges
from channels.styled import parse, words

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
    # What only opens a page cannot be chosen by typing, so that it has an address, not a number.
    pressed = tuple(option for option in shown if option.url is None)
    lines = [f"{number}. {option.label}" for number, option in enumerate(pressed, start=1)]
    lines += [f"{option.label}: {option.url}" for option in shown if option.url is not None]
    return Rendered(split("\n".join([text, *lines]), capabilities), pressed, numbered=True)


def _cut(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}{_ELLIPSIS}"


def split(text: str, capabilities: Capabilities) -> tuple[str, ...]:
    """Return `text` in pieces that fit, cut at paragraphs, lines, sentences or words."""
    return tuple(text[start:end] for start, end in piece_edges(text, capabilities))


def plain(text: str) -> str:
    """Return a text of the Markdown subset as it reads: no marks, links with their address."""
    parts: list[str] = []
    for url, run in groupby(parse(text), key=lambda each: each.url):
        said = words(tuple(run))
        parts.append(said if url is None or url == said else f"{said} ({url})")
    return "".join(parts).strip()
