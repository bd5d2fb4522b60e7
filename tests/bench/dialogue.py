"""Measures the dialogue alone: turns of a bot's own conversations, with what they mean given.

Every turn goes through `take_turn` on a database in memory, as the engine would, without the
engine: no HTTP, no inbox, no understanding, no commit. Searches are looked up beforehand.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from bots.brain import Brain
from bots.preparation import prepare_bot
from bots.settings import Settings
from channels.messages import Address, Choice, InboundContent, InboundMessage, Sender, Text
from crm_store.customers import Customer, identify
from crm_store.database import Base
from dialogues.conversation_tests import ReadCase, read_cases
from dialogues.turn import TurnInput, take_turn
from knowledge_base.answer import SearchResult, Topic
from knowledge_base.search import Question
from nlu.understanding import Understanding

BOT = Path("bots/library/moss_and_kettle")
_CLOCK = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

#: Turns of one kind took: what the customer did, and whether the CRM was written.
_KINDS = ("all turns", "turns that only talk", "turns that write the CRM")


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a conversation, understood."""

    content: InboundContent
    understanding: Understanding | None


class Rehearsal:
    """The conversations of a bot, understood once, to be talked through again and again."""

    def __init__(self, brain: Brain, cases: Sequence[ReadCase]) -> None:
        self._brain = brain
        self._found: dict[Question, SearchResult] = {}
        self._engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        Base.metadata.create_all(self._engine)
        self._peers = 0
        self._talks = [(each.case.language, self._understand(each)) for each in cases]
        self.seconds: dict[str, float] = defaultdict(float)
        self.turns: Counter[str] = Counter()

    def _understand(self, read: ReadCase) -> list[Said]:
        said = []
        for spec in read.case.turns:
            if spec.press is not None:
                said.append(Said(Choice(value=spec.press), None))
            if not spec.words:
                continue  # time that passes, and notices, are nobody's words
            text = "\n".join(spec.words)
            meaning = self._brain.interpreter.interpret(
                [text], languages=[read.case.language], nows=[_CLOCK]
            )[0]
            said.append(Said(Text(text=text), meaning))
        return said

    def _search(
        self,
        question: str,
        language: str,
        *,
        topic: Topic | None = None,
        without: frozenset[str] = frozenset(),
    ) -> SearchResult:
        key = Question(question, language, topic, without)
        if key not in self._found:
            self._found[key] = self._brain.knowledge.search([key])[0]
        return self._found[key]

    def round(self) -> None:
        """Talk all conversations through once, each with a customer of its own."""
        with Session(self._engine, expire_on_commit=False) as session:
            for language, talk in self._talks:
                self._peers += 1
                address = Address(channel="webchat", account="bench", peer=f"p{self._peers}")
                sender = Sender(id=address.peer)
                customer = identify(session, [(address, sender)], now=_CLOCK)[address]
                self._talk(session, address, customer, language, talk)
            session.rollback()

    def _talk(
        self,
        session: Session,
        address: Address,
        customer: Customer,
        language: str | None,
        talk: Sequence[Said],
    ) -> None:
        state: dict[str, Any] = {}
        owner, epoch = "bot", 0
        for seq, said in enumerate(talk, 1):
            now = _CLOCK + timedelta(minutes=seq)
            turn = TurnInput(
                session=session,
                bot=self._brain.bot,
                seq=seq,
                message=InboundMessage(
                    external_id=str(seq),
                    address=address,
                    sender=Sender(id=address.peer),
                    content=said.content,
                    sent_at=now,
                ),
                understanding=said.understanding,
                customer=customer,
                conversation_id=address.conversation_id,
                state=state,
                owner=owner,  # type: ignore[arg-type] # one of the three words
                owner_epoch=epoch,
                language=language,
                search=self._search,
                now=now,
            )
            began = time.process_time()
            result = take_turn(turn)
            session.flush()
            took = time.process_time() - began
            state, language = result.state, result.language
            owner, epoch = result.owner, result.owner_epoch
            writes = any(not entry.kind.startswith("message_") for entry in result.entries)
            for kind in (_KINDS[0], _KINDS[2 if writes else 1]):
                self.seconds[kind] += took
                self.turns[kind] += 1


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    settings = Settings()
    brain = prepare_bot(
        BOT, encoder=settings.encoder, cache=settings.cache, public_url="http://127.0.0.1"
    )
    rehearsal = Rehearsal(brain, read_cases(BOT))
    rehearsal.round()  # what is built once is not measured
    rehearsal.seconds.clear()
    rehearsal.turns.clear()
    until = time.perf_counter() + options.seconds
    while time.perf_counter() < until:
        rehearsal.round()
    table = Table("", "turns", "turns/s of one core", "aim", title="Dialogue alone")
    for kind in _KINDS:
        turns, seconds = rehearsal.turns[kind], rehearsal.seconds[kind]
        aim = "5,000" if kind == _KINDS[0] else ""
        table.add_row(kind, f"{turns:,}", f"{turns / max(seconds, 1e-9):,.0f}", aim)
    Console().print(table)


if __name__ == "__main__":
    main()
