"""Leads: sales opportunities, new -> qualified -> accepted or lost."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base, JsonObject
from crm_store.existing import existing_row
from crm_store.rows import insert


class Lead(Base):
    """One sales opportunity with what the customer said about it."""

    __tablename__ = "leads"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    conversation_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(String(16), index=True)  # new|qualified|accepted|lost
    need: Mapped[str] = mapped_column(String(2000))
    details: Mapped[JsonObject]  # slot name -> value, as collected
    score: Mapped[int] = mapped_column(Integer)  # 0..100
    reasons: Mapped[list[Any]]  # [{"code", "points"}], the score's parts
    source: Mapped[str] = mapped_column(String(200), unique=True)  # repeatable by design
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


def open_lead(
    session: Session,
    customer_id: UUID,
    *,
    conversation_id: UUID | None,
    need: str,
    details: dict[str, Any],
    score: int,
    reasons: list[dict[str, Any]],
    qualified: bool,
    source: str,
    now: datetime,
) -> tuple[Lead, bool]:
    """Open a lead, or return the one that `source` opened before.

    Returns:
        The lead and whether it is new; the caller records the timeline entry when it is.
    """
    lead_id = uuid5(customer_id, f"lead/{source}")
    if (existing := existing_row(session, Lead, lead_id)) is not None:
        return existing, False
    lead = Lead(
        id=lead_id,
        customer_id=customer_id,
        conversation_id=conversation_id,
        status="qualified" if qualified else "new",
        need=need[:2000],
        details=details,
        score=score,
        reasons=reasons,
        source=source,
        created_at=now,
        updated_at=now,
    )
    insert(session, [lead])
    return lead, True


def find_lead(
    session: Session, customer_id: UUID, *, lead_id: str | None, conversation_id: UUID
) -> Lead | None:
    """Return the customer's lead of this id, else the newest of the conversation."""
    mine = select(Lead).where(Lead.customer_id == customer_id)
    if lead_id is not None:
        try:
            return session.scalar(mine.where(Lead.id == UUID(lead_id)))
        except ValueError:
            return None
    own = mine.where(Lead.conversation_id == conversation_id)
    return session.scalar(own.order_by(Lead.created_at.desc(), Lead.id).limit(1))


def change_lead(
    lead: Lead,
    *,
    need: str,
    details: dict[str, Any],
    score: int,
    reasons: list[dict[str, Any]],
    qualified: bool,
    now: datetime,
) -> list[str]:
    """Change what the customer said about a lead; return the names of what is different now.

    A lead that staff took on or lost keeps its status; one that counts less now is new again.
    """
    wanted: dict[str, Any] = {
        "need": need[:2000],
        "details": details,
        "score": score,
        "reasons": reasons,
    }
    if lead.status in {"new", "qualified"}:
        wanted["status"] = "qualified" if qualified else "new"
    changed = [name for name, value in wanted.items() if getattr(lead, name) != value]
    for name in changed:
        setattr(lead, name, wanted[name])
    if changed:
        lead.updated_at = now
    return changed
