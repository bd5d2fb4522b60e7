"""Read marks: how far visitors have read, gathered and written together.

They come with every glance at the widget and promise nothing, so they must not cost a commit each.
"""

import asyncio
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_store import transcript
from crm_store.database import Database

log = structlog.get_logger()

#: How long marks gather, in seconds.
GATHER_SECONDS: Final = 0.5


class Reads:
    """The read marks of this process that are not written yet; used on the event loop only."""

    def __init__(self, database: Database, *, gather: float = GATHER_SECONDS) -> None:
        self._database = database
        self._gather = gather
        self._marks: dict[UUID, int] = {}
        self._writing: asyncio.Task[None] | None = None

    def mark(self, conversation_id: UUID, seq: int) -> None:
        """Note that the visitor has seen everything up to `seq`."""
        self._marks[conversation_id] = max(seq, self._marks.get(conversation_id, 0))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_later(), name="webchat.reads")

    async def flush(self) -> None:
        """Write what waits, now."""
        marks, self._marks = self._marks, {}
        if not marks:
            return
        try:
            await asyncio.to_thread(self._write, marks)
        except SQLAlchemyError as error:
            log.warning("webchat.reads_failed", error=type(error).__name__)

    async def stop(self) -> None:
        """Write what waits and end."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self.flush()

    async def _write_later(self) -> None:
        while self._marks:
            await asyncio.sleep(self._gather)
            await self.flush()

    def _write(self, marks: dict[UUID, int]) -> None:
        with self._database.transaction() as connection:
            for conversation_id, seq in sorted(marks.items()):
                transcript.mark_read(connection, conversation_id, seq)
