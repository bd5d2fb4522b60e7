"""The timeline: the append-only history of a customer over all channels."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import BigInteger, Index, String, func, literal, select, text, tuple_
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.bulk import BulkInsert
from crm_store.database import Base, JsonObject

_CITED: Final = text("kind = 'article_cited'")


class TimelineEvent(Base):
    """One entry; its id is computed from its source, so recording it again is impossible."""

    __tablename__ = "timeline_events"
    __table_args__ = (
        Index("ix_timeline_events_customer_id_at", "customer_id", "at"),
        Index("ix_timeline_events_conversation_id_seq", "conversation_id", "seq"),
        # Who was given an article: few of all entries, sought over all customers.
        Index("ix_timeline_events_cited_at", "at", postgresql_where=_CITED, sqlite_where=_CITED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    conversation_id: Mapped[UUID | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)  # of the inbound item it belongs to
    position: Mapped[int]  # order among entries of one inbound item
    kind: Mapped[str] = mapped_column(String(64))  # "message_received", "lead_opened", ...
    actor: Mapped[str] = mapped_column(String(64))  # "customer", "bot", "staff:<id>", "engine"
    channel: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(200))  # what caused it, e.g. "inbox:<conv>:<seq>"
    data: Mapped[JsonObject]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Entry:
    """A timeline event about to be recorded."""

    customer_id: UUID
    kind: str
    actor: str
    channel: str
    source: str  #: together with kind and position unique for ever
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    conversation_id: UUID | None = None
    seq: int | None = None
    position: int = 0


_INSERT: Final = BulkInsert(TimelineEvent.__table__)  # type: ignore[arg-type]


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "id": uuid5(entry.customer_id, f"{entry.source}/{entry.kind}/{entry.position}"),
        "customer_id": entry.customer_id,
        "conversation_id": entry.conversation_id,
        "seq": entry.seq,
        "position": entry.position,
        "kind": entry.kind,
        "actor": entry.actor,
        "channel": entry.channel,
        "source": entry.source,
        "data": entry.data,
        "at": entry.at,
    }


def record(connection: Connection | Session, entries: list[Entry]) -> None:
    """Append `entries` in one statement.

    Raises:
        sqlalchemy.exc.IntegrityError: an entry of the same source, kind and position exists.
    """
    on = connection.connection() if isinstance(connection, Session) else connection
    _INSERT(on, [_row(entry) for entry in entries])


def read(
    connection: Connection | Session,
    customer_id: UUID,
    *,
    before: UUID | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Return the newest entries of a customer, oldest first.

    Args:
        before: id of the entry the previous page began with; an unknown one gives no entries.
        limit: entries per page.
    """
    table = TimelineEvent.__table__
    # Entries of one batch share their time; number and position order them as they happened.
    order = (table.c.at, func.coalesce(table.c.seq, 0), table.c.position, table.c.id)
    query = select(table).where(table.c.customer_id == customer_id)
    if before is not None:
        edge = connection.execute(
            select(*order).where(table.c.id == before, table.c.customer_id == customer_id)
        ).one_or_none()
        if edge is None:
            return []
        query = query.where(
            tuple_(*order)
            < tuple_(
                *(literal(value, column.type) for value, column in zip(edge, order, strict=True))
            )
        )
    rows = connection.execute(query.order_by(*(column.desc() for column in order)).limit(limit))
    return [dict(row._mapping) for row in reversed(rows.all())]
