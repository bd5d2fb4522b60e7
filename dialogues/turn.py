"""One turn: everything the bot does about one inbound message, as the engine calls it.

It writes the CRM through the given session and returns what the engine stores with it: state,
replies, timeline entries. It never commits, sends, or waits, and may be repeated without effect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.orm import Session

from channels.button_values import resolve
from channels.messages import (
    Choice,
    Contact,
    InboundContent,
    InboundMessage,
    Location,
    Media,
    Notice,
    Text,
    Unsupported,
)
from crm_store import timeline
from crm_store.conversations import Owner
from crm_store.customers import Customer
from crm_store.database import JsonObject
from dialogues.action import Action, load_action
from dialogues.bot import Bot
from dialogues.checking import REPAIR_INTENTS
from dialogues.commands import Acknowledge, CannotHandle, RejectValue
from dialogues.endings import forget_old
from dialogues.exchange import Exchange, Reply
from dialogues.execution import execute, go_on
from dialogues.handoff import take_back, wait_in_queue
from dialogues.later import ActionRequest, TimerRequest
from dialogues.mending import mend
from dialogues.picking import pick
from dialogues.policy import CHITCHAT, Situation, decide
from dialogues.responses import choose, insert
from dialogues.script import note_script
from dialogues.silent import watch
from dialogues.state import ConversationState
from dialogues.waiting import WAKING, patient, wake
from dialogues.words import bare_command, is_question
from dialogues.writing import say_awaited
from knowledge_base.answer import Search
from knowledge_base.masking import private_words
from knowledge_base.questions import NewQuestion, Sequel
from nlu.text import comparable
from nlu.understanding import Understanding

__all__ = [
    "Reply",
    "TimerRequest",
    "TurnInput",
    "TurnResult",
    "apology",
    "needs_search",
    "take_turn",
]

Outcome = Literal["answered", "handed_over", "refused", "recorded", "dead_letter"]

#: Answers to these say nothing about the language a customer wants to be spoken to in.
_WORDLESS: Final = frozenset(
    {"email", "phone", "number", "quantity", "rating", "entity", "name", "company"}
)

#: Notices that the engine makes itself; all others come from the customer's side.
_ENGINE_NOTICES: Final = frozenset({"timer", "action_result"})

#: Notices that tell something from outside; the engine adds who did.
_TOLD: Final = "told"


@dataclass(frozen=True)
class TurnInput:
    """One inbound message, with everything the turn may know and touch."""

    session: Session
    bot: Bot
    seq: int  #: of the inbound item in its conversation
    message: InboundMessage
    understanding: Understanding | None  #: of a text; None for everything else
    customer: Customer
    conversation_id: UUID
    state: JsonObject  #: as the last turn returned it, {} at first
    owner: Owner
    owner_epoch: int
    language: str | None  #: the conversation's so far, BCP-47
    search: Search
    now: datetime  #: UTC
    reply_window: timedelta | None = None  #: how long replies are allowed; None: for ever
    written: Text | None = None  #: the message itself, where `message` holds a burst that it ends
    actions: Callable[[str], Action | None] = load_action  #: name -> what to run
    writing: timedelta | None = None  #: how long an answer may be written for; None: not at all


@dataclass(frozen=True)
class TurnResult:
    """What the turn brought about, to be stored in the transaction it ran in."""

    outcome: Outcome
    state: JsonObject
    language: str
    owner: Owner
    owner_epoch: int  #: the replies were computed under this one
    replies: tuple[Reply, ...] = ()
    entries: tuple[timeline.Entry, ...] = ()
    timers: tuple[TimerRequest, ...] = ()
    requests: tuple[ActionRequest, ...] = ()
    unset: tuple[str, ...] = ()  #: keys of timers that are taken away
    asked: tuple[NewQuestion, ...] = ()  #: of the knowledge base
    sequels: tuple[Sequel, ...] = ()  #: of questions of earlier turns
    trace: tuple[JsonValue, ...] = ()


def take_turn(turn: TurnInput) -> TurnResult:
    """Answer one message: understand where the dialogue stands, decide, act, and say."""
    content = _clean(turn.message.content)
    state = ConversationState.from_json(turn.state)
    if isinstance(content, Choice):
        content = resolve(content, (option.value for option in state.options))
    x = Exchange(
        bot=turn.bot,
        session=turn.session,
        customer=turn.customer,
        conversation_id=turn.conversation_id,
        seq=turn.seq,
        channel=turn.message.address.channel,
        language=_language(turn, state),
        words=content.text if isinstance(content, Text) else "",
        state=state,
        owner=turn.owner,
        owner_epoch=turn.owner_epoch,
        lookup=turn.search,
        now=turn.now,
        actions=turn.actions,
        private=_private_words(turn),
        writing=turn.writing,
    )
    received = content if turn.written is None else _clean(turn.written)
    data = {"content": received.model_dump(mode="json", exclude_none=True)}
    if isinstance(content, Notice):
        x.record("notice_received", data, actor=_notice_actor(content))
        return _result(x, _take_notice(x, turn, content))
    x.record("message_received", data, actor="customer")
    _note_understanding(x, turn.understanding)
    state.note_line("customer", _spoken(content))
    if isinstance(content, Text):
        state.traditional = note_script(content.text, before=state.traditional)
    say_awaited(x)
    mine = turn.owner == "bot"
    outcome = _converse(x, turn, content) if mine else _while_away(x, content)
    watch(x)
    x.keep_replies()
    return _result(x, outcome)


def needs_search(bot: Bot, understanding: Understanding) -> bool:
    """Tell whether the knowledge base will probably be asked about this text."""
    intent = understanding.intent
    if intent is None or intent == "ask_knowledge":
        return True
    known = REPAIR_INTENTS | CHITCHAT | {"ask_human"}
    return intent not in known and intent not in bot.triggers


def apology(bot: Bot, language: str | None) -> Text:
    """Return what a customer is told when their message could not be dealt with."""
    response = bot.responses["dead_letter"]
    wording = choose(response, language or bot.languages[0], key="")[0]
    return Text(text=insert(wording.text, lambda name: ""))


def _result(x: Exchange, outcome: Outcome) -> TurnResult:
    return TurnResult(
        outcome=outcome,
        state=x.state.to_json(),
        language=x.language,
        owner=x.owner,
        owner_epoch=x.owner_epoch,
        replies=tuple(x.replies),
        entries=tuple(x.entries),
        timers=tuple(x.timers),
        requests=tuple(x.requests),
        unset=tuple(x.unset),
        asked=tuple(x.asked.questions),
        sequels=tuple(x.asked.sequels),
        trace=tuple(x.trace),
    )


def _converse(x: Exchange, turn: TurnInput, content: InboundContent) -> Outcome:
    restarted = mend(x)
    forget_old(x)
    commands = decide(
        Situation(
            bot=x.bot,
            state=x.state,
            content=content,
            understanding=turn.understanding,
            region=x.region,
            search=x.search,
            now=x.now.astimezone(x.bot.file.zone),
        )
    )
    if restarted:
        # What was written answers a question that is asked anew; it is no misunderstanding.
        lost = (Acknowledge, CannotHandle, RejectValue)
        commands = [c for c in commands if not isinstance(c, lost)]
    commands = patient(x, commands)
    execute(x, commands)
    if x.owner != "bot":
        return "handed_over"
    silent = isinstance(content, Media | Location | Unsupported) or not x.replies
    return "recorded" if silent else "answered"


def _take_notice(x: Exchange, turn: TurnInput, notice: Notice) -> Outcome:
    """Let a notice move the open flows; nothing is said over people, or too late to be sent."""
    if notice.name not in WAKING:
        return "recorded"
    if x.owner != "bot":
        x.muted = "a person has the conversation"
    elif _is_too_late(turn, x.state):
        x.muted = "the reply window is closed"
    x.state.yes_means = ""
    restarted = mend(x)
    # What waits for a yes or no comes first; the flow goes on once it is answered.
    if (wake(x, notice) or restarted) and x.state.pending is None:
        go_on(x)
    x.keep_replies()
    if x.owner == "queue" and turn.owner == "bot":
        return "handed_over"
    return "answered" if x.replies else "recorded"


def _while_away(x: Exchange, content: InboundContent) -> Outcome:
    """Stay silent while people have the conversation, unless a waiting customer calls back."""
    if x.owner == "queue" and _calls_back(x.state, content):
        take_back(x)
        mend(x)
        execute(x, [])
        return "answered"
    if x.owner == "queue":
        wait_in_queue(x)
    return "handed_over"


def _calls_back(state: ConversationState, content: InboundContent) -> bool:
    if isinstance(content, Choice):
        return content.value in {"bot", "cancel"}
    if not isinstance(content, Text):
        return False
    labels = {comparable(o.label): o.value for o in state.options if o.value == "bot"}
    return bare_command(content.text) == "cancel" or pick([], labels, content.text) == "bot"


def _language(turn: TurnInput, state: ConversationState) -> str:
    """Return the language to answer in: the text's, else the conversation's, else the client's."""
    languages = turn.bot.languages
    sticky = turn.language if turn.language in languages else None
    understanding = turn.understanding
    if understanding is not None and understanding.language in languages:
        frame = state.frame
        flow = turn.bot.flows.get(frame.flow) if frame is not None else None
        slot = flow.slots.get(frame.asked or "") if flow is not None and frame else None
        wordless = slot is not None and slot.type in _WORDLESS
        # A question is no answer to what was asked: it is in the language of who asks.
        if sticky is None or not wordless or is_question(understanding.text):
            return understanding.language
    if sticky is not None:
        return sticky
    for known in (turn.message.sender.language, turn.customer.language):
        if known and (fitting := known.lower().split("-")[0]) in languages:
            return fitting
    return languages[0]


def _clean(content: InboundContent) -> InboundContent:
    """Return `content` without the one character that PostgreSQL cannot store."""
    if isinstance(content, Text) and "\x00" in content.text:
        return Text(text=content.text.replace("\x00", "") or " ")
    return content


def _private_words(turn: TurnInput) -> Sequence[tuple[str, str]]:
    understanding = turn.understanding
    if understanding is None or not understanding.entities:
        return ()
    return private_words(
        understanding.text, understanding.entities, patterns=turn.bot.file.patterns
    )


def _spoken(content: InboundContent) -> str:
    match content:
        case Text():
            return content.text
        case Choice():
            return content.label or content.value
        case Contact():
            return "(phone number)"
        case Media():
            return content.caption or f"({content.mime})"
        case _:
            return f"({content.kind})"


def _is_too_late(turn: TurnInput, state: ConversationState) -> bool:
    """Tell whether the channel takes no reply any more, because the customer wrote long ago."""
    if turn.reply_window is None or state.spoke_at is None:
        return False
    return turn.now - datetime.fromisoformat(state.spoke_at) >= turn.reply_window


def _notice_actor(notice: Notice) -> str:
    if notice.name == _TOLD:
        return f"api:{notice.data.get('from', '')}"[:64]
    return "engine" if notice.name in _ENGINE_NOTICES else "customer"


def _note_understanding(x: Exchange, understanding: Understanding | None) -> None:
    if understanding is not None:
        x.note(
            understood=understanding.outcome,
            intents=[[i.name, round(i.confidence, 4)] for i in understanding.intents],
            entities=[e.name for e in understanding.entities],
            language=understanding.language,
            interpreter=understanding.interpreter,
        )
