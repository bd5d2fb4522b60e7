"""Every decision about a gap has one effect, who and when, and refuses what cannot be."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from crm_store.database import Database
from knowledge_base import gap_decisions, gaps
from knowledge_base.article_faults import FaultyArticleError
from knowledge_base.articles import Article
from knowledge_base.drafts import ForeignArticleError, save_draft
from knowledge_base.gap_decisions import DecidedGapError, GapError, NoGapError
from knowledge_base.gaps import KnowledgeGap
from knowledge_base.gathering import gather
from knowledge_base.publishing import publish
from knowledge_base.revisions import FOLDER, live_revision, revision
from tests.knowledge_base.test_gathering import GIFT_ZH, REPAIR, WORDS, ask


def an_article(now: datetime, *, body: str = "We repair it for 20 euros.") -> Article:
    """Return an article that nobody published yet."""
    return Article(
        id="repairs",
        language="en",
        title="What does a repair cost?",
        questions=("price of a repair",),
        body=body,
        audience="public",
        updated=now.date(),
        tags=(),
        url=None,
        version="",
    )


def a_gap(database: Database, now: datetime, texts: list[str] = REPAIR) -> UUID:
    """Ask something nobody answers; return its gap."""
    ask(database, texts, now)
    return gather(database, WORDS, now=now).opened[0]


def publish_repairs(database: Database, now: datetime, *, source: str | None = None) -> None:
    """Publish an article about repairs."""
    with database.session() as session:
        draft = save_draft(session, an_article(now), by="ann", now=now, source=source)
        publish(session, draft, by="ann", now=now)


@pytest.mark.parametrize("source", [None, FOLDER])
def test_linking_teaches_an_article_the_customers_words(
    database: Database, now: datetime, source: str | None
) -> None:
    """They are live at once, and stay when the source brings a new text."""
    publish_repairs(database, now, source=source)
    key = a_gap(database, now)
    with database.session() as session:
        made = gap_decisions.link(
            session,
            key,
            article_id="repairs",
            language="en",
            questions=REPAIR[:2],
            by="ann",
            now=now,
            reason="same thing",
        )
    with database.session() as session:
        live = live_revision(session, "repairs", "en")
        gap = session.get_one(KnowledgeGap, key)
        decision = gaps.decisions_of(session, key)[0]
    assert live is not None
    assert len(made) >= 1
    assert set(live.questions) >= {"price of a repair", *REPAIR[:2]} - {REPAIR[1]}
    assert (gap.status, gap.covered_by) == ("linked", "repairs")
    assert (decision.kind, decision.decided_by, decision.reason) == ("link", "ann", "same thing")

    with database.session() as session:
        new = save_draft(
            session, an_article(now, body="It costs 25."), by="sync", now=now, source=source
        )
        publish(session, new, by="sync", now=now)
        changed = live_revision(session, "repairs", "en")
    assert changed is not None
    assert REPAIR[0] in changed.questions


def test_a_missed_question_opens_a_linked_gap_again(database: Database, now: datetime) -> None:
    """If linking did not help, staff hear of it."""
    publish_repairs(database, now)
    key = a_gap(database, now)
    with database.session() as session:
        gap_decisions.link(
            session,
            key,
            article_id="repairs",
            language="en",
            questions=REPAIR[:1],
            by="ann",
            now=now,
        )
    ask(database, REPAIR[:1], now)
    assert gather(database, WORDS, now=now).grown == (key,)

    with database.session() as session:
        assert session.get_one(KnowledgeGap, key).status == "open"
        kinds = {(each.kind, each.decided_by) for each in gaps.decisions_of(session, key)}
    assert kinds == {("link", "ann"), ("reopen", "engine")}


def test_a_draft_begins_with_the_gaps_wordings(database: Database, now: datetime) -> None:
    """It is not published; writing again gives the next number."""
    key = a_gap(database, now)
    article = replace(an_article(now), title=REPAIR[0], questions=())
    with database.session() as session:
        first = gap_decisions.write(session, key, article, by="ann", now=now)
        second = gap_decisions.write(session, key, article, by="bob", now=now)
        saved = revision(session, "repairs", "en", 1)
        gap = session.get_one(KnowledgeGap, key)
        assert live_revision(session, "repairs", "en") is None

    assert saved is not None
    assert set(saved.questions) <= set(REPAIR)
    assert saved.questions
    assert (first.number, second.number, gap.status) == (1, 2, "drafted")


def test_masked_words_never_become_wordings(database: Database, now: datetime) -> None:
    """A question that named somebody's order is no way to ask for an article."""
    key = a_gap(database, now, ["where is my parcel [order_number]", "where is my parcel"])
    with database.session() as session:
        assert gap_decisions.wordings(session, key) == ["where is my parcel"]


def test_merged_gaps_are_one_and_can_be_split_again(database: Database, now: datetime) -> None:
    """Questions move with all of their wordings; what was merged points at the other."""
    english = a_gap(database, now)
    chinese = a_gap(database, now, GIFT_ZH)
    with database.session() as session:
        merged = gap_decisions.merge(
            session, english, [chinese], comparisons=WORDS, by="ann", now=now
        )
        assert (merged.people, merged.questions) == (5, 5)
        assert session.get_one(KnowledgeGap, chinese).status == "merged"
    ask(database, GIFT_ZH, now)
    gather(database, WORDS, now=now)
    with database.session() as session:
        ids = [row.id for row in gaps.questions_of(session, english) if row.question in GIFT_ZH]
        new = gap_decisions.split(session, english, ids[:2], comparisons=WORDS, by="ann", now=now)
        left = session.get_one(KnowledgeGap, english)
        assert left.questions + new.questions == 7
        assert new.question in GIFT_ZH
        assert {made.kind for made in gaps.decisions_of(session, english)} == {"merge", "split"}


def test_what_was_decided_stays_decided(database: Database, now: datetime) -> None:
    """A second decision is refused until somebody opens the gap again."""
    key = a_gap(database, now)
    with database.session() as session:
        gap_decisions.ignore(session, key, reason="not our trade", by="ann", now=now)
    with database.session() as session, pytest.raises(DecidedGapError, match="ignored already"):
        gap_decisions.ignore(session, key, reason="again", by="bob", now=now)
    with database.session() as session:
        gap_decisions.reopen(session, key, by="bob", now=now)
        assert session.get_one(KnowledgeGap, key).returns_at is None
        gap_decisions.ignore(session, key, reason="still not", by="bob", now=now, until_people=7)
        assert session.get_one(KnowledgeGap, key).returns_at == 10


def test_what_cannot_be_decided_names_the_field(database: Database, now: datetime) -> None:
    """Nothing is changed then."""
    publish_repairs(database, now, source=FOLDER)
    key = a_gap(database, now)
    words = {"language": "en", "by": "ann", "now": now}
    with database.session() as session:
        with pytest.raises(NoGapError, match="no gap"):
            gap_decisions.ignore(session, uuid4(), reason="x", by="ann", now=now)
        with pytest.raises(GapError, match="reason"):
            gap_decisions.ignore(session, key, reason=" ", by="ann", now=now)
        with pytest.raises(GapError, match="article_id: no article 'moon'"):
            gap_decisions.link(session, key, article_id="moon", questions=["a b"], **words)  # type: ignore[arg-type] # checked at run time
        with pytest.raises(FaultyArticleError, match="question"):
            gap_decisions.link(session, key, article_id="repairs", questions=["?"], **words)  # type: ignore[arg-type] # as above
        with pytest.raises(GapError, match="others"):
            gap_decisions.merge(session, key, [key], comparisons=WORDS, by="ann", now=now)
        with pytest.raises(GapError, match="none of them"):
            gap_decisions.split(session, key, [uuid4()], comparisons=WORDS, by="a", now=now)
        whole = [row.id for row in gaps.questions_of(session, key)]
        with pytest.raises(GapError, match="cannot lose all"):
            gap_decisions.split(session, key, whole, comparisons=WORDS, by="a", now=now)
        with pytest.raises(ForeignArticleError, match="bot's folder"):
            gap_decisions.write(session, key, an_article(now), by="ann", now=now)
        assert session.get_one(KnowledgeGap, key).status == "open"
        assert gaps.decisions_of(session, key) == []


def test_pages_of_gaps_join_exactly(database: Database, now: datetime) -> None:
    """Each gap is on one page, those with more people first."""
    for number in range(5):
        for _ in range(1 + number % 2):
            ask(database, [f"thing{number} stuff{number}"], now)
    gather(database, WORDS, now=now)
    with database.session() as session:
        whole = [gap.id for gap in gaps.page(session, queue="write")]
        pages: list[UUID] = []
        after = None
        while page := gaps.page(session, after=after, limit=2):
            pages += [gap.id for gap in page]
            after = page[-1].id
        people = [session.get_one(KnowledgeGap, key).people for key in whole]
        assert gaps.page(session, after=uuid4()) == []
        assert gaps.page(session, queue="link") == []

    assert pages == whole
    assert people == [2, 2, 1, 1, 1]
