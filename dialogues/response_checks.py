"""Checks of responses: languages, channels, placeholders and what can be pressed."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from dialogues.bot import Bot
from dialogues.checking import Found, channel_names, language_faults, placeholder_faults
from dialogues.flow import Flow, Response, Variant
from dialogues.hints import unknown
from dialogues.slot import Slot
from dialogues.step import Act, Say, Wait

_OPTION: Final = re.compile(r"human|bot|cancel|skip|none|kb:ask:.+")


def said(flow: Flow) -> Iterator[str]:
    """Yield the names of the responses that a flow says."""
    for _, step in flow.walked:
        match step:
            case Say():
                yield step.say
            case Act() if step.meanwhile:
                yield step.meanwhile
            case Wait() if step.remind:
                yield step.remind
    for slot in flow.slots.values():
        yield from (name for name in (slot.ask, slot.invalid, slot.why) if name)


def names(bot: Bot, flow: Flow) -> set[str]:
    """Return the names of the responses that `flow` may say."""
    return {*flow.responses, *bot.responses}


def offered(response: Response) -> set[str]:
    """Return the values of everything that can be pressed below a response."""
    return {v for texts in response.variants.values() for text in texts for v in text.options}


def response_faults(
    bot: Bot, response: Response, *, slots: Collection[str] | None
) -> Iterator[Found]:
    """Yield what is wrong in a response; slots None: its placeholders may be any slot."""
    for message in language_faults(bot, response.variants):
        yield (), message
    groups: dict[tuple[str, ...], set[frozenset[str]]] = {}
    for texts in response.variants.values():
        for variant in texts:
            groups.setdefault(variant.channel, set()).add(frozenset(variant.options))
    if any(len(values) > 1 for values in groups.values()):
        yield (), "the texts do not offer the same options"
    for language, texts in response.variants.items():
        yield from _channel_faults(language, texts)
        faults = (
            fault
            for variant in texts
            for text in variant.texts
            for fault in placeholder_faults(text, slots)
        )
        for message in dict.fromkeys(faults):
            yield (language,), message


def _channel_faults(language: str, texts: tuple[Variant, ...]) -> Iterator[Found]:
    if all(variant.channel for variant in texts):
        yield (language,), "every wording is for one channel; add one without `channel`"
    for channel in dict.fromkeys(c for variant in texts for c in variant.channel):
        if channel not in channel_names():
            yield (language,), unknown("channel", channel, channel_names())


def option_faults(bot: Bot, flow: Flow, name: str) -> Iterator[str]:
    """Yield what is wrong with the options of a response that a flow says."""
    response = bot.response(name, flow)
    if response is None:
        yield unknown("response", name, names(bot, flow))
        return
    choices = {value for slot in flow.slots.values() for value in slot.options}
    for value in sorted(offered(response)):
        target = value.removeprefix("flow:")
        if target != value:
            if target not in bot.flows:
                yield f"{name} offers {value!r}, but no flow is called {target!r}"
        elif not _OPTION.fullmatch(value) and value not in choices:
            yield f"{name} offers {value!r}; write flow:<id>, human, cancel or none"


def unfit_options(slot: Slot, ask: Response) -> list[str]:
    """Return the options of the response that asks for a slot which the slot cannot take."""
    fits: dict[str, Collection[str]] = {
        "choice": slot.options,
        "boolean": ("yes", "no", "true", "false"),
        "rating": ("1", "2", "3", "4", "5"),
    }
    allowed = fits.get(slot.type)
    if allowed is None:
        return []
    return sorted(v for v in offered(ask) if v not in allowed and not _OPTION.fullmatch(v))
