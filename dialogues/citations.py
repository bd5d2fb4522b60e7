"""Citations: which answer was given to whom and when, with the very text it was taken from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from crm_store.timeline import TimelineEvent
from knowledge_base.revisions import Revision, revisions_of_version

#: Kind of the timeline entries that say which article was cited.
CITED: Final = "article_cited"
#: Most citations of one page.
PAGE_MAX: Final = 1000

_DATA: Final = TimelineEvent.data
_ARTICLE: Final = _DATA["article"].as_string()
_VERSION: Final = _DATA["version"].as_string()
_LANGUAGE: Final = _DATA["language"].as_string()


@dataclass(frozen=True, slots=True)
class Citation:
    """One answer that somebody was given."""

    id: UUID  #: of the timeline entry
    customer_id: UUID
    conversation_id: UUID | None
    seq: int | None  #: of the question in its conversation
    channel: str
    at: datetime
    article_id: str
    language: str
    version: str
    passage_id: str


def citations(
    session: Session,
    article_id: str,
    *,
    language: str | None = None,
    versions: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Citation | None = None,
    limit: int = PAGE_MAX,
) -> list[Citation]:
    """Return a page of who was given an article, the newest first.

    Args:
        session: to read with.
        article_id: the article.
        language: only in this language.
        versions: only these texts.
        since: from this time on.
        until: before this time.
        after: the last one of the page before.
        limit: at most so many.
    """
    query = select(TimelineEvent).where(TimelineEvent.kind == CITED, article_id == _ARTICLE)
    if language is not None:
        query = query.where(language == _LANGUAGE)
    if versions is not None:
        query = query.where(_VERSION.in_(sorted(versions)))
    if since is not None:
        query = query.where(TimelineEvent.at >= since)
    if until is not None:
        query = query.where(TimelineEvent.at < until)
    if after is not None:
        query = query.where(
            tuple_(TimelineEvent.at, TimelineEvent.id)
            < tuple_(
                literal(after.at, TimelineEvent.at.type), literal(after.id, TimelineEvent.id.type)
            )
        )
    newest = query.order_by(TimelineEvent.at.desc(), TimelineEvent.id.desc())
    return [_citation(row) for row in session.scalars(newest.limit(min(limit, PAGE_MAX)))]


def citation(session: Session, key: UUID) -> Citation | None:
    """Return one answer by the id of its timeline entry."""
    row = session.get(TimelineEvent, key)
    return _citation(row) if row is not None and row.kind == CITED else None


def all_citations(
    session: Session, article_id: str, *, language: str, versions: Collection[str]
) -> list[Citation]:
    """Return everybody who was given one of these texts of an article, the newest first."""
    found: list[Citation] = []
    while True:
        page = citations(
            session,
            article_id,
            language=language,
            versions=versions,
            after=found[-1] if found else None,
        )
        found += page
        if len(page) < PAGE_MAX:
            return found


def cited_revision(session: Session, cited: Citation) -> Revision | None:
    """Return the text an answer was taken from; None when it is older than the history.

    Where a text was restored, several revisions have it: the one that was live then is returned.
    """
    rows = revisions_of_version(session, cited.article_id, cited.language, cited.version)
    lived = [row for row in rows if row.live_from is not None and row.live_from <= cited.at]
    found = lived or rows
    return found[-1] if found else None


def _citation(row: TimelineEvent) -> Citation:
    data = row.data
    return Citation(
        id=row.id,
        customer_id=row.customer_id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        channel=row.channel,
        at=row.at,
        article_id=str(data["article"]),
        language=str(data.get("language", "")),
        version=str(data["version"]),
        passage_id=str(data.get("passage", "")),
    )
