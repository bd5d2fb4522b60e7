"""Pressing: decides on what was pressed, shared, or typed to name an option that was offered."""

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

from channels.messages import Contact
from dialogues.bot import REPAIR_PREFIX
from dialogues.commands import (
    Acknowledge,
    AnswerQuestion,
    CancelFlow,
    CannotHandle,
    Command,
    Confirm,
    ConfirmFact,
    Correction,
    CorrectSlots,
    DeclinePerson,
    FillSlot,
    LearnFact,
    RateAnswer,
    RequestHuman,
    SkipQuestion,
    StartFlow,
)
from dialogues.picking import pick
from dialogues.situation import Situation, open_question
from dialogues.slot_values import accept, phone_number
from dialogues.words import NONE_OF_THESE, says_helpful, yes_or_no
from nlu.text import comparable, tokens

#: Words of a typed label that tell no option from another.
_EMPTY: Final = frozenset(
    {
        *("the", "a", "an", "i", "want", "to", "my", "it", "is", "that", "one", "please"),
        *("this", "for", "of", "option", "and", "me", "get", *"我要想的那个这一选"),
    }
)
#: Least similarity (rapidfuzz, 0..100) of a part of a label that is typed with an error.
_PART_MIN: Final = 85
#: What may be pressed instead of typing a command.
_COMMANDS: Final[dict[str, Command]] = {
    "cancel": CancelFlow(),
    "skip": SkipQuestion(),
    "none": CannotHandle(),
    "bot": Acknowledge("bot"),
}


def pressed(situation: Situation, value: str) -> list[Command]:
    """Decide on an exact value; hostile clients may send any, so each is checked."""
    kind, _, rest = value.partition(":")
    match kind:
        case "slot":
            name, _, chosen = rest.partition(":")
            return _pressed_slot(situation, name, chosen)
        case "flow" if rest in situation.bot.flows and not rest.startswith(REPAIR_PREFIX):
            return [StartFlow(rest)]
        case "kb":
            return _pressed_answer(situation, rest)
        case "human" | "cancel" | "skip" | "none" | "bot":
            return [human(situation, pressed=True) if kind == "human" else _COMMANDS[kind]]
        case "confirm" | "fact" if rest in {"yes", "no"}:
            return _pressed_yes_or_no(situation, kind, yes=rest == "yes")
    question = open_question(situation)
    return _pressed_slot(situation, question.name if question is not None else "", value)


def _pressed_yes_or_no(situation: Situation, kind: str, *, yes: bool) -> list[Command]:
    question = open_question(situation)
    if kind == "confirm" and situation.state.pending is not None:
        return [Confirm(yes)]
    if kind == "fact" and question is not None and question.unsure:
        return [ConfirmFact(question.name, yes)]
    return [Acknowledge("stale_choice")]


def _pressed_answer(situation: Situation, value: str) -> list[Command]:
    """Decide on a near question or a rating of an answer that was shown."""
    verb, _, subject = value.partition(":")
    if verb == "ask" and subject:
        return [_asked(situation, subject)]
    if verb in {"helpful", "not_helpful"} and subject in situation.state.cited:
        return [RateAnswer(subject, helpful=verb == "helpful")]
    return [Acknowledge("stale_choice")]


def _pressed_slot(situation: Situation, name: str, value: str) -> list[Command]:
    frame = situation.state.frame
    slot = situation.bot.flows[frame.flow].slots.get(name) if frame is not None else None
    accepted = accept(slot, value, situation.said(value)) if slot is not None else None
    if frame is None or accepted is None:
        return [Acknowledge("stale_choice")]
    if frame.asked == name:
        return [FillSlot(name, accepted, asked=True)]
    if name not in frame.slots:
        return [FillSlot(name, accepted)]
    return [CorrectSlots((Correction(frame.flow, name, accepted),))]


def _asked(situation: Situation, question: str) -> Command:
    result = situation.search(question)
    if result.answer is not None:
        return AnswerQuestion(question, result)
    return CannotHandle(question, result)


def human(situation: Situation, *, pressed: bool = False) -> Command:
    """Return the flow that hands over, when the bot has one and it is not open already."""
    flow = situation.bot.triggers.get("ask_human")
    open_flows = {frame.flow for frame in situation.state.frames}
    if flow is not None and flow not in open_flows and not pressed:
        return StartFlow(flow)
    return RequestHuman()


def shared_phone(situation: Situation, card: Contact) -> list[Command]:
    """Decide on a contact card."""
    phone = phone_number(card.phone, situation.region)
    if phone is None:
        return [Acknowledge("unsupported")]
    commands: list[Command] = [LearnFact("phone", phone, verified=card.verified)]
    frame = situation.state.frame
    slots = situation.bot.flows[frame.flow].slots if frame is not None else {}
    wanted = [n for n, s in slots.items() if s.type == "phone" and frame is not None]
    unfilled = [n for n in wanted if frame is not None and n not in frame.slots]
    asked = frame.asked if frame is not None else None
    return commands + [FillSlot(n, phone, asked=n == asked) for n in unfilled[:1]] or commands


def typed_option(situation: Situation, text: str) -> list[Command]:
    """Read "1", "第一个", a label or a part of one as a press on what the last reply offered."""
    options = situation.state.options
    if not options:
        return []
    intent = situation.understanding.intent if situation.understanding is not None else None
    means = situation.state.yes_means
    if means:
        answer = yes_or_no(text)
        if answer or intent == "affirm":
            return pressed(situation, means)
        if means == "human" and (answer is False or intent == "deny"):
            return [DeclinePerson()]
    values = [option.value for option in options]
    if rated := _typed_rating(situation, values, text):
        return rated
    if "none" in values and comparable(text) in NONE_OF_THESE:
        return pressed(situation, "none")
    labels = {comparable(option.label): option.value for option in options}
    value = pick(values, labels, text)
    if value is None and "none" in values:
        value = _by_part(labels, text)
    return [] if value is None else pressed(situation, value)


def _typed_rating(situation: Situation, values: Sequence[str], text: str) -> list[Command]:
    """Read "that did not help" as a press below the answer it is said of."""
    helpful = says_helpful(text)
    if helpful is None and situation.state.frame is None and yes_or_no(text) is False:
        helpful = False
    wanted = "kb:helpful:" if helpful else "kb:not_helpful:"
    rated = [value for value in values if value.startswith(wanted)]
    return pressed(situation, rated[-1]) if helpful is not None and rated else []


def _by_part(labels: dict[str, str], text: str) -> str | None:
    """Return the one option whose label has every word of `text` that matters, or nearly."""
    words = comparable(text)
    wanted = [word for word in tokens(words) if word not in _EMPTY]
    if not wanted or len(words) > 60:
        return None
    found = [value for label, value in labels.items() if _has_words(label, wanted)]
    return found[0] if len(found) == 1 else None


def _has_words(label: str, wanted: list[str]) -> bool:
    there = tokens(label)
    return all(
        word in there or (len(word) > 3 and any(fuzz.ratio(word, w) >= _PART_MIN for w in there))
        for word in wanted
    )
