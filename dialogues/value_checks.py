"""Checks of values that a flow states for a slot: constants, cases and comparisons."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from dialogues.bot import Bot
from dialogues.checking import CUSTOMER_FACTS, Found, channel_names
from dialogues.condition import Condition
from dialogues.flow import Flow
from dialogues.hints import hint, unknown
from dialogues.known_slots import known_slots
from dialogues.placeholders import PLACEHOLDER, is_slot
from dialogues.slot import Slot
from dialogues.step import Switch
from dialogues.stored_values import fits
from dialogues.walk import SETTINGS
from nlu.yaml_file import KeyPath

NUMBERS: Final = frozenset({"number", "quantity", "rating"})
_FACTS: Final = frozenset(f"customer.{fact}" for fact in CUSTOMER_FACTS)
_NOUNS: Final[Mapping[str, str]] = {
    "boolean": "true or false",
    "number": "a number",
    "quantity": "a number",
    "rating": "a number from 1 to 5",
    "date": "a date such as 2026-11-24",
    "time": 'a time such as "15:30"',
}


def value_fault(bot: Bot, slot: Slot, value: JsonValue) -> str | None:
    """Return why `slot` can never have `value`, None when it can."""
    if slot.type == "choice" and value not in slot.options:
        words = f"{value!r} is none of its options"
        if isinstance(value, bool) and {"yes", "no"} & set(slot.options):
            return f'{words}; quote "yes" and "no"'
        return words + hint(str(value), slot.options)
    if slot.type == "rating" and not (fits(slot, value) and value in range(1, 6)):
        return f"{value!r} is no {_NOUNS['rating'].removeprefix('a ')}"
    if value is None or not fits(slot, value):
        return f"{value!r} does not fit: the slot has {_NOUNS.get(slot.type, 'texts')}"
    lookup = bot.file.lookups.get(slot.entity or "")
    if lookup and value not in lookup:
        return f"{value!r} is none of the values of {slot.entity}{hint(str(value), lookup)}"
    return None


def filled_fault(bot: Bot, flow: Flow, slot: Slot, value: JsonValue) -> str | None:
    """Return why a value with placeholders of `flow` can never be one of `slot`."""
    if not isinstance(value, str) or not PLACEHOLDER.search(value):
        return None if value is None else value_fault(bot, slot, value)
    lone = PLACEHOLDER.fullmatch(value)
    if lone is not None and is_slot(lone[1]):
        given = flow.slots.get(lone[1])
        if given is None or _same_kind(given, slot):
            return None
        return f"a slot of type {slot.type} gets the value of {lone[1]}, of type {given.type}"
    if slot.type in _NOUNS or slot.type == "choice":
        return f"a text does not fit a slot of type {slot.type}"
    return None


def _same_kind(one: Slot, other: Slot) -> bool:
    kinds = [
        "number" if slot.type in NUMBERS else slot.type if slot.type in _NOUNS else "text"
        for slot in (one, other)
    ]
    return kinds[0] == kinds[1]


def condition_faults(bot: Bot, flow: Flow, condition: Condition, key: KeyPath) -> Iterator[Found]:
    """Yield everything wrong in a condition, each at its own key."""
    if condition.not_ is not None:
        yield from condition_faults(bot, flow, condition.not_, (*key, "not"))
    for name, parts in (("all", condition.all_), ("any", condition.any_)):
        for index, part in enumerate(parts or ()):
            yield from condition_faults(bot, flow, part, (*key, name, index))
    if condition.slot is not None:
        yield from _slot_test_faults(bot, flow, condition, key)
    for language in condition.language or ():
        if language not in bot.languages:
            yield (*key, "language"), f"{language!r} is not a language of the bot"
    for channel in condition.channel or ():
        if channel not in channel_names():
            yield (*key, "channel"), unknown("channel", channel, channel_names())
    for place in ("tier", "stage"):
        if any(not word.strip() for word in getattr(condition, place) or ()):
            yield (*key, place), "an empty word is no value"
    if condition.open is not None and condition.open not in bot.file.desks:
        yield (*key, "open"), unknown("desk", condition.open, bot.file.desks)


def _slot_test_faults(bot: Bot, flow: Flow, condition: Condition, key: KeyPath) -> Iterator[Found]:
    name = condition.slot or ""
    known = known_slots(flow)
    if name not in known and name not in _FACTS:
        yield (*key, "slot"), unknown("slot", name, {*known, *_FACTS})
        return
    slot = flow.slots.get(name)
    for test in ("greater", "less"):
        if getattr(condition, test) is None or (slot is None and name not in _FACTS):
            continue
        kind = slot.type if slot is not None else "text"
        if kind not in NUMBERS:
            yield (*key, test), f"{name} is of type {kind}, which is neither greater nor less"
    if slot is None:
        return
    if "is_" in condition.model_fields_set and (fault := value_fault(bot, slot, condition.is_)):
        yield (*key, "is"), fault
    for index, value in enumerate(condition.in_ or ()):
        if fault := value_fault(bot, slot, value):
            yield (*key, "in", index), fault


def switch_faults(bot: Bot, flow: Flow, step: Switch) -> Iterator[Found]:
    """Yield everything wrong in what a switch is about and in its cases."""
    name = step.switch
    known = {*known_slots(flow), *SETTINGS, *_FACTS}
    if name not in known:
        yield ("switch",), unknown("slot", name, known)
        return
    closed = closed_values(bot, flow, name)
    if closed is not None:
        for case in step.cases:
            if case not in closed:
                message = f"{name} is never {case!r}; it is one of {', '.join(closed)}"
                yield ("cases", case), message
    elif name == "channel":
        for case in step.cases:
            if case not in channel_names():
                yield ("cases", case), unknown("channel", case, channel_names())
    if closed is not None and not step.else_ and "else_" not in step.model_fields_set:
        missing = [value for value in closed if value not in step.cases]
        if missing:
            message = f"no case for {', '.join(missing)}; add it, or write `else: []` to go on"
            yield ("cases",), message


def closed_values(bot: Bot, flow: Flow, name: str) -> list[str] | None:
    """Return every value a switch on `name` can find, None when they are not known."""
    if name == "language":
        return list(bot.languages)
    slot = flow.slots.get(name)
    if slot is None or name in SETTINGS:
        return None
    match slot.type:
        case "choice":
            return list(slot.options)
        case "boolean":
            return ["yes", "no"]
        case "rating":
            return ["1", "2", "3", "4", "5"]
    return None
