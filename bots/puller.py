"""Puller: reads one account whose provider does not deliver, and stores before it moves on."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bots.ingest import Ingest, StoreUnavailableError
from bots.metrics import FAILURES
from channels.contract import Misconfigured, Pulled, PulledChannel, RateLimited
from crm_store.cursors import move_cursor, read_cursor
from crm_store.database import Database, utc_now
from crm_store.exclusive import Exclusive
from crm_store.inbox import Arrival

log = structlog.get_logger()

#: First and longest pause after a failure, seconds.
PAUSE_FIRST: Final = 1.0
PAUSE_LONGEST: Final = 30.0
#: Pause of an account that is configured wrongly, seconds.
PAUSE_MISCONFIGURED: Final = 60.0
#: How often a process that does not read looks whether the one that does has died, seconds.
STANDBY_SECONDS: Final = 2.0


class Puller:
    """One account's reader; of all processes one reads, the others stand by.

    What was read is stored first, then the cursor moves, then the provider hears of it: after a
    crash in between it is read again, and known by its ids.
    """

    def __init__(
        self,
        channel: PulledChannel,
        database: Database,
        ingest: Ingest,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._channel = channel
        self._database = database
        self._ingest = ingest
        self._clock = clock
        self._exclusive = Exclusive(database, f"pull:{channel.name}:{channel.account}")
        self._failures = 0

    async def run(self) -> None:
        """Read until cancelled."""
        try:
            while True:
                pause = await self.read_once()
                await asyncio.sleep(pause)
        finally:
            await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Let another process read."""
        self._exclusive.give_back()

    async def read_once(self) -> float:
        """Read once and return how long to wait before the next time, seconds."""
        try:
            if not await asyncio.to_thread(self._exclusive.take):
                return STANDBY_SECONDS
            cursor = await asyncio.to_thread(self._cursor)
            pulled = await self._channel.pull(cursor, now=self._clock())
            if pulled.failure is not None:
                return self._failed(pulled)
            await self._store(pulled)
            if pulled.cursor is not None and pulled.cursor != cursor:
                await asyncio.to_thread(self._move, pulled.cursor)
            await self._channel.acknowledge(pulled)
        except (StoreUnavailableError, SQLAlchemyError) as error:
            FAILURES.labels("pull", type(error).__name__).inc()
            log.warning("puller.not_stored", channel=self._channel.name)
            return self._pause()
        self._failures = 0
        return 0.0

    def _cursor(self) -> str | None:
        with self._database.reading() as connection:
            return read_cursor(connection, self._channel.name, self._channel.account)

    async def _store(self, pulled: Pulled) -> None:
        now = self._clock()
        # Submitted in one go: they share commits, and keep their order.
        await asyncio.gather(
            *(
                self._ingest.submit(Arrival(message=message, received_at=now, raw=raw))
                for message, raw in pulled.messages
            )
        )

    def _move(self, cursor: str) -> None:
        with self._database.transaction() as connection:
            move_cursor(
                connection,
                self._channel.name,
                self._channel.account,
                cursor,
                now=self._clock(),
            )

    def _failed(self, pulled: Pulled) -> float:
        failure = pulled.failure
        FAILURES.labels("pull", type(failure).__name__).inc()
        cause = getattr(failure, "cause", "")
        log.warning(
            "puller.failed",
            channel=self._channel.name,
            account=self._channel.account,
            failure=type(failure).__name__,
            cause=cause,
        )
        match failure:
            case RateLimited(after_seconds=seconds):
                return seconds
            case Misconfigured():
                return PAUSE_MISCONFIGURED
            case _:
                return self._pause()

    def _pause(self) -> float:
        self._failures += 1
        return min(PAUSE_LONGEST, PAUSE_FIRST * 2.0 ** (self._failures - 1))
