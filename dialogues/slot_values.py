"""Slots: reads a value of each type out of what a customer wrote, in every language of a bot."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import JsonValue

from dialogues.bot import Bot
from dialogues.figures import find_numbers
from dialogues.flow import Flow
from dialogues.label_parts import by_part
from dialogues.lead_ins import COMPANY_LEAD, NAME_LEAD, before_email
from dialogues.moments import moment, names_moment, read_moment
from dialogues.picking import pick
from dialogues.slot import Slot
from dialogues.value_forms import FORMED, matching, reform
from dialogues.words import (
    NO,
    NOTHING,
    RATINGS,
    YES,
    BareCommand,
    bare_command,
    is_question,
    yes_or_no,
)
from nlu.amounts.units import NO_GOODS
from nlu.text import comparable, fold, normalise
from nlu.understanding import Entity, Understanding

#: Words beside a number in an answer that is "about" the number: "around 200 pieces please".
_BESIDE_MAX: Final = 4

#: Entities that fill a slot of a type, best first.
ENTITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email",),
    "phone": ("phone", "phone_number"),
    "quantity": ("quantity", "number"),
    "number": ("number", "quantity"),
    "name": ("name", "person", "person_name"),
    "company": ("company",),
    "date": ("date", "time"),
    "time": ("time",),
    "date_text": ("date", "date_text", "time"),
}

#: Entities that say a number, also with a currency or as a percentage.
_FIGURES: Final = frozenset({"number", "money", "percentage"})

_EMAIL: Final = re.compile(r"[^\s<>,;:，；：（）()\"']{1,64}@[A-Za-z0-9.-]{1,253}")
_RATING: Final = re.compile(
    r"(?P<figure>[1-5])(?: ?/ ?5| out of 5| ?stars?| ?points?| ?分| ?颗?星)?"
)
_BARE_CLOCK: Final = re.compile(r"(?:at )?([01]?\d|2[0-3])(?:[:.h]([0-5]\d))?")
_STARS: Final = re.compile("[★⭐🌟]")
_STAR_WORDS: Final = re.compile(
    r"(?P<n>one|two|three|four|five|[1-5一二两三四五])"
    r"(?: ?/ ?5| out of (?:5|five)| ?stars?\b| ?颗?星| ?分)"
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A valid value, and whether the text is clearly meant as the answer."""

    value: JsonValue
    strong: bool


@dataclass(frozen=True)
class Said:
    """What a customer wrote, with what was understood, as the parsers need it.

    What is read from the text again and again in one turn is read once.
    """

    text: str
    bot: Bot
    region: str  #: for phone numbers without a country code
    understanding: Understanding | None = None
    #: aware, in the customer's time zone: what "tomorrow" refers to
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def is_question(self) -> bool:
        """Whether it has the form of a question."""
        return is_question(self.text)

    @cached_property
    def bare(self) -> BareCommand | None:
        """The command that it is and nothing more."""
        return bare_command(self.text)

    def entities(self, names: Collection[str]) -> list[Entity]:
        """Return the entities called one of `names`, in the order of the text."""
        found = self.understanding.entities if self.understanding is not None else ()
        return [entity for entity in found if entity.name in names]


def parse(slot: Slot, said: Said) -> Parsed | None:
    """Return the value that `said` gives for `slot`, or None when there is no valid one."""
    parsed = _PARSERS[slot.type](slot, said)
    if parsed is None or slot.type not in FORMED or not isinstance(parsed.value, str):
        return parsed
    value = matching(slot, reform(slot, parsed.value))
    # What matches an expression of the slot's own is no accident.
    return None if value is None else Parsed(value, strong=parsed.strong or bool(slot.pattern))


def accept(slot: Slot, value: str, said: Said) -> JsonValue:
    """Return the value a pressed option stands for, or None when the slot has no such value."""
    match slot.type:
        case "choice":
            return value if value in slot.options else None
        case "boolean":
            return {"yes": True, "true": True, "no": False, "false": False}.get(value)
        case "entity" if value in said.bot.file.lookups.get(slot.entity or "", {}):
            return value
        case _:
            parsed = parse(slot, replace(said, text=value, understanding=None))
            return None if parsed is None else parsed.value


def extract(flow: Flow, said: Said, *, without: Collection[str]) -> dict[str, JsonValue]:
    """Return values for the flow's slots that the text clearly contains besides its main point.

    Args:
        flow: whose slots to fill.
        said: the customer's words.
        without: slots that are not to be filled.
    """
    found: dict[str, JsonValue] = {}
    used: set[tuple[str, Entity]] = set()
    for name in flow.asked_first:
        slot = flow.slots.get(name)
        if slot is None or name in without:
            continue
        if slot.type in {"choice", "rating", "email"}:
            value = _plainly_said(slot, said, taken=found.values())
        else:
            names = (slot.entity,) if slot.entity else ENTITIES.get(slot.type, ())
            value = _from_entities(slot, said, names, used)
        if value is not None:
            found[name] = value
    return found


def _plainly_said(slot: Slot, said: Said, *, taken: Iterable[JsonValue]) -> JsonValue:
    if slot.type == "email":
        value = _email(said)
        return None if value in taken else value
    folded = normalise(said.text).folded
    if slot.type == "rating":
        match = _STAR_WORDS.search(folded)
        numbers = find_numbers(match["n"]) if match else []
        return int(numbers[0]) if numbers else None
    words = f" {comparable(said.text)} "
    for value, texts in slot.options.items():
        for text in texts.values():
            label = comparable(text)
            if (label.isascii() and len(label) >= 4 and f" {label} " in words) or (
                not label.isascii() and len(label) >= 2 and label in words
            ):
                return value
    return None


def _from_entities(
    slot: Slot, said: Said, names: tuple[str | None, ...], used: set[tuple[str, Entity]]
) -> JsonValue:
    # "Tomorrow at three" is one entity, yet a day and a time.
    purpose = slot.type if slot.type in {"date", "time"} else ""
    for name in names:
        same = _FIGURES if slot.type == name == "number" else {name or ""}
        for entity in said.entities(same):
            if (purpose, entity) in used:
                continue
            value = _entity_value(slot, entity, said)
            if value is not None:
                used.add((purpose, entity))
                return value
    return None


def _entity_value(slot: Slot, entity: Entity, said: Said) -> JsonValue:
    if slot.type in {"number", "quantity"}:
        if slot.type == "quantity" and entity.unit in NO_GOODS:
            return None
        if isinstance(entity.value, str):
            numbers = find_numbers(entity.value)
            return _in_range(slot, numbers[0]) if numbers else None
        return _in_range(slot, entity.value)
    if slot.type in {"date", "time"}:
        return moment(slot, str(entity.value), said.now)
    if slot.type in {"date_text", "name", "company"}:
        return said.text[entity.start : entity.end].strip() or None
    if slot.type == "phone":  # an entity may be a number that cannot exist
        return phone_number(str(entity.value), said.region)
    if isinstance(entity.value, str):
        return matching(slot, reform(slot, entity.value))
    return entity.value


def _parse_text(slot: Slot, said: Said) -> Parsed | None:
    text = said.text.strip()[: slot.max_length]
    if len(text) < slot.min_length or not re.search(r"\w", text):
        return None
    return Parsed(text, strong=False)


def _parse_led(slot: Slot, said: Said, lead: re.Pattern[str]) -> Parsed | None:
    """Read a name or company: an entity, or all of a short text without its lead-in."""
    for entity in said.entities(ENTITIES[slot.type]):
        if value := said.text[entity.start : entity.end].strip():
            return Parsed(value[:200], strong=True)
    text = before_email(normalise(said.text).plain.strip())
    value = lead.sub("", text).strip(" .,!。，！").removesuffix("工作").strip()
    has_letters = re.search(r"[^\W\d_]", value) is not None
    words = comparable(value)
    if words in YES or words in NO or words in NOTHING:
        return None
    if not has_letters or "@" in value or len(value) > 80 or len(value) < slot.min_length:
        return None
    return Parsed(value, strong=value != text.strip(" .,!。，！"))


def _parse_email(_: Slot, said: Said) -> Parsed | None:
    value = _email(said)
    return None if value is None else Parsed(value, strong=True)


def _email(said: Said) -> str | None:
    entities = [str(e.value) for e in said.entities(ENTITIES["email"])]
    plain = normalise(said.text).plain
    candidates = entities or (_EMAIL.findall(plain) if "@" in plain else [])
    # The last one counts: "not anna@acme.com but anna@acme.org" gives the old one first.
    for candidate in reversed(candidates):
        try:
            valid = validate_email(candidate.strip(".。"), check_deliverability=False)
        except EmailNotValidError:
            continue
        return valid.normalized.lower()
    return None


def _parse_phone(_: Slot, said: Said) -> Parsed | None:
    for entity in said.entities(ENTITIES["phone"]):
        if value := phone_number(str(entity.value), said.region):
            return Parsed(value, strong=True)
    value = phone_number(normalise(said.text).plain, said.region)
    return None if value is None else Parsed(value, strong=True)


def phone_number(text: str, region: str) -> str | None:
    """Return the first valid phone number in `text` as E.164.

    Args:
        text: any text; only its first 200 code points are read.
        region: ISO 3166 country of numbers without a country code.
    """
    for match in phonenumbers.PhoneNumberMatcher(
        text[:200], region, leniency=phonenumbers.Leniency.POSSIBLE
    ):
        if phonenumbers.is_valid_number(match.number):
            return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    return None


def _parse_number(slot: Slot, said: Said) -> Parsed | None:
    names = {*ENTITIES[slot.type], *(_FIGURES if slot.type == "number" else ())}
    values: list[JsonValue] = [_entity_value(slot, e, said) for e in said.entities(names)]
    values += [_in_range(slot, n) for n in find_numbers(said.text)]
    value = next((v for v in values if v is not None), None)
    if value is None:
        return None
    beside = re.sub(r"[\d.,]+", " ", comparable(said.text)).split()
    han = sum(1 for c in said.text if c > "\u2fff")
    return Parsed(value, strong=len(beside) <= _BESIDE_MAX and han <= 2 * _BESIDE_MAX)


def _in_range(slot: Slot, number: float) -> JsonValue:
    least = slot.min if slot.min is not None else (1 if slot.type == "quantity" else None)
    if (least is not None and number < least) or (slot.max is not None and number > slot.max):
        return None
    if float(number).is_integer():
        return int(number) if abs(number) < 1e15 else None
    return None if slot.type == "quantity" else number


def _parse_rating(_: Slot, said: Said) -> Parsed | None:
    text = normalise(said.text).folded.strip(" .!。！")
    if stars := len(_STARS.findall(said.text)):
        return Parsed(stars, strong=True) if stars <= 5 else None
    if match := _RATING.fullmatch(text):
        return Parsed(int(match["figure"]), strong=True)
    if (match := _STAR_WORDS.search(text)) and (numbers := find_numbers(match["n"])):
        return Parsed(int(numbers[0]), strong=True)
    words = comparable(text)
    if (rating := RATINGS.get(words)) is not None:
        return Parsed(rating, strong=True)
    numbers = [n for n in find_numbers(words) if n.is_integer() and 1 <= n <= 5]
    if len(numbers) == 1 and len(words) <= 30 and len(find_numbers(words)) == 1:
        return Parsed(int(numbers[0]), strong=len(words.split()) <= _BESIDE_MAX)
    return None


def _parse_boolean(_: Slot, said: Said) -> Parsed | None:
    answer = yes_or_no(said.text)
    if answer is None and said.understanding is not None:
        answer = {"affirm": True, "deny": False}.get(said.understanding.intent or "")
    return None if answer is None else Parsed(answer, strong=True)


def _parse_choice(slot: Slot, said: Said) -> Parsed | None:
    labels = {
        comparable(text): value
        for value, texts in slot.options.items()
        for text in (value, *texts.values())
    }
    picked = pick(list(slot.options), labels, said.text)
    value = _plainly_said(slot, said, taken=()) if picked is None else picked
    if value is None and (part := by_part(labels, said.text)) is not None:
        return Parsed(part, strong=False)
    return None if value is None else Parsed(value, strong=True)


def _parse_entity(slot: Slot, said: Said) -> Parsed | None:
    if found := said.entities({slot.entity or ""}):
        return Parsed(found[0].value, strong=True)
    lookup = said.bot.file.lookups.get(slot.entity or "", {})
    labels = {
        comparable(name): value for value, names in lookup.items() for name in (value, *names)
    }
    named = pick([], labels, said.text) if labels else None
    return None if named is None else Parsed(named, strong=True)


def _parse_moment(slot: Slot, said: Said) -> Parsed | None:
    found = read_moment(slot, said.text, now=said.now, region=said.region)
    if found is None and slot.type == "time":
        # A bare figure is a time only where one is asked for.
        bare = _BARE_CLOCK.fullmatch(normalise(said.text).folded.strip(" .!。！"))
        if bare:
            clock = f"at {bare[1]}:{bare[2]}" if bare[2] else f"at {bare[1]}"
            found = read_moment(slot, clock, now=said.now, region=said.region)
    return None if found is None else Parsed(found[0], strong=found[1])


def _parse_date_text(slot: Slot, said: Said) -> Parsed | None:
    parsed = _parse_text(slot, said)
    if parsed is not None and said.entities(ENTITIES["date_text"]):
        return Parsed(parsed.value, strong=True)
    return parsed


_PARSERS: Final[dict[str, Callable[[Slot, Said], Parsed | None]]] = {
    "text": _parse_text,
    "name": lambda slot, said: _parse_led(slot, said, NAME_LEAD),
    "company": lambda slot, said: _parse_led(slot, said, COMPANY_LEAD),
    "email": _parse_email,
    "phone": _parse_phone,
    "number": _parse_number,
    "quantity": _parse_number,
    "rating": _parse_rating,
    "boolean": _parse_boolean,
    "choice": _parse_choice,
    "entity": _parse_entity,
    "date": _parse_moment,
    "time": _parse_moment,
    "date_text": _parse_date_text,
}


def matches(value: JsonValue, text: str) -> bool:
    """Tell whether `text` names `value`, e.g. the old value in "50, not 15"."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return float(value) in find_numbers(text)
    if names_moment(value if isinstance(value, str) else "", text):
        return True
    words, wanted = comparable(text), comparable(str(value))
    return bool(words) and (words in wanted or wanted in words or fold(str(value)) in fold(text))
