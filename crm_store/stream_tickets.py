"""Stream tickets: single-use permits to open one web chat socket, shared by all web processes."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from uuid import UUID

from sqlalchemy import String, delete
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.database import Base

#: How long a ticket may wait to be used.
LIFETIME: Final = timedelta(seconds=60)


class StreamTicket(Base):
    """One unused permit; only its hash is stored."""

    __tablename__ = "stream_tickets"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[UUID]
    account: Mapped[str] = mapped_column(String(200))
    peer: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime]


def _hash(ticket: str) -> str:
    return sha256(ticket.encode("utf-8", "replace")).hexdigest()


def issue(
    connection: Connection, *, conversation_id: UUID, account: str, peer: str, now: datetime
) -> str:
    """Return a new ticket for this peer's conversation, and forget those that ran out."""
    connection.execute(delete(StreamTicket).where(StreamTicket.expires_at < now))
    ticket = token_urlsafe(24)
    connection.execute(
        StreamTicket.__table__.insert().values(  # type: ignore[attr-defined]
            hash=_hash(ticket),
            conversation_id=conversation_id,
            account=account,
            peer=peer,
            expires_at=now + LIFETIME,
        )
    )
    return ticket


def redeem(connection: Connection, ticket: str, *, now: datetime) -> tuple[UUID, str, str] | None:
    """Use a ticket up and return its conversation, account and peer; None when it is no good."""
    row = connection.execute(
        delete(StreamTicket)
        .where(StreamTicket.hash == _hash(ticket))
        .returning(
            StreamTicket.conversation_id,
            StreamTicket.account,
            StreamTicket.peer,
            StreamTicket.expires_at,
        )
    ).one_or_none()
    if row is None or row.expires_at < now:
        return None
    return row.conversation_id, row.account, row.peer
