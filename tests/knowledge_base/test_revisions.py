"""Revisions: one live text per article, whatever races, and a history that is never rewritten."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from crm_store.database import Database
from knowledge_base.article_faults import FaultyArticleError
from knowledge_base.articles import Article, content_version
from knowledge_base.drafts import (
    ForeignArticleError,
    RevisionConflictError,
    save_draft,
    save_drafts,
)
from knowledge_base.generation import generation
from knowledge_base.publishing import (
    add_question,
    is_due,
    publish,
    publish_all,
    publish_due,
    restore,
    retire,
)
from knowledge_base.revisions import (
    FOLDER,
    Revision,
    history,
    live_articles,
    live_at,
    newest_numbers,
    revision,
    revisions_of_source,
    revisions_of_version,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()


def an_article(body: str = "Within **30 days**.", **fields: object) -> Article:
    """Make an article as staff write one."""
    made = Article(
        id="returns",
        language="en",
        title="How do I return it?",
        questions=(),
        body=body,
        audience="public",
        updated=TODAY,
        tags=(),
        url=None,
        version="",
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # names of its fields


def put(database: Database, article: Article, *, at: datetime = NOW) -> Revision:
    """Save and publish a text."""
    with database.session() as session:
        draft = save_draft(session, article, by="staff:ann", now=at)
        publish(session, draft, by="staff:ann", now=at)
    return draft


def bodies(database: Database, day: date = TODAY) -> list[str]:
    """Return what may be said on a day."""
    with database.reading() as connection:
        return [article.body for article in live_articles(connection, day)]


def number_now(database: Database) -> int:
    """Return the generation."""
    with database.reading() as connection:
        return generation(connection)


def test_a_draft_is_said_only_once_published(database: Database) -> None:
    """Saving a text changes nothing that customers meet; publishing does, and tells it."""
    with database.session() as session:
        draft = save_draft(session, an_article(), by="staff:ann", now=NOW, note="first")
    assert (draft.number, draft.status, bodies(database)) == (1, "draft", [])
    assert number_now(database) == 0

    with database.session() as session:
        found = revision(session, "returns", "en", 1)
        assert found is not None
        publish(session, found, by="staff:ben", now=NOW)

    assert bodies(database) == ["Within **30 days**."]
    assert number_now(database) == 1
    with database.session() as session:
        (kept,) = history(session, "returns")
        assert (kept.created_by, kept.published_by, kept.note) == (
            "staff:ann",
            "staff:ben",
            "first",
        )
        assert kept.version == content_version(an_article())


def test_a_new_text_takes_the_place_of_the_old_one(database: Database) -> None:
    """The old text ends the moment the new one begins, and what was live when can be asked."""
    put(database, an_article("old"))
    put(database, an_article("new"), at=NOW + timedelta(hours=2))

    with database.session() as session:
        new, old = history(session, "returns")
        assert (old.status, old.live_until) == ("retired", new.live_from)
        at = [
            [a.body for a in live_at(session, NOW + timedelta(hours=hours), day=TODAY)]
            for hours in (-1, 0, 1, 2, 3)
        ]
        assert at == [[], ["old"], ["old"], ["new"], ["new"]]
        assert [r.number for r in revisions_of_version(session, "returns", "en", old.version)] == [
            1
        ]
        assert newest_numbers(session, ["returns", "nothing"]) == {("returns", "en"): 2}
    assert number_now(database) == 2


def test_publishing_what_is_live_changes_nothing(database: Database) -> None:
    """A repeated request is harmless."""
    put(database, an_article())
    with database.session() as session:
        (live,) = history(session, "returns")
        publish(session, live, by="staff:ann", now=NOW + timedelta(days=1))
        assert live.live_from == NOW
    assert number_now(database) == 1


def test_a_clock_that_is_behind_leaves_no_overlap(database: Database) -> None:
    """Two processes with different clocks never make two texts live at one time."""
    put(database, an_article("old"))
    put(database, an_article("new"), at=NOW - timedelta(seconds=5))

    with database.session() as session:
        new, old = history(session, "returns")
        assert old.live_from == old.live_until == new.live_from == NOW


def test_a_scheduled_text_goes_live_at_its_time(database: Database) -> None:
    """Planned texts wait, go live in order, and only the last one stays."""
    put(database, an_article("now"))
    with database.session() as session:
        for hours, body in ((2, "second"), (1, "first")):
            draft = save_draft(session, an_article(body), by="staff:ann", now=NOW)
            at = NOW + timedelta(hours=hours)
            publish(session, draft, by="staff:ann", now=NOW, at=at)
            assert draft.status == "scheduled"
    assert bodies(database) == ["now"]
    with database.reading() as connection:
        assert not is_due(connection, NOW)
        assert is_due(connection, NOW + timedelta(hours=1))

    with database.session() as session:
        assert publish_due(session, NOW + timedelta(minutes=30)) == []
        due = publish_due(session, NOW + timedelta(hours=3))
        assert [r.body for r in due] == ["first", "second"]
    assert bodies(database) == ["second"]
    assert number_now(database) == 3


def test_a_time_in_the_past_publishes_now(database: Database) -> None:
    """Scheduling for a moment ago does not wait for somebody to look."""
    with database.session() as session:
        draft = save_draft(session, an_article(), by="staff:ann", now=NOW)
        publish(session, draft, by="staff:ann", now=NOW, at=NOW - timedelta(hours=1))
        assert (draft.status, draft.live_from) == ("published", NOW)


def test_a_retired_article_is_not_said_and_can_be_restored(database: Database) -> None:
    """Retiring stops it and what was planned for it; restoring brings the text back, numbered."""
    put(database, an_article())
    with database.session() as session:
        draft = save_draft(session, an_article("later"), by="staff:ann", now=NOW)
        publish(session, draft, by="staff:ann", now=NOW, at=NOW + timedelta(days=1))
        ended = retire(session, "returns", by="staff:ben", now=NOW + timedelta(hours=1))
        assert [r.status for r in ended] == ["retired", "draft"]
        assert retire(session, "returns", by="staff:ben", now=NOW) == []
    assert bodies(database) == []
    assert number_now(database) == 2

    with database.session() as session:
        first = revision(session, "returns", "en", 1)
        assert first is not None
        assert (first.retired_by, first.live_until) == ("staff:ben", NOW + timedelta(hours=1))
        with pytest.raises(RevisionConflictError, match="restore it"):
            publish(session, first, by="staff:ann", now=NOW)
        again = restore(session, first, by="staff:ann", now=NOW + timedelta(hours=2))
        assert (again.number, again.version) == (3, first.version)
    assert bodies(database) == ["Within **30 days**."]


def test_an_article_is_said_only_within_its_dates(database: Database) -> None:
    """First and last day count; before and after, the text is not there."""
    put(database, an_article(valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 2)))

    assert [
        len(bodies(database, date(2026, *day))) for day in ((11, 30), (12, 1), (12, 2), (12, 3))
    ] == [0, 1, 1, 0]
    with database.reading() as connection:
        assert live_at(connection, NOW, day=date(2026, 11, 30)) == []


def test_a_change_of_what_was_not_seen_is_refused(database: Database) -> None:
    """Two editors of one text: the second is told, and neither text is lost."""
    put(database, an_article())
    with database.session() as session:
        save_draft(session, an_article("hers"), by="staff:ann", now=NOW, follows=1)
    with database.session() as session, pytest.raises(RevisionConflictError, match="revision 2"):
        save_draft(session, an_article("his"), by="staff:ben", now=NOW, follows=1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": "Über uns"}, "id"),
        ({"language": "english!"}, "language"),
        ({"title": " "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "?!"}, "title"),
        ({"questions": ("fine", "…")}, "questions.1"),
        ({"questions": ("q",) * 501}, "questions"),
        ({"body": " \n"}, "body"),
        ({"body": "a\0b"}, "body"),
        ({"body": "x" * (4 * 1024 * 1024 + 1)}, "body"),
        ({"audience": "all"}, "audience"),
        ({"answer_kind": "some"}, "answer_kind"),
        ({"tags": ("t",) * 51}, "tags"),
        ({"tags": ("",)}, "tags.0"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://a/" + "x" * 2000}, "url"),
        ({"owner": ""}, "owner"),
        ({"valid_from": date(2026, 2, 2), "valid_to": date(2026, 2, 1)}, "valid_to"),
    ],
)
def test_a_faulty_article_is_refused_by_field(
    sqlite_url: str, fields: dict[str, Any], field: str
) -> None:
    """What cannot be saved is named, and nothing of it is."""
    database = Database(sqlite_url)
    with database.session() as session, pytest.raises(FaultyArticleError) as caught:
        save_draft(session, an_article(**fields), by="staff:ann", now=NOW)
    assert caught.value.field == field
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Revision)) == 0
    database.close()


def test_an_article_has_one_source(database: Database) -> None:
    """What the folder or an import owns is changed there; once retired, others may take the id."""
    with database.session() as session:
        for source, own in ((FOLDER, "a"), ("handbook", "b"), (None, "c")):
            draft = save_draft(session, an_article(id=own), by="x", now=NOW, source=source)
            publish(session, draft, by="x", now=NOW)
    for own, source, told in (
        ("a", None, "knowledge/a"),
        ("b", None, "handbook"),
        ("c", FOLDER, "staff"),
    ):
        with database.session() as session, pytest.raises(ForeignArticleError, match=told):
            save_draft(session, an_article("mine", id=own), by="y", now=NOW, source=source)
    with database.session() as session:
        assert [r.article_id for r in revisions_of_source(session, FOLDER)] == ["a"]
        assert [r.article_id for r in revisions_of_source(session, None)] == ["c"]
        retire(session, "a", by="y", now=NOW)
        save_draft(session, an_article("mine", id="a"), by="y", now=NOW)


def test_an_added_question_stays_when_the_source_brings_a_new_text(database: Database) -> None:
    """What staff teach an article survives its next import, once, and keeps its words."""
    with database.session() as session:
        draft = save_draft(
            session, an_article(version="filehash0001"), by="f", now=NOW, source=FOLDER
        )
        publish(session, draft, by="f", now=NOW)
        added = add_question(session, "returns", "en", "Money back?", by="staff:ann", now=NOW)
        assert added is not None
        assert (added.questions, added.body) == (["Money back?"], draft.body)
        assert (added.source, added.source_version) == (FOLDER, "filehash0001")
        assert added.version not in {"filehash0001", ""}
        assert add_question(session, "returns", "en", "money back", by="b", now=NOW) is None
        assert add_question(session, "other", "en", "Money back?", by="b", now=NOW) is None
        assert len(history(session, "returns")) == 2

    with database.session() as session:
        newer = an_article("Within 14 days.", version="filehash0002")
        draft = save_draft(session, newer, by="f", now=NOW, source=FOLDER)
        publish(session, draft, by="f", now=NOW)
    with database.reading() as connection:
        (live,) = live_articles(connection, TODAY)
    assert (live.questions, live.body) == (("Money back?",), "Within 14 days.")


def test_many_articles_are_saved_and_published_at_once(database: Database) -> None:
    """An import of 1,200 articles and its repetition keep one live text each."""
    for body in ("one", "two"):
        with database.session() as session:
            articles = [an_article(body, id=f"a{number}") for number in range(1200)]
            drafts = save_drafts(session, articles, by="import", now=NOW, source="site")
            publish_all(session, drafts, by="import", now=NOW)
    assert bodies(database) == ["two"] * 1200
    assert number_now(database) == 2


def test_publications_that_race_leave_one_live_text(database_url: str) -> None:
    """Eight threads with own connections publish one article: numbers and lives line up."""
    start = threading.Barrier(8)
    failures: list[BaseException] = []

    def run(number: int) -> None:
        own = Database(database_url, pool_size=1)
        start.wait()
        try:
            for turn in range(5):
                put(own, an_article(f"{number}/{turn}"), at=NOW + timedelta(seconds=turn))
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    database = Database(database_url)
    with database.session() as session:
        rows = list(reversed(history(session, "returns")))
        assert [row.number for row in rows] == list(range(1, 41))
        assert [row.status for row in rows] == ["retired"] * 39 + ["published"]
        for former, later in pairwise(rows):
            assert former.live_until == later.live_from
    assert number_now(database) == 40
    database.close()


def test_the_table_itself_refuses_a_second_live_text(database: Database) -> None:
    """Even code that forgets the lock cannot make two texts live."""
    put(database, an_article())
    with database.session() as session:
        draft = save_draft(session, an_article("other"), by="x", now=NOW)

    with pytest.raises(IntegrityError), database.session() as session:
        session.execute(update(Revision).where(Revision.id == draft.id).values(status="published"))
