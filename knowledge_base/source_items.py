"""What was imported from where: sources, their documents, and the articles made of each.

A part of a document keeps the id of its article for ever, so that a source that is read again
changes articles instead of making new ones. The caller owns the transaction everywhere.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Index, String, Table, Text, delete, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base, JsonObject

#: Longest name of a source, in characters.
NAME_MAX: Final = 64

_NAMESPACE: Final = uuid5(NAMESPACE_URL, "tributary:knowledge/sources")
#: Ids of one query.
_MANY: Final = 500


class Source(Base):
    """A folder, file or site that articles are imported from."""

    __tablename__ = "knowledge_sources"

    name: Mapped[str] = mapped_column(String(NAME_MAX), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # folder or site
    location: Mapped[str] = mapped_column(String(2000))  # a path or URL
    settings: Mapped[JsonObject]  # as they were given with the import
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]  # when the last pass ended
    outcome: Mapped[JsonObject]  # the counts of the last pass


class SourceDocument(Base):
    """One file or page of a source, as it was read last."""

    __tablename__ = "knowledge_documents"
    __table_args__ = (Index("ix_knowledge_documents_source", "source"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # from source and key
    source: Mapped[str] = mapped_column(String(NAME_MAX))
    key: Mapped[str] = mapped_column(Text)  # a path below the source, or a URL
    digest: Mapped[str] = mapped_column(String(64))  # of its bytes and of how they were read
    etag: Mapped[str | None] = mapped_column(String(300))
    last_modified: Mapped[str | None] = mapped_column(String(300))
    links: Mapped[list[Any]]  # of str: where a page leads
    canonical: Mapped[str | None] = mapped_column(String(2000))  # what a page calls itself
    notes: Mapped[list[Any]]  # of [where, why]: what of it was left out
    read_at: Mapped[datetime]


class SourceItem(Base):
    """One part of a document, and the article it became."""

    __tablename__ = "knowledge_items"
    __table_args__ = (
        Index("ix_knowledge_items_document_id", "document_id"),
        Index("ix_knowledge_items_source", "source"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # from document, key and language
    source: Mapped[str] = mapped_column(String(NAME_MAX))
    document_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(Text)  # inside the document; "" is all of it
    article_id: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(35))
    version: Mapped[str] = mapped_column(String(12))  # of the article, as it was imported last
    state: Mapped[str] = mapped_column(String(16))  # draft or published


_ITEMS: Final[Table] = SourceItem.__table__  # type: ignore[assignment]


def document_id(source: str, key: str) -> UUID:
    """Return the id of a document."""
    return uuid5(_NAMESPACE, f"{source}\n{key}")


def item_id(document: UUID, key: str, language: str) -> UUID:
    """Return the id of a part of a document in one language."""
    return uuid5(document, f"{language}\n{key}")


def sources(session: Session) -> list[Source]:
    """Return all sources by name."""
    return list(session.scalars(select(Source).order_by(Source.name)))


def find_source(session: Session, wanted: str) -> Source | None:
    """Return a source by its name or its location."""
    return session.get(Source, wanted[:NAME_MAX]) or session.scalar(
        select(Source).where(Source.location == wanted).order_by(Source.name).limit(1)
    )


def documents_of(connection: Connection | Session, source: str) -> dict[str, "SourceDocument"]:
    """Return the documents of a source by key."""
    rows = connection.execute(
        select(SourceDocument.__table__).where(SourceDocument.source == source)
    )
    return {row.key: SourceDocument(**row._mapping) for row in rows}


def items_of(session: Session, documents: Sequence[UUID]) -> list[SourceItem]:
    """Return the parts of some documents, in order of document and key."""
    found: list[SourceItem] = []
    for start in range(0, len(documents), _MANY):
        found.extend(
            session.scalars(
                select(SourceItem)
                .where(SourceItem.document_id.in_(documents[start : start + _MANY]))
                .order_by(SourceItem.document_id, SourceItem.key, SourceItem.language)
            )
        )
    return found


def articles_of(connection: Connection | Session, source: str) -> dict[tuple[str, str], UUID]:
    """Return which document each article of a source comes from, by id and language."""
    rows = connection.execute(
        select(SourceItem.article_id, SourceItem.language, SourceItem.document_id).where(
            SourceItem.source == source
        )
    )
    return {(row.article_id, row.language): row.document_id for row in rows}


def count_articles(session: Session) -> dict[str, int]:
    """Return how many articles each source has, languages counted apart."""
    rows = session.execute(select(SourceItem.source, func.count()).group_by(SourceItem.source))
    return {row[0]: row[1] for row in rows}


def keep_items(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Store parts of documents over what was known of them."""
    forget_items(session, [cast(UUID, row["id"]) for row in rows])
    if rows:
        session.execute(insert(_ITEMS), rows)


def forget_items(session: Session, ids: Sequence[UUID]) -> None:
    """Forget parts of documents."""
    for start in range(0, len(ids), _MANY):
        session.execute(delete(SourceItem).where(SourceItem.id.in_(ids[start : start + _MANY])))


def forget_documents(session: Session, ids: Sequence[UUID]) -> None:
    """Forget documents; their items are forgotten before."""
    for start in range(0, len(ids), _MANY):
        some = ids[start : start + _MANY]
        session.execute(delete(SourceDocument).where(SourceDocument.id.in_(some)))


def forget_source(session: Session, name: str) -> None:
    """Forget a source; its documents and items are forgotten before."""
    session.execute(delete(Source).where(Source.name == name))
