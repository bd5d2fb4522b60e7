"""The policy: from what was said and where the dialogue stands to commands; decides, does nothing.

The sources are asked in a fixed order, most certain first: what was pressed, what waits for a
yes, a correction, the answer to the open question, a typed option, repair, several goals at once,
flows, the knowledge base, then asking back; what may be one of two goals is asked back at once.
"""

from typing import Final

from channels.messages import Choice, Contact, Location, Media, Text, Unsupported
from dialogues.commands import (
    Acknowledge,
    AnswerQuestion,
    CancelAll,
    CancelFlow,
    CannotHandle,
    ChitChat,
    Clarify,
    Command,
    ExplainQuestion,
    FillSlot,
    GoBack,
    RejectValue,
    Repeat,
    SkipQuestion,
    StartFlow,
    StartOver,
    Summarise,
)
from dialogues.misfits import misfits
from dialogues.pressing import human, pressed, shared_phone, typed_option
from dialogues.several import GOAL_MIN, answer_and_more, several
from dialogues.situation import OpenQuestion, Situation, open_question
from dialogues.slot_values import Parsed, extract, parse
from dialogues.taking_back import TakingBack, also_said
from dialogues.words import (
    ANYTHING,
    NOTHING,
    asks_to_skip,
    is_about_something,
)
from knowledge_base.answer import SearchResult
from knowledge_base.follow_ups import follow_up
from nlu.text import comparable, tokens
from nlu.understanding import Understanding

__all__ = ["CHITCHAT", "Situation", "decide"]

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

#: Least probability of each of two meanings between which is asked, though neither is certain.
BETWEEN_MIN: Final = 0.4

#: Least frustration of a text that, not understood either, is offered a person at once.
UPSET_MIN: Final = 0.5

#: Least abuse of a text that counts as an insult when it says nothing else.
ABUSE_MIN: Final = 0.5

#: Longer texts that insult also tell something.
_INSULT_WORDS: Final = 5

#: Words beside its value that a question has which is more than an answer.
_ASIDE_WORDS: Final = 3

#: Slots that take nearly any words as their value.
_LOOSE: Final = frozenset({"text", "name", "company"})

#: Slots that take any figure in a text as their value.
_FIGURES: Final = frozenset({"number", "quantity", "rating", "time", "date"})

_REPAIR: Final[dict[str, Command]] = {
    "cancel": CancelFlow(),
    "cancel_all": CancelAll(),
    "repeat": Repeat(),
    "skip": SkipQuestion(),
    "start_over": StartOver(),
    "back": GoBack(),
    "why": ExplainQuestion(),
    "summary": Summarise(),
}


def decide(situation: Situation) -> list[Command]:
    """Return what to do about the message, in order."""
    match situation.content:
        case Text():
            return _Text(situation, situation.content.text).decide()
        case Choice():
            return pressed(situation, situation.content.value)
        case Contact():
            return shared_phone(situation, situation.content)
        case Media():
            return [Acknowledge("media")]
        case Location():
            return [Acknowledge("location")]
        case Unsupported():
            return [Acknowledge("unsupported")]
    return []


class _Text:
    """The decision on one text, step by step in the order of the sources."""

    def __init__(self, situation: Situation, text: str) -> None:
        self.situation = situation
        self.bot = situation.bot
        self.state = situation.state
        self.text = text
        self.said = situation.said(text)
        self.intent = situation.understanding.intent if situation.understanding else None
        self.question = open_question(situation)
        self.back = TakingBack(situation, self.said)
        self._result: SearchResult | None = None

    def decide(self) -> list[Command]:
        if self.state.pending is not None and (found := self.back.pending(self.state.pending)):
            return found
        if self.question is not None:
            return self._while_asking(self.question)
        return (
            typed_option(self.situation, self.text)
            or self._repair()
            or self.back.correct(None)
            or self._follow_up()
            or several(self.situation)
            or self._start()
            or (self._clarify() if self._is_one_of_two_goals else [])
            or self._answer(always=self.intent not in CHITCHAT)
            or self._clarify()
            or self._chitchat(CHITCHAT)
            or self._insulted()
            or [self._unknown()]
        )

    def _while_asking(self, asked: OpenQuestion) -> list[Command]:
        parsed = parse(asked.slot, self.said)
        strong = parsed is not None and parsed.strong
        free = asked.slot.type == "text"
        if found := (
            (self.back.old_fact(asked, parsed) if asked.unsure else [])
            or self.back.correct(asked)
            or answer_and_more(self.situation, asked)
        ):
            return found
        # "One step back" and 再说一遍 have a figure in them and are none.
        if (
            parsed is not None
            and strong
            and not (self._is_command and asked.slot.type in _FIGURES)
        ):
            return self._aside(asked, parsed) or self._fill(asked, parsed)
        found = (
            typed_option(self.situation, self.text)
            or self._repair()
            or self._nothing(asked, parsed)
        )
        if found:
            return found
        # Free text is its own answer, unless it is a question; a name may be another goal.
        if parsed is None or self.said.is_question or asked.slot.type in {"name", "company"}:
            found = (
                self._follow_up()
                or (several(self.situation) if not free else [])
                or self._start()
                or self._answer(always=parsed is None and self.intent not in CHITCHAT)
                or self._chitchat(_INTERRUPTING)
            )
            if found:
                return found
        return self._insulted() or self._take_or_refuse(asked, parsed)

    def _aside(self, asked: OpenQuestion, parsed: Parsed) -> list[Command]:
        """Take "hang on, where is my order MK-204533?" for the goal it is, not for an answer.

        The value must be what that goal needs, and not be all that is said.
        """
        understanding, intent = self.situation.understanding, self.intent or ""
        flow_id = self.bot.triggers.get(intent)
        open_flows = {frame.flow for frame in self.state.frames}
        if (
            understanding is None
            or flow_id is None
            or flow_id in open_flows
            or not self.said.is_question
            or understanding.outcome != "clear"
            or understanding.confidence(intent) < GOAL_MIN
        ):
            return []
        needed = extract(self.bot.flows[flow_id], self.said, without=())
        beside = self.text
        for entity in sorted(understanding.entities, key=lambda e: e.start, reverse=True):
            beside = f"{beside[: entity.start]} {beside[entity.end :]}"
        if parsed.value not in needed.values() or len(tokens(comparable(beside))) < _ASIDE_WORDS:
            return []
        return self._start()

    @property
    def _is_one_of_two_goals(self) -> bool:
        """Whether no question was asked and the two likeliest meanings are flows."""
        understanding = self.situation.understanding
        return (
            understanding is not None
            and not self.said.is_question
            and all(c.name in self.bot.triggers for c in understanding.intents[:2])
        )

    @property
    def _is_command(self) -> bool:
        return self.said.bare is not None

    def _take_or_refuse(self, asked: OpenQuestion, parsed: Parsed | None) -> list[Command]:
        # Nobody is called "How much is it?"; only free text may be a question itself.
        if parsed is not None and (asked.slot.type == "text" or not self.said.is_question):
            return self._fill(asked, parsed)
        if more := also_said(asked, self.said):
            return more
        return [self._unknown() if self.said.is_question else RejectValue(asked.name)]

    def _fill(self, asked: OpenQuestion, parsed: Parsed) -> list[Command]:
        return [FillSlot(asked.name, parsed.value, asked=True), *also_said(asked, self.said)]

    def _nothing(self, asked: OpenQuestion, parsed: Parsed | None) -> list[Command]:
        """Read "none" as a skip; a question that must be answered then says so."""
        words = comparable(self.text)
        if words in NOTHING and (asked.slot.optional or parsed is None):
            return [SkipQuestion()]
        if words in ANYTHING and asked.slot.optional:
            return [SkipQuestion()]
        return []

    def _repair(self) -> list[Command]:
        bare = self.said.bare
        if bare == "human" or self.intent == "ask_human":
            return [human(self.situation)]
        if bare == "why" and self.question is None:
            return []
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
            return also_said(self.question, self.said) if self.question else []
        flow = self.bot.flows[flow_id]
        slots = extract(flow, self.said, without=())
        return [StartFlow(flow_id, slots, self.text, misfits(flow, self.said, without=slots))]

    def _follow_up(self) -> list[Command]:
        """Answer what goes on about the last answer; a goal that is plainly named comes first."""
        asks = self.said.is_question or self.question is None
        if self.state.subject is None or not asks:
            return []
        follow = follow_up(self.text)
        named = self.intent in self.bot.triggers or self.intent in CHITCHAT
        if follow is None or (named and follow.lean not in {"bare", "case"}):
            return []
        result = self.situation.search(self.text)
        if result.answer is None or "follow_up" not in result.ways:
            return []
        return [AnswerQuestion(self.text, result)]

    def _answer(self, *, always: bool) -> list[Command]:
        """Ask the knowledge base, when the text is a question or nothing better is known."""
        if self.intent in _INTERRUPTING or not (always or self.said.is_question):
            return []
        self._result = self.situation.search(self.text)
        if self._result.answer is None:
            return []
        return [AnswerQuestion(self.text, self._result)]

    def _clarify(self) -> list[Command]:
        understanding = self.situation.understanding
        if understanding is None or self.state.clarified or not _is_open(understanding):
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

    def _insulted(self) -> list[Command]:
        """Answer an insult that says nothing else; whoever insults and asks is answered first."""
        understanding = self.situation.understanding
        if understanding is None or understanding.abuse < ABUSE_MIN:
            return []
        free = self.question is not None and self.question.slot.type == "text"
        if free and len(tokens(comparable(self.text))) > _INSULT_WORDS:
            return []
        return [ChitChat("insult")]

    def _unknown(self) -> Command:
        understanding = self.situation.understanding
        upset = understanding is not None and understanding.frustration >= UPSET_MIN
        return CannotHandle(self.text, self._result, upset=upset)

    def _chitchat(self, intents: frozenset[str]) -> list[Command]:
        return [ChitChat(self.intent)] if self.intent in intents and self.intent else []


def _is_open(understanding: Understanding) -> bool:
    """Tell whether one of a few meanings is meant, though it is not certain which."""
    if understanding.outcome == "ambiguous":
        return True
    likely = [each for each in understanding.intents[:2] if each.confidence >= BETWEEN_MIN]
    return understanding.outcome == "unknown" and len(likely) == 2
