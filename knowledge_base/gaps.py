"""Knowledge gaps: missed questions that mean one thing, and what staff decided to do about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Double, String, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base, JsonObject
from knowledge_base.questions import QUESTION_MAX, AskedQuestion

#: What was decided: nothing yet; the wordings were added to an article; an article was drafted;
#: nobody will answer it; it is part of another gap.
GapStatus = Literal["open", "linked", "drafted", "ignored", "merged"]

#: Where an open gap waits: an article could answer it, or nothing covers it.
Queue = Literal["link", "write"]

#: Longest reason for a decision, in code points.
REASON_MAX: Final = 500


class KnowledgeGap(Base):
    """One thing customers asked in any number of wordings, without an answer that helped."""

    __tablename__ = "knowledge_gaps"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(35))  # BCP-47, of the question shown
    question: Mapped[str] = mapped_column(String(QUESTION_MAX))  # the one in the middle
    status: Mapped[str] = mapped_column(String(16), index=True)  # GapStatus
    questions: Mapped[int]  # missed ones
    people: Mapped[int]  # distinct customers who asked them
    rank: Mapped[float] = mapped_column(Double, index=True)  # people, the recent ones weigh more
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    article_id: Mapped[str | None] = mapped_column(String(200))  # the search's own best candidate
    article_language: Mapped[str | None] = mapped_column(String(35))
    score: Mapped[float | None] = mapped_column(Double)  # of the candidate, 0..1
    merged_into: Mapped[UUID | None]
    returns_at: Mapped[int | None]  # people at which an ignored gap is open again
    covered_by: Mapped[str | None] = mapped_column(
        String(200)
    )  # article it was linked to or drafted
    updated_at: Mapped[datetime]


class GapDecision(Base):
    """One decision about a gap: what, by whom, when and why; never changed afterwards."""

    __tablename__ = "gap_decisions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    gap_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(
        String(16)
    )  # link, write, ignore, merge, split, reopen, tell
    decided_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    data: Mapped[JsonObject]
    at: Mapped[datetime]


def page(
    session: Session,
    *,
    queue: Queue | None = None,
    statuses: Sequence[str] = ("open",),
    language: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[KnowledgeGap]:
    """Return gaps, those first that most people asked of late.

    Args:
        session: to read with.
        queue: only those an article could answer, or only those nothing covers.
        statuses: only these.
        language: only those asked in it.
        after: id of the last gap at hand; an unknown one gives none.
        limit: gaps per page.
    """
    query = select(KnowledgeGap).where(KnowledgeGap.status.in_(statuses))
    if queue is not None:
        linked = KnowledgeGap.article_id.is_not(None)
        query = query.where(linked if queue == "link" else ~linked)
    if language is not None:
        query = query.where(KnowledgeGap.language == language)
    if after is not None:
        edge = session.get(KnowledgeGap, after)
        if edge is None:
            return []
        same = and_(KnowledgeGap.rank == edge.rank, KnowledgeGap.id > edge.id)
        query = query.where(or_(KnowledgeGap.rank < edge.rank, same))
    order = query.order_by(KnowledgeGap.rank.desc(), KnowledgeGap.id)
    return list(session.scalars(order.limit(limit)))


def with_prefix(session: Session, prefix: str, *, limit: int = 20) -> list[KnowledgeGap]:
    """Return gaps whose id begins with `prefix`; none when it begins no id."""
    digits = prefix.replace("-", "").lower()
    if not 0 < len(digits) <= 32 or not set(digits) <= set("0123456789abcdef"):
        return []
    first, last = (UUID(digits.ljust(32, filler)) for filler in "0f")
    query = select(KnowledgeGap).where(KnowledgeGap.id.between(first, last))
    return list(session.scalars(query.order_by(KnowledgeGap.id).limit(limit)))


def questions_of(session: Session, gap_id: UUID, *, limit: int = 100) -> list[AskedQuestion]:
    """Return the missed questions of a gap, newest first."""
    return list(
        session.scalars(
            select(AskedQuestion)
            .where(AskedQuestion.gap_id == gap_id, AskedQuestion.missed.is_(True))
            .order_by(AskedQuestion.at.desc(), AskedQuestion.id)
            .limit(limit)
        )
    )


def decisions_of(session: Session, gap_id: UUID, *, limit: int = 100) -> list[GapDecision]:
    """Return what was decided about a gap, newest first."""
    return list(
        session.scalars(
            select(GapDecision)
            .where(GapDecision.gap_id == gap_id)
            .order_by(GapDecision.at.desc(), GapDecision.id)
            .limit(limit)
        )
    )


def related(session: Session, gap: KnowledgeGap, *, limit: int = 10) -> list[KnowledgeGap]:
    """Return other open gaps that the same article could answer, in any language."""
    if gap.article_id is None:
        return []
    return list(
        session.scalars(
            select(KnowledgeGap)
            .where(
                KnowledgeGap.article_id == gap.article_id,
                KnowledgeGap.id != gap.id,
                KnowledgeGap.status == "open",
            )
            .order_by(KnowledgeGap.rank.desc())
            .limit(limit)
        )
    )


def count_waiting(session: Session) -> int:
    """Return how many missed questions belong to no gap yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AskedQuestion)
            .where(AskedQuestion.missed.is_(True), AskedQuestion.gap_id.is_(None))
        )
        or 0
    )
