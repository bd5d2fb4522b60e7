"""Timers: future work as rows; a due timer becomes an inbox item, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import Index, String, Table, delete, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from channels.messages import Address, InboundMessage, Notice, Sender
from crm_store.database import Base, JsonObject
from crm_store.inbox import Arrival, Stored, insert_new, put


class Timer(Base):
    """Something to do in a conversation at a time."""

    __tablename__ = "timers"
    __table_args__ = (Index("ix_timers_due_at", "due_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # from conversation and idem_key
    conversation_id: Mapped[UUID]
    address: Mapped[str] = mapped_column(String(900))
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[JsonObject]  # str -> str, handed to the flow
    due_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class NewTimer:
    """A timer about to be set."""

    address: Address
    kind: str
    due_at: datetime
    payload: dict[str, str]
    idem_key: str  #: setting the same key of a conversation again changes nothing
    replaces: str | None = None  #: key of a timer of the conversation that is taken away


_TIMERS: Final[Table] = Timer.__table__  # type: ignore[assignment]


def _id(timer: NewTimer, key: str) -> UUID:
    return uuid5(timer.address.conversation_id, f"timer/{key}")


def set_timers(connection: Connection, timers: Sequence[NewTimer]) -> None:
    """Set `timers`, leaving alone those already set, and take away those they replace."""
    replaced = [_id(timer, timer.replaces) for timer in timers if timer.replaces is not None]
    if replaced:
        connection.execute(delete(_TIMERS).where(_TIMERS.c.id.in_(replaced)))
    insert_new(
        connection,
        _TIMERS,
        [
            {
                "id": _id(timer, timer.idem_key),
                "conversation_id": timer.address.conversation_id,
                "address": str(timer.address),
                "kind": timer.kind,
                "payload": timer.payload,
                "due_at": timer.due_at,
            }
            for timer in timers
        ],
    )


def unset(connection: Connection, timers: Sequence[tuple[UUID, str]]) -> None:
    """Take timers away, each by its conversation and key; one that has fired changes nothing."""
    ids = [uuid5(conversation_id, f"timer/{key}") for conversation_id, key in timers]
    connection.execute(delete(_TIMERS).where(_TIMERS.c.id.in_(ids)))


def fire_due(
    connection: Connection, *, now: datetime, most: int, known: set[UUID]
) -> list[tuple[Arrival, Stored]]:
    """Turn due timers into inbox items and remove them, in the caller's one transaction."""
    rows = connection.execute(
        select(_TIMERS)
        .where(_TIMERS.c.due_at <= now)
        .order_by(_TIMERS.c.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return []
    arrivals: list[Arrival] = []
    for row in rows:
        address = Address.parse(row.address)
        message = InboundMessage(
            external_id=f"timer:{row.id}",
            address=address,
            sender=Sender(id=address.peer),
            content=Notice(name="timer", data={"timer": row.kind, **row.payload}),
            sent_at=row.due_at,
        )
        arrivals.append(Arrival(message=message, received_at=now))
    stored = put(connection, arrivals, known=known)
    connection.execute(delete(_TIMERS).where(_TIMERS.c.id.in_([row.id for row in rows])))
    return list(zip(arrivals, stored, strict=True))
