"""Tickets: service cases with a number the customer can quote."""

from base64 import b32encode
from datetime import datetime
from hashlib import blake2b
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base, JsonObject
from crm_store.existing import existing_row, is_taken
from crm_store.rows import insert


class Ticket(Base):
    """One service case."""

    __tablename__ = "tickets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    conversation_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(String(16), index=True)  # open|pending|solved|closed
    priority: Mapped[str] = mapped_column(String(16))  # low|normal|high|urgent
    subject: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(4000))
    details: Mapped[JsonObject]
    source: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


def ticket_number(source: str, *, salt: int = 0) -> str:
    """Return the number for the ticket opened by `source`, e.g. `T-7KQ2MD`.

    Derived, not counted: no global sequence is needed, and repeating a turn gives the same number.
    Digits and letters that are read alike (0/O, 1/I) do not occur.
    """
    digest = blake2b(f"{source}/{salt}".encode(), digest_size=5).digest()
    letters = b32encode(digest).decode().replace("O", "8").replace("I", "9")
    return f"T-{letters[:6]}"


def open_ticket(
    session: Session,
    customer_id: UUID,
    *,
    conversation_id: UUID | None,
    subject: str,
    description: str,
    details: JsonObject,
    priority: str,
    source: str,
    now: datetime,
) -> tuple[Ticket, bool]:
    """Open a ticket, or return the one that `source` opened before.

    Returns:
        The ticket and whether it is new; the caller records the timeline entry when it is.
    """
    ticket_id = uuid5(customer_id, f"ticket/{source}")
    if (existing := existing_row(session, Ticket, ticket_id)) is not None:
        return existing, False
    salt = 0
    number = ticket_number(source)
    while is_taken(session, Ticket.number, number):
        salt += 1
        number = ticket_number(source, salt=salt)
    ticket = Ticket(
        id=ticket_id,
        number=number,
        customer_id=customer_id,
        conversation_id=conversation_id,
        status="open",
        priority=priority,
        subject=subject[:200],
        description=description[:4000],
        details=details,
        source=source,
        created_at=now,
        updated_at=now,
    )
    insert(session, [ticket])
    return ticket, True


def find_ticket(
    session: Session, customer_id: UUID, *, number: str | None, conversation_id: UUID
) -> Ticket | None:
    """Return the customer's ticket of this number, else the newest of the conversation."""
    mine = select(Ticket).where(Ticket.customer_id == customer_id)
    if number is not None:
        return session.scalar(mine.where(Ticket.number == number))
    own = mine.where(Ticket.conversation_id == conversation_id)
    return session.scalar(own.order_by(Ticket.created_at.desc(), Ticket.id).limit(1))


def change_ticket(
    ticket: Ticket,
    *,
    subject: str,
    description: str,
    details: JsonObject,
    priority: str,
    now: datetime,
) -> list[str]:
    """Change what the customer said about a ticket; return the names of what is different now."""
    wanted = {
        "subject": subject[:200],
        "description": description[:4000],
        "details": {**ticket.details, **details},
        "priority": priority,
    }
    changed = [name for name, value in wanted.items() if getattr(ticket, name) != value]
    for name in changed:
        setattr(ticket, name, wanted[name])
    if changed:
        ticket.updated_at = now
    return changed
