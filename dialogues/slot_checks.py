"""Checks of slots: keys that fit the type, expressions that stay fast, texts that exist."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from dialogues.bot import Bot
from dialogues.checking import Found, language_faults, step_key
from dialogues.flow import Flow
from dialogues.hints import unknown
from dialogues.response_checks import names, unfit_options
from dialogues.slot import Slot
from dialogues.step import Choose
from nlu.patterns import PatternError, compile_pattern

#: Key -> types of slots that it says something about.
_FOR: Final[Mapping[str, frozenset[str]]] = {
    "pattern": frozenset({"text", "name", "company", "entity"}),
    "form": frozenset({"text", "name", "company", "entity", "date_text"}),
    "future": frozenset({"date"}),
    "min": frozenset({"number", "quantity"}),
    "max": frozenset({"number", "quantity"}),
    "min_length": frozenset({"text", "name", "company"}),
    "max_length": frozenset({"text", "name", "company", "date_text"}),
}
#: Fact -> types of slots that may take it over.
_FACTS: Final[Mapping[str, frozenset[str]]] = {
    "name": frozenset({"name", "text"}),
    "company": frozenset({"company", "text"}),
    "email": frozenset({"email"}),
    "phone": frozenset({"phone"}),
}


def slot_faults(bot: Bot, flow: Flow, entities: Collection[str] | None) -> Iterator[Found]:
    """Yield everything wrong with the slots of a flow, those of `choose` included."""
    for name, slot in flow.declared.items():
        for key, message in _slot_faults(bot, flow, name, slot, entities):
            yield ("slots", name, *key), message
    yield from _choose_faults(flow)


def _slot_faults(
    bot: Bot, flow: Flow, name: str, slot: Slot, entities: Collection[str] | None
) -> Iterator[Found]:
    yield from _key_faults(name, slot)
    yield from _ask_faults(bot, flow, name, slot)
    known = {*bot.file.patterns, *bot.file.lookups, *(entities or ())}
    if slot.entity and entities is not None and slot.entity not in known:
        yield ("entity",), unknown("entity", slot.entity, known)
    for value, label in slot.options.items():
        for message in language_faults(bot, label):
            yield ("options", value), message


def _key_faults(name: str, slot: Slot) -> Iterator[Found]:
    """Yield the keys that do not fit the slot's type or each other."""
    for key, types in _FOR.items():
        if key in slot.model_fields_set and slot.type not in types:
            yield (key,), f"says nothing about a slot of type {slot.type}"
    if slot.pattern is not None:
        try:
            compile_pattern(name, slot.pattern)
        except PatternError as error:
            yield ("pattern",), str(error)
    if slot.fact is not None and slot.type not in _FACTS[slot.fact]:
        yield ("fact",), f"a slot of type {slot.type} cannot be the customer's {slot.fact}"
    if slot.fresh is not None and slot.fact is None:
        yield ("fresh",), "says nothing about a slot without `fact`"


def _ask_faults(bot: Bot, flow: Flow, name: str, slot: Slot) -> Iterator[Found]:
    """Yield what is wrong with the responses of a slot."""
    for key, response in (("ask", slot.ask), ("invalid", slot.invalid), ("why", slot.why)):
        if response is not None and bot.response(response, flow) is None:
            yield (key,), unknown("response", response, names(bot, flow))
    if slot.ask is None and name in flow.collected:
        yield (), "needs `ask`, because a step collects it"
    if slot.ask is not None and (ask := bot.response(slot.ask, flow)) is not None:
        for value in unfit_options(slot, ask):
            yield ("ask",), f"{slot.ask} offers {value!r}, which does not fit the slot"


def _choose_faults(flow: Flow) -> Iterator[Found]:
    seen: dict[str, Choose] = {}
    for path, step in flow.walked:
        if not isinstance(step, Choose):
            continue
        key = (*step_key(path), "choose")
        if step.choose in flow.declared:
            message = f"{step.choose!r} is declared in `slots` too; a choose declares its slot"
            yield key, message
        first = seen.setdefault(step.choose, step)
        if (first.ask, first.options) != (step.ask, step.options):
            message = f"another step chooses {step.choose!r} among other options"
            yield key, message
