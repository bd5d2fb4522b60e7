"""Work on gaps that takes more than one step: try, look, and only then change what is said."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from bots.workbench import Workbench
from crm_store.database import utc_now
from dialogues.telling import DAYS, Asker, askers, tell
from knowledge_base import gap_decisions, gaps
from knowledge_base.gap_decisions import GapError, NoGapError
from knowledge_base.gaps import KnowledgeGap
from knowledge_base.generation import lock_publication
from knowledge_base.publishing import publish
from knowledge_base.replay import Replay
from knowledge_base.revisions import Revision, revision

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a gap; nothing when others would be answered otherwise and nobody agreed."""

    gap: KnowledgeGap
    replay: Replay
    revisions: int | None  #: published; None: it was only tried


def link_gap(
    bench: Workbench,
    gap_id: UUID,
    *,
    article_id: str | None,
    language: str | None,
    questions: Sequence[str],
    by: str,
    reason: str = "",
    agreed: bool = False,
    most: int | None = None,
    progress: Progress | None = None,
) -> Done:
    """Try wordings of a gap as wordings of an article, and add them when nothing else changes.

    Args:
        bench: what may be said now.
        gap_id: the gap.
        article_id: the article; None: the gap's candidate.
        language: of the article; None: the candidate's, else the gap's.
        questions: the wordings; none: those of the gap.
        by: who decides.
        reason: why.
        agreed: also when other questions would be answered otherwise.
        most: questions on record that are asked anew.
        progress: told what takes long.

    Raises:
        GapError: something of the request is at fault.
        FaultyArticleError: a wording is none.
    """
    with bench.database.session() as session:
        gap = gap_decisions.decide_on(session, gap_id)
        article = article_id or gap.article_id
        if article is None:
            raise GapError("article_id", "the gap has no candidate; name the article")
        own = gap.article_language if article == gap.article_id else None
        spoken = language or own or gap.language
        added = list(questions) or gap_decisions.wordings(session, gap_id)
    tried = bench.try_wordings(article, spoken, added, progress=progress, most=most)
    if tried.flips and not agreed:
        return Done(gap, tried, None)
    with bench.database.session() as session:
        made = gap_decisions.link(
            session,
            gap_id,
            article_id=article,
            language=spoken,
            questions=added,
            by=by,
            now=utc_now(),
            reason=reason,
        )
        return Done(session.get_one(KnowledgeGap, gap_id), tried, len(made))


def draft_of(session: Session, gap_id: UUID) -> Revision:
    """Return the draft that was written for a gap last.

    Raises:
        NoGapError: there is no such gap.
        GapError: nothing was drafted for it.
    """
    if session.get(KnowledgeGap, gap_id) is None:
        raise NoGapError("gap", f"there is no gap {gap_id}; list them anew")
    for made in gaps.decisions_of(session, gap_id):
        if made.kind == "write":
            data = made.data
            found = revision(session, data["article"], data["language"], data["number"])
            if found is not None:
                return found
    raise GapError("gap", "no article was drafted for it yet")


def publish_gap(
    bench: Workbench,
    gap_id: UUID,
    *,
    by: str,
    agreed: bool = False,
    most: int | None = None,
    progress: Progress | None = None,
) -> Done:
    """Try the draft of a gap, and publish it when no other question is answered otherwise.

    Raises:
        GapError: there is no such gap or draft.
        RevisionConflictError: the draft was live before and was retired.
    """
    with bench.database.session() as session:
        draft = draft_of(session, gap_id)
        gap = session.get_one(KnowledgeGap, gap_id)
    tried = bench.try_revision(draft, progress=progress, most=most)
    if tried.flips and not agreed:
        return Done(gap, tried, None)
    with bench.database.session() as session:
        draft = draft_of(session, gap_id)
        publish(session, draft, by=by, now=utc_now())
        return Done(session.get_one(KnowledgeGap, gap_id), tried, 1)


def find_askers(bench: Workbench, gap_id: UUID, *, days: int = DAYS) -> list[Asker]:
    """Return who asked what a gap is about, and who of them can be told.

    Raises:
        NoGapError: there is no such gap.
    """
    # A search takes its time; no lock is held meanwhile.
    with bench.database.reading() as connection, Session(connection) as session:
        if session.get(KnowledgeGap, gap_id) is None:
            raise NoGapError("gap", f"there is no gap {gap_id}; list them anew")
        return askers(
            session,
            gap_id,
            knowledge=bench.knowledge,
            served=bench.served,
            now=utc_now(),
            days=days,
        )


def tell_askers(
    bench: Workbench, gap_id: UUID, *, by: str, days: int = DAYS, customers: Collection[UUID] = ()
) -> list[UUID]:
    """Queue the answer to those who asked what a gap is about, each once.

    Args:
        bench: what may be said now.
        gap_id: the gap.
        by: who decides.
        days: nobody who asked longer ago is told.
        customers: only these; none: all who can be told.

    Returns:
        The customers who will hear from us.
    """
    now = utc_now()
    found = find_askers(bench, gap_id, days=days)
    chosen = [each for each in found if not customers or each.customer_id in customers]
    with bench.database.session() as session:
        lock_publication(session)  # or two who tell at once would both find nobody told
        gap = session.get_one(KnowledgeGap, gap_id)
        told = tell(session, bench.bot, gap_id, chosen, now=now)
        data = {"people": len(told), "of": len(found)}
        gap_decisions.note(session, gap, "tell", by=by, reason="", data=data, now=now)
    return told
