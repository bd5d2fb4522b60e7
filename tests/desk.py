"""A desk for the engine: one worker on a real database, called by hand, with a clock by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bots.brain import Brain
from bots.watchdog import Watchdog
from bots.worker import Worker
from channels.messages import Address, InboundContent, Text
from crm_store import ledger
from crm_store.database import Database
from crm_store.wakeup import Wakeup
from dialogues.bot import Bot, load_bot
from knowledge_base.search import Knowledge
from nlu.understanding import Understanding
from tests.builders import MONDAY, an_address, an_arrival, store
from tests.faults.interpreter import KeywordInterpreter

ADA = an_address("ada")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


class Attentive:
    """An interpreter that remembers what it was asked, and dies of a word when told so."""

    def __init__(self, interpreter: Any = None) -> None:  # noqa: ANN401 - any Interpreter
        self.asked: list[str] = []
        self.dies_of = ""
        self._interpreter = interpreter or KeywordInterpreter()

    def interpret(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str | None],
        nows: Sequence[datetime] | None = None,
    ) -> list[Understanding]:
        """Return one Understanding per text, in order."""
        self.asked += texts
        if self.dies_of and any(self.dies_of in text for text in texts):
            raise RuntimeError(self.dies_of)
        found: list[Understanding] = self._interpreter.interpret(
            texts, languages=languages, nows=nows
        )
        return found


def echo(quiet: dict[str, timedelta]) -> Bot:
    """Return the bot of the fault tests, which answers everything, with these quiet times."""
    bot = load_bot(Path(__file__).parent / "faults" / "bot")
    return replace(bot, file=bot.file.model_copy(update={"quiet": quiet}))


class Desk:
    """One worker on a database."""

    def __init__(self, database: Database, bot: Bot, interpreter: Any = None) -> None:  # noqa: ANN401 - any Interpreter
        self.database = database
        self.clock = Clock()
        self.interpreter = Attentive(interpreter)
        self.worker = Worker(
            database,
            Brain(bot, self.interpreter, Knowledge({}, urls={}, encoder=None)),
            wakeup=Wakeup(),
            watchdog=Watchdog(),
            clock=self.clock,
        )

    def receive(
        self, *said: str | InboundContent, address: Address = ADA, after: float = 0.1
    ) -> None:
        """Store messages, each a moment after the one before."""
        for what in said:
            content = Text(text=what) if isinstance(what, str) else what
            with self.database.transaction() as connection:
                store(connection, [an_arrival(address=address, content=content, now=self.clock())])
            self.clock.now += timedelta(seconds=after)

    def say(self, *said: str | InboundContent, address: Address = ADA) -> None:
        """Store messages and answer each."""
        for what in said:
            self.receive(what, address=address)
            assert self.worker.work_once() == 1

    def rows(self, *columns: Any) -> list[Any]:  # noqa: ANN401 - columns of any type
        """Return columns of a table's rows, by the first of them."""
        with self.database.reading() as connection:
            return list(connection.execute(select(*columns).order_by(columns[0])))

    def faults(self) -> list[str]:
        """Return what the ledger complains about."""
        with self.database.reading() as connection:
            return ledger.draw(connection).faults
