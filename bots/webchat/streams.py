"""Streams: who follows which conversation in this process, by socket, event stream or poll."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bots.metrics import SOCKETS
from bots.webchat.feed import Feed
from crm_store import transcript
from crm_store.database import Database

log = structlog.get_logger()

#: Conversations asked for in one statement.
QUERY_MAX: Final = 500

REPLACED: Final = 4009
RESTART: Final = 1012


class Streams:
    """The open feeds of this process; used on the event loop only."""

    def __init__(self) -> None:
        self._feeds: dict[UUID, list[Feed]] = {}
        self._stopping = False

    @contextmanager
    def follow(self, feed: Feed, *, most: int = 10) -> Iterator[None]:
        """Keep `feed` fed while the block runs; a newer one of the same tab ends an older one.

        Args:
            feed: what to feed.
            most: feeds one conversation may have; the oldest is ended for one too many.
        """
        feeds = self._feeds.setdefault(feed.conversation_id, [])
        for other in list(feeds):
            if feed.tab is not None and other.tab == feed.tab:
                other.end(REPLACED)
                feeds.remove(other)
        while len(feeds) >= most:
            feeds.pop(0).end(REPLACED)
        feeds.append(feed)
        if self._stopping:
            feed.end(RESTART)
        SOCKETS.inc()
        feed.open()
        try:
            yield
        finally:
            feed.close()
            SOCKETS.dec()
            if feed in feeds:
                feeds.remove(feed)
            if not feeds and self._feeds.get(feed.conversation_id) is feeds:
                del self._feeds[feed.conversation_id]

    def signal(self, conversation_id: UUID, frame: dict[str, Any], *, seq: int) -> None:
        """Show something that is not stored, unless it is out of date: later than `seq` came."""
        for feed in self._feeds.get(conversation_id, ()):
            feed.signal(frame, seq=seq)

    def stop(self) -> None:
        """End every stream: the server restarts; call when it begins to shut down."""
        self._stopping = True
        for feeds in self._feeds.values():
            for feed in feeds:
                feed.end(RESTART)

    @property
    def watched(self) -> list[UUID]:
        """Conversations somebody follows."""
        return list(self._feeds)

    @property
    def count(self) -> int:
        """How many streams are open."""
        return sum(len(feeds) for feeds in self._feeds.values())

    def catch_up(self, last_seqs: dict[UUID, int]) -> None:
        """Send feeds that lag behind these numbers to the store."""
        for conversation_id, last in last_seqs.items():
            for feed in self._feeds.get(conversation_id, ()):
                if feed.cursor < last:
                    feed.catch_up()


async def poll_watched(database: Database, streams: Streams, *, every: float = 1.0) -> None:
    """Look every so many seconds for what other processes delivered; runs until cancelled."""

    def look(ids: list[UUID]) -> dict[UUID, int]:
        with database.reading() as connection:
            return transcript.last_seqs(connection, ids)

    while True:
        await asyncio.sleep(every)
        watched = streams.watched
        try:
            for start in range(0, len(watched), QUERY_MAX):
                ids = watched[start : start + QUERY_MAX]
                streams.catch_up(await asyncio.to_thread(look, ids))
        except SQLAlchemyError as error:
            log.warning("webchat.poll_failed", error=type(error).__name__)
