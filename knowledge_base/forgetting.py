"""Forgetting: what one customer asked, or what is older than it may be kept.

Nobody's words stay behind: a gap that is left without questions goes with its decisions, any other
shows the words of somebody else.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from knowledge_base.gaps import GapDecision, KnowledgeGap
from knowledge_base.gathering import Comparisons, recount
from knowledge_base.generation import lock_publication
from knowledge_base.questions import AskedQuestion

#: Ids of one statement.
_MANY: Final = 500


def forget_customer(
    session: Session, customer_id: UUID, *, comparisons: Comparisons, now: datetime
) -> int:
    """Delete everything a customer asked; return how many questions that were."""
    return _forget(session, AskedQuestion.customer_id == customer_id, comparisons, now)


def forget_before(
    session: Session, before: datetime, *, comparisons: Comparisons, now: datetime
) -> int:
    """Delete what was asked before a time; return how many questions that were."""
    return _forget(session, AskedQuestion.at < before, comparisons, now)


def _forget(session: Session, which: Any, comparisons: Comparisons, now: datetime) -> int:  # noqa: ANN401 - a SQL condition
    lock_publication(session)
    touched = set(
        session.scalars(
            select(AskedQuestion.gap_id).where(which, AskedQuestion.gap_id.is_not(None)).distinct()
        )
    )
    deleted = session.execute(
        delete(AskedQuestion).where(which).execution_options(synchronize_session=False)
    )
    emptied = _emptied(session, [key for key in touched if key is not None])
    for model, column in ((GapDecision, GapDecision.gap_id), (KnowledgeGap, KnowledgeGap.id)):
        for start in range(0, len(emptied), _MANY):
            session.execute(
                delete(model)
                .where(column.in_(emptied[start : start + _MANY]))
                .execution_options(synchronize_session=False)
            )
    left = [key for key in touched if key is not None and key not in set(emptied)]
    recount(session, left, comparisons, now=now)
    return int(deleted.rowcount)  # type: ignore[attr-defined] # a DELETE counts its rows


def _emptied(session: Session, gap_ids: Iterable[UUID]) -> list[UUID]:
    """Return the gaps no question belongs to any more."""
    wanted = list(gap_ids)
    held: set[UUID | None] = set()
    for start in range(0, len(wanted), _MANY):
        held.update(
            session.scalars(
                select(AskedQuestion.gap_id)
                .where(AskedQuestion.gap_id.in_(wanted[start : start + _MANY]))
                .distinct()
            )
        )
    return [key for key in wanted if key not in held]
