"""The bot's folder as a source of articles: its files become revisions when their content changed.

The folder owns its articles: they are changed in their files. Staff can retire one at once; it
stays retired until its file changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge_base.articles import Article
from knowledge_base.drafts import save_drafts
from knowledge_base.generation import lock_publication
from knowledge_base.publishing import publish_all, retire
from knowledge_base.revisions import FOLDER, Revision

Key = tuple[str, str]  # article id, language


@dataclass(slots=True)
class FolderChanges:
    """What synchronising did, by article and language."""

    added: list[Key] = field(default_factory=list)
    changed: list[Key] = field(default_factory=list)
    removed: list[Key] = field(default_factory=list)
    unchanged: int = 0
    #: Retired by staff and left so, because the files are still the same.
    kept_retired: list[Key] = field(default_factory=list)
    #: Left out, because an article of this id belongs to staff or to an import.
    refused: list[Key] = field(default_factory=list)


def synchronise(session: Session, articles: Sequence[Article], *, now: datetime) -> FolderChanges:
    """Publish what is new or changed in the bot's folder and retire what is gone.

    Several processes may start at once: the first does it and the others find nothing to do.

    Args:
        session: of the caller's transaction.
        articles: everything in the folder.
        now: the present.
    """
    lock_publication(session)
    newest = _newest(session)
    foreign = _foreign(session)
    changes = FolderChanges()
    wanted: list[Article] = []
    for article in articles:
        key = (article.id, article.language)
        last = newest.pop(key, None)
        if last is not None and last.source_version == article.version:
            if last.status == "published":
                changes.unchanged += 1
                continue
            if last.status == "retired" and last.retired_by != FOLDER:
                changes.kept_retired.append(key)
                continue
        if article.id in foreign:
            changes.refused.append(key)
            continue
        (changes.added if last is None or last.status == "retired" else changes.changed).append(
            key
        )
        wanted.append(article)
    for key, last in newest.items():
        if last.status == "published":
            retire(session, *key, by=FOLDER, now=now)
            changes.removed.append(key)
    if wanted:
        drafts = save_drafts(session, wanted, by=FOLDER, now=now, source=FOLDER)
        publish_all(session, drafts, by=FOLDER, now=now)
    return changes


_NUMBERED: Final = (Revision.article_id, Revision.language)


def _newest(session: Session) -> dict[Key, Any]:
    """Return the newest revision of each article and language that came from the folder."""
    last = (
        select(*_NUMBERED, func.max(Revision.number).label("number"))
        .where(Revision.source == FOLDER)
        .group_by(*_NUMBERED)
        .subquery()
    )
    rows = session.execute(
        select(*_NUMBERED, Revision.status, Revision.source_version, Revision.retired_by).join(
            last,
            (Revision.article_id == last.c.article_id)
            & (Revision.language == last.c.language)
            & (Revision.number == last.c.number),
        )
    )
    return {(row.article_id, row.language): row for row in rows}


def _foreign(session: Session) -> set[str]:
    """Return the articles of which something current belongs to another source."""
    rows = session.execute(
        select(Revision.article_id)
        .where(
            (Revision.source.is_(None)) | (Revision.source != FOLDER), Revision.status != "retired"
        )
        .distinct()
    )
    return set(rows.scalars())
