"""Before anything goes live: who would be answered, and whose answer would change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from crm_store.database import Database
from knowledge_base import questions
from knowledge_base.answer import NearQuestion
from knowledge_base.articles import Article, read_articles
from knowledge_base.gaps import KnowledgeGap, related
from knowledge_base.gathering import gather
from knowledge_base.prepare import build_knowledge, refresh_knowledge
from knowledge_base.question import Question
from knowledge_base.questions import NewQuestion, Outcome, Sequel
from knowledge_base.replay import Replay, recorded, replay, with_article, with_wordings
from knowledge_base.search import Knowledge
from knowledge_base.suggesting import candidates, note_candidates
from tests.knowledge_base.test_gathering import WORDS
from tests.knowledge_base.test_search import ARTICLES, OUT_OF_SCOPE, page_of

MISSED = "Do you lend tandem bikes?"
RETURNS = "How do I return a bicycle?"


@pytest.fixture(scope="module")
def shop() -> list[Article]:
    """Return the bicycle shop's articles."""
    return read_articles(ARTICLES, ("en", "zh"))


@pytest.fixture(scope="module")
def knowledge(shop: Sequence[Article], tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Return what the shop knows, by words alone."""
    return build_knowledge(
        shop,
        encoder=None,
        cache_dir=tmp_path_factory.mktemp("cache"),
        out_of_scope=OUT_OF_SCOPE,
        public_url_of=page_of,
    )


def record(
    database: Database,
    now: datetime,
    question: str,
    outcome: Outcome = "declined",
    *,
    near: tuple[NearQuestion, ...] = (),
    knowledge: Knowledge | None = None,
) -> UUID:
    """Record a question as a turn would; return its conversation."""
    conversation = uuid4()
    answer = knowledge.search([Question(question, "en")])[0].answer if knowledge else None
    new = NewQuestion(
        conversation, 1, 0, uuid4(), "webchat", question, "en", outcome, now, answer, near
    )
    with database.transaction() as connection:
        questions.record(connection, [new])
    return conversation


def tried(database: Database, old: Knowledge, shop: Sequence[Article], article: Article) -> Replay:
    """Replay what is on record as if `article` were published."""
    with database.reading() as connection:
        found, skipped = recorded(connection)
    return replay(old, with_article(old, shop, article), found, skipped=skipped)


def an_article(shop: Sequence[Article], **fields: object) -> Article:
    """Return an article about what was missed."""
    changed = replace(shop[0], id="tandems", language="en", title=MISSED, questions=(), version="")
    return replace(changed, **fields)  # type: ignore[arg-type] # fields of an article


def test_a_new_article_answers_misses_and_changes_nothing_else(
    database: Database, now: datetime, shop: list[Article], knowledge: Knowledge
) -> None:
    """The replay tells wording, people and the article that would answer."""
    for _ in range(2):
        record(database, now, MISSED)
    record(database, now, RETURNS, "answered", knowledge=knowledge)

    found = tried(database, knowledge, shop, an_article(shop))

    assert (found.asked, found.skipped, found.flips) == (2, 0, [])
    [gained] = found.gained
    assert (gained.question.question, gained.question.people) == (MISSED, 2)
    assert (gained.before, gained.after, gained.effect) == (None, "tandems", "gained")


def test_an_article_that_takes_questions_of_another_is_seen(
    database: Database, now: datetime, shop: list[Article], knowledge: Knowledge
) -> None:
    """A question with an answer that would be answered from elsewhere is a flip."""
    record(database, now, RETURNS, "answered", knowledge=knowledge)
    thief = an_article(shop, title="About returning", questions=(RETURNS,))
    kept = [article for article in shop if article.id != "returns"]
    without = replace(
        next(a for a in shop if a.id == "returns" and a.language == "en"),
        title="Something about tyres entirely",
        questions=("tyre pressure of tubeless tyres",),
        body="Pump them up to three bar.",
    )
    both = tried(database, knowledge, [*kept, without], thief)

    [flip] = both.flips
    assert (flip.before, flip.after, flip.effect) == ("returns", "tandems", "moved")


def test_an_answer_that_would_be_lost_is_seen(
    database: Database, now: datetime, shop: list[Article], knowledge: Knowledge
) -> None:
    """An article that no longer says what it said is a flip to nothing."""
    sizes = next(a for a in shop if a.id == "frame_size" and a.language == "en")
    record(database, now, sizes.title, "answered", knowledge=knowledge)
    other = replace(
        sizes,
        title="Tubeless tyres",
        questions=("pressure of tubeless tyres",),
        body="Pump tubeless tyres up to three bar.",
        version="",
    )
    found = tried(database, refresh_knowledge(knowledge, [sizes]), [sizes], other)

    [flip] = found.flips
    assert (flip.before, flip.after, flip.effect) == ("frame_size", None, "lost")


def test_what_mostly_did_not_help_may_be_answered_from_elsewhere(
    database: Database, now: datetime, shop: list[Article], knowledge: Knowledge
) -> None:
    """Nobody has to agree to replace an answer that helped nobody."""
    record(database, now, "opening times of the workshop in winter", "not_helpful")
    question = "opening times of the workshop in winter"
    before = knowledge.search([Question(question, "en")])[0].answer
    found = tried(database, knowledge, shop, an_article(shop, title=question))

    [change] = found.changes
    assert change.before == (before.article_id if before else None)
    assert (change.after, change.is_flip) == ("tandems", False)


def test_only_the_newest_questions_are_replayed(database: Database, now: datetime) -> None:
    """What is left out is told."""
    for number in range(5):
        record(database, now, f"question {number}")
    with database.reading() as connection:
        found, skipped = recorded(connection, most=3)

    assert (len(found), skipped) == (3, 2)


def test_wordings_are_added_once(shop: list[Article]) -> None:
    """What an article says already is not said twice, and its version follows."""
    article = shop[0]
    same = with_wordings(article, [article.title, article.questions[0]])
    more = with_wordings(article, ["quite new", "quite new"])

    assert same.questions == article.questions
    assert more.questions == (*article.questions, "quite new")
    assert more.version not in {article.version, same.version}


def test_gaps_wait_in_the_queue_that_fits(
    database: Database, now: datetime, knowledge: Knowledge
) -> None:
    """What the search offers or customers pressed is a candidate; what did not help is none."""
    record(database, now, "bicycle returning policy thing?")
    record(database, now, MISSED)
    unhelpful = "How do I book a service appointment?"
    conversation = record(database, now, unhelpful, "answered", knowledge=knowledge)
    with database.transaction() as connection:
        rated = Sequel(conversation, 2, now, helped=False, article_id="service")
        questions.record(connection, [], [rated])
    gathered = gather(database, WORDS, now=now)

    with database.reading() as connection:
        found = candidates(connection, knowledge, gathered.opened)
    with database.session() as session:
        note_candidates(session, found, now=now)
        by_question = {
            gap.question: gap
            for gap in session.scalars(
                select(KnowledgeGap).where(KnowledgeGap.id.in_(gathered.opened))
            )
        }
        alike = by_question["bicycle returning policy thing?"]
        assert (alike.article_id, alike.article_language) == ("returns", "en")
        assert 0 < (alike.score or 0) <= 1
        assert by_question[MISSED].article_id is None
        assert by_question[unhelpful].article_id != "service"
        assert related(session, by_question[MISSED]) == []


def test_what_customers_pressed_is_the_best_candidate(
    database: Database, now: datetime, knowledge: Knowledge
) -> None:
    """A choice says more than any score."""
    conversation = record(
        database, now, MISSED, "offered", near=(NearQuestion("?", "refund", 0.3),)
    )
    gathered = gather(database, WORDS, now=now)
    with database.transaction() as connection:
        taken = Sequel(conversation, 2, now, next_step="taken", article_id="refund")
        questions.record(connection, [], [taken])
    with database.reading() as connection:
        [best] = candidates(connection, knowledge, gathered.opened).values()

    assert best is not None
    assert (best.article_id, best.score) == ("refund", 1.0)
