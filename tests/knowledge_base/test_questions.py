"""Every question asked is recorded once, masked, with what came of it, on both databases."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from crm_store.database import Database
from knowledge_base import questions
from knowledge_base.answer import Answer, NearQuestion
from knowledge_base.masking import masked, private_words
from knowledge_base.questions import QUESTION_MAX, AskedQuestion, NewQuestion, Outcome, Sequel
from nlu.understanding import Entity

CONVERSATION = uuid4()
ANSWER = Answer(
    text="Within 30 days.",
    title="Returns",
    article_id="returns",
    version="v1",
    passage_id="returns#0",
    score=0.87654,
    url="https://shop.example/returns",
    language="en",
)


def asked(
    at: datetime,
    *,
    seq: int = 1,
    question: str = "火星怎么去？",
    outcome: Outcome = "declined",
    answer: Answer | None = None,
    near: tuple[NearQuestion, ...] = (),
    customer_id: UUID | None = None,
) -> NewQuestion:
    """Return a question about to be recorded."""
    return NewQuestion(
        conversation_id=CONVERSATION,
        seq=seq,
        position=0,
        customer_id=customer_id or uuid4(),
        channel="webchat",
        question=question,
        language="zh",
        outcome=outcome,
        at=at,
        answer=answer,
        near=near,
    )


def rows(database: Database) -> list[Any]:
    """Return what is recorded, in order."""
    with database.session() as session:
        return list(session.scalars(select(AskedQuestion).order_by(AskedQuestion.seq)))


def test_a_question_is_recorded_once_per_turn(database: Database, now: datetime) -> None:
    """A turn that is done again after a crash leaves one row, the first."""
    near = (NearQuestion("Wie?", "moon", 0.41239),)
    with database.transaction() as connection:
        questions.record(connection, [asked(now, near=near), asked(now, seq=2)])
    with database.transaction() as connection:
        questions.record(connection, [asked(now, question="again"), asked(now, seq=3)])

    kept = rows(database)
    assert [row.question for row in kept] == ["火星怎么去？"] * 3
    assert (kept[0].near, kept[0].missed, kept[0].at) == ([["moon", 0.4124]], True, now)


def test_an_answered_question_names_its_source(database: Database, now: datetime) -> None:
    """Article, version, passage and score tell later what was said."""
    with database.transaction() as connection:
        questions.record(connection, [asked(now, outcome="answered", answer=ANSWER)])

    row = rows(database)[0]
    assert (row.article_id, row.version, row.passage_id) == ("returns", "v1", "returns#0")
    assert (row.score, row.article_language) == (0.8765, "en")
    assert (row.missed, row.helped, row.next_step) == (False, None, None)


def test_a_long_question_is_cut(database: Database, now: datetime) -> None:
    """No question is too long to be stored."""
    with database.transaction() as connection:
        questions.record(connection, [asked(now, question="长" * 4000)])

    assert len(rows(database)[0].question) == QUESTION_MAX


def test_a_rating_reaches_the_newest_earlier_answer_of_its_article(
    database: Database, now: datetime
) -> None:
    """It says nothing about answers before, or given later in the same batch."""
    answered = [asked(now, seq=seq, outcome="answered", answer=ANSWER) for seq in (1, 2, 5)]
    rated = Sequel(CONVERSATION, 4, now, helped=False, article_id="returns")
    with database.transaction() as connection:
        questions.record(connection, answered, [rated])

    assert [(row.outcome, row.missed, row.helped) for row in rows(database)] == [
        ("answered", False, None),
        ("not_helpful", True, False),
        ("answered", False, None),
    ]


def test_a_call_for_a_person_long_after_an_answer_is_not_its_fault(
    database: Database, now: datetime
) -> None:
    """Only half an hour counts."""
    late = Sequel(CONVERSATION, 2, now + timedelta(minutes=31), next_step="handed_over")
    with database.transaction() as connection:
        questions.record(connection, [asked(now, outcome="answered", answer=ANSWER)], [late])
    assert not rows(database)[0].missed

    soon = Sequel(CONVERSATION, 2, now + timedelta(minutes=29), next_step="handed_over")
    with database.transaction() as connection:
        questions.record(connection, [], [soon])
    assert rows(database)[0].missed


def test_questions_follow_a_customer(database: Database, now: datetime) -> None:
    """After two records turn out to be one person, what both asked is that person's."""
    visitor, person, other = uuid4(), uuid4(), uuid4()
    who = {1: visitor, 2: person, 3: other}
    with database.transaction() as connection:
        questions.record(
            connection, [asked(now, seq=seq, customer_id=each) for seq, each in who.items()]
        )
        questions.moved(connection, before=visitor, after=person)

    assert [row.customer_id for row in rows(database)] == [person, person, other]


def test_missed_texts_are_distinct_and_newest_first(database: Database, now: datetime) -> None:
    """They calibrate the search; what was answered is not among them."""
    with database.transaction() as connection:
        questions.record(
            connection,
            [
                asked(now, question="a"),
                asked(now + timedelta(hours=1), seq=2, question="b"),
                asked(now + timedelta(hours=2), seq=3, question="a"),
                asked(now, seq=4, question="c", outcome="answered", answer=ANSWER),
            ],
        )
        assert questions.missed_texts(connection) == [("a", "zh"), ("b", "zh")]
        assert questions.missed_texts(connection, most=1) == [("a", "zh")]


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("mail me at anna.b+x@acme.co.uk please", "mail me at [email] please"),
        ("call +86 138 1234 5678 now", "call [number] now"),
        ("我的电话是13812345678，回我", "我的电话是[number]，回我"),
        ("card 4111-1111-1111-1111?", "card [number]?"),
        ("is it 230 V / 1800 W, 1.7 l?", "is it 230 V / 1800 W, 1.7 l?"),
        ("open 9:00-18:00 in 2026?", "open 9:00-18:00 in 2026?"),
        ("from 2026-11-24 18:00 or 1.12.2026, 2025-2026?",) * 2,
        ("@ home", "@ home"),
    ],
)
def test_what_identifies_is_masked_without_entities(question: str, kept: str) -> None:
    """E-mail addresses and long numbers go, sizes and years stay."""
    assert masked(question) == kept


def test_order_numbers_are_masked_and_short_codes_stay() -> None:
    """A company's own pattern with four digits or more names one customer's thing."""
    text = "where is MK-123456, the KT-2?"
    found = [Entity("order_number", 9, 18, "MK-123456"), Entity("model", 24, 28, "KT-2")]
    words = private_words(text, found, patterns=["order_number", "model"])

    assert masked(text, words) == "where is [order_number], the KT-2?"
    assert private_words(text, found, patterns=["model"]) == []


def test_masking_a_hostile_text_takes_no_time_worth_telling() -> None:
    """Endless digits, dots and at-signs end."""
    for text in ("1" * 50_000, "1 " * 25_000, "a." * 25_000 + "@", "@" * 50_000, "a@a." * 12_500):
        assert len(masked(text)) <= 2 * len(text)
