"""Suggesting: which published article could answer a gap, or that none could.

The search decides as it does for customers: what it would answer or offer is a candidate, and what
customers pressed is a better one. An article that was shown and did not help is none.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from knowledge_base.gaps import KnowledgeGap
from knowledge_base.question import Question
from knowledge_base.questions import AskedQuestion
from knowledge_base.search import Knowledge

#: How sure a near question that customers pressed is.
_PRESSED: Final = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that could answer a gap."""

    article_id: str
    language: str
    score: float  #: 0..1; of an article the search would answer with: that answer's


def candidates(
    connection: Connection, knowledge: Knowledge, gap_ids: Sequence[UUID]
) -> dict[UUID, Candidate | None]:
    """Return for each gap there is the best candidate."""
    table = KnowledgeGap.__table__
    gaps = connection.execute(
        select(table.c.id, table.c.question, table.c.language, table.c.questions).where(
            table.c.id.in_(gap_ids)
        )
    ).all()
    pressed, shown = _pressed(connection, gap_ids), _shown(connection, gap_ids)
    results = knowledge.search([Question(gap.question, gap.language) for gap in gaps])
    found: dict[UUID, Candidate | None] = {}
    for gap, result in zip(gaps, results, strict=True):
        scores: dict[str, float] = {near.article_id: near.score for near in result.near}
        if result.answer is not None:
            scores[result.answer.article_id] = result.answer.score
        for article, times in pressed.get(gap.id, Counter()).items():
            scores[article] = _PRESSED + times
        for article, times in shown.get(gap.id, Counter()).items():
            if 2 * times >= gap.questions:
                scores.pop(article, None)
        found[gap.id] = _best(knowledge, scores, gap.language)
    return found


def note_candidates(
    session: Session, found: Mapping[UUID, Candidate | None], *, now: datetime
) -> None:
    """Note at each gap the article that could answer it, or that there is none."""
    for gap in session.scalars(select(KnowledgeGap).where(KnowledgeGap.id.in_(list(found)))):
        candidate = found[gap.id]
        gap.article_id = candidate.article_id if candidate else None
        gap.article_language = candidate.language if candidate else None
        gap.score = round(candidate.score, 4) if candidate else None
        gap.updated_at = now
    session.flush()


def _best(knowledge: Knowledge, scores: dict[str, float], language: str) -> Candidate | None:
    for article_id in sorted(scores, key=lambda each: -scores[each]):
        article = knowledge.article(article_id, language)
        if article is not None:
            return Candidate(article_id, article.language, min(1.0, scores[article_id]))
    return None


def _pressed(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Counter[str]]:
    """Return how often customers pressed which article's question, by gap."""
    return _counts(connection, ids, AskedQuestion.next_step == "taken")


def _shown(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Counter[str]]:
    """Return how often which article was shown and did not help, by gap."""
    unhelpful = AskedQuestion.outcome.in_(("answered", "not_helpful"))
    return _counts(connection, ids, unhelpful & AskedQuestion.missed.is_(True))


def _counts(
    connection: Connection, ids: Sequence[UUID], which: object
) -> dict[UUID, Counter[str]]:
    table = AskedQuestion.__table__
    rows = connection.execute(
        select(table.c.gap_id, table.c.article_id, func.count())
        .where(table.c.gap_id.in_(ids), table.c.article_id.is_not(None), which)  # type: ignore[arg-type] # a SQL condition
        .group_by(table.c.gap_id, table.c.article_id)
    )
    found: dict[UUID, Counter[str]] = {}
    for gap_id, article_id, count in rows:
        found.setdefault(gap_id, Counter())[article_id] = count
    return found
