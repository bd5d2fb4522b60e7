"""Suggesting: which published article could answer a gap, or that none could.

The search decides as it does for customers: what it would answer or offer is a candidate, and what
customers pressed is a better one. An article that was shown and did not help is none.
"""

from collections import Counter
from collections.abc import Sequence
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

#: Gaps that are looked up at once.
_MANY: Final = 200
#: How sure a near question that customers pressed is.
_PRESSED: Final = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that could answer a gap."""

    article_id: str
    language: str
    score: float  #: 0..1; of an article the search would answer with: that answer's


def suggest(
    session: Session, knowledge: Knowledge, gap_ids: Sequence[UUID], *, now: datetime
) -> None:
    """Note at each gap the article that could answer it, or that there is none."""
    for start in range(0, len(gap_ids), _MANY):
        some = list(gap_ids[start : start + _MANY])
        gaps = list(session.scalars(select(KnowledgeGap).where(KnowledgeGap.id.in_(some))))
        for gap, found in zip(
            gaps, candidates(session.connection(), knowledge, gaps), strict=True
        ):
            gap.article_id = found.article_id if found else None
            gap.article_language = found.language if found else None
            gap.score = round(found.score, 4) if found else None
            gap.updated_at = now
    session.flush()


def candidates(
    connection: Connection, knowledge: Knowledge, gaps: Sequence[KnowledgeGap]
) -> list[Candidate | None]:
    """Return for each gap the best candidate."""
    ids = [gap.id for gap in gaps]
    pressed, shown = _pressed(connection, ids), _shown(connection, ids)
    results = knowledge.search([Question(gap.question, gap.language) for gap in gaps])
    found: list[Candidate | None] = []
    for gap, result in zip(gaps, results, strict=True):
        scores: dict[str, float] = {near.article_id: near.score for near in result.near}
        if result.answer is not None:
            scores[result.answer.article_id] = result.answer.score
        for article, times in pressed.get(gap.id, Counter()).items():
            scores[article] = _PRESSED + times
        for article, times in shown.get(gap.id, Counter()).items():
            if 2 * times >= gap.questions:
                scores.pop(article, None)
        found.append(_best(knowledge, scores, gap.language))
    return found


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
