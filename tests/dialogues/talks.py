"""A conversation with the test bot: hand-made interpreter and search, all else is real."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from channels.messages import (
    Address,
    Card,
    Choice,
    Choices,
    InboundContent,
    InboundMessage,
    Sender,
    Text,
    fallback_text,
)
from crm_store.conversations import Owner
from crm_store.customers import Customer, identify
from crm_store.database import Base
from dialogues.bot import Bot, load_bot
from dialogues.turn import TurnInput, TurnResult, take_turn
from knowledge_base.answer import Answer, NearQuestion, SearchResult, Topic
from knowledge_base.questions import record
from nlu.clauses import interpret
from nlu.entity_finder import EntityFinder
from nlu.feeling import feel
from nlu.text import comparable, han_count, normalise
from nlu.understanding import IntentScore, Understanding

FOLDER = Path(__file__).parent / "corner_shop"
ADDRESS = Address(channel="webchat", account="demo", peer="v1")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

#: Comparable text, or its beginning with a star, -> intent.
INTENTS = {
    "hello": "greet",
    "thanks": "thank",
    "bye": "goodbye",
    "你好": "greet",
    "are you a robot": "chitchat_bot",
    "you are useless": "insult",
    "i want a quote*": "request_quote",
    "i need a quote*": "request_quote",
    "quote for*": "request_quote",
    "我要询价*": "request_quote",
    "i have a problem*": "report_problem",
    "我要报修": "report_problem",
    "where is my order*": "order_status",
    "查订单*": "order_status",
    "i want to rate you": "give_feedback",
    "send me news": "news_sign_up",
    "get me out of this form": "cancel",
    "cancel my order": "cancel",
    "i would rather have someone alive": "ask_human",
    "yes please do that": "affirm",
}
AMBIGUOUS = {
    "something about an order": ("order_status", "request_quote"),
    "an order or a quote": ("order_status", "request_quote"),
    "can i have an order or a quote": ("order_status", "request_quote"),
    "an order or returns": ("order_status", "ask_knowledge"),
}

_RETURNS = Answer(
    text="You can return it within **30 days**.",
    title="How do I return a product?",
    article_id="returns",
    version="v1",
    passage_id="returns#0",
    score=0.9,
    url="https://shop.example/returns",
    language="en",
)
_REFUNDS = replace(
    _RETURNS, title="How are refunds paid?", article_id="refunds", passage_id="refunds#0"
)
ANSWERS = {
    "how are refunds paid": _REFUNDS,
    "how do i return a product": _RETURNS,
    "如何退货": replace(_RETURNS, language="zh"),
    "可以退货退到英国吗": _RETURNS,
    "can i send it back": _RETURNS,
    "the lid does not fit": _RETURNS,
    "an order or a quote": _RETURNS,
    "can i have an order or a quote": _RETURNS,
    "an order or returns": _RETURNS,
}
NEAR = {
    "refnds": (NearQuestion("How do I return a product?", "returns", 0.4),),
    "how do i return a product": (NearQuestion("How are refunds paid?", "refunds", 0.3),),
}


#: What goes on about an answer, and what it was asked with.
FOLLOWING = {"and for refunds": _REFUNDS}
TOPICS: list[Topic] = []
#: What else answers a question.
SECOND: dict[str, str] = {}


def search(
    question: str,
    language: str,
    *,
    topic: Topic | None = None,
    without: frozenset[str] = frozenset(),
) -> SearchResult:
    """Return what the hand-made knowledge base holds."""
    del language
    key = comparable(question)
    if topic is not None:
        TOPICS.append(topic)
        answer = ANSWERS.get(key, FOLLOWING.get(key))
        if answer is not None and answer.article_id in without:
            return SearchResult(None)
        return SearchResult(answer, read_as=f"{topic.question} {question}", ways=("follow_up",))
    answer = ANSWERS.get(key)
    if answer is not None and answer.article_id in without:
        answer = next((a for a in ANSWERS.values() if a.article_id == SECOND.get(key)), None)
    if key.startswith("how do i retrun"):
        return SearchResult(
            _RETURNS, read_as=question.replace("retrun", "return"), ways=("spelling",)
        )
    return SearchResult(answer=answer, near=NEAR.get(key, ()))


class FakeInterpreter:
    """Knows the intents of the table above; finds entities as the real one does."""

    def __init__(self, bot: Bot) -> None:
        self._finder = EntityFinder.from_parts(
            patterns=bot.file.patterns,
            lookups=bot.file.lookups,
            phone_region=bot.file.phone_region,
        )

    def interpret(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str | None],
        nows: Sequence[datetime] | None = None,
    ) -> list[Understanding]:
        """Return one Understanding per text, in order."""
        said_at = nows if nows is not None else [NOW] * len(texts)
        return [self._one(*each) for each in zip(texts, languages, said_at, strict=True)]

    def _one(self, text: str, hint: str | None, now: datetime) -> Understanding:
        words = comparable(text)
        language = "zh" if han_count(text) else (hint if "@" in text and hint else "en")
        entities = self._finder.find(text, language, now=now)
        if words in AMBIGUOUS:
            ranked = tuple(IntentScore(name, 0.4) for name in AMBIGUOUS[words])
            return Understanding(text, language, ranked, entities, outcome="ambiguous")
        intent = INTENTS.get(words) or next(
            (i for t, i in INTENTS.items() if t.endswith("*") and words.startswith(t[:-1])), None
        )
        if intent is None:
            upset = feel(normalise(text)).frustration
            ranked = (IntentScore("greet", 0.05),)
            return Understanding(text, language, ranked, entities, frustration=upset)
        scores = (IntentScore(intent, 0.95),)
        return Understanding(text, language, scores, entities, outcome="clear")


@cache
def interpreter_of(folder: Path) -> FakeInterpreter:
    """Return the interpreter of a bot, made once."""
    return FakeInterpreter(load_bot(folder))


@cache
def corner_shop() -> Bot:
    """Return the test bot."""
    return load_bot(FOLDER)


def memory() -> Session:
    """Return a session on a fresh database in memory."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    Base.metadata.create_all(engine)
    return Session(engine, expire_on_commit=False)


@dataclass
class Talk:
    """A conversation, one call per turn."""

    bot: Bot = field(default_factory=corner_shop)
    session: Session = field(default_factory=memory)
    state: dict[str, Any] = field(default_factory=dict)
    owner: Owner = "bot"
    owner_epoch: int = 0
    language: str | None = None
    seq: int = 0
    last: TurnResult | None = None
    address: Address = ADDRESS

    @property
    def customer(self) -> Customer:
        """The one customer there is."""
        sender = Sender(id="v1")
        return identify(self.session, [(self.address, sender)], now=NOW)[self.address]

    def input(self, content: InboundContent) -> TurnInput:
        """Return the next turn's input."""
        understanding = None
        now = NOW + timedelta(minutes=self.seq)
        if isinstance(content, Text):
            understanding = interpret(
                interpreter_of(self.bot.folder),
                [content.text],
                languages=[self.language],
                nows=[now.astimezone(self.bot.file.zone)],
            )[0]
        return TurnInput(
            session=self.session,
            bot=self.bot,
            seq=self.seq,
            message=InboundMessage(
                external_id=f"m{self.seq}",
                address=self.address,
                sender=Sender(id="v1"),
                content=content,
                sent_at=now,
            ),
            understanding=understanding,
            customer=self.customer,
            conversation_id=self.address.conversation_id,
            state=self.state,
            owner=self.owner,
            owner_epoch=self.owner_epoch,
            language=self.language,
            search=search,
            now=now,
        )

    def take(self, content: InboundContent) -> TurnResult:
        """Take one turn and keep what the engine would keep."""
        self.seq += 1
        result = take_turn(self.input(content))
        self.session.flush()
        record(self.session.connection(), result.asked, result.sequels)
        self.state, self.language = result.state, result.language
        self.owner, self.owner_epoch = result.owner, result.owner_epoch
        self.last = result
        return result

    def say(self, text: str) -> list[str]:
        """Write `text`; return the ids of what the bot said."""
        return said(self.take(Text(text=text)))

    def press(self, value: str) -> list[str]:
        """Press an option; return the ids of what the bot said."""
        return said(self.take(Choice(value=value)))

    @property
    def slots(self) -> dict[str, Any]:
        """What the open flow knows."""
        frames = self.state.get("frames", [])
        return dict(frames[-1].get("slots", {})) if frames else {}

    @property
    def flow(self) -> str | None:
        """The open flow."""
        frames = self.state.get("frames", [])
        return str(frames[-1]["flow"]) if frames else None

    @property
    def texts(self) -> list[str]:
        """The last replies as plain text."""
        return [fallback_text(reply.content) for reply in self.last.replies] if self.last else []

    @property
    def options(self) -> list[str]:
        """The values offered by the last replies."""
        replies = self.last.replies if self.last else ()
        return [
            option.value
            for reply in replies
            if isinstance(reply.content, Choices | Card)
            for option in reply.content.options
        ]

    def kinds(self) -> list[str]:
        """Return the kinds of the last turn's timeline entries."""
        return [entry.kind for entry in self.last.entries] if self.last else []

    def rows(self, model: type[Any]) -> list[Any]:
        """Return all rows of a table."""
        return list(self.session.scalars(select(model)))

    def count(self, model: type[Any]) -> int:
        """Return how many rows a table has."""
        return self.session.scalar(select(func.count()).select_from(model)) or 0


def said(result: TurnResult) -> list[str]:
    """Return the ids of the responses in a turn's trace."""
    return [str(item["say"]) for item in result.trace if isinstance(item, dict) and "say" in item]
