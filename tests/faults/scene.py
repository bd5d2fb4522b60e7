"""A scene: one fault test's database, traffic, partner and processes, and its closing check."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import OperationalError

from crm_store.database import Database
from tests.faults.checker import Findings, check, is_quiet
from tests.faults.fleet import PATIENCE, Fleet, Nursery, wait_until
from tests.faults.traffic import Message, Recorder, Traffic


def tell(what: str) -> None:
    """Show a figure of a test to whoever runs it with `-s`."""
    sys.stderr.write(f"\n{what}\n")


async def until(true: Callable[[], bool]) -> None:
    """Wait on the event loop until `true()`."""
    while not true():  # noqa: ASYNC110 - other processes set no event here
        await asyncio.sleep(0.005)


class Scene:
    """Everything one fault test plays with."""

    def __init__(
        self, nursery: Nursery, database_url: str, recorder: Recorder, folder: Path
    ) -> None:
        self.nursery = nursery
        self.database_url = database_url
        self.recorder = recorder
        self.folder = folder
        self.database = Database(database_url, process="checker")
        self.traffic = Traffic()

    @property
    def is_sqlite(self) -> bool:
        """Whether one process does everything."""
        return self.database.is_sqlite

    def fleet(self, *, web: int = 1, workers: int = 1, **plan: object) -> Fleet:
        """Return the processes, not started yet; `plan` is for all of them."""
        return Fleet(
            self.nursery,
            self.database_url,
            recorder_url=self.recorder.url,
            folder=self.folder,
            web=web,
            workers=workers,
            plan=dict(plan),
        )

    async def send(self, fleet: Fleet, said: Sequence[Sequence[Message]], **how: int) -> None:
        """Send messages until all are acknowledged."""
        await self.traffic.send(fleet.ports, said, **how)

    async def settle(self, *, seconds: float = PATIENCE) -> float:
        """Wait until everything is answered and sent; return how long it took."""
        return await asyncio.to_thread(
            wait_until, self._is_quiet, "everything is answered and sent", seconds=seconds
        )

    def _is_quiet(self) -> bool:
        try:
            return is_quiet(self.database)
        except OperationalError:
            return False

    def check(self, *, dead: int = 0) -> Findings:
        """Return what is wrong now that nothing is under way."""
        return check(self.database, self.traffic, self.recorder, dead=dead)

    def close(self) -> None:
        """Close the checker's own connections."""
        self.database.close()
