"""Ingest: stores what arrives in group commits, and answers each sender only after its commit."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from bots.crashpoints import crashpoint
from bots.metrics import INGEST_BATCH, INGEST_SECONDS
from crm_store import inbox
from crm_store.database import Database
from crm_store.inbox import Arrival, Stored

log = structlog.get_logger()

#: Most arrivals of one group commit.
GROUP_MAX: Final = 128
#: Ids of conversations known to exist that a process remembers; beyond, it starts afresh.
KNOWN_MAX: Final = 200_000
#: Arrivals that may wait for a commit; more means the database does not keep up.
WAITING_MAX: Final = 5_000

#: Called after each commit with what was stored: wakes workers and transcripts.
AfterCommit = Callable[[Sequence[tuple[Arrival, Stored]]], None]


class StoreUnavailableError(Exception):
    """The database takes no writes now; try again in a moment."""


@dataclass(slots=True)
class _Waiting:
    arrival: Arrival
    stored: asyncio.Future[Stored]


class Ingest:
    """The door of one process: `submit` returns when the message is safe on disk.

    While one group commits, the next gathers: a single message waits for nothing, a thousand
    share a few commits.
    """

    def __init__(self, database: Database, *, after_commit: AfterCommit) -> None:
        self._database = database
        self._after_commit = after_commit
        self._known: set[UUID] = set()
        self._waiting: list[_Waiting] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest")
        self._loop: asyncio.Task[None] | None = None
        self._arrived = asyncio.Event()
        self._stopping = False

    def start(self) -> None:
        """Start gathering; call on the running event loop."""
        self._loop = asyncio.create_task(self._run(), name="ingest")

    async def stop(self) -> None:
        """Commit what waits, then stop; later submissions are refused."""
        self._stopping = True
        self._arrived.set()
        if self._loop is not None:
            await self._loop
        self._thread.shutdown(wait=True)

    async def submit(self, arrival: Arrival) -> Stored:
        """Store one arrival and return its place once it is committed.

        Raises:
            StoreUnavailableError: nothing was stored.
        """
        if self._stopping or len(self._waiting) >= WAITING_MAX:
            raise StoreUnavailableError
        waiting = _Waiting(arrival, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.stored

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if not self._waiting:
                if self._stopping:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            group, self._waiting = self._waiting[:GROUP_MAX], self._waiting[GROUP_MAX:]
            try:
                stored = await loop.run_in_executor(
                    self._thread, self._store, [item.arrival for item in group]
                )
            except Exception as error:  # noqa: BLE001 - every waiting sender must be answered
                await self._store_singly(group, error)
                continue
            self._resolve(group, stored)

    def _store(self, arrivals: list[Arrival]) -> list[Stored]:
        INGEST_BATCH.observe(len(arrivals))
        with INGEST_SECONDS.time():
            crashpoint("ingest.parsed")
            with self._database.transaction() as connection:
                stored = inbox.put(connection, arrivals, known=self._known)
                crashpoint("ingest.inserted")
            crashpoint("ingest.committed")
            if len(self._known) > KNOWN_MAX:
                self._known.clear()
            self._known.update(item.conversation_id for item in stored)
            return stored

    async def _store_singly(self, group: list[_Waiting], error: Exception) -> None:
        """After a failed group: refuse all when the database is down, else find the culprit."""
        log.warning("ingest.group_failed", size=len(group), error=type(error).__name__)
        down = isinstance(error, OperationalError | InterfaceError)
        loop = asyncio.get_running_loop()
        for item in group:
            if down:
                self._refuse(item)
                continue
            try:
                stored = await loop.run_in_executor(self._thread, self._store, [item.arrival])
            except Exception as again:  # noqa: BLE001 - as above
                log.warning("ingest.item_refused", error=type(again).__name__)
                self._refuse(item)
            else:
                self._resolve([item], stored)

    @staticmethod
    def _refuse(item: _Waiting) -> None:
        if not item.stored.done():
            item.stored.set_exception(StoreUnavailableError())

    def _resolve(self, group: list[_Waiting], stored: list[Stored]) -> None:
        try:
            self._after_commit(
                [(item.arrival, place) for item, place in zip(group, stored, strict=True)]
            )
        except Exception as error:  # noqa: BLE001 - hints only; what is stored must be acknowledged
            log.warning("ingest.hint_failed", error=type(error).__name__)
        for item, place in zip(group, stored, strict=True):
            if not item.stored.done():
                item.stored.set_result(place)
