"""Importing: one pass over a source makes articles of what is new in it, and retires what is gone.

A document whose bytes are as they were is not read again. Each document is brought over in short
transactions, so that a pass that is cut short leaves whole articles and goes on the next time.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Literal, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.database import Database
from knowledge_base.article_faults import FaultyArticleError, check_article
from knowledge_base.article_of_extract import Defaults, to_article
from knowledge_base.articles import Article
from knowledge_base.document import (
    Document,
    Note,
    Reading,
    Skipped,
    Unchanged,
    UnreadableError,
)
from knowledge_base.drafts import save_drafts
from knowledge_base.outcome import Left, Outcome
from knowledge_base.publishing import publish_all, retire
from knowledge_base.reader import Reader
from knowledge_base.revisions import FOLDER, Revision
from knowledge_base.source_items import (
    SourceDocument,
    SourceItem,
    articles_of,
    document_id,
    documents_of,
    forget_documents,
    forget_items,
    item_id,
    items_of,
    keep_items,
)

State = Literal["draft", "published"]
_T = TypeVar("_T")

#: Part of every digest; raised when the same bytes would be read otherwise.
_EDITION: Final = 1
#: Articles of one transaction: so many take well under a second.
_BATCH: Final = 200
#: Remarks on one document that are kept for the next report.
_NOTES_MAX: Final = 50


class Walk(Protocol):
    """What hands out the documents of a source."""

    is_complete: bool  #: after the walk: what was not handed out is not there any more

    def walk(self) -> Iterator[Document | Unchanged | Skipped]:
        """Yield the documents."""

    def follow(self, key: str, links: Sequence[str]) -> None:
        """Take up where a document leads."""


@dataclass(frozen=True, slots=True)
class _Part:
    """An article with the part of the document it is."""

    key: str
    article: Article
    where: str

    def item(self, source: str, document: UUID, state: State) -> dict[str, object]:
        """Return the columns of its row."""
        article = self.article
        return {
            "id": item_id(document, self.key, article.language),
            "source": source,
            "document_id": document,
            "key": self.key,
            "article_id": article.id,
            "language": article.language,
            "version": article.version,
            "state": state,
        }


class Import:
    """One pass over one source.

    Args:
        database: where articles are kept.
        source: the source's name.
        reader: reads the documents.
        defaults: what holds for articles that do not say it themselves.
        state: what becomes of what is new.
        by: who imports, for the history.
        now: the present.
        dry_run: tell what would be done, and do nothing.
    """

    def __init__(
        self,
        database: Database,
        source: str,
        reader: Reader,
        *,
        defaults: Defaults,
        state: State,
        by: str,
        now: datetime,
        dry_run: bool = False,
    ) -> None:
        self._database = database
        self._source = source
        self._reader = reader
        self._defaults = defaults
        self._state: State = state
        self._by = by
        self._now = now
        self._dry_run = dry_run
        self._outcome = Outcome(source)
        with database.reading() as connection:
            self._known = documents_of(connection, source)
            self._claimed = articles_of(connection, source)
        self._seen: set[str] = set()
        self._gone: set[str] = set()
        self._canonical: dict[str, str] = {}
        self._waiting: list[tuple[Document, _Part]] = []

    def run(self, walk: Walk, tell: Callable[[str], None]) -> Outcome:
        """Walk through the source and bring what is new.

        Args:
            walk: hands out the documents.
            tell: called with the key of each document before it is read.
        """
        for found in walk.walk():
            tell(found.key)
            match found:
                case Skipped():
                    self._skip(found, walk)
                case Unchanged():
                    self._leave(self._known[found.key], walk)
                case Document():
                    self._take(found, walk)
        self._remove(walk)
        self._settle()
        return self._outcome

    def _skip(self, found: Skipped, walk: Walk) -> None:
        why = found.why
        known = self._known.get(found.key)
        if known is not None and not found.gone:
            self._seen.add(found.key)
            walk.follow(found.key, known.links)
            why = f"{why} (kept as read on {known.read_at:%Y-%m-%d})"
        elif known is not None:
            self._gone.add(found.key)
        self._outcome.failed += 1
        self._outcome.left.append(Left(found.key, "", why))

    def _leave(self, known: SourceDocument, walk: Walk) -> None:
        """Leave a document as it is, and say again what of it could not be brought."""
        self._seen.add(known.key)
        self._outcome.same += 1
        self._canonical.setdefault(known.canonical or known.key, known.key)
        self._outcome.left.extend(Left(known.key, where, why) for where, why in known.notes)
        with self._database.session() as session:
            self._outcome.unchanged += len(items_of(session, [known.id]))
        walk.follow(known.key, known.links)

    def _take(self, document: Document, walk: Walk) -> None:
        known = self._known.get(document.key)
        if document.key in self._seen:
            return
        digest = self._digest(document)
        if known is not None and known.digest == digest:
            self._leave(known, walk)
            return
        try:
            reading = self._reader.read(document)
        except UnreadableError as error:
            self._skip(Skipped(document.key, str(error)), walk)
            return
        self._seen.add(document.key)
        self._outcome.read += 1
        walk.follow(document.key, reading.links)
        parts, notes = self._parts(document, self._without_repeats(document, reading))
        self._outcome.left.extend(Left(document.key, note.where, note.message) for note in notes)
        self._bring(document, parts)
        if not self._dry_run:
            with self._database.session() as session:
                session.merge(self._row(document, digest, reading, notes))

    def _digest(self, document: Document) -> str:
        """Return a digest of a document and of all that decides what is made of it."""
        facts = json.dumps([_EDITION, document.kind, asdict(self._defaults), self._state])
        return hashlib.sha256(facts.encode() + b"\0" + document.raw).hexdigest()

    def _without_repeats(self, document: Document, reading: Reading) -> Reading:
        """Return nothing of a page that says it is the same as one that was read."""
        first = self._canonical.setdefault(reading.canonical or document.key, document.key)
        if first == document.key:
            return reading
        return Reading(notes=(Note(f"is the same page as {first}"),))

    def _parts(self, document: Document, reading: Reading) -> tuple[list[_Part], list[Note]]:
        notes = list(reading.notes)
        parts: dict[tuple[str, str], _Part] = {}
        ids: dict[tuple[str, str], str] = {}
        for extract in reading.extracts:
            try:
                article = to_article(
                    extract, document, source=self._source, defaults=self._defaults
                )
                check_article(article)
            except (UnreadableError, FaultyArticleError) as error:
                notes.append(Note(str(error), extract.where))
                continue
            place = (extract.key, article.language)
            name = (article.id, article.language)
            if place in parts:
                notes.append(Note(f"is the same as {parts[place].where}", extract.where))
            elif name in ids:
                notes.append(Note(f"has the id {article.id} of {ids[name]}", extract.where))
            else:
                ids[name] = extract.where
                parts[place] = _Part(extract.key, article, extract.where)
        return list(parts.values()), notes

    def _row(
        self, document: Document, digest: str, reading: Reading, notes: Sequence[Note]
    ) -> SourceDocument:
        return SourceDocument(
            id=document_id(self._source, document.key),
            source=self._source,
            key=document.key,
            digest=digest,
            etag=document.etag,
            last_modified=document.last_modified,
            links=list(reading.links),
            canonical=reading.canonical,
            notes=[[note.where, note.message] for note in notes[:_NOTES_MAX]],
            read_at=self._now,
        )

    def _bring(self, document: Document, parts: Sequence[_Part]) -> None:
        """Bring the parts of a document that are new or changed, and retire those it lost."""
        place = document_id(self._source, document.key)
        with self._database.session() as session:
            present = {(item.key, item.language): item for item in items_of(session, [place])}
        fresh: list[_Part] = []
        renamed: list[SourceItem] = []
        for part in parts:
            article = part.article
            item = present.pop((part.key, article.language), None)
            if self._claimed.get((article.id, article.language), place) != place:
                self._waiting.append((document, part))
            elif item is not None and self._is_as_it_was(item, article):
                self._outcome.unchanged += 1
            else:
                fresh.append(part)
                if item is not None and item.article_id != article.id:
                    renamed.append(item)
        self._retire([*present.values(), *renamed])
        self._save(document, fresh)

    def _is_as_it_was(self, item: SourceItem, article: Article) -> bool:
        published = item.state == "published" or self._state == "draft"
        return item.version == article.version and item.article_id == article.id and published

    def _save(self, document: Document, parts: Sequence[_Part]) -> None:
        place = document_id(self._source, document.key)
        for some in _batches(parts):
            with self._database.session() as session:
                ours = self._ours(session, document, some)
                ids = [item_id(place, part.key, part.article.language) for part in ours]
                known = set(session.scalars(select(SourceItem.id).where(SourceItem.id.in_(ids))))
                self._outcome.changed += len(known)
                self._outcome.new += len(ours) - len(known)
                for part in ours:
                    self._claimed[part.article.id, part.article.language] = place
                if not self._dry_run:
                    keep_items(
                        session, [part.item(self._source, place, self._state) for part in ours]
                    )
                    self._say(session, [part.article for part in ours])

    def _say(self, session: Session, articles: Sequence[Article]) -> None:
        if not articles:
            return
        saved = save_drafts(session, articles, by=self._by, now=self._now, source=self._source)
        if self._state == "published":
            publish_all(session, saved, by=self._by, now=self._now)

    def _ours(self, session: Session, document: Document, parts: Iterable[_Part]) -> list[_Part]:
        """Return the parts whose articles are no others' already."""
        parts = list(parts)
        rows = session.execute(
            select(Revision.article_id, Revision.source).where(
                Revision.article_id.in_([part.article.id for part in parts]),
                Revision.status != "retired",
            )
        )
        owners = {article_id: owner for article_id, owner in rows if owner != self._source}
        ours: list[_Part] = []
        for part in parts:
            if part.article.id in owners:
                whose = _whose(owners[part.article.id])
                why = f"the article {part.article.id} {whose}; give it another id"
                self._outcome.left.append(Left(document.key, part.where, why))
            else:
                ours.append(part)
        return ours

    def _remove(self, walk: Walk) -> None:
        """Retire what is gone: all that was not met, if the whole source was looked at."""
        for key, known in self._known.items():
            if key in self._seen or not (walk.is_complete or key in self._gone):
                continue
            with self._database.session() as session:
                items = items_of(session, [known.id])
            self._retire(items)
            if not self._dry_run:
                with self._database.session() as session:
                    forget_documents(session, [known.id])

    def _retire(self, items: Sequence[SourceItem]) -> None:
        for item in items:
            self._claimed.pop((item.article_id, item.language), None)
        self._outcome.removed += len(items)
        if not self._dry_run:
            retire_items(self._database, items, by=self._by, now=self._now)

    def _settle(self) -> None:
        """Bring what waited for an id that another document had, if that one is gone by now."""
        names = {document_id(self._source, key): key for key in (*self._known, *self._seen)}
        for document, part in self._waiting:
            holder = self._claimed.get((part.article.id, part.article.language))
            if holder is None:
                self._save(document, [part])
            else:
                why = (
                    f"the id {part.article.id} is taken by {names.get(holder, 'another document')}"
                )
                self._outcome.left.append(Left(document.key, part.where, why))


def retire_items(
    database: Database, items: Sequence[SourceItem], *, by: str, now: datetime
) -> None:
    """Retire the articles of some parts of documents, and forget the parts."""
    for some in _batches(items):
        with database.session() as session:
            for item in some:
                retire(session, item.article_id, item.language, by=by, now=now)
            forget_items(session, [item.id for item in some])


def _batches(things: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(things), _BATCH):
        yield things[start : start + _BATCH]


def _whose(owner: str | None) -> str:
    if owner is None:
        return "was written by staff"
    return "is in the bot's folder" if owner == FOLDER else f"comes from {owner}"
