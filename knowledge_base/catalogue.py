"""The catalogue: every article and language in one line, for those who look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session, aliased

from knowledge_base.articles import Article
from knowledge_base.revisions import Revision, Status

#: Most articles of one page.
PAGE_MAX: Final = 500

_LIGHT: Final = (
    Revision.article_id,
    Revision.language,
    Revision.number,
    Revision.title,
    Revision.audience,
    Revision.status,
    Revision.source,
    Revision.version,
    Revision.created_at,
    Revision.publish_at,
    Revision.live_from,
    Revision.valid_from,
    Revision.valid_to,
    Revision.review_by,
    Revision.owner,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One article in one language: how it stands."""

    article_id: str
    language: str
    title: str  #: of the live text, else of the newest
    status: Status  #: published, else scheduled, draft or retired, as far as one is
    audience: str
    source: str | None  #: None: staff
    newest: int  #: number of the newest revision
    live: int | None  #: number of the live revision
    version: str | None  #: of the live revision
    live_from: datetime | None
    planned: tuple[tuple[int, datetime], ...]  #: numbers that go live by themselves, and when
    drafts: tuple[int, ...]  #: numbers of newer texts that are not published
    valid_from: date | None
    valid_to: date | None
    review_by: date | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles are listed."""

    language: str | None = None
    source: str | None = None  #: "staff": what staff wrote
    status: Status | None = None
    words: str | None = None  #: in the title or the id
    review_before: date | None = None  #: live ones somebody should have looked at by then


def list_articles(
    session: Session,
    wanted: Wanted | None = None,
    *,
    after: tuple[str, str] | None = None,
    limit: int = PAGE_MAX,
) -> list[Listed]:
    """Return a page of articles by id and language.

    Args:
        session: to read with.
        wanted: which; None: all.
        after: id and language of the last one at hand; None: from the first on.
        limit: at most so many.
    """
    keys = session.execute(_keys(wanted or Wanted(), after).limit(min(limit, PAGE_MAX))).all()
    found: dict[tuple[str, str], list[Any]] = {(key.article_id, key.language): [] for key in keys}
    ids = sorted({article_id for article_id, _ in found})
    rows = session.execute(
        select(*_LIGHT).where(Revision.article_id.in_(ids)).order_by(Revision.number.desc())
    )
    for row in rows:
        if (row.article_id, row.language) in found:
            found[row.article_id, row.language].append(row)
    return [_listed(own) for own in found.values() if own]


def _keys(wanted: Wanted, after: tuple[str, str] | None) -> Any:  # noqa: ANN401 - a SELECT of two columns
    # A title is sought in what is or may become live, a status in any revision but the last.
    chosen: list[ColumnElement[bool]] = []
    if wanted.language is not None:
        chosen.append(Revision.language == wanted.language)
    if wanted.source is not None:
        source = None if wanted.source == "staff" else wanted.source
        chosen.append(Revision.source.is_(None) if source is None else Revision.source == source)
    if wanted.words is not None:
        chosen.append(
            Revision.title.icontains(wanted.words, autoescape=True)
            | Revision.article_id.icontains(wanted.words, autoescape=True)
        )
    if wanted.status == "retired":
        other = aliased(Revision)
        chosen.append(
            ~select(other.id)
            .where(
                other.article_id == Revision.article_id,
                other.language == Revision.language,
                other.status != "retired",
            )
            .exists()
        )
    elif wanted.status is not None:
        chosen.append(Revision.status == wanted.status)
    if wanted.review_before is not None:
        chosen += [Revision.status == "published", Revision.review_by <= wanted.review_before]
    if after is not None:
        chosen.append(tuple_(Revision.article_id, Revision.language) > after)
    query = select(Revision.article_id, Revision.language).where(*chosen).distinct()
    return query.order_by(Revision.article_id, Revision.language)


def _listed(rows: Sequence[Any]) -> Listed:
    """Return the line of the revisions of one article and language, newest first."""
    live = next((row for row in rows if row.status == "published"), None)
    planned = [row for row in rows if row.status == "scheduled"]
    drafts = [row for row in rows if row.status == "draft"]
    shown = live or (planned or drafts or rows)[0]
    return Listed(
        article_id=shown.article_id,
        language=shown.language,
        title=shown.title,
        status=shown.status,
        audience=shown.audience,
        source=shown.source,
        newest=rows[0].number,
        live=live.number if live is not None else None,
        version=live.version if live is not None else None,
        live_from=live.live_from if live is not None else None,
        planned=tuple((row.number, row.publish_at) for row in reversed(planned)),
        drafts=tuple(
            row.number for row in reversed(drafts) if live is None or row.number > live.number
        ),
        valid_from=shown.valid_from,
        valid_to=shown.valid_to,
        review_by=shown.review_by,
        owner=shown.owner,
    )


def clashes(session: Session, article: Article) -> list[Listed]:
    """Return live articles in the same language that have the same title, at most ten.

    Two of them cannot both be right; which one is given is then chance.
    """
    rows = session.execute(
        select(*_LIGHT)
        .where(
            Revision.status == "published",
            Revision.language == article.language,
            Revision.title == article.title,
            Revision.article_id != article.id,
        )
        .order_by(Revision.article_id)
        .limit(10)
    )
    return [_listed([row]) for row in rows]
