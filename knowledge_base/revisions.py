"""Revisions: every text an article ever had, which of them may be said now, and which could when.

A revision is never changed once it was live and never deleted, so that what was answered can be
read for ever. Rows are written by `drafts` and `publishing`; this file only reads. The caller owns
the transaction everywhere.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, cast
from uuid import UUID

from sqlalchemy import Index, String, Table, Text, UniqueConstraint, func, or_, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base
from knowledge_base.articles import AnswerKind, Article, Audience

#: `draft`: written, nobody is told it. `scheduled`: goes live at its time by itself. `published`:
#: the live one of its article and language. `retired`: was live and is no more.
Status = Literal["draft", "scheduled", "published", "retired"]

#: Source of the articles in the bot's own folder; None is the source of what staff wrote.
FOLDER: Final = "folder"

_PUBLISHED: Final = text("status = 'published'")
_SCHEDULED: Final = text("status = 'scheduled'")


class Revision(Base):
    """One text of an article in one language, with when it was the live one."""

    __tablename__ = "knowledge_revisions"
    __table_args__ = (
        UniqueConstraint("article_id", "language", "number"),
        # Never two live texts of one article, whatever races.
        Index(
            "uq_knowledge_revisions_published",
            "article_id",
            "language",
            unique=True,
            postgresql_where=_PUBLISHED,
            sqlite_where=_PUBLISHED,
        ),
        Index(
            "ix_knowledge_revisions_scheduled",
            "publish_at",
            postgresql_where=_SCHEDULED,
            sqlite_where=_SCHEDULED,
        ),
        Index("ix_knowledge_revisions_live_from", "live_from"),
        Index("ix_knowledge_revisions_source", "source"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    article_id: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(35))
    number: Mapped[int]  # 1, 2, 3 … within article and language
    title: Mapped[str] = mapped_column(String(300))
    questions: Mapped[list[Any]]  # of str
    body: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(String(16))  # Audience
    tags: Mapped[list[Any]]  # of str
    url: Mapped[str | None] = mapped_column(String(2000))
    answer_kind: Mapped[str] = mapped_column(String(16))  # AnswerKind
    updated: Mapped[date]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    review_by: Mapped[date | None]
    owner: Mapped[str | None] = mapped_column(String(300))
    version: Mapped[str] = mapped_column(String(12))  # of the text, as answers cite it
    status: Mapped[str] = mapped_column(String(16))  # Status
    source: Mapped[str | None] = mapped_column(String(200))  # FOLDER, an import, or None: staff
    source_version: Mapped[str | None] = mapped_column(String(64))  # as the source has it
    note: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    publish_at: Mapped[datetime | None]  # when a scheduled one is to go live
    published_by: Mapped[str | None] = mapped_column(String(200))
    live_from: Mapped[datetime | None]  # when it really went live
    live_until: Mapped[datetime | None]  # when it really ceased to be
    retired_by: Mapped[str | None] = mapped_column(String(200))


_REVISIONS: Final[Table] = Revision.__table__  # type: ignore[assignment]
#: Ids of one query: a statement may take no longer than a few seconds.
_MANY: Final = 1000
_TEXT: Final = tuple(
    _REVISIONS.c[name]
    for name in (
        *("article_id", "language", "title", "questions", "body", "audience", "updated", "tags"),
        *("url", "version", "answer_kind", "valid_from", "valid_to", "review_by", "owner"),
    )
)


def article_of(revision: Any) -> Article:  # noqa: ANN401 - a Revision or a row with its columns
    """Return what a revision lets the bot say."""
    return Article(
        id=revision.article_id,
        language=revision.language,
        title=revision.title,
        questions=tuple(revision.questions),
        body=revision.body,
        audience=cast(Audience, revision.audience),
        updated=revision.updated,
        tags=tuple(revision.tags),
        url=revision.url,
        version=revision.version,
        answer_kind=cast(AnswerKind, revision.answer_kind),
        valid_from=revision.valid_from,
        valid_to=revision.valid_to,
        review_by=revision.review_by,
        owner=revision.owner,
    )


def live_keys(connection: Connection | Session, day: date) -> list[UUID]:
    """Return the ids of the revisions that may be said on `day`, by article and language.

    Args:
        connection: to read with.
        day: today's date where the company is.
    """
    return _keys(connection, [_REVISIONS.c.status == "published"], day)


def live_articles(connection: Connection | Session, day: date) -> list[Article]:
    """Return what may be said on `day`, by id and language: published and valid then."""
    keys = live_keys(connection, day)
    return list(articles_of_keys(connection, keys).values())


def live_at(connection: Connection | Session, when: datetime, *, day: date) -> list[Article]:
    """Return what could be said at a time in the past, by id and language.

    Args:
        connection: to read with.
        when: the time.
        day: the date it was then where the company is.
    """
    ended = _REVISIONS.c.live_until
    was_live = [_REVISIONS.c.live_from <= when, or_(ended.is_(None), ended > when)]
    return list(articles_of_keys(connection, _keys(connection, was_live, day)).values())


def _keys(connection: Connection | Session, which: list[Any], day: date) -> list[UUID]:
    first, last = _REVISIONS.c.valid_from, _REVISIONS.c.valid_to
    rows = connection.execute(
        select(_REVISIONS.c.id)
        .where(*which, or_(first.is_(None), first <= day), or_(last.is_(None), last >= day))
        .order_by(_REVISIONS.c.article_id, _REVISIONS.c.language)
    )
    return list(rows.scalars())


def articles_of_keys(
    connection: Connection | Session, keys: Sequence[UUID]
) -> dict[UUID, Article]:
    """Return the texts of revisions by their ids, in the order of `keys`."""
    found: dict[UUID, Article] = {}
    for start in range(0, len(keys), _MANY):
        rows = connection.execute(
            select(_REVISIONS.c.id, *_TEXT).where(_REVISIONS.c.id.in_(keys[start : start + _MANY]))
        )
        found |= {row.id: article_of(row) for row in rows}
    return {key: found[key] for key in keys if key in found}


def revision(session: Session, article_id: str, language: str, number: int) -> Revision | None:
    """Return one revision by its number."""
    return session.scalar(
        select(Revision).where(
            Revision.article_id == article_id,
            Revision.language == language,
            Revision.number == number,
        )
    )


def live_revision(session: Session, article_id: str, language: str) -> Revision | None:
    """Return the published revision of an article, valid today or not."""
    return session.scalar(
        select(Revision).where(
            Revision.article_id == article_id,
            Revision.language == language,
            Revision.status == "published",
        )
    )


def revisions_of_version(
    session: Session, article_id: str, language: str, version: str
) -> list[Revision]:
    """Return the revisions with the text that an answer cited, oldest first.

    More than one has it when a text was restored.
    """
    return list(
        session.scalars(
            select(Revision)
            .where(
                Revision.article_id == article_id,
                Revision.language == language,
                Revision.version == version,
            )
            .order_by(Revision.number)
        )
    )


def history(
    session: Session,
    article_id: str,
    language: str | None = None,
    *,
    before: int | None = None,
    limit: int = 1000,
) -> list[Revision]:
    """Return the revisions of an article, newest first, by language.

    Args:
        session: to read with.
        article_id: which article.
        language: only this language; None: all.
        before: only numbers below this one.
        limit: at most so many.
    """
    query = select(Revision).where(Revision.article_id == article_id)
    if language is not None:
        query = query.where(Revision.language == language)
    if before is not None:
        query = query.where(Revision.number < before)
    query = query.order_by(Revision.language, Revision.number.desc()).limit(limit)
    return list(session.scalars(query))


def revisions_of_source(
    session: Session, source: str | None, statuses: Sequence[Status] = ("published",)
) -> list[Revision]:
    """Return the revisions that came from a source, by article, language and number."""
    same = Revision.source.is_(None) if source is None else Revision.source == source
    return list(
        session.scalars(
            select(Revision)
            .where(same, Revision.status.in_(statuses))
            .order_by(Revision.article_id, Revision.language, Revision.number)
        )
    )


def newest_numbers(session: Session, article_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return the highest number of each article and language that has any."""
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(article_ids), _MANY):
        rows = session.execute(
            select(Revision.article_id, Revision.language, func.max(Revision.number))
            .where(Revision.article_id.in_(article_ids[start : start + _MANY]))
            .group_by(Revision.article_id, Revision.language)
        )
        found |= {(row[0], row[1]): row[2] for row in rows}
    return found
