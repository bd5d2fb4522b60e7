"""Live knowledge: what this process may say now, swapped whole when what is published changes.

A thread looks at one number in the database twice a second, and at the date where the company is,
because articles begin and end with days. Building happens in that thread; batches go on with what
they have and take the new knowledge with the next one. A build that fails leaves the old one.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from types import MappingProxyType
from typing import Final
from uuid import UUID

import structlog

from bots.metrics import (
    FAILURES,
    KNOWLEDGE_ARTICLES,
    KNOWLEDGE_BEHIND,
    KNOWLEDGE_BUILD_SECONDS,
    KNOWLEDGE_GENERATION,
)
from crm_store.database import Database, utc_now
from knowledge_base.articles import Article
from knowledge_base.generation import generation
from knowledge_base.publishing import is_due, publish_due
from knowledge_base.revisions import articles_of_keys, live_keys
from knowledge_base.search import Knowledge

log = structlog.get_logger()

#: Seconds between looks at the generation.
LOOK_SECONDS: Final = 0.5
#: Seconds before a failed build is tried again.
AGAIN_SECONDS: Final = 15.0

#: Makes knowledge of articles, out of the old one where they did not change.
Rebuild = Callable[[Knowledge, Sequence[Article]], Knowledge]


@dataclass(frozen=True)
class Edition:
    """All that may be said, as of one moment; never changed."""

    generation: int
    day: date  #: where the company is
    articles: Mapping[UUID, Article]  #: by revision
    knowledge: Knowledge | None = None  #: None in processes that only show articles
    #: Public articles by id and language: what anybody may open.
    pages: Mapping[tuple[str, str], Article] = field(init=False)

    def __post_init__(self) -> None:
        pages = {
            (article.id, article.language): article
            for article in self.articles.values()
            if article.audience == "public"
        }
        object.__setattr__(self, "pages", MappingProxyType(pages))


def read_edition(
    database: Database, zone: tzinfo, *, now: datetime, old: Edition | None = None
) -> Edition:
    """Return what may be said now, without knowledge; texts that `old` has are not read again."""
    day = now.astimezone(zone).date()
    with database.reading() as connection:
        # The number first: a change that comes between is seen with the next look.
        number = generation(connection)
        keys = live_keys(connection, day)
        known = old.articles if old is not None else {}
        fresh = articles_of_keys(connection, [key for key in keys if key not in known])
    articles = {key: known.get(key) or fresh[key] for key in keys}
    return Edition(number, day, MappingProxyType(articles))


class LiveKnowledge:
    """The present edition of one process, and the thread that keeps it present.

    Args:
        database: where revisions are.
        zone: where the company is; days begin and end there.
        edition: the first one, with the knowledge built from it.
        rebuild: makes new knowledge from the old; None: this process only shows articles.
        clock: tells the present.
    """

    def __init__(
        self,
        database: Database,
        *,
        zone: tzinfo,
        edition: Edition,
        rebuild: Rebuild | None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.edition = edition
        #: Class of the error that keeps this process from the newest edition; None: it has it.
        self.failure: str | None = None
        self._database = database
        self.zone = zone
        self._rebuild = rebuild
        self._clock = clock
        self._again_at = 0.0
        self._ring = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="live-knowledge", daemon=True)
        self._show()

    def start(self) -> None:
        """Start looking in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; a build under way is not waited for longer than a moment, it changes nothing."""
        self._stopping.set()
        self._ring.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def wake(self) -> None:
        """Look at once."""
        self._ring.set()

    def run(self) -> None:
        """Look until stopped."""
        while not self._stopping.is_set():
            self._ring.wait(LOOK_SECONDS)
            self._ring.clear()
            if self._stopping.is_set():
                return
            self.attempt()

    def attempt(self) -> None:
        """Look, and note a failure instead of raising it: the old edition goes on."""
        try:
            self.look()
        except Exception as error:  # noqa: BLE001 - whatever it is, the old edition goes on
            self.failure = type(error).__name__
            self._again_at = time.monotonic() + AGAIN_SECONDS
            KNOWLEDGE_BEHIND.set(1)
            FAILURES.labels("knowledge", self.failure).inc()
            # The message of a database error quotes its parameters, so only the class is logged.
            log.warning("knowledge.failed", error=self.failure, generation=self.edition.generation)

    def look(self) -> bool:
        """Take the newest edition if there is a newer one, and tell whether there was.

        Raises:
            Exception: whatever kept it from being read or built; the old edition stays.
        """
        now = self._clock()
        with self._database.reading() as connection:
            due = is_due(connection, now)
            number = generation(connection)
        if due:
            with self._database.session() as session:
                for revision in publish_due(session, now):
                    log.info(
                        "knowledge.scheduled_published",
                        article=revision.article_id,
                        language=revision.language,
                        number=revision.number,
                    )
        seen = (self.edition.generation, self.edition.day)
        if not due and seen == (number, now.astimezone(self.zone).date()):
            self.failure = None
            return False
        if self.failure is not None and time.monotonic() < self._again_at:
            return False
        return self._take(read_edition(self._database, self.zone, now=now, old=self.edition))

    def _take(self, edition: Edition) -> bool:
        old = self.edition
        knowledge = old.knowledge
        if knowledge is not None and self._rebuild is not None and _differs(old, edition):
            with KNOWLEDGE_BUILD_SECONDS.time():
                knowledge = self._rebuild(knowledge, list(edition.articles.values()))
        # One assignment: whoever works with the old edition keeps all of it.
        self.edition = replace(edition, knowledge=knowledge)
        self.failure = None
        self._show()
        log.info(
            "knowledge.edition", generation=edition.generation, articles=len(edition.articles)
        )
        return True

    def _show(self) -> None:
        KNOWLEDGE_GENERATION.set(self.edition.generation)
        KNOWLEDGE_ARTICLES.set(len(self.edition.articles))
        KNOWLEDGE_BEHIND.set(0)


def _differs(old: Edition, new: Edition) -> bool:
    return old.articles.keys() != new.articles.keys()
