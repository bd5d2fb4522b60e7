"""A seeded fault: messages are acknowledged before they are committed."""

import threading
from uuid import UUID

from bots.ingest import Ingest
from crm_store import inbox
from crm_store.inbox import Arrival, Stored


def bend() -> None:
    """Answer at once and store a moment later, as a queue in memory would."""
    waiting: list[Arrival] = []
    lock = threading.Lock()

    def store(self: Ingest, arrivals: list[Arrival]) -> list[Stored]:
        with lock:
            waiting.extend(arrivals)
        threading.Timer(0.1, flush, [self]).start()
        return [Stored(a.message.address.conversation_id, 0, duplicate=False) for a in arrivals]

    def flush(self: Ingest) -> None:
        with lock:
            arrivals = waiting.copy()
            waiting.clear()
        if arrivals:
            known: set[UUID] = set()
            with self._database.transaction() as connection:
                inbox.put(connection, arrivals, known=known)

    Ingest._store = store  # type: ignore[method-assign]
