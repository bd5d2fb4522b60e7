"""The bot's folder is synchronised into revisions: once, by content, and only what it owns."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from crm_store.database import Database
from knowledge_base.articles import Article
from knowledge_base.drafts import save_draft
from knowledge_base.folder import FolderChanges, synchronise
from knowledge_base.generation import generation
from knowledge_base.publishing import add_question, publish, restore, retire
from knowledge_base.revisions import FOLDER, history, live_articles

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def a_file(name: str, body: str = "Some text.", *, language: str = "en") -> Article:
    """Make an article as it is read from a file."""
    return Article(
        id=name,
        language=language,
        title=f"What about {name}?",
        questions=("One way?", "Another way?"),
        body=body,
        audience="public",
        updated=NOW.date(),
        tags=(),
        url=None,
        version=sha256(f"{name}/{body}/{language}".encode()).hexdigest()[:12],
    )


def sync(database: Database, *files: Article, at: datetime = NOW) -> FolderChanges:
    """Synchronise a folder that holds `files`."""
    with database.session() as session:
        return synchronise(session, files, now=at)


def live(database: Database) -> dict[str, str]:
    """Return the live texts by article."""
    with database.reading() as connection:
        return {article.id: article.body for article in live_articles(connection, NOW.date())}


def test_files_become_live_texts_once(database: Database) -> None:
    """The first start publishes every file; the next ones find nothing to do."""
    first = sync(database, a_file("a"), a_file("b"), a_file("a", language="zh"))
    assert first.added == [("a", "en"), ("b", "en"), ("a", "zh")]
    with database.reading() as connection:
        before = generation(connection)

    again = sync(database, a_file("a"), a_file("b"), a_file("a", language="zh"))

    assert (again.added, again.changed, again.removed, again.unchanged) == ([], [], [], 3)
    with database.reading() as connection:
        assert generation(connection) == before


def test_a_changed_file_is_a_new_text_and_a_missing_one_is_retired(database: Database) -> None:
    """The live texts follow the folder, and the history keeps what was."""
    sync(database, a_file("a"), a_file("b"))
    later = NOW + timedelta(hours=1)
    changes = sync(database, a_file("a", "New text."), at=later)

    assert (changes.changed, changes.removed) == ([("a", "en")], [("b", "en")])
    assert live(database) == {"a": "New text."}
    with database.session() as session:
        new, old = history(session, "a")
        assert (old.body, old.live_until, new.live_from) == ("Some text.", later, later)
        (gone,) = history(session, "b")
        assert (gone.status, gone.retired_by) == ("retired", FOLDER)

    assert sync(database, a_file("a", "New text."), a_file("b")).added == [("b", "en")]
    assert live(database) == {"a": "New text.", "b": "Some text."}


def test_what_staff_retired_stays_so_until_its_file_changes(database: Database) -> None:
    """A wrong text can be stopped at once, and no restart brings it back."""
    sync(database, a_file("a"))
    with database.session() as session:
        retire(session, "a", by="staff:ann", now=NOW)

    assert sync(database, a_file("a")).kept_retired == [("a", "en")]
    assert live(database) == {}

    assert sync(database, a_file("a", "Mended.")).changed == []
    assert live(database) == {"a": "Mended."}


def test_what_staff_restored_counts_as_the_file_it_was(database: Database) -> None:
    """An older text brought back by staff stays until the file changes."""
    sync(database, a_file("a", "old"))
    sync(database, a_file("a", "wrong"))
    with database.session() as session:
        older = history(session, "a")[-1]
        restore(session, older, by="staff:ann", now=NOW)
    assert live(database) == {"a": "old"}

    sync(database, a_file("a", "wrong"))
    assert live(database) == {"a": "wrong"}
    assert sync(database, a_file("a", "wrong")).unchanged == 1


def test_articles_of_staff_are_untouched(database: Database) -> None:
    """The folder neither retires nor overwrites what staff wrote; a file of the same id waits."""
    with database.session() as session:
        mine = replace(a_file("mine", "By staff."), version="")
        publish(session, save_draft(session, mine, by="ann", now=NOW), by="ann", now=NOW)

    changes = sync(database, a_file("a"), a_file("mine", "By the folder."))

    assert changes.refused == [("mine", "en")]
    assert live(database) == {"a": "Some text.", "mine": "By staff."}


def test_an_added_question_does_not_make_a_file_new(database: Database) -> None:
    """What staff taught an article of the folder is no change of its file."""
    sync(database, a_file("a"))
    with database.session() as session:
        assert add_question(session, "a", "en", "A third way?", by="ann", now=NOW) is not None

    assert sync(database, a_file("a")).unchanged == 1
    sync(database, a_file("a", "New text."))
    with database.reading() as connection:
        (article,) = live_articles(connection, NOW.date())
    assert article.questions == ("One way?", "Another way?", "A third way?")


def test_processes_that_start_at_once_publish_once(database_url: str) -> None:
    """Six starts at the same moment leave one revision of each file."""
    files = [a_file(f"a{number}") for number in range(30)]
    start = threading.Barrier(6)
    found: list[int] = []

    def run() -> None:
        own = Database(database_url, pool_size=1)
        start.wait()
        found.append(len(sync(own, *files).added))
        own.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [0, 0, 0, 0, 0, 30]
