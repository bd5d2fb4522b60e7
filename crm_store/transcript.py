"""The transcript of a conversation: what came and went, under one gapless numbering."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.engine import Connection

from crm_store.conversations import ConversationSequence
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem

_ITEMS: Table = InboxItem.__table__  # type: ignore[assignment]
_ROWS: Table = OutboxItem.__table__  # type: ignore[assignment]
_SEQUENCES: Table = ConversationSequence.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class TranscriptEntry:
    """One numbered entry; `message` is an InboundMessage or OutboundMessage as JSON data."""

    seq: int
    at: datetime
    direction: Literal["in", "out"]
    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a conversation goes."""

    last_seq: int  #: number of the newest entry, 0 for none
    first_seq: int  #: number of the oldest entry that is still kept
    read_seq: int  #: newest the peer has seen


def cursor(connection: Connection, conversation_id: UUID) -> Cursor:
    """Return the ends of a conversation's transcript; all zero for one that does not exist."""
    row = connection.execute(
        select(_SEQUENCES).where(_SEQUENCES.c.conversation_id == conversation_id)
    ).one_or_none()
    if row is None:
        return Cursor(0, 0, 0)
    return Cursor(row.last_seq, row.pruned + 1, row.read_seq)


def last_seqs(connection: Connection, conversation_ids: list[UUID]) -> dict[UUID, int]:
    """Return the newest number of each conversation that exists."""
    rows = connection.execute(
        select(_SEQUENCES.c.conversation_id, _SEQUENCES.c.last_seq).where(
            _SEQUENCES.c.conversation_id.in_(conversation_ids)
        )
    )
    return {row.conversation_id: row.last_seq for row in rows}


def read(
    connection: Connection, conversation_id: UUID, *, after: int, limit: int = 100
) -> list[TranscriptEntry]:
    """Return the entries with numbers greater than `after`, in order, at most `limit`.

    Only a gapless run is returned: both halves are read by separate statements, and on PostgreSQL
    a commit between them must not make the reader skip a number.
    """
    outbound = connection.execute(
        select(_ROWS.c.stream_seq, _ROWS.c.sent_at, _ROWS.c.message)
        .where(_ROWS.c.conversation_id == conversation_id, _ROWS.c.stream_seq > after)
        .order_by(_ROWS.c.stream_seq)
        .limit(limit)
    )
    entries = [TranscriptEntry(r.stream_seq, r.sent_at, "out", r.message) for r in outbound]
    inbound = connection.execute(
        select(_ITEMS.c.seq, _ITEMS.c.received_at, _ITEMS.c.message)
        .where(_ITEMS.c.conversation_id == conversation_id, _ITEMS.c.seq > after)
        .order_by(_ITEMS.c.seq)
        .limit(limit)
    )
    entries += [TranscriptEntry(r.seq, r.received_at, "in", r.message) for r in inbound]
    entries.sort(key=lambda entry: entry.seq)
    run: list[TranscriptEntry] = []
    for expected, entry in enumerate(entries[:limit], start=after + 1):
        if entry.seq != expected:
            break
        run.append(entry)
    return run


def mark_read(connection: Connection, conversation_id: UUID, seq: int) -> None:
    """Note that the peer has seen all up to `seq`; never goes back or past the end."""
    connection.execute(
        update(_SEQUENCES)
        .where(
            _SEQUENCES.c.conversation_id == conversation_id,
            _SEQUENCES.c.read_seq < seq,
            _SEQUENCES.c.last_seq >= seq,
        )
        .values(read_seq=seq)
    )
