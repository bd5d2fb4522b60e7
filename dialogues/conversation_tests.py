"""A bot's own tests: reads `conversations/*.yml` and talks each of them through, turn by turn.

Every case has a fresh database in memory and goes through `take_turn` as the engine does.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

from pydantic import Field, JsonValue, RootModel, model_validator
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from channels.messages import (
    Address,
    Choice,
    InboundContent,
    InboundMessage,
    Sender,
    Text,
    fallback_text,
)
from crm_store.conversations import Owner
from crm_store.customers import identify
from crm_store.database import Base
from dialogues.bot import Bot
from dialogues.strict import Strict
from dialogues.turn import TurnInput, TurnResult, take_turn
from knowledge_base.answer import SearchResult
from nlu.clauses import interpret
from nlu.interpreter import Interpreter
from nlu.understanding import Understanding
from nlu.yaml_file import Fault, FaultyFileError, YamlFile

#: Who talks to the bot, the same in every case.
ADDRESS: Final = Address(channel="webchat", account="test", peer="test")
SENDER: Final = Sender(id="test")

#: When the first turn of every case happens; each turn is a minute later.
CLOCK: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Expect(Strict):
    """What must be true after a turn; what is not named is not looked at."""

    flow: str | None = None
    says: tuple[str, ...] = ()
    not_says: tuple[str, ...] = ()
    text: str | None = None
    slots: dict[str, JsonValue] = Field(default_factory=dict)
    article: str | None = None
    near: bool | None = None
    lead: str | None = None
    ticket: bool | None = None
    feedback: int | None = None
    hand_off: str | None = None
    intent: str | None = None
    language: str | None = None
    entities: dict[str, JsonValue] = Field(default_factory=dict)


class TurnSpec(Strict):
    """What the customer writes or presses, and what must come of it."""

    user: str | None = Field(default=None, min_length=1, max_length=4000)
    press: str | None = Field(default=None, min_length=1, max_length=200)
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.user is None) is (self.press is None):
            message = "a turn has either `user` or `press`"
            raise ValueError(message)
        return self


class Case(Strict):
    """One conversation."""

    name: str = Field(min_length=1)
    language: str | None = None  #: of the conversation at its start
    turns: tuple[TurnSpec, ...] = Field(min_length=1)


class _File(RootModel[tuple[Case, ...]]):
    pass


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one conversation went."""

    path: Path
    line: int
    name: str
    failures: tuple[str, ...]  #: readable, one for each thing that was not as expected
    transcript: str

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures

    def __str__(self) -> str:
        """Return the outcome with what differed and what was said."""
        if self.passed:
            return f"passed {self.path.name}: {self.name}"
        failures = "\n".join(f"  {failure}" for failure in self.failures)
        return f"FAILED {self.path}:{self.line}: {self.name}\n{failures}\n{self.transcript}"


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A case with the place it was read from."""

    path: Path
    line: int
    case: Case


def read_cases(folder: Path) -> list[ReadCase]:
    """Return the conversations of the bot in `folder`.

    Raises:
        FaultyFileError: with every fault found.
    """
    found: list[ReadCase] = []
    faults: list[Fault] = []
    for path in sorted((folder / "conversations").glob("*.yml")):
        try:
            file = YamlFile.read(path)
            cases = file.validate(_File).root
        except FaultyFileError as error:
            faults += error.faults
            continue
        names: set[str] = set()
        for index, case in enumerate(cases):
            if case.name in names:
                faults.append(file.fault((index, "name"), f"{case.name!r} is given twice"))
            names.add(case.name)
            found.append(ReadCase(path, file.line((index,)), case))
    if faults:
        raise FaultyFileError(faults)
    return found


def run_conversations(
    bot: Bot,
    *,
    interpreter: Interpreter,
    search: Callable[[str, str], SearchResult],
    cases: Iterable[ReadCase] | None = None,
) -> Iterator[CaseResult]:
    """Talk the bot's conversations through, and yield how each went.

    Args:
        bot: the bot to test.
        interpreter: understands the customer.
        search: asks the knowledge base: question, language.
        cases: which conversations; those in the bot's folder when None.

    Raises:
        FaultyFileError: the conversations cannot be read.
    """
    for read in read_cases(bot.folder) if cases is None else cases:
        with _memory() as session:
            yield _Talk(bot, interpreter, search, session, read.case.language).run(read)


@contextmanager
def _memory() -> Iterator[Session]:
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    Base.metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@dataclass
class _Talk:
    """One conversation while it is talked through."""

    bot: Bot
    interpreter: Interpreter
    search: Callable[[str, str], SearchResult]
    session: Session
    language: str | None
    owner: Owner = "bot"
    owner_epoch: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    slots: dict[str, JsonValue] = field(default_factory=dict)
    seq: int = 0
    address: Address = ADDRESS
    sender: Sender = SENDER

    def run(self, read: ReadCase) -> CaseResult:
        failures: list[str] = []
        lines: list[str] = []
        for spec in read.case.turns:
            understanding, result = self._turn(spec)
            lines.append(f"    > {spec.user if spec.user is not None else f'[{spec.press}]'}")
            for reply in result.replies:
                lines += [f"    < {line}" for line in fallback_text(reply.content).splitlines()]
            where = f"turn {self.seq} ({spec.user or spec.press}): "
            differences = _differences(spec.expect, self._seen(understanding, result), result)
            failures += [where + difference for difference in differences]
        return CaseResult(
            path=read.path,
            line=read.line,
            name=read.case.name,
            failures=tuple(failures),
            transcript="\n".join(lines),
        )

    def _turn(self, spec: TurnSpec) -> tuple[Understanding | None, TurnResult]:
        self.seq += 1
        now = CLOCK + timedelta(minutes=self.seq)
        content: InboundContent = (
            Text(text=spec.user) if spec.user is not None else Choice(value=spec.press or "")
        )
        understanding = None
        if spec.user is not None:
            understanding = interpret(
                self.interpreter,
                [spec.user],
                languages=[self.language],
                nows=[now.astimezone(self.bot.file.zone)],
            )[0]
        customers = identify(self.session, [(self.address, self.sender)], now=now)
        result = take_turn(
            TurnInput(
                session=self.session,
                bot=self.bot,
                seq=self.seq,
                message=InboundMessage(
                    external_id=str(uuid4()),
                    address=self.address,
                    sender=self.sender,
                    content=content,
                    sent_at=now,
                ),
                understanding=understanding,
                customer=customers[self.address],
                conversation_id=self.address.conversation_id,
                state=self.state,
                owner=self.owner,
                owner_epoch=self.owner_epoch,
                language=self.language,
                search=self.search,
                now=now,
            )
        )
        self.session.flush()
        self.state, self.language = result.state, result.language
        self.owner, self.owner_epoch = result.owner, result.owner_epoch
        return understanding, result

    def _seen(self, understanding: Understanding | None, result: TurnResult) -> dict[str, Any]:
        """Return the facts of a turn under the names `expect` uses."""
        trace = [item for item in result.trace if isinstance(item, dict)]
        frames = result.state.get("frames", [])
        self.slots |= frames[-1].get("slots", {}) if frames else {}
        data = {entry.kind: entry.data for entry in result.entries}
        found = understanding.entities if understanding is not None else ()
        return {
            "flow": frames[-1]["flow"] if frames else None,
            "says": [item["say"] for item in trace if "say" in item],
            "slots": self.slots | _final_slots(trace),
            "article": data.get("article_cited", {}).get("article"),
            "near": any("near" in item for item in trace),
            "lead": data.get("lead_opened", {}).get("status"),
            "ticket": "ticket_opened" in data,
            "feedback": data.get("feedback_given", {}).get("rating"),
            "hand_off": data.get("handoff_requested", {}).get("desk"),
            "intent": understanding.intent if understanding is not None else None,
            "language": result.language,
            "entities": {entity.name: entity.value for entity in found},
        }


def _final_slots(trace: Iterable[dict[str, Any]]) -> dict[str, JsonValue]:
    """Return the slots of flows that ended within the turn, as the trace kept them."""
    final: dict[str, JsonValue] = {}
    for item in trace:
        final |= item.get("ended_with", {})
    return final


def _differences(expect: Expect, seen: dict[str, Any], result: TurnResult) -> Iterator[str]:
    for name in sorted(expect.model_fields_set & set(seen) - {"says", "slots", "entities"}):
        wanted = getattr(expect, name)
        if seen[name] != wanted:
            yield f"{name}: expected {wanted!r}, but it was {seen[name]!r}"
    for name in ("slots", "entities"):
        for key, wanted in getattr(expect, name).items():
            if key not in seen[name]:
                yield f"{name}.{key}: expected {wanted!r}, but it has no value"
            elif seen[name][key] != wanted:
                yield f"{name}.{key}: expected {wanted!r}, but it was {seen[name][key]!r}"
    said = iter(seen["says"])
    if not all(response in said for response in expect.says):
        yield f"says: expected {list(expect.says)} in this order, but it said {seen['says']}"
    for response in expect.not_says:
        if response in seen["says"]:
            yield f"not_says: it said {response!r}"
    if expect.text is not None:
        texts = [fallback_text(reply.content) for reply in result.replies]
        if not any(expect.text in text for text in texts):
            yield f"text: expected {expect.text!r} in one of the replies {texts}"
