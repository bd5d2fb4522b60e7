"""Answering: held messages of channels that may speak only in the answer to a delivery.

What was said is noted before the answer leaves. When that is lost the provider delivers the same
message again, and gets the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.engine import Connection

from channels.messages import OutboundMessage
from crm_store.conversations import Conversation, lock_sequences, write_sequences
from crm_store.held import HELD_MAX
from crm_store.inbox import InboxItem
from crm_store.outbox import Delivered, OutboxItem, fences, refusal, refuse

#: Sent messages that are looked through for an answer that was given before.
_LOOKED_AT: Final = 30

_ROWS: Final[Table] = OutboxItem.__table__  # type: ignore[assignment]
_ITEMS: Final[Table] = InboxItem.__table__  # type: ignore[assignment]
_CONVERSATIONS: Final[Table] = Conversation.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Said:
    """How much of a message an answer says."""

    message: OutboundMessage
    pieces: int
    whole: bool  #: nothing of it is left


def is_done(connection: Connection, conversation_id: UUID, seq: int) -> bool:
    """Tell whether the turn of an inbound item was taken."""
    outcome = connection.execute(
        select(_ITEMS.c.outcome).where(
            _ITEMS.c.conversation_id == conversation_id, _ITEMS.c.seq == seq
        )
    ).scalar()
    return outcome is not None


def language_of(connection: Connection, conversation_id: UUID) -> str | None:
    """Return the language a conversation is held in, BCP-47, None where it is not known."""
    return connection.execute(
        select(_CONVERSATIONS.c.language).where(_CONVERSATIONS.c.id == conversation_id)
    ).scalar()


def lock_waiting(
    connection: Connection, conversation_id: UUID, *, now: datetime
) -> list[OutboundMessage]:
    """Return the messages that wait in a conversation, in order, for this transaction alone.

    What nobody wants any more, or a person has taken over since, is refused and told.
    """
    lock_sequences(connection, [conversation_id])
    rows = connection.execute(
        select(_ROWS)
        .where(_ROWS.c.conversation_id == conversation_id, _ROWS.c.state == "held")
        .order_by(_ROWS.c.seq, _ROWS.c.position)
    ).all()
    if not rows:
        return []
    fence = fences(connection, [conversation_id])[conversation_id]
    waiting: list[OutboundMessage] = []
    refused: list[tuple[Any, str, UUID]] = []
    for row in rows:
        reason = refusal(row, fence.fence, now)
        if reason is None and row.created_at < now - HELD_MAX:
            reason = "the customer did not write in time"
        if reason is not None:
            refused.append((row, reason, fence.customer_id))
            continue
        message = OutboundMessage.model_validate(row.message)
        waiting.append(message.model_copy(update={"part": row.part}))
    refuse(connection, refused, now=now)
    return waiting


def mark_said(
    connection: Connection,
    conversation_id: UUID,
    said: Sequence[Said],
    *,
    key: str,
    now: datetime,
) -> list[Delivered]:
    """Note what an answer says, in the transaction that locked it; what is whole is sent.

    Args:
        connection: of that transaction.
        conversation_id: where.
        said: in order.
        key: external id of the message that is answered.
        now: UTC.
    """
    seq = lock_sequences(connection, [conversation_id])[conversation_id]
    delivered: list[Delivered] = []
    for each in said:
        message = each.message
        ids = [_mark(key, message.part)]
        values: dict[str, Any] = {"part": message.part + each.pieces, "provider_ids": ids}
        if each.whole:
            seq += 1
            values = {"state": "sent", "stream_seq": seq, "sent_at": now, "provider_ids": ids}
            delivered.append(Delivered(conversation_id, seq, message, now))
        connection.execute(update(_ROWS).where(_ROWS.c.id == message.id).values(values))
    if delivered:
        write_sequences(connection, {conversation_id: seq})
    return delivered


def said_before(
    connection: Connection, conversation_id: UUID, *, key: str
) -> list[OutboundMessage]:
    """Return what the answer to a message said when it was delivered before, in order."""
    rows = connection.execute(
        select(_ROWS.c.message, _ROWS.c.provider_ids)
        .where(
            _ROWS.c.conversation_id == conversation_id,
            _ROWS.c.state.in_(["sent", "held"]),
            _ROWS.c.provider_ids.is_not(None),
        )
        .order_by(_ROWS.c.seq.desc(), _ROWS.c.position.desc())
        .limit(_LOOKED_AT)
    ).all()
    found: list[OutboundMessage] = []
    for row in reversed(rows):
        mark = str((row.provider_ids or [""])[0])
        if mark.rpartition(":")[0] == f"answer:{key}":
            part = int(mark.rpartition(":")[2])
            message = OutboundMessage.model_validate(row.message)
            found.append(message.model_copy(update={"part": part}))
    return found


def _mark(key: str, part: int) -> str:
    return f"answer:{key}:{part}"
