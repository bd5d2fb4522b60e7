"""Decisions about gaps: link, write, ignore, merge, split; each with who, when and why.

The caller owns the transaction. Decisions are taken one at a time, under the lock of publication.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from knowledge_base.article_faults import LINE_MAX
from knowledge_base.articles import Article
from knowledge_base.drafts import save_draft
from knowledge_base.gaps import REASON_MAX, GapDecision, KnowledgeGap
from knowledge_base.gathering import Comparisons, recount
from knowledge_base.generation import lock_publication
from knowledge_base.publishing import add_question
from knowledge_base.questions import AskedQuestion
from knowledge_base.revisions import Revision, live_revision
from knowledge_base.terms import question_key

Kind = Literal["link", "write", "ignore", "reopen", "merge", "split", "tell"]

#: Wordings that one decision adds to an article, or a draft begins with.
WORDINGS_MAX: Final = 20
#: Gaps that one decision merges.
MERGED_MAX: Final = 50
BY_MAX: Final = 64


class GapError(Exception):
    """A decision about a gap cannot be taken; `field` says what of the request is at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class NoGapError(GapError):
    """There is no such gap."""


class DecidedGapError(GapError):
    """Something else was decided about the gap already."""


def decide_on(
    session: Session, gap_id: UUID, *, statuses: Sequence[str] = ("open",)
) -> KnowledgeGap:
    """Return a gap, locked for a decision.

    Raises:
        NoGapError: there is none.
        DecidedGapError: it has another status by now.
    """
    lock_publication(session)
    gap = session.get(KnowledgeGap, gap_id, populate_existing=True)
    if gap is None:
        raise NoGapError("gap", f"there is no gap {gap_id}; list them anew")
    if gap.status not in statuses:
        more = f", into {gap.merged_into}" if gap.merged_into else ""
        message = f"it is {gap.status}{more} already; `reopen` makes it open again"
        raise DecidedGapError("gap", message)
    return gap


def wordings(session: Session, gap_id: UUID, *, most: int = WORDINGS_MAX) -> list[str]:
    """Return different wordings of a gap that can be shown to anybody, the one shown first.

    What had to be masked, or is longer than a line, is no wording of an article.
    """
    gap = session.get_one(KnowledgeGap, gap_id)
    rows = session.scalars(
        select(AskedQuestion.question)
        .where(AskedQuestion.gap_id == gap_id, AskedQuestion.missed.is_(True))
        .order_by(AskedQuestion.at.desc())
        .limit(500)
    )
    found: dict[str, str] = {}
    for text in (gap.question, *rows):
        line = " ".join(text.split())
        if line and len(line) <= LINE_MAX and "[" not in line:
            found.setdefault(question_key(line), line)
    return list(found.values())[:most]


def link(
    session: Session,
    gap_id: UUID,
    *,
    article_id: str,
    language: str,
    questions: Sequence[str],
    by: str,
    now: datetime,
    reason: str = "",
) -> list[Revision]:
    """Make wordings of a gap wordings of a published article, at once.

    They are kept beside the article whatever its source, so a change of the bot's folder or of an
    import does not lose them.

    Returns:
        The revisions this published, none when the article knew all of them.

    Raises:
        GapError: the gap, the article or a question is at fault.
        FaultyArticleError: a question is none.
    """
    gap = decide_on(session, gap_id)
    if not questions:
        raise GapError("questions", "name at least one wording to add")
    if len(questions) > WORDINGS_MAX:
        raise GapError("questions", f"at most {WORDINGS_MAX} at once")
    if live_revision(session, article_id, language) is None:
        message = f"no article {article_id!r} is published in {language!r}"
        raise GapError("article_id", message)
    added = [
        add_question(session, article_id, language, question, by=by, now=now)
        for question in questions
    ]
    gap.status, gap.covered_by, gap.updated_at = "linked", article_id, now
    data = {"article": article_id, "language": language, "questions": list(questions)}
    note(session, gap, "link", by=by, reason=reason, data=data, now=now)
    return [revision for revision in added if revision is not None]


def write(
    session: Session, gap_id: UUID, article: Article, *, by: str, now: datetime, reason: str = ""
) -> Revision:
    """Save a draft of an article that is to close a gap; without questions, the gap's are taken.

    Raises:
        GapError: the gap is at fault.
        FaultyArticleError: the article cannot be saved.
        ForeignArticleError: the id belongs to an article of another source.
    """
    gap = decide_on(session, gap_id, statuses=("open", "drafted"))
    if not article.questions:
        title = question_key(article.title)
        taken = [text for text in wordings(session, gap_id) if question_key(text) != title]
        article = replace(article, questions=tuple(taken))
    draft = save_draft(session, article, by=by, now=now, note=f"for gap {gap.id}")
    gap.status, gap.covered_by, gap.updated_at = "drafted", article.id, now
    data = {"article": article.id, "language": article.language, "number": draft.number}
    note(session, gap, "write", by=by, reason=reason, data=data, now=now)
    return draft


def ignore(
    session: Session, gap_id: UUID, *, reason: str, by: str, now: datetime, until_people: int = 5
) -> KnowledgeGap:
    """Put a gap aside until so many more people ask.

    Raises:
        GapError: the gap is at fault, or no reason is given.
    """
    gap = decide_on(session, gap_id)
    if not reason.strip():
        raise GapError("reason", "say why nobody needs to answer it")
    if not 1 <= until_people <= 1_000_000:
        raise GapError("until_people", "must be 1 to 1,000,000")
    gap.status, gap.updated_at = "ignored", now
    gap.returns_at = gap.people + until_people
    note(session, gap, "ignore", by=by, reason=reason, data={"returns": gap.returns_at}, now=now)
    return gap


def reopen(session: Session, gap_id: UUID, *, by: str, now: datetime, reason: str = "") -> None:
    """Take the last decision about a gap back, as far as the gap goes: articles stay as they are.

    Raises:
        GapError: the gap is at fault.
    """
    gap = decide_on(session, gap_id, statuses=("linked", "drafted", "ignored"))
    gap.status, gap.returns_at, gap.covered_by, gap.updated_at = "open", None, None, now
    note(session, gap, "reopen", by=by, reason=reason, data={}, now=now)


def merge(
    session: Session,
    gap_id: UUID,
    others: Sequence[UUID],
    *,
    comparisons: Comparisons,
    by: str,
    now: datetime,
    reason: str = "",
) -> KnowledgeGap:
    """Make other gaps part of one; `split` takes questions out again.

    Raises:
        GapError: a gap is at fault.
    """
    gap = decide_on(session, gap_id)
    wanted = list(dict.fromkeys(others))
    if not wanted or len(wanted) > MERGED_MAX:
        raise GapError("others", f"name 1 to {MERGED_MAX} other gaps")
    if gap_id in wanted:
        raise GapError("others", "a gap cannot be merged with itself")
    for other_id in wanted:
        other = decide_on(session, other_id, statuses=("open", "ignored"))
        session.execute(
            update(AskedQuestion)
            .where(AskedQuestion.gap_id == other_id)
            .values(gap_id=gap_id)
            .execution_options(synchronize_session=False)
        )
        other.status, other.merged_into, other.updated_at = "merged", gap_id, now
        other.questions = other.people = 0
        note(session, other, "merge", by=by, reason=reason, data={"into": str(gap_id)}, now=now)
    recount(session, [gap_id], comparisons, now=now)
    merged = {"with": [str(key) for key in wanted]}
    note(session, gap, "merge", by=by, reason=reason, data=merged, now=now)
    return gap


def split(
    session: Session,
    gap_id: UUID,
    question_ids: Sequence[UUID],
    *,
    comparisons: Comparisons,
    by: str,
    now: datetime,
    reason: str = "",
) -> KnowledgeGap:
    """Take questions out of a gap into a new one, with all others of the same wordings.

    Raises:
        GapError: the gap or the questions are at fault.
    """
    gap = decide_on(session, gap_id)
    texts = set(
        session.scalars(
            select(AskedQuestion.question).where(
                AskedQuestion.gap_id == gap_id, AskedQuestion.id.in_(list(question_ids))
            )
        )
    )
    if not texts:
        raise GapError("questions", "none of them belongs to the gap")
    mine = AskedQuestion.gap_id == gap_id
    if (
        session.scalar(
            select(AskedQuestion.id).where(mine, ~AskedQuestion.question.in_(texts)).limit(1)
        )
        is None
    ):
        raise GapError("questions", "a gap cannot lose all of its wordings")
    shown = min(texts)
    new = KnowledgeGap(
        id=uuid4(),
        language=gap.language,
        question=shown,
        status="open",
        questions=0,
        people=0,
        rank=0.0,
        first_at=now,
        last_at=now,
        updated_at=now,
    )
    session.add(new)
    session.flush()
    session.execute(
        update(AskedQuestion)
        .where(mine, AskedQuestion.question.in_(texts))
        .values(gap_id=new.id)
        .execution_options(synchronize_session=False)
    )
    recount(session, [gap_id, new.id], comparisons, now=now)
    note(session, gap, "split", by=by, reason=reason, data={"into": str(new.id)}, now=now)
    note(session, new, "split", by=by, reason=reason, data={"from": str(gap.id)}, now=now)
    return new


def note(
    session: Session,
    gap: KnowledgeGap,
    kind: Kind,
    *,
    by: str,
    reason: str,
    data: dict[str, Any],
    now: datetime,
) -> None:
    """Put a decision on record."""
    session.add(
        GapDecision(
            id=uuid4(),
            gap_id=gap.id,
            kind=kind,
            decided_by=by[:BY_MAX],
            reason=" ".join(reason.split())[:REASON_MAX],
            data=data,
            at=now,
        )
    )
    session.flush()
