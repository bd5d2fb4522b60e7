"""Publishing: which text of an article is live, changed one at a time and told to all processes.

Every change takes the one publication lock first, so two of them cannot meet; the table's unique
index holds even where something forgets to. The caller owns the transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from knowledge_base.drafts import (
    BY_MAX,
    RevisionConflictError,
    note_question,
    save_draft,
    save_drafts,
)
from knowledge_base.generation import advance_generation, lock_publication
from knowledge_base.revisions import Revision, article_of, live_revision

_REVISIONS: Final[Table] = Revision.__table__  # type: ignore[assignment]
#: Ids of one query.
_MANY: Final = 500


def publish(
    session: Session, revision: Revision, *, by: str, now: datetime, at: datetime | None = None
) -> None:
    """Make a draft the live text of its article, now or at a time to come.

    The former live text is retired in the same moment. Publishing the live one changes nothing.

    Args:
        session: of the caller's transaction.
        revision: a draft, or one that is scheduled.
        by: who publishes it.
        now: the present.
        at: when it goes live by itself; None or the past: now.

    Raises:
        RevisionConflictError: it was live before and was retired; restore it instead.
    """
    publish_all(session, [revision], by=by, now=now, at=at)


def publish_all(
    session: Session,
    revisions: Sequence[Revision],
    *,
    by: str,
    now: datetime,
    at: datetime | None = None,
) -> None:
    """Publish or schedule many revisions, at most one of each article and language."""
    lock_publication(session)
    for revision in revisions:
        session.refresh(revision, ["status", "live_from", "publish_at"])
        if revision.status == "retired":
            message = (
                f"{revision.article_id} ({revision.language}): revision {revision.number} was "
                "live before; restore it, which gives it a new number"
            )
            raise RevisionConflictError(message)
    waiting = [revision for revision in revisions if revision.status != "published"]
    if at is not None and at > now:
        for revision in waiting:
            revision.status, revision.publish_at = "scheduled", at
            revision.published_by = by[:BY_MAX]
        session.flush()
        return
    _make_live(session, waiting, by=by, now=now)


def publish_due(session: Session, now: datetime) -> list[Revision]:
    """Make live what was scheduled for `now` or before, in the order planned; return it."""
    lock_publication(session)
    due = list(
        session.scalars(
            select(Revision)
            .where(Revision.status == "scheduled", Revision.publish_at <= now)
            .order_by(Revision.publish_at, Revision.number)
        )
    )
    for revision in due:
        _make_live(session, [revision], by=revision.published_by or "", now=now)
    return due


def is_due(connection: Connection, now: datetime) -> bool:
    """Tell cheaply, without a lock, whether something scheduled is waiting to go live."""
    found = connection.execute(
        select(_REVISIONS.c.id)
        .where(_REVISIONS.c.status == "scheduled", _REVISIONS.c.publish_at <= now)
        .limit(1)
    )
    return found.first() is not None


def _make_live(session: Session, revisions: Sequence[Revision], *, by: str, now: datetime) -> None:
    if not revisions:
        return
    live = _live_of(session, list(dict.fromkeys(r.article_id for r in revisions)))
    starts: list[datetime] = []
    for revision in revisions:
        former = live.get((revision.article_id, revision.language))
        start = now
        if former is not None:
            # Clocks of two processes differ: what one was live from is never before the other's.
            start = max(now, former.live_from or now)
            _end(former, by=by, at=start)
        starts.append(start)
    session.flush()  # before the others go live, or the index would see two
    for revision, start in zip(revisions, starts, strict=True):
        revision.status, revision.publish_at = "published", None
        revision.live_from, revision.published_by = start, by[:BY_MAX]
    session.flush()
    advance_generation(session)


def _end(revision: Revision, *, by: str, at: datetime) -> None:
    revision.status, revision.retired_by = "retired", by[:BY_MAX]
    revision.live_until = max(at, revision.live_from or at)


def _live_of(session: Session, ids: Sequence[str]) -> dict[tuple[str, str], Revision]:
    found: dict[tuple[str, str], Revision] = {}
    for start in range(0, len(ids), _MANY):
        rows = session.scalars(
            select(Revision).where(
                Revision.article_id.in_(ids[start : start + _MANY]), Revision.status == "published"
            )
        )
        found |= {(row.article_id, row.language): row for row in rows}
    return found


def retire(
    session: Session, article_id: str, language: str | None = None, *, by: str, now: datetime
) -> list[Revision]:
    """Stop saying an article, in one language or all; what was scheduled becomes a draft again.

    An article of any source can be retired. One of the bot's folder stays so until its file
    changes or it is restored.

    Returns:
        The revisions that were live or scheduled.
    """
    lock_publication(session)
    query = select(Revision).where(
        Revision.article_id == article_id, Revision.status.in_(("published", "scheduled"))
    )
    if language is not None:
        query = query.where(Revision.language == language)
    changed = list(session.scalars(query.order_by(Revision.language, Revision.number)))
    was_live = [revision for revision in changed if revision.status == "published"]
    for revision in changed:
        if revision.status == "published":
            _end(revision, by=by, at=now)
        else:
            revision.status, revision.publish_at = "draft", None
    session.flush()
    if was_live:
        advance_generation(session)
    return changed


def restore(session: Session, revision: Revision, *, by: str, now: datetime) -> Revision:
    """Make an earlier text of an article the live one again, under a new number.

    It keeps its source, so that an article of the bot's folder stays the folder's.
    """
    lock_publication(session)
    article = article_of(revision)
    note = f"restores revision {revision.number}"
    (again,) = save_drafts(session, [article], by=by, now=now, source=revision.source, note=note)
    again.source_version = revision.source_version
    publish(session, again, by=by, now=now)
    return again


def add_question(
    session: Session, article_id: str, language: str, question: str, *, by: str, now: datetime
) -> Revision | None:
    """Add another way to ask for an article, whatever its source, and publish it at once.

    The question is kept beside the article, so it stays when the source brings a new text. The
    revision says the same as before: nobody got an old answer because of it.

    Returns:
        The new live revision; None when the article is not live or knew the question.

    Raises:
        FaultyArticleError: the question is none.
    """
    lock_publication(session)
    live = live_revision(session, article_id, language)
    is_new = note_question(session, article_id, language, question, by=by, now=now)
    if live is None or not is_new:
        return None
    version = live.source_version
    draft = save_draft(
        session, article_of(live), by=by, now=now, source=live.source, note="question added"
    )
    if draft.version == live.version:
        session.delete(draft)
        session.flush()
        return None
    draft.source_version = version
    publish(session, draft, by=by, now=now)
    return draft
