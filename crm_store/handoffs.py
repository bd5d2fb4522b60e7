"""Hand-offs: the bot gives a conversation to staff, with why and what they need to know."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base, JsonObject
from crm_store.existing import existing_row
from crm_store.rows import insert


class Handoff(Base):
    """One request for a person; staff claim it, and return or close the conversation later."""

    __tablename__ = "handoffs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    desk: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(64))  # "asked", "cannot_handle", "dead_letter", ...
    status: Mapped[str] = mapped_column(String(16), index=True)  # queued|claimed|returned|closed
    summary: Mapped[JsonObject]  # goal flow, slots, last messages, searches, language
    source: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


def request_handoff(
    session: Session,
    customer_id: UUID,
    *,
    conversation_id: UUID,
    desk: str,
    reason: str,
    summary: JsonObject,
    source: str,
    now: datetime,
) -> tuple[Handoff, bool]:
    """Queue a hand-off, or return the one that `source` queued before.

    The caller moves the conversation's owner and epoch in the same transaction.

    Returns:
        The hand-off and whether it is new; the caller records the timeline entry when it is.
    """
    handoff_id = uuid5(conversation_id, f"handoff/{source}")
    if (existing := existing_row(session, Handoff, handoff_id)) is not None:
        return existing, False
    handoff = Handoff(
        id=handoff_id,
        conversation_id=conversation_id,
        customer_id=customer_id,
        desk=desk,
        reason=reason,
        status="queued",
        summary=summary,
        source=source,
        created_at=now,
        updated_at=now,
    )
    insert(session, [handoff])
    return handoff, True
