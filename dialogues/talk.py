"""A talk: one conversation with a bot in a private database, with a clock that one may turn."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from channels.messages import (
    Address,
    Card,
    Choice,
    Choices,
    InboundContent,
    InboundMessage,
    Notice,
    Option,
    Sender,
    Text,
    fallback_text,
)
from channels.profiles import PROFILES
from channels.rendering import Rendered, render
from crm_store.conversations import Owner
from crm_store.customers import Customer, identify
from crm_store.database import Base
from dialogues.bot import Bot
from dialogues.later import ActionRequest, ActionRunner, TimerRequest, settle_at_once
from dialogues.stubs import Stubs
from dialogues.turn import TurnInput, TurnResult, take_turn
from knowledge_base.answer import Search
from nlu.clauses import interpret
from nlu.interpreter import Interpreter
from nlu.text import comparable
from nlu.understanding import Understanding

#: When a talk begins, unless something else is said.
CLOCK: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

#: The address of every talk, as the CRM knows it.
HOME: Final = Address(channel="webchat", account="test", peer="test")

#: Timers that may fire while time passes once; more set each other without end.
FIRED_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """One turn that was taken."""

    seq: int  #: number of the message
    content: InboundContent
    at: datetime
    understanding: Understanding | None
    result: TurnResult
    replies: tuple[Rendered, ...]  #: as the channel shows them

    @property
    def texts(self) -> tuple[str, ...]:
        """The replies as plain text with their marks."""
        return tuple(fallback_text(reply.content) for reply in self.result.replies)

    @property
    def offered(self) -> tuple[Option, ...]:
        """Everything the replies offer to press."""
        return tuple(
            option
            for reply in self.result.replies
            if isinstance(reply.content, Choices | Card)
            for option in reply.content.options
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything a talk is at one moment, to go back to."""

    facts: dict[str, Any]
    rows: bytes  #: the database


@dataclass
class Talk:
    """A conversation, turn by turn; made by `open_talk`."""

    bot: Bot
    interpreter: Interpreter
    search: Search
    session: Session
    channel: str = "webchat"  #: where messages come from and replies are shown
    language: str | None = None
    now: datetime = CLOCK
    sender: Sender = field(default_factory=lambda: Sender(id="test"))
    stubs: Stubs = field(default_factory=Stubs)
    owner: Owner = "bot"
    owner_epoch: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    timers: dict[str, TimerRequest] = field(default_factory=dict)  #: pending, by their key
    last: Taken | None = None

    @property
    def address(self) -> Address:
        """Where the talk takes place now."""
        return Address(channel=self.channel, account="test", peer="test")

    @property
    def customer(self) -> Customer:
        """Who talks to the bot, the same person whatever the channel."""
        return identify(self.session, [(HOME, self.sender)], now=self.now)[HOME]

    @property
    def stack(self) -> tuple[str, ...]:
        """The open flows, the one that goes on last."""
        return tuple(frame["flow"] for frame in self.state.get("frames", ()))

    def take(self, content: InboundContent) -> list[Taken]:
        """Take a turn now, and one for the result of each slow action that it asks for.

        Returns:
            The turns; the first is that of `content`.
        """
        taken = [self._turn(content)]

        def settled(notice: Notice) -> tuple[ActionRequest, ...]:
            taken.append(self._turn(notice))
            return taken[-1].result.requests

        settle_at_once(taken[0].result.requests, self.stubs, settled)
        return taken

    def pass_time(self, span: timedelta) -> list[Taken]:
        """Let time pass; every timer that falls due becomes a turn, in the order of time.

        Raises:
            RecursionError: the timers set each other without end.
        """
        until = self.now + span
        fired: list[Taken] = []
        while due := [timer for timer in self.timers.values() if timer.due_at <= until]:
            if len(fired) >= FIRED_MAX:
                message = f"more than {FIRED_MAX} timers fell due"
                raise RecursionError(message)
            timer = min(due, key=lambda each: each.due_at)
            del self.timers[timer.idem_key]
            self.now = max(self.now, timer.due_at)
            notice = Notice(name="timer", data={"timer": timer.kind, **timer.payload})
            fired += self.take(notice)
        self.now = until
        return fired

    def render(self, result: TurnResult) -> tuple[Rendered, ...]:
        """Return the replies of a turn as the channel of the talk shows them."""
        profile = PROFILES[self.channel]
        return tuple(render(reply.content, profile) for reply in result.replies)

    def move(self, channel: str) -> None:
        """Go on talking on another channel, which shows the last replies its own way."""
        self.channel = channel
        if self.last is not None:
            self.last = replace(self.last, replies=self.render(self.last.result))

    def press(self, wanted: str) -> InboundContent:
        """Return what comes of pressing an option; where there are no buttons it is typed.

        Args:
            wanted: its value, with or without `slot:<name>:` before it, or its label. One that
                is not offered is sent as a value: customers press what they were shown long ago.
        """
        option = self._option(wanted)
        if option is not None:
            for rendered in reversed(self.last.replies if self.last is not None else ()):
                if (number := rendered.number(option.value)) is not None:
                    return Text(text=number)
            return Choice(value=option.value, label=option.label)
        if PROFILES[self.channel].choices_max == 0:
            return Text(text=wanted)
        return Choice(value=wanted[:200])

    def _option(self, wanted: str) -> Option | None:
        offered = self.last.offered if self.last is not None else ()
        tests: tuple[Callable[[Option], bool], ...] = (
            lambda option: option.value == wanted,
            lambda option: option.value.startswith("slot:") and _slot_value(option) == wanted,
            lambda option: comparable(option.label) == comparable(wanted) != "",
        )
        found = (option for test in tests for option in offered if test(option))
        return next(found, None)

    def _turn(self, content: InboundContent) -> Taken:
        self.seq += 1
        understanding = self._understand(content)
        window = PROFILES[self.channel].reply_window_seconds
        result = take_turn(
            TurnInput(
                session=self.session,
                bot=self.bot,
                seq=self.seq,
                message=InboundMessage(
                    external_id=str(uuid5(NAMESPACE_OID, str(self.seq))),
                    address=self.address,
                    sender=self.sender,
                    content=content,
                    sent_at=self.now,
                ),
                understanding=understanding,
                customer=self.customer,
                conversation_id=HOME.conversation_id,
                state=self.state,
                owner=self.owner,
                owner_epoch=self.owner_epoch,
                language=self.language,
                search=self.search,
                now=self.now,
                actions=self.stubs.action,
                reply_window=timedelta(seconds=window) if window is not None else None,
            )
        )
        self.session.flush()
        self.state, self.language = result.state, result.language
        self.owner, self.owner_epoch = result.owner, result.owner_epoch
        for timer in result.timers:
            self.timers.pop(timer.replaces or "", None)
            self.timers.setdefault(timer.idem_key, timer)
        taken = Taken(self.seq, content, self.now, understanding, result, self.render(result))
        if not isinstance(content, Notice) or taken.replies:
            self.last = taken
        return taken

    def _understand(self, content: InboundContent) -> Understanding | None:
        """Understand a text as the engine does: only while the bot has the conversation."""
        if not isinstance(content, Text) or self.owner != "bot":
            return None
        return interpret(
            self.interpreter,
            [content.text],
            languages=[self.language],
            nows=[self.now.astimezone(self.bot.file.zone)],
        )[0]

    def moment(self) -> Moment:
        """Return everything as it is now."""
        self.session.commit()
        names = ("language", "now", "owner", "owner_epoch", "state", "seq", "last", "channel")
        facts = {name: getattr(self, name) for name in names}
        copies = {"timers": dict(self.timers), "calls": dict(self.stubs.calls)}
        return Moment({**facts, **copies}, _connection(self.session).serialize())

    def go_back(self, moment: Moment) -> None:
        """Make everything as it was at `moment`."""
        self.session.rollback()
        self.session.expunge_all()
        _connection(self.session).deserialize(moment.rows)
        facts = dict(moment.facts)
        self.timers = dict(facts.pop("timers"))
        self.stubs.calls = dict(facts.pop("calls"))
        for name, value in facts.items():
            setattr(self, name, value)


def _slot_value(option: Option) -> str:
    return option.value.split(":", 2)[-1]


def _connection(session: Session) -> sqlite3.Connection:
    raw = session.connection().connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError
    return raw


@cache
def _empty(tables: frozenset[str]) -> bytes:
    """Return a database with these tables, all that are known by now, and no rows."""
    del tables  # an action that is loaded later brings its own
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        rows = _connection(session).serialize()
    engine.dispose()
    return rows


@contextmanager
def open_talk(
    bot: Bot, *, interpreter: Interpreter, search: Search, runner: ActionRunner | None = None
) -> Iterator[Talk]:
    """Open a talk in a fresh database in memory, which is gone afterwards.

    Args:
        bot: who is talked to.
        interpreter: understands the customer.
        search: asks the knowledge base: question, language.
        runner: runs slow actions; None: they all fail.
    """
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    try:
        with Session(engine, expire_on_commit=False) as session:
            _connection(session).deserialize(_empty(frozenset(Base.metadata.tables)))
            yield Talk(bot, interpreter, search, session, stubs=Stubs(runner=runner))
    finally:
        engine.dispose()
