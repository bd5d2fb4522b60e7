"""Replay: all questions on record asked anew of knowledge that is about to go live.

Both sides go the way customers' questions go, so what is shown is what would happen.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from knowledge_base.answer import SearchResult
from knowledge_base.articles import Article, content_version
from knowledge_base.prepare import refresh_knowledge
from knowledge_base.question import Question
from knowledge_base.questions import AskedQuestion
from knowledge_base.search import Knowledge

#: Different questions that are asked anew, the newest.
REPLAYED_MAX: Final = 20_000
#: Questions searched at once.
_BLOCK: Final = 256

Progress = Callable[[str], None]

#: What a change does to a question: a miss is answered; it is answered from another article; it is
#: no longer answered.
Effect = Literal["gained", "moved", "lost"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A question on record, in one wording."""

    question: str
    language: str
    times: int
    people: int
    misses: int  #: times nothing that helped came of it


@dataclass(frozen=True, slots=True)
class Change:
    """A question that would be answered otherwise."""

    question: Recorded
    effect: Effect
    before: str | None  #: article that answers it today; None: none
    after: str | None  #: article that would answer it; None: none
    score_before: float | None
    score_after: float | None

    @property
    def is_flip(self) -> bool:
        """Whether somebody has to agree: a question that was answered is answered otherwise."""
        return self.effect != "gained"


@dataclass(frozen=True, slots=True)
class Replay:
    """What a change of the knowledge does to all questions on record."""

    asked: int  #: different questions that were asked anew
    changes: tuple[Change, ...] = field(default=())
    skipped: int = 0  #: older questions that were not asked anew

    @property
    def gained(self) -> list[Change]:
        """Misses that would be answered."""
        return [change for change in self.changes if not change.is_flip]

    @property
    def flips(self) -> list[Change]:
        """Questions with an answer that would have another one, or none."""
        return [change for change in self.changes if change.is_flip]


def recorded(connection: Connection, *, most: int = REPLAYED_MAX) -> tuple[list[Recorded], int]:
    """Return the newest different questions, and how many older ones there are besides."""
    table = AskedQuestion.__table__
    grouped = (
        select(
            table.c.question,
            table.c.language,
            func.count().label("times"),
            func.count(table.c.customer_id.distinct()).label("people"),
            # A boolean has no maximum on PostgreSQL.
            func.count().filter(table.c.missed.is_(True)).label("misses"),
            func.max(table.c.at).label("last_at"),
        )
        .group_by(table.c.question, table.c.language)
        .subquery()
    )
    total = connection.execute(select(func.count()).select_from(grouped)).scalar_one()
    rows = connection.execute(
        select(grouped).order_by(grouped.c.last_at.desc(), grouped.c.question).limit(most)
    )
    found = [Recorded(r.question, r.language, r.times, r.people, r.misses) for r in rows]
    return found, max(0, total - len(found))


def with_article(knowledge: Knowledge, articles: Sequence[Article], article: Article) -> Knowledge:
    """Return knowledge in which `article` is published instead of what it replaces."""
    key = (article.id, article.language)
    kept = [each for each in articles if (each.id, each.language) != key]
    return refresh_knowledge(knowledge, [*kept, article])


def with_wordings(article: Article, questions: Iterable[str]) -> Article:
    """Return an article that can also be asked for in these words."""
    known = set(article.wordings)
    more = [question for question in dict.fromkeys(questions) if question not in known]
    whole = replace(article, questions=(*article.questions, *more))
    return replace(whole, version=content_version(whole))


def replay(
    old: Knowledge,
    new: Knowledge,
    questions: Sequence[Recorded],
    *,
    skipped: int = 0,
    progress: Progress | None = None,
) -> Replay:
    """Return what would be answered otherwise if `new` took the place of `old`.

    Args:
        old: what may be said today.
        new: with the change.
        questions: to be asked of both.
        skipped: questions that are left out, to be told.
        progress: told how far it is.
    """
    changes: list[Change] = []
    for start in range(0, len(questions), _BLOCK):
        if progress is not None:
            progress(f"asking {start:,} of {len(questions):,} questions anew")
        block = questions[start : start + _BLOCK]
        asked = [Question(each.question, each.language) for each in block]
        before, after = old.search(asked), new.search(asked)
        for question, one, other in zip(block, before, after, strict=True):
            change = _compared(question, one, other)
            if change is not None:
                changes.append(change)
    order = {"lost": 0, "moved": 1, "gained": 2}
    changes.sort(key=lambda change: (order[change.effect], -change.question.people))
    return Replay(len(questions), tuple(changes), skipped)


def _compared(question: Recorded, one: SearchResult, other: SearchResult) -> Change | None:
    before = one.answer.article_id if one.answer is not None else None
    after = other.answer.article_id if other.answer is not None else None
    if before == after:
        return None
    # What mostly did not help may well be answered from elsewhere.
    unhelpful = after is not None and 2 * question.misses >= question.times
    gained = before is None or unhelpful
    effect: Effect = "gained" if gained else "lost" if after is None else "moved"
    return Change(
        question,
        effect,
        before,
        after,
        round(one.answer.score, 4) if one.answer is not None else None,
        round(other.answer.score, 4) if other.answer is not None else None,
    )
