"""Knowledge gaps: missed questions that mean one thing, and what staff decided to do about it."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Double, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.database import Base, JsonObject
from knowledge_base.questions import QUESTION_MAX

#: What was decided: nothing yet; the wordings were added to an article; an article was drafted;
#: nobody will answer it; it is part of another gap.
GapStatus = Literal["open", "linked", "drafted", "ignored", "merged"]

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
