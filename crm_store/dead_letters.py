"""Dead letters: items given up after the last attempt; staff see and requeue them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import BigInteger, Index, Integer, String, Table, delete, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.conversations import Turn
from crm_store.database import Base
from crm_store.inbox import InboxItem, insert_new
from crm_store.outbox import OutboxItem


class DeadLetter(Base):
    """One item that was given up; never holds the message itself, only where it is."""

    __tablename__ = "dead_letters"
    __table_args__ = (Index("ix_dead_letters_created_at", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # "inbound" or "outbound"
    conversation_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)
    outbox_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(String(200))  # error class or provider's cause
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    requeued_at: Mapped[datetime | None]


_LETTERS: Final[Table] = DeadLetter.__table__  # type: ignore[assignment]


def bury(
    connection: Connection,
    *,
    conversation_id: UUID,
    seq: int,
    outbox_id: UUID | None,
    reason: str,
    attempts: int,
    now: datetime,
) -> None:
    """Record that an inbound item (no `outbox_id`) or an outbound message was given up."""
    kind = "inbound" if outbox_id is None else "outbound"
    name = f"dead/{kind}/{seq}/{outbox_id}/{now.isoformat()}"
    insert_new(
        connection,
        _LETTERS,
        [
            {
                "id": uuid5(conversation_id, name),
                "kind": kind,
                "conversation_id": conversation_id,
                "seq": seq,
                "outbox_id": outbox_id,
                "reason": reason[:200],
                "attempts": attempts,
                "created_at": now,
                "requeued_at": None,
            }
        ],
    )


def waiting(connection: Connection, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return the newest dead letters that were not requeued."""
    rows = connection.execute(
        select(_LETTERS)
        .where(_LETTERS.c.requeued_at.is_(None))
        .order_by(_LETTERS.c.created_at.desc())
        .limit(limit)
    )
    return [dict(row._mapping) for row in rows]


def requeue(connection: Connection, ids: Sequence[UUID], *, now: datetime) -> int:
    """Give dead letters another chance and return how many there were."""
    rows = connection.execute(
        select(_LETTERS)
        .where(_LETTERS.c.id.in_(ids), _LETTERS.c.requeued_at.is_(None))
        .with_for_update()
    ).all()
    items: Table = InboxItem.__table__  # type: ignore[assignment]
    outbox: Table = OutboxItem.__table__  # type: ignore[assignment]
    turns: Table = Turn.__table__  # type: ignore[assignment]
    for row in rows:
        if row.outbox_id is None:
            connection.execute(
                update(items)
                .where(
                    items.c.conversation_id == row.conversation_id,
                    items.c.seq == row.seq,
                    items.c.outcome == "dead_letter",
                )
                .values(outcome=None, done_at=None, attempts=0)
            )
            # The turn of the burial makes room for the one that is taken now.
            connection.execute(
                delete(turns).where(
                    turns.c.conversation_id == row.conversation_id, turns.c.seq == row.seq
                )
            )
        else:
            connection.execute(
                update(outbox)
                .where(outbox.c.id == row.outbox_id, outbox.c.state == "dead")
                .values(state="queued", attempts=0, not_before=now, reason="requeued")
            )
    connection.execute(
        update(_LETTERS).where(_LETTERS.c.id.in_([row.id for row in rows])).values(requeued_at=now)
    )
    return len(rows)
