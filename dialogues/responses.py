"""Responses become messages: one wording chosen, values inserted so that they stay plain text."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote
from zlib import crc32

from pydantic import JsonValue

from channels.messages import TEXT_MAX, Card, Choices, Link, Option, OutboundContent, Text
from dialogues.bot import Bot, localised
from dialogues.flow import Flow, Response, Variant
from dialogues.placeholders import PLACEHOLDER, shown_date
from nlu.text import han_count

#: Longest value that is inserted into a text, in code points.
VALUE_MAX: Final = 500

#: Longest address a channel takes.
_ADDRESS_MAX: Final = 2000

#: A wording of a text alone.
PLAIN: Final = Variant(text="…")

_MARKUP: Final = re.compile(r"[\\`*\[\]]")
_LIST_START: Final = re.compile(r"^(\d*)([-.)])(?= )")
_SPACES: Final = re.compile(r"\s+")


def escape(value: str) -> str:
    """Return `value` so that the Markdown subset shows it as it is: one line, without markup."""
    line = _SPACES.sub(" ", value).strip(" •")
    if len(line) > VALUE_MAX:
        line = f"{line[: VALUE_MAX - 1]}…"
    line = _MARKUP.sub(lambda match: f"\\{match[0]}", line)
    # Clients turn bare addresses into links; a customer's must not become one in our words.
    line = line.replace("://", ":\\//")
    return _LIST_START.sub(r"\1\\\2", line)


def choose(
    response: Response, language: str, *, key: str, channel: str | None = None
) -> list[Variant]:
    """Return the wordings of `response` in `language`, the one for `key` first.

    The same key always gives the same order, so a turn that is repeated says the same. Where
    there are wordings for `channel`, only those are returned.
    """
    every = response.variants.get(language) or next(iter(response.variants.values()))
    fitting = [wording for wording in every if channel in wording.channel]
    wordings = fitting or [wording for wording in every if not wording.channel] or every
    first = crc32(key.encode()) % len(wordings)
    return [*wordings[first:], *wordings[:first]]


def insert(template: str, value_of: Callable[[str], str]) -> str:
    """Return `template` with its placeholders replaced by escaped values."""
    text = template
    if "{" in template:
        text = PLACEHOLDER.sub(lambda match: escape(value_of(match[1])), template)
    return text.strip()[:TEXT_MAX] or "…"


def shown(bot: Bot, flow: Flow | None, name: str, value: JsonValue, *, language: str) -> str:
    """Return a slot's value as a customer reads it: labels for choices, names for entities."""
    if value is None:
        return ""
    slot = flow.slots.get(name) if flow is not None else None
    if isinstance(value, bool):
        return label(bot, "label_yes" if value else "label_no", language)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if slot is not None and isinstance(value, str):
        if slot.type == "choice" and value in slot.options:
            return localised(slot.options[value], language)
        if slot.type == "date":
            return shown_date(value, language)
        if slot.type == "entity":
            return _entity_name(bot.file.lookups.get(slot.entity or "", {}), value, language)
    return str(value)


def _entity_name(lookup: Mapping[str, Sequence[str]], value: str, language: str) -> str:
    names = lookup.get(value, ())
    wants_han = language.startswith("zh")
    fitting = (name for name in names if bool(han_count(name)) is wants_han)
    return next(fitting, names[0] if names else value)


def label(bot: Bot, name: str, language: str) -> str:
    """Return the shared text `name`, for buttons and the like."""
    response = bot.responses.get(name)
    if response is None:
        return name
    return choose(response, language, key="")[0].text


def option(bot: Bot, value: str, name: str, language: str) -> Option:
    """Return an option that is labelled with the shared text `name`."""
    return Option(value=value, label=label(bot, name, language)[:200])


def menu(bot: Bot, language: str, *, most: int = 5) -> tuple[Option, ...]:
    """Return what the bot can do as options, and a person as the last of them."""
    goals = [
        Option(value=f"flow:{flow.id}", label=localised(flow.description, language)[:200])
        for flow in bot.goals()[:most]
    ]
    return (*goals, option(bot, "human", "label_human", language))


def line(value: str) -> str:
    """Return `value` for places that show no markup, such as titles: one line, no address."""
    return _SPACES.sub(" ", value).strip()[:VALUE_MAX].replace("://", ":/ /")


def message(
    text: str,
    options: Sequence[Option],
    wording: Variant = PLAIN,
    *,
    value_of: Callable[[str], str] = lambda name: "",
    raw_of: Callable[[str], str] = lambda name: "",
) -> OutboundContent:
    """Return what channels send.

    Args:
        text: with its values inserted.
        options: what can be pressed below it.
        wording: what `text` was made of.
        value_of: what a placeholder shows.
        raw_of: what a placeholder stands for, to be put into an address.
    """
    style = wording.style
    if style == "card":
        return _card(text, options, wording, value_of, raw_of)
    if not options:
        return Text(text=text)
    return Choices(
        text=text,
        options=tuple(options)[:13],
        style="buttons" if style == "buttons" else "quick_replies",
    )


def _card(
    text: str,
    options: Sequence[Option],
    wording: Variant,
    value_of: Callable[[str], str],
    raw_of: Callable[[str], str],
) -> Card:
    def shown_plain(template: str) -> str:
        filled = PLACEHOLDER.sub(lambda match: line(value_of(match[1])), template)
        return filled.strip()[:200] or "…"

    def address(template: str) -> str | None:
        url = PLACEHOLDER.sub(lambda match: quote(raw_of(match[1]), safe=""), template)
        return url if len(url) <= _ADDRESS_MAX else None

    link = None
    if wording.link is not None and (url := address(wording.link.url)) is not None:
        link = Link(label=shown_plain(wording.link.label), url=url)
    return Card(
        title=shown_plain(wording.title),
        text=text if wording.text else "",
        link=link,
        image_url=address(wording.image) if wording.image is not None else None,
        options=tuple(options)[:13],
    )


def offered(wording: Variant, options: Sequence[Option]) -> list[Option]:
    """Return what can be pressed below a wording."""
    own = wording.pressed
    if not own:
        return list(options)
    # Options of its own stand for the menu, or for those of the slot that is asked for.
    return [*own] + [
        item
        for item in options
        if item.value not in wording.options and not item.value.startswith(("flow:", "slot:"))
    ]
