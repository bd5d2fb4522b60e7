"""Consents: the append-only ledger of what a customer allowed or withdrew."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base
from crm_store.existing import existing_row
from crm_store.rows import insert


class Consent(Base):
    """One yes or no; the newest of a purpose and channel counts."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_customer_id_purpose_at", "customer_id", "purpose", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    purpose: Mapped[str] = mapped_column(String(32))  # service|marketing|survey
    channel: Mapped[str] = mapped_column(String(64))
    granted: Mapped[bool]
    evidence: Mapped[str] = mapped_column(String(500))  # the customer's word or the form's text
    source: Mapped[str] = mapped_column(String(200), unique=True)
    at: Mapped[datetime]


def record_consent(
    session: Session,
    customer_id: UUID,
    *,
    purpose: str,
    channel: str,
    granted: bool,
    evidence: str,
    source: str,
    now: datetime,
) -> tuple[Consent, bool]:
    """Append a yes or no, or return the one that `source` recorded before.

    Returns:
        The consent and whether it is new; the caller records the timeline entry when it is.
    """
    consent_id = uuid5(customer_id, f"consent/{source}")
    if (existing := existing_row(session, Consent, consent_id)) is not None:
        return existing, False
    consent = Consent(
        id=consent_id,
        customer_id=customer_id,
        purpose=purpose,
        channel=channel,
        granted=granted,
        evidence=evidence[:500],
        source=source,
        at=now,
    )
    insert(session, [consent])
    return consent, True


def is_granted(session: Session, customer_id: UUID, *, purpose: str, channel: str) -> bool:
    """Tell whether the newest entry for purpose and channel is a yes; silence is a no."""
    newest = session.scalar(
        select(Consent.granted)
        .where(
            Consent.customer_id == customer_id,
            Consent.purpose == purpose,
            Consent.channel == channel,
        )
        # A yes and a no of one moment: the no counts.
        .order_by(Consent.at.desc(), Consent.granted.asc())
        .limit(1)
    )
    return bool(newest)
