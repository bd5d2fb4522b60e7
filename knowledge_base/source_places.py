"""Places knowledge is imported from: their names, how they were imported, a pass over each."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from channels.fetcher import AllowedHost, Network, guarded_client
from crm_store.database import Database
from knowledge_base.addresses import normal_url
from knowledge_base.article_of_extract import Defaults
from knowledge_base.articles import Audience
from knowledge_base.document import UnreadableError
from knowledge_base.importing import Import, State, Walk, retire_items
from knowledge_base.outcome import Outcome
from knowledge_base.reader import Reader
from knowledge_base.revisions import FOLDER
from knowledge_base.source_items import (
    NAME_MAX,
    Source,
    documents_of,
    find_source,
    forget_documents,
    forget_source,
    items_of,
)
from knowledge_base.sources.folder import Folder
from knowledge_base.sources.site import DEPTH_DEFAULT, PAGES_DEFAULT, Bounds, Seen, Site

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class ImportSettings(BaseModel):
    """How a source is imported; kept with it for the next time."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    language: str | None = None  #: of all documents; None: as found
    audience: Audience = "public"
    tags: tuple[str, ...] = ()
    state: State = "published"
    pages: int = Field(default=PAGES_DEFAULT, ge=1, le=50_000)
    depth: int = Field(default=DEPTH_DEFAULT, ge=0, le=50)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source is, by which name, and how it is imported."""

    name: str
    kind: Literal["folder", "site"]
    location: str
    settings: ImportSettings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an import needs besides the place."""

    database: Database
    reader: Reader
    languages: tuple[str, ...]  #: of the bot
    by: str  #: who imports, for the history
    now: datetime
    hosts: Collection[AllowedHost] = ()  #: private ones that may be read
    networks: Sequence[Network] = ()
    dry_run: bool = False


def find_place(
    session: Session, text: str, settings: ImportSettings, *, name: str | None = None
) -> Place:
    """Return the place that a path or URL means: one that is known, or a new one.

    Args:
        session: to read with.
        text: as people write it.
        settings: how it is to be imported.
        name: what to call it; None: as it is called, or made of its location.

    Raises:
        UnreadableError: there is no such place, or its name is another's.
    """
    kind, location = _located(text)
    known = find_source(session, location)
    if known is not None and name in (None, known.name):
        return Place(known.name, kind, location, settings)
    if name is not None:
        if not _NAME.fullmatch(name) or name == FOLDER:
            message = f"{name!r} cannot be a name: up to {NAME_MAX} of a-z, 0-9, ., _ and -"
            raise UnreadableError(message)
        if known is not None:
            message = f"is called {known.name} already"
            raise UnreadableError(message)
        if (other := session.get(Source, name)) is not None:
            message = f"{name} is the name of {other.location} already"
            raise UnreadableError(message)
        return Place(name, kind, location, settings)
    return Place(_new_name(session, kind, location), kind, location, settings)


def place_of(source: Source) -> Place:
    """Return the place a known source is imported from, as it was imported last."""
    kind: Literal["folder", "site"] = "site" if source.kind == "site" else "folder"
    settings = ImportSettings.model_validate(source.settings)
    return Place(source.name, kind, source.location, settings)


def import_place(place: Place, surroundings: Surroundings, tell: Callable[[str], None]) -> Outcome:
    """Read a source and bring what is new; remember it unless it is a dry run.

    Args:
        place: the source.
        surroundings: what it needs.
        tell: called with the key of each document before it is read.

    Raises:
        UnreadableError: it is not there, or somebody else imports it at this moment.
    """
    if place.kind == "folder" and not Path(place.location).exists():
        message = f"there is no {place.location}; --remove {place.name} takes its articles out"
        raise UnreadableError(message)
    database, settings = surroundings.database, place.settings
    if not surroundings.dry_run:
        _remember(database, place, surroundings.now)
    walk = _open(place, surroundings)
    importing = Import(
        database,
        place.name,
        surroundings.reader,
        defaults=Defaults(
            surroundings.languages, settings.language, settings.audience, settings.tags
        ),
        state=settings.state,
        by=surroundings.by,
        now=surroundings.now,
        dry_run=surroundings.dry_run,
    )
    try:
        outcome = importing.run(walk, tell)
    except IntegrityError as error:
        message = "is being imported by another process; try again when it is done"
        raise UnreadableError(message) from error
    if not surroundings.dry_run:
        with database.session() as session:
            if outcome.is_nothing and not documents_of(session, place.name):
                # A place that never gave anything, perhaps misspelt, is nothing to come back to.
                forget_source(session, place.name)
                return outcome
            source = session.get_one(Source, place.name)
            source.read_at, source.outcome = surroundings.now, outcome.counts()
    return outcome


def remove_place(source: Source, surroundings: Surroundings) -> int:
    """Retire all articles of a source, forget it, and return how many there were."""
    database = surroundings.database
    with database.session() as session:
        documents = [known.id for known in documents_of(session, source.name).values()]
        items = items_of(session, documents)
    if surroundings.dry_run:
        return len(items)
    retire_items(database, items, by=surroundings.by, now=surroundings.now)
    with database.session() as session:
        forget_documents(session, documents)
        forget_source(session, source.name)
    return len(items)


def _located(text: str) -> tuple[Literal["folder", "site"], str]:
    if re.match(r"[a-z][a-z0-9+.-]*://", text, re.I):
        address = normal_url(text)
        if address is None:
            message = "is no address of the web: http:// or https://, without a password in it"
            raise UnreadableError(message)
        return "site", address
    path = Path(text).expanduser()
    if not path.exists():
        message = "there is no such file or folder"
        raise UnreadableError(message)
    location = str(path.resolve())
    if len(location) > 2000:
        message = "has a path of more than 2000 characters"
        raise UnreadableError(message)
    return "folder", location


def _new_name(session: Session, kind: str, location: str) -> str:
    """Return a name for a new source: its last words, told apart from others if need be."""
    words = location
    if kind == "site":
        parts = urlsplit(location)
        words = f"{parts.hostname}{parts.path}"
    else:
        words = Path(location).name
    name = re.sub(r"[^a-z0-9.]+", "-", words.lower()).strip("-.")[:40] or "source"
    taken = name == FOLDER or session.get(Source, name) is not None
    digest = sha256(location.encode()).hexdigest()[:6]
    return f"{name}-{digest}" if taken or not _NAME.fullmatch(name) else name


def _remember(database: Database, place: Place, now: datetime) -> None:
    with database.session() as session:
        source = session.get(Source, place.name)
        if source is None:
            source = Source(name=place.name, created_at=now, read_at=None, outcome={})
            session.add(source)
        source.kind, source.location = place.kind, place.location
        source.settings = place.settings.model_dump(mode="json")


def _open(place: Place, surroundings: Surroundings) -> Walk:
    if place.kind == "folder":
        return Folder(Path(place.location))
    with surroundings.database.reading() as connection:
        documents = documents_of(connection, place.name)
    seen = {
        key: Seen(document.etag, document.last_modified, tuple(document.links))
        for key, document in documents.items()
    }
    client = guarded_client(hosts=surroundings.hosts, allow=surroundings.networks)
    bounds = Bounds(pages=place.settings.pages, depth=place.settings.depth)
    return Site(place.location, client, seen=seen, bounds=bounds)
