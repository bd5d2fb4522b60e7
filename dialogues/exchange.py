"""One turn being carried out: replies, timeline entries and trace in the order they arise."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.orm import Session

from channels.messages import (
    TEXT_MAX,
    Card,
    Choices,
    Option,
    OutboundContent,
    Purpose,
    fallback_text,
)
from crm_store.conversations import Owner
from crm_store.customers import Customer
from crm_store.timeline import Entry
from dialogues.action import Action, load_action
from dialogues.answering import cite, look_up
from dialogues.asked import Asked
from dialogues.bot import REPAIR_PREFIX, Bot
from dialogues.condition import Condition, Setting
from dialogues.flow import Flow, Variant
from dialogues.later import ActionRequest, TimerRequest
from dialogues.placeholders import formed, split
from dialogues.question_texts import other_words
from dialogues.responses import choose, insert, message, offered, option, shown
from dialogues.script import in_traditional
from dialogues.state import ConversationState, OptionOffered
from dialogues.step import HandOff, If, Say
from dialogues.step import Link as LinkStep
from knowledge_base.answer import Answer, Search, SearchResult
from knowledge_base.questions import Outcome

#: What conditions may read of the customer.
_FACTS: Final = frozenset({"name", "email", "phone", "company"})


@dataclass(frozen=True)
class Reply:
    """One message to the customer."""

    content: OutboundContent
    purpose: Purpose = "reply"


@dataclass
class Exchange:
    """What a turn works with and what it has brought about so far."""

    bot: Bot
    session: Session
    customer: Customer
    conversation_id: UUID
    seq: int
    channel: str
    language: str
    words: str  #: the customer's text, "" when it was none
    state: ConversationState
    owner: Owner
    owner_epoch: int
    lookup: Search
    now: datetime
    actions: Callable[[str], Action | None] = load_action  #: name -> what to run
    replies: list[Reply] = field(default_factory=list)
    dumps: list[JsonValue] = field(default_factory=list)  #: the replies' contents as JSON data
    entries: list[Entry] = field(default_factory=list)
    trace: list[JsonValue] = field(default_factory=list)
    found: dict[str, SearchResult] = field(default_factory=dict)
    timers: list[TimerRequest] = field(default_factory=list)
    requests: list[ActionRequest] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)  #: keys of timers that are taken away
    private: Sequence[tuple[str, str]] = ()  #: words that identify the customer, and as what
    writing: timedelta | None = None  #: how long an answer may be written for; None: not at all
    closing: bool = False  #: the command being carried out is the turn's last
    muted: str = ""  #: why nothing may be said now, "" when it may
    repeated: bool = False  #: the last replies were sent again, the open question among them
    held: bool = False  #: something is asked that comes before the open question
    digressed: bool = False  #: something else was said before the open question is asked again
    offers_off: bool = False  #: the customer does not want the person that was offered lately
    said_before_walk: int = 0  #: replies before the open flow went on

    @cached_property
    def source(self) -> str:
        """Name of this turn, the same whenever it is repeated."""
        return f"turn:{self.conversation_id}:{self.seq}"

    @cached_property
    def asked(self) -> Asked:
        """What is asked of the knowledge base, to be recorded with the turn."""
        who, where = self.customer.id, self.conversation_id
        return Asked(where, self.seq, who, self.channel, self.now, self.private)

    def record(self, kind: str, data: dict[str, Any], *, actor: str = "bot") -> None:
        """Add a timeline entry behind those already there."""
        self.entries.append(
            Entry(
                customer_id=self.customer.id,
                kind=kind,
                actor=actor,
                channel=self.channel,
                source=self.source,
                at=self.now,
                data=data,
                conversation_id=self.conversation_id,
                seq=self.seq,
                position=len(self.entries),
            )
        )

    def note(self, **what: JsonValue) -> None:
        """Add to the trace that explains the turn."""
        self.trace.append(what)

    def reply(self, content: OutboundContent) -> None:
        """Send `content` to the customer, unless nothing may be said now."""
        if self.muted:
            self.note(unsaid=self.muted)
            return
        region = self.bot.file.traditional
        if region is not None and self.state.traditional and self.language.startswith("zh"):
            content = in_traditional(content, region)
        data = content.model_dump(mode="json")
        self.replies.append(Reply(content))
        self.dumps.append(data)
        self.record("message_sent", {"content": data, "purpose": "reply"})
        self.state.note_line("bot", fallback_text(content))

    def say(
        self,
        name: str,
        *,
        flow: Flow | None = None,
        slots: Mapping[str, JsonValue] | None = None,
        options: Sequence[Option] = (),
        fallback: bool = False,
        question: str = "",
        below: str = "",
    ) -> None:
        """Send the response `name`.

        Args:
            name: its id; the flow's own, else the bot's, else the shared one.
            flow: where it is said.
            slots: what its placeholders may insert, besides facts and fields.
            options: what can be pressed, besides the options of the response.
            fallback: it stands for something that went wrong and must not be repeated word by
                word; then another wording or another fallback is said.
            question: the flow and slot it asks for, "" when it asks for none; a question is not
                asked in the same words twice in a row.
            below: lines of Markdown that go below the text.
        """
        response = self.bot.response(name, flow)
        if response is None:
            return
        values = slots or {}
        wordings = choose(
            response,
            self.language,
            key=f"{self.source}/{name}/{len(self.replies)}",
            channel=self.channel,
        )
        # Most often the first is said, so the others are not even made.
        texts = ((w, insert(w.text, lambda n: self.value(n, flow, values))) for w in wordings)
        if fallback:
            every = list(texts)
            new = next((each for each in every if each[1] != self.state.last_fallback), None)
            if new is None and name != "cannot_handle_human" and not self.offers_off:
                self._offer_person(options)
                return
            wording, text = new or every[-1]
            self.state.last_fallback = text
        elif question:
            wording, text = self._asked_anew(question, texts)
        else:
            wording, text = next(texts)
        if below:
            text = f"{text}\n{below}"[:TEXT_MAX]
        self.note(say=name, reply=len(self.replies))
        self.reply(
            message(
                text,
                offered(wording, options),
                wording,
                value_of=lambda n: self.value(n, flow, values),
                raw_of=lambda n: self._raw(n, flow, values),
            )
        )

    def _offer_person(self, options: Sequence[Option]) -> None:
        """Offer a person instead of saying the same once more; a yes takes the offer."""
        if all(item.value != "human" for item in options):
            options = [*options, option(self.bot, "human", "label_human", self.language)]
        self.say("cannot_handle_human", options=options)
        self.state.last_fallback = ""
        self.state.yes_means = "human"

    def _asked_anew(
        self, question: str, texts: Iterator[tuple[Variant, str]]
    ) -> tuple[Variant, str]:
        """Return the wording to ask in, and its text, which may begin with a lead back."""
        last, again = self.state.last_question, self.state.last_asked == question
        wording, text = self._other_words(last, texts) if again else next(texts)
        self.state.last_asked, self.state.last_question = question, text
        return wording, text

    def _other_words(self, last: str, texts: Iterator[tuple[Variant, str]]) -> tuple[Variant, str]:
        """Return a wording that does not say again what was asked last, if there is any."""
        leads = [""]
        if self.digressed and (lead := self.bot.response("ask_again")) is not None:
            leads = [w.text for w in choose(lead, self.language, key=f"{self.source}/lead")]
        return other_words(last, list(texts), leads, language=self.language)

    def value(self, expression: str, flow: Flow | None, slots: Mapping[str, JsonValue]) -> str:
        """Return what a placeholder shows, in the form it asks for."""
        name, forms = split(expression)
        shown_as = self._shown(name, flow, slots)
        if not forms:
            return shown_as
        kept = slots.get(name, shown_as)
        return formed(expression, kept, shown_as, language=self.language)

    def _raw(self, expression: str, flow: Flow | None, slots: Mapping[str, JsonValue]) -> str:
        """Return what a placeholder stands for: a slot's value as it is kept, not its label."""
        kept = slots.get(expression)
        plain = isinstance(kept, str | int | float) and not isinstance(kept, bool)
        return str(kept) if plain else self.value(expression, flow, slots)

    def _shown(self, name: str, flow: Flow | None, slots: Mapping[str, JsonValue]) -> str:
        scope, _, fact = name.partition(".")
        if name == "turn.text":
            return self.words
        if name == "bot.title":
            return self.bot.title(self.language)
        if scope == "customer" and fact:
            return str(getattr(self.customer, fact, None) or "")
        return shown(self.bot, flow, name, slots.get(name), language=self.language)

    def known(self, name: str, slots: Mapping[str, JsonValue]) -> JsonValue:
        """Return what conditions may read: a slot, or a fact of the customer; None: not known."""
        if name in slots:
            return slots[name]
        fact = name.removeprefix("customer.")
        return getattr(self.customer, fact) if fact != name and fact in _FACTS else None

    def holds(self, condition: Condition, slots: Mapping[str, JsonValue]) -> bool:
        """Tell whether `condition` is true now."""
        return condition.holds(lambda name: self.known(name, slots), self.setting)

    @cached_property
    def setting(self) -> Setting:
        """Where, when and with whom the turn takes place."""
        desks, file = self.bot.file.desks, self.bot.file
        return Setting(
            channel=self.channel,
            language=self.language,
            tier=self.customer.tier,
            stage=self.customer.stage,
            is_open=lambda desk: desk in desks and desks[desk].is_open(self.now, file.zone),
        )

    def repair(
        self,
        name: str,
        *,
        options: Sequence[Option] = (),
        fallback: bool = False,
        slots: Mapping[str, JsonValue] | None = None,
        below: str = "",
    ) -> HandOff | LinkStep | None:
        """Run the repair flow `name`; `options` and `below` go below what it says last.

        Returns:
            Where the flow leads, when a bot's own version of it ends in a hand-off or a link.
        """
        flow = self.bot.flows[REPAIR_PREFIX + name]
        said, ending = self._repair_steps(flow.steps, slots or {})
        self.note(repair=name)
        for index, response in enumerate(said):
            last = index == len(said) - 1
            self.say(
                response,
                flow=flow,
                slots=slots,
                options=options if last else (),
                fallback=fallback,
                below=below if last else "",
            )
        return ending if isinstance(ending, HandOff | LinkStep) else None

    def _repair_steps(
        self, steps: Sequence[Any], slots: Mapping[str, JsonValue]
    ) -> tuple[list[str], object]:
        said: list[str] = []
        for step in steps:
            if isinstance(step, Say):
                said.append(step.say)
            elif isinstance(step, If):
                branch = step.then if self.holds(step.if_, slots) else step.else_
                more, ending = self._repair_steps(branch, slots)
                said += more
                if ending is not None:
                    return said, ending
            else:
                return said, step
        return said, None

    def search(self, question: str) -> SearchResult:
        """Ask the knowledge base, once per question and turn."""
        if (result := self.found.get(question)) is None:
            result = self.found[question] = look_up(self, question)
        return result

    def cite(self, answer: Answer, *, question: str, result: SearchResult | None = None) -> None:
        """Send an answer with its source and ask whether it helped; see `answering.cite`."""
        cite(self, answer, question=question, result=result)

    def miss(self, question: str, result: SearchResult) -> None:
        """Record that the knowledge base had no answer, for those who write it."""
        if not question.strip():
            return
        outcome: Outcome = "offered" if result.near else "declined"
        self.asked.note(outcome, question, language=self.language, near=result.near)
        articles = [near.article_id for near in result.near]
        self.record("knowledge_missed", {"outcome": outcome, "near": articles})

    def rate(self, article: str, *, helpful: bool) -> None:
        """Note whether an answer helped; one that did not is a miss."""
        self.asked.rate(article, helpful=helpful)
        if not helpful:
            self.record("knowledge_missed", {"outcome": "not_helpful", "near": [article]})

    def keep_replies(self) -> None:
        """Remember what was said and offered, for "repeat" and for options that are typed."""
        if not self.replies:
            return
        self.state.last_replies = list(self.dumps)
        self.state.options = [
            OptionOffered(value=item.value, label=item.label)
            for content in (reply.content for reply in self.replies)
            if isinstance(content, Choices | Card)
            for item in content.options
            if item.url is None
        ]

    def goal(self, flow: Flow) -> str:
        """Return what a flow is called in front of the customer."""
        return flow.description.get(self.language) or next(iter(flow.description.values()))

    @property
    def region(self) -> str:
        """ISO 3166 country of phone numbers without a country code."""
        return self.bot.file.phone_region
