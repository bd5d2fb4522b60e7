"""A seeded fault: duplicates are looked up first and remembered later, without any lock."""

import time
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Connection

from crm_store import inbox
from crm_store.inbox import Arrival, InboxItem, Stored


def bend() -> None:
    """Make ids unique when stored, after a check that two gateways can pass together."""
    put = inbox.put

    def racy_put(
        connection: Connection, arrivals: Sequence[Arrival], *, known: set[UUID]
    ) -> list[Stored]:
        fresh: list[Arrival] = []
        is_new: list[bool] = []
        for arrival in arrivals:
            name = arrival.message.external_id
            seen = connection.execute(
                select(InboxItem.seq).where(
                    InboxItem.conversation_id == arrival.message.address.conversation_id,
                    InboxItem.external_id.startswith(f"{name}#"),
                )
            ).first()
            is_new.append(seen is None)
            if seen is None:
                stamp = f"{name}#{time.monotonic_ns()}"
                message = arrival.message.model_copy(update={"external_id": stamp})
                fresh.append(Arrival(message, arrival.received_at, arrival.raw))
        time.sleep(0.02)
        stored = iter(put(connection, fresh, known=known))
        return [
            next(stored)
            if new
            else Stored(arrival.message.address.conversation_id, 0, duplicate=True)
            for arrival, new in zip(arrivals, is_new, strict=True)
        ]

    inbox.put = racy_put
