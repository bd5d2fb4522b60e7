"""What a process may say follows what is published, whole editions at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bots.live_knowledge import Edition, LiveKnowledge, read_edition
from crm_store.database import Database
from knowledge_base.articles import Article
from knowledge_base.drafts import save_draft
from knowledge_base.prepare import build_knowledge
from knowledge_base.publishing import publish, retire
from knowledge_base.search import Knowledge, Question

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def an_article(title: str, body: str, **fields: object) -> Article:
    """Make an article whose id is its title's words."""
    given = {
        "id": title.lower().strip("?").replace(" ", "_"),
        "language": "en",
        "title": title,
        "questions": (),
        "body": body,
        "audience": "public",
        "updated": NOW.date(),
        "tags": (),
        "url": None,
        "version": "",
        **fields,
    }
    return Article(**given)  # type: ignore[arg-type]  # names of its fields


class Process:
    """The part of a process that knows articles, with a clock that the test turns."""

    def __init__(self, database: Database, cache: Path) -> None:
        self.now = NOW
        self.database = database
        self.cache = cache
        self.builds = 0
        self.broken = False
        edition = read_edition(database, ZONE, now=NOW)
        knowledge = self._build(list(edition.articles.values()))
        self.live = LiveKnowledge(
            database,
            zone=ZONE,
            edition=Edition(edition.generation, edition.day, edition.articles, knowledge),
            rebuild=lambda _old, articles: self._build(articles),
            clock=lambda: self.now,
        )

    def _build(self, articles: Sequence[Article]) -> Knowledge:
        self.builds += 1
        if self.broken:
            message = "no room"
            raise MemoryError(message)
        return build_knowledge(
            articles,
            encoder=None,
            cache_dir=self.cache,
            out_of_scope=(),
            public_url_of=lambda article: f"/knowledge/{article.id}",
        )

    def put(self, article: Article, *, at: datetime | None = None) -> None:
        """Publish or schedule an article."""
        with self.database.session() as session:
            draft = save_draft(session, article, by="ann", now=self.now)
            publish(session, draft, by="ann", now=self.now, at=at)

    def ask(self, question: str) -> str | None:
        """Return what is answered to customers."""
        knowledge = self.live.edition.knowledge
        assert knowledge is not None
        (result,) = knowledge.search([Question(question, "en")])
        return result.answer.text if result.answer else None


@pytest.fixture
def process(database: Database, tmp_path: Path) -> Process:
    """A process at noon, which knows one article."""
    made = Process(database, tmp_path)
    made.put(an_article("How do I pay?", "By card."))
    made.live.look()
    return made


def test_what_is_published_is_answered_after_the_next_look(process: Process) -> None:
    """New, changed and retired texts come and go without a restart; nothing new, nothing built."""
    assert process.ask("How do I pay?") == "By card."
    builds = process.builds
    assert not process.live.look()
    assert process.builds == builds

    process.put(an_article("Do you repair bicycles?", "Yes, on Mondays."))
    process.put(an_article("How do I pay?", "In cash."))
    assert process.ask("How do I pay?") == "By card."
    assert process.live.look()
    assert process.ask("Do you repair bicycles?") == "Yes, on Mondays."
    assert process.ask("How do I pay?") == "In cash."

    with process.database.session() as session:
        retire(session, "do_you_repair_bicycles", by="ann", now=NOW)
    process.live.look()
    assert process.ask("Do you repair bicycles?") is None
    assert ("do_you_repair_bicycles", "en") not in process.live.edition.pages


def test_an_edition_in_use_stays_as_it_is(process: Process) -> None:
    """A batch under way answers from what it began with."""
    begun = process.live.edition
    process.put(an_article("How do I pay?", "In cash."))
    process.live.look()

    assert begun.knowledge is not None
    assert begun.knowledge is not process.live.edition.knowledge
    (result,) = begun.knowledge.search([Question("How do I pay?", "en")])
    assert result.answer is not None
    assert result.answer.text == "By card."
    assert [article.body for article in begun.articles.values()] == ["By card."]


def test_a_planned_text_is_answered_from_its_time_on(process: Process) -> None:
    """Nobody has to be there when a planned text goes live."""
    process.put(an_article("How do I pay?", "In cash."), at=NOW + timedelta(hours=1))
    assert not process.live.look()
    process.now = NOW + timedelta(minutes=59)
    assert not process.live.look()
    process.now = NOW + timedelta(hours=1)
    assert process.live.look()
    assert process.ask("How do I pay?") == "In cash."


def test_days_begin_and_end_where_the_company_is(process: Process) -> None:
    """An article of the 25th in Shanghai is said from 16:00 UTC of the 24th for a day."""
    day = (NOW + timedelta(days=1)).date()
    process.put(an_article("Is there a sale?", "Today only.", valid_from=day, valid_to=day))
    process.live.look()
    answers: list[str | None] = []
    for hour in (12, 15, 16, 39, 40):
        process.now = NOW.replace(hour=0) + timedelta(hours=hour)
        process.live.look()
        answers.append(process.ask("Is there a sale?"))
    assert answers == [None, None, "Today only.", "Today only.", None]


def test_a_failed_build_keeps_the_old_edition_and_is_tried_again(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Customers go on being answered; the failure is told until a build succeeds."""
    monkeypatch.setattr("bots.live_knowledge.AGAIN_SECONDS", 0.0)
    process.broken = True
    process.put(an_article("How do I pay?", "In cash."))

    process.live.attempt()
    failures = [process.live.failure]
    assert process.ask("How do I pay?") == "By card."

    process.broken = False
    process.live.attempt()
    assert [*failures, process.live.failure] == ["MemoryError", None]
    assert process.ask("How do I pay?") == "In cash."


def test_a_build_that_fails_is_not_tried_without_pause(process: Process) -> None:
    """What cannot be built does not keep a core busy."""
    process.broken = True
    process.put(an_article("How do I pay?", "In cash."))
    builds = process.builds

    for _ in range(5):
        process.live.attempt()

    assert process.builds == builds + 1
