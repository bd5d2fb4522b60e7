"""A feed: one reader's place in one conversation, and what comes after it, gapless and in order.

What this process commits arrives by call and is handed on as it is. Whenever a number is missing,
or more waits than a reader should hold, the waiting part is dropped and read from the store: the
calls are a shortcut, the store is the truth, and a slow reader costs no memory.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bots.transcripts import Transcripts
from channels.webchat.wire import Event, event
from crm_store import transcript
from crm_store.database import Database
from crm_store.transcript import TranscriptEntry

log = structlog.get_logger()

#: Most events of one page.
PAGE_MAX: Final = 100
#: How long a reader waits before it asks a failing store again.
STORE_PAUSE_SECONDS: Final = 1.0

Frame = dict[str, Any]


class FeedEnded(Exception):  # noqa: N818 - not a fault: the other side is told by `code`
    """The server ends the stream; `code` is the WebSocket close code that says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Feed:
    """What one socket, event stream or poll still has to be told.

    Args:
        cursor: number of the newest event the reader has.
        tab: names the reader, so that a newer stream of it replaces this one.
    """

    def __init__(
        self,
        database: Database,
        transcripts: Transcripts,
        conversation_id: UUID,
        *,
        cursor: int,
        tab: str | None = None,
    ) -> None:
        self.conversation_id = conversation_id
        self.cursor = cursor
        self.tab = tab
        self._database = database
        self._transcripts = transcripts
        self._pending: deque[TranscriptEntry] = deque()
        self._behind = True
        self._signal: tuple[Frame, int] | None = None
        self._staffed = False
        self._ended: int | None = None
        self._wake = asyncio.Event()

    def open(self) -> None:
        """Begin to listen; before the first read, so that nothing falls between."""
        self._transcripts.listen(self.conversation_id, self._grew)

    def close(self) -> None:
        """Stop listening."""
        self._transcripts.forget(self.conversation_id, self._grew)

    def end(self, code: int) -> None:
        """Make the reader stop with this close code."""
        self._ended = code
        self._wake.set()

    def catch_up(self) -> None:
        """Read the store: something is there that no call told of."""
        self._behind = True
        self._wake.set()

    def signal(self, frame: Frame, *, seq: int) -> None:
        """Hand on a frame that is not stored, as long as nothing later than `seq` was."""
        self._signal = (frame, seq)
        self._wake.set()

    def _grew(self, entries: Sequence[TranscriptEntry]) -> None:
        if not entries:
            self._behind = True
        for entry in entries:
            newest = self._pending[-1].seq if self._pending else self.cursor
            if entry.seq == newest + 1 and len(self._pending) < PAGE_MAX:
                self._pending.append(entry)
            elif entry.seq > newest:
                self._behind = True
        self._wake.set()

    async def next(self) -> Frame:
        """Return the next frame: a page of events, or a signal; waits for one.

        Raises:
            FeedEnded: there will be none.
        """
        while True:
            if self._ended is not None:
                raise FeedEnded(self._ended)
            self._wake.clear()
            entries = self._take_pending() or await self._read()
            if entries:
                return {"type": "events", "events": [self._event(item) for item in entries]}
            if self._behind or self._pending:
                continue
            if (frame := self._take_signal()) is not None:
                return frame
            await self._wake.wait()

    def _take_pending(self) -> list[TranscriptEntry]:
        while self._pending and self._pending[0].seq <= self.cursor:
            self._pending.popleft()
        if self._pending and self._pending[0].seq != self.cursor + 1:
            self._pending.clear()
            self._behind = True
        entries = list(self._pending)
        self._pending.clear()
        return self._advance(entries)

    async def _read(self) -> list[TranscriptEntry]:
        if not self._behind:
            return []
        # Cleared before the read: what is committed during it sets the flag again.
        self._behind = False
        try:
            entries = await asyncio.to_thread(self._read_store, self.cursor)
        except SQLAlchemyError as error:
            log.warning("webchat.read_failed", error=type(error).__name__)
            self._behind = True
            await asyncio.sleep(STORE_PAUSE_SECONDS)
            return []
        except asyncio.CancelledError:
            self._behind = True
            raise
        if len(entries) >= PAGE_MAX:
            self._behind = True
        return self._advance(entries)

    def _read_store(self, after: int) -> list[TranscriptEntry]:
        with self._database.reading() as connection:
            return transcript.read(connection, self.conversation_id, after=after, limit=PAGE_MAX)

    def _advance(self, entries: list[TranscriptEntry]) -> list[TranscriptEntry]:
        if entries:
            self.cursor = entries[-1].seq
        return entries

    def _event(self, entry: TranscriptEntry) -> Event:
        made = event(
            seq=entry.seq,
            at=entry.at,
            direction=entry.direction,
            message=entry.message,
            conversation_id=self.conversation_id,
        )
        sender = made.get("from")
        if sender in {"bot", "staff"}:
            self._staffed = sender == "staff"
        return made

    def _take_signal(self) -> Frame | None:
        pending, self._signal = self._signal, None
        # While staff hold the conversation the bot writes nothing.
        if pending is None or self.cursor > pending[1] or self._staffed:
            return None
        return pending[0]
