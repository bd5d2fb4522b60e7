"""Feedback: ratings and comments customers give, each once per request."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base
from crm_store.existing import existing_row
from crm_store.rows import insert


class Feedback(Base):
    """One rating, 1..5, with the customer's words."""

    __tablename__ = "feedback"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    conversation_id: Mapped[UUID | None]
    about: Mapped[str] = mapped_column(
        String(200)
    )  # "conversation", "article:<id>", "ticket:<no>"
    rating: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(String(2000))
    source: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]


def record_feedback(
    session: Session,
    customer_id: UUID,
    *,
    conversation_id: UUID | None,
    about: str,
    rating: int,
    comment: str | None,
    source: str,
    now: datetime,
) -> tuple[Feedback, bool]:
    """Record a rating, or return the one that `source` recorded before.

    Returns:
        The feedback and whether it is new; the caller records the timeline entry when it is.

    Raises:
        ValueError: the rating is not between 1 and 5.
    """
    if not 1 <= rating <= 5:
        message = f"a rating is 1 to 5, not {rating}"
        raise ValueError(message)
    feedback_id = uuid5(customer_id, f"feedback/{source}")
    if (existing := existing_row(session, Feedback, feedback_id)) is not None:
        return existing, False
    feedback = Feedback(
        id=feedback_id,
        customer_id=customer_id,
        conversation_id=conversation_id,
        about=about,
        rating=rating,
        comment=comment[:2000] if comment else None,
        source=source,
        created_at=now,
    )
    insert(session, [feedback])
    return feedback, True
