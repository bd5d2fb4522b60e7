"""Delivery by commit: for channels whose peers read our own store, so exactly once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Table, and_, bindparam, select, text
from sqlalchemy.engine import Connection

from channels.messages import OutboundMessage
from crm_store.bulk import BulkUpdate
from crm_store.conversations import lock_sequences, write_sequences
from crm_store.outbox import OPEN, Delivered, OutboxItem, fences, refusal, refuse

_ROWS: Final[Table] = OutboxItem.__table__  # type: ignore[assignment]
# Statements of each message's way are built once: building one costs more than executing it.
_QUEUED: Final = and_(
    text(OPEN),
    _ROWS.c.state == "queued",
    _ROWS.c.channel.in_(bindparam("channels", expanding=True)),
)
_WITH_QUEUED: Final = (
    select(_ROWS.c.conversation_id)
    .where(_QUEUED)
    .distinct()
    .limit(bindparam("most", type_=Integer()))
)
_QUEUED_OF: Final = (
    select(_ROWS)
    .where(_QUEUED, _ROWS.c.conversation_id.in_(bindparam("ids", expanding=True)))
    .order_by(_ROWS.c.conversation_id, _ROWS.c.seq, _ROWS.c.position)
)
_DELIVERED: Final = BulkUpdate(_ROWS, keys=["id"], values=["state", "stream_seq", "sent_at"])


def deliver(
    connection: Connection, channels: Sequence[str], *, most: int, now: datetime
) -> list[Delivered]:
    """Deliver queued messages of channels whose peers read our own store; the commit delivers.

    Sequence locks come first: they make this the only deliverer of these conversations, so the
    rows are read after them.
    """
    queued = {"channels": list(channels)}
    ids = list(connection.execute(_WITH_QUEUED, {**queued, "most": most}).scalars())
    if not ids:
        return []
    last = lock_sequences(connection, ids)
    held = fences(connection, ids)
    rows = connection.execute(_QUEUED_OF, {**queued, "ids": ids}).all()
    delivered: list[Delivered] = []
    refused: list[tuple[Any, str, UUID]] = []
    touched: dict[UUID, int] = {}
    for row in rows:
        key = row.conversation_id
        if (reason := refusal(row, held[key].fence, now)) is not None:
            refused.append((row, reason, held[key].customer_id))
            continue
        seq = last[key] = touched[key] = last[key] + 1
        message = OutboundMessage.model_validate(row.message)
        delivered.append(Delivered(conversation_id=key, seq=seq, message=message, at=now))
    if delivered:
        _DELIVERED(
            connection,
            [
                {"id": i.message.id, "state": "sent", "stream_seq": i.seq, "sent_at": now}
                for i in delivered
            ],
        )
        write_sequences(connection, touched)
    refuse(connection, refused, now=now)
    return delivered
