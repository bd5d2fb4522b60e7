"""The policy: from what was said and where the dialogue stands to commands; decides, does nothing.

The sources are asked in a fixed order, most certain first: what was pressed, a correction, the
answer to the open question, a typed option, repair, flows, the knowledge base, then asking back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from channels.messages import Choice, Contact, InboundContent, Location, Media, Text, Unsupported
from dialogues.bot import REPAIR_PREFIX, Bot
from dialogues.commands import (
    Acknowledge,
    AnswerQuestion,
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    CorrectSlot,
    FillSlot,
    LearnFact,
    RateAnswer,
    RejectValue,
    Repeat,
    RequestHuman,
    SkipQuestion,
    StartFlow,
    StartOver,
)
from dialogues.corrections import find_correction
from dialogues.flow import Flow
from dialogues.slot import Slot
from dialogues.slot_values import Parsed, Said, accept, extract, parse, phone_number, pick
from dialogues.state import ConversationState, Frame
from dialogues.words import (
    NOTHING,
    asks_to_skip,
    bare_command,
    is_about_something,
    is_question,
    yes_or_no,
)
from knowledge_base.answer import SearchResult
from nlu.text import comparable
from nlu.understanding import Understanding

#: Intents that are answered with the shared response of the same name.
CHITCHAT: Final = frozenset(
    {"greet", "goodbye", "thank", "chitchat_bot", "chitchat_how_are_you", "complain", "insult"}
    | {"affirm", "deny"}
)

#: Small talk that interrupts a question for a name; a yes or no there would be the answer.
_INTERRUPTING: Final = CHITCHAT - {"affirm", "deny", "complain"}

#: Options shown when several meanings are likely; "none" comes on top.
CLARIFY_MAX: Final = 3

#: Least probability of a meaning that is offered for choice.
CLARIFY_MIN: Final = 0.15

#: Least frustration of a text that, not understood either, is offered a person at once.
UPSET_MIN: Final = 0.5

_REPAIR: Final[dict[str, Command]] = {
    "cancel": CancelFlow(),
    "repeat": Repeat(),
    "skip": SkipQuestion(),
    "start_over": StartOver(),
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What the policy may know; `search` is a pure look-up in the knowledge base."""

    bot: Bot
    state: ConversationState  #: read only
    content: InboundContent
    understanding: Understanding | None
    region: str  #: ISO 3166, for phone numbers without a country code
    search: Callable[[str], SearchResult]
    #: aware, in the customer's time zone: what "tomorrow" refers to
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class _Open:
    """The open question."""

    flow: Flow
    frame: Frame
    name: str
    slot: Slot


def decide(situation: Situation) -> list[Command]:
    """Return what to do about the message, in order."""
    match situation.content:
        case Text():
            return _Text(situation, situation.content.text).decide()
        case Choice():
            return _pressed(situation, situation.content.value)
        case Contact():
            return _shared_phone(situation, situation.content)
        case Media():
            return [Acknowledge("media")]
        case Location():
            return [Acknowledge("location")]
        case Unsupported():
            return [Acknowledge("unsupported")]
    return []


def _open_question(situation: Situation) -> _Open | None:
    frame = situation.state.frame
    if frame is None or frame.asked is None:
        return None
    flow = situation.bot.flows[frame.flow]
    slot = flow.slots.get(frame.asked)
    return None if slot is None else _Open(flow, frame, frame.asked, slot)


def _said(situation: Situation, text: str) -> Said:
    return Said(
        text=text,
        bot=situation.bot,
        region=situation.region,
        understanding=situation.understanding,
        now=situation.now,
    )


def _pressed(situation: Situation, value: str) -> list[Command]:
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
        case "human":
            return [_human(situation, pressed=True)]
        case "cancel" | "skip":
            return [_REPAIR[kind]]
        case "bot":
            return [Acknowledge("bot")]
        case "none":
            return [CannotHandle()]
    question = _open_question(situation)
    return _pressed_slot(situation, question.name if question is not None else "", value)


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
    accepted = accept(slot, value, _said(situation, value)) if slot is not None else None
    if frame is None or accepted is None:
        return [Acknowledge("stale_choice")]
    if frame.asked == name:
        return [FillSlot(name, accepted)]
    return [CorrectSlot(name, accepted)] if name in frame.slots else [FillSlot(name, accepted)]


def _asked(situation: Situation, question: str) -> Command:
    result = situation.search(question)
    if result.answer is not None:
        return AnswerQuestion(question, result)
    return CannotHandle(question, result)


def _human(situation: Situation, *, pressed: bool = False) -> Command:
    """Return the flow that hands over, when the bot has one and it is not open already."""
    flow = situation.bot.triggers.get("ask_human")
    open_flows = {frame.flow for frame in situation.state.frames}
    if flow is not None and flow not in open_flows and not pressed:
        return StartFlow(flow)
    return RequestHuman()


def _shared_phone(situation: Situation, contact: Contact) -> list[Command]:
    phone = phone_number(contact.phone, situation.region)
    if phone is None:
        return [Acknowledge("unsupported")]
    commands: list[Command] = [LearnFact("phone", phone, verified=contact.verified)]
    frame = situation.state.frame
    slots = situation.bot.flows[frame.flow].slots if frame is not None else {}
    wanted = [n for n, s in slots.items() if s.type == "phone" and frame is not None]
    unfilled = [n for n in wanted if frame is not None and n not in frame.slots]
    return commands + [FillSlot(n, phone) for n in unfilled[:1]] or commands


class _Text:
    """The decision on one text, step by step in the order of the sources."""

    def __init__(self, situation: Situation, text: str) -> None:
        self.situation = situation
        self.bot = situation.bot
        self.state = situation.state
        self.text = text
        self.said = _said(situation, text)
        self.intent = situation.understanding.intent if situation.understanding else None
        self.question = _open_question(situation)
        self.is_question = is_question(text)
        self._result: SearchResult | None = None

    def decide(self) -> list[Command]:
        if self.question is not None:
            return self._while_asking(self.question)
        return (
            self._typed_option()
            or self._repair()
            or self._start()
            or self._answer(always=self.intent not in CHITCHAT)
            or self._clarify()
            or self._chitchat(CHITCHAT)
            or [self._unknown()]
        )

    def _while_asking(self, asked: _Open) -> list[Command]:
        parsed = parse(asked.slot, self.said)
        strong = parsed is not None and parsed.strong
        free = asked.slot.type == "text"
        correction = find_correction(asked.flow, asked.frame, self.said, named_only=strong or free)
        if correction is not None:
            return [correction]
        if parsed is not None and strong:
            return self._fill(asked, parsed)
        found = self._typed_option() or self._repair() or self._nothing(asked, parsed)
        if found:
            return found
        # Free text is its own answer, unless it is a question; a name may be another goal.
        if parsed is None or self.is_question or asked.slot.type in {"name", "company"}:
            found = (
                self._start()
                or self._answer(always=parsed is None and self.intent not in CHITCHAT)
                or self._chitchat(_INTERRUPTING)
            )
            if found:
                return found
        # Nobody is called "How much is it?"; only free text may be a question itself.
        if parsed is not None and (free or not self.is_question):
            return self._fill(asked, parsed)
        if others := self._others(asked):
            return others
        if self.is_question:
            return [self._unknown()]
        return [RejectValue(asked.name)]

    def _fill(self, asked: _Open, parsed: Parsed) -> list[Command]:
        return [FillSlot(asked.name, parsed.value), *self._others(asked)]

    def _others(self, asked: _Open) -> list[Command]:
        """Take what else the text says for slots that are not filled yet."""
        figures = {"number", "quantity", "rating"}
        same = {
            name
            for name, slot in asked.flow.slots.items()
            if slot.type == asked.slot.type or {slot.type, asked.slot.type} <= figures
        }
        without = {asked.name, *asked.frame.slots, *same}
        return [
            FillSlot(name, value)
            for name, value in extract(asked.flow, self.said, without=without).items()
        ]

    def _nothing(self, asked: _Open, parsed: Parsed | None) -> list[Command]:
        """Read "none" as a skip; a question that must be answered then says so."""
        if comparable(self.text) in NOTHING and (asked.slot.optional or parsed is None):
            return [SkipQuestion()]
        return []

    def _typed_option(self) -> list[Command]:
        """Read "1", "第一个" or a label as a press on what the last reply offered."""
        options = self.state.options
        if not options:
            return []
        if self.state.yes_means and (yes_or_no(self.text) or self.intent == "affirm"):
            return _pressed(self.situation, self.state.yes_means)
        labels = {comparable(option.label): option.value for option in options}
        value = pick([option.value for option in options], labels, self.text)
        return [] if value is None else _pressed(self.situation, value)

    def _repair(self) -> list[Command]:
        bare = bare_command(self.text)
        if bare == "human" or self.intent == "ask_human":
            return [_human(self.situation)]
        if bare is not None:
            return [_REPAIR[bare]]
        free = self.question is not None and self.question.slot.type == "text"
        if self.intent not in _REPAIR or free:
            return []
        if self.intent == "skip" and not asks_to_skip(self.text):
            return []
        if self.intent == "cancel" and (
            is_about_something(self.text) or self.said.understanding.entities  # type: ignore[union-attr] # an intent has an understanding
        ):
            return []
        return [_REPAIR[self.intent]]

    def _start(self) -> list[Command]:
        flow_id = self.bot.triggers.get(self.intent or "")
        if flow_id is None:
            return []
        frame = self.state.frame
        if frame is not None and frame.flow == flow_id:
            return self._others(self.question) if self.question else []
        slots = extract(self.bot.flows[flow_id], self.said, without=())
        return [StartFlow(flow_id, slots, self.text)]

    def _answer(self, *, always: bool) -> list[Command]:
        """Ask the knowledge base, when the text is a question or nothing better is known."""
        if self.intent in _INTERRUPTING or not (always or self.is_question):
            return []
        self._result = self.situation.search(self.text)
        if self._result.answer is None:
            return []
        return [AnswerQuestion(self.text, self._result)]

    def _clarify(self) -> list[Command]:
        understanding = self.situation.understanding
        if understanding is None or understanding.outcome != "ambiguous" or self.state.clarified:
            return []
        flows = dict.fromkeys(
            self.bot.triggers[candidate.name]
            for candidate in understanding.intents
            if candidate.name in self.bot.triggers and candidate.confidence >= CLARIFY_MIN
        )
        offered = tuple(flows)[:CLARIFY_MAX]
        if not offered:
            return []
        near = self._result.near if self._result is not None else ()
        questions = tuple(item.question for item in near)[: CLARIFY_MAX - len(offered)]
        return [Clarify(offered, questions)]

    def _unknown(self) -> Command:
        understanding = self.situation.understanding
        upset = understanding is not None and understanding.frustration >= UPSET_MIN
        return CannotHandle(self.text, self._result, upset=upset)

    def _chitchat(self, intents: frozenset[str]) -> list[Command]:
        return [ChitChat(self.intent)] if self.intent in intents and self.intent else []
