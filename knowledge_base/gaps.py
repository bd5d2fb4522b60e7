"""Knowledge gaps: questions the knowledge base could not answer, each once per turn that asked."""

from datetime import datetime
from typing import Final, Literal, get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base

#: What happened instead of an answer that helped: near questions were offered, nothing was found,
#: or the customer said that the answer did not help.
GapOutcome = Literal["offered", "declined", "not_helpful"]

#: Longest question that is stored, in code points.
QUESTION_MAX: Final = 1000


class KnowledgeGap(Base):
    """One question without an answer that helped."""

    __tablename__ = "knowledge_gaps"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(String(QUESTION_MAX))
    language: Mapped[str] = mapped_column(String(35))
    outcome: Mapped[str] = mapped_column(String(16))  # GapOutcome
    conversation_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(String(200), unique=True)  # e.g. "inbox:<conv>:<seq>"


def record_gap(
    session: Session,
    question: str,
    *,
    language: str,
    outcome: GapOutcome,
    conversation_id: UUID | None,
    customer_id: UUID | None,
    source: str,
    now: datetime,
) -> tuple[KnowledgeGap, bool]:
    """Record a gap, or return the one that `source` recorded before.

    Returns:
        The gap and whether it is new; the caller records the timeline entry when it is.

    Raises:
        ValueError: the outcome is none of a gap's.
    """
    if outcome not in get_args(GapOutcome):
        message = f"a gap was offered, declined or not_helpful, not {outcome}"
        raise ValueError(message)
    gap_id = uuid5(NAMESPACE_URL, f"tributary:gap/{source}")
    if (existing := session.get(KnowledgeGap, gap_id)) is not None:
        return existing, False
    gap = KnowledgeGap(
        id=gap_id,
        question=question[:QUESTION_MAX],
        language=language,
        outcome=outcome,
        conversation_id=conversation_id,
        customer_id=customer_id,
        at=now,
        source=source,
    )
    session.add(gap)
    return gap, True
