"""Misses that mean one thing become one gap, which only grows and keeps its id."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm_store.database import Database
from knowledge_base import questions
from knowledge_base.clusters import BLOCK, Comparison, join
from knowledge_base.forgetting import forget_before, forget_customer
from knowledge_base.gaps import GapDecision, KnowledgeGap
from knowledge_base.gathering import Comparisons, Gathered, gather
from knowledge_base.questions import AskedQuestion, NewQuestion, Sequel
from nlu.encoder import open_encoder

WORDS = Comparisons()

REPAIR_ZH = ["水壶坏了怎么修？", "我的水壶坏了怎么修", "水壶坏了，能修吗"]
GIFT_ZH = ["可以送礼包装吗", "送礼包装可以吗？"]
REPAIR = ["Can you repair a broken kettle?", "can a broken kettle be repaired", "kettle repair?"]


def ask(
    database: Database, texts: list[str], at: datetime, *, by: UUID | None = None
) -> list[UUID]:
    """Record misses, each in a conversation of its own; return their ids."""
    new = [
        NewQuestion(
            conversation_id=uuid4(),
            seq=1,
            position=0,
            customer_id=by or uuid4(),
            channel="webchat",
            question=text,
            language="zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en",
            outcome="declined",
            at=at,
        )
        for text in texts
    ]
    with database.transaction() as connection:
        questions.record(connection, new)
    return [uuid5(each.conversation_id, "asked/1/0") for each in new]


def gaps(database: Database) -> list[Any]:
    """Return the gaps, most pressing first."""
    with database.session() as session:
        return list(session.scalars(select(KnowledgeGap).order_by(KnowledgeGap.rank.desc())))


def test_one_meaning_is_one_gap_in_either_script(database: Database, now: datetime) -> None:
    """Questions about one thing come together, others stay apart."""
    ask(database, [*REPAIR_ZH, *GIFT_ZH, *REPAIR], now)

    gathered = gather(database, WORDS, now=now)

    found = gaps(database)
    assert (gathered.questions, len(gathered.opened), gathered.grown) == (8, 3, ())
    assert sorted((gap.language, gap.questions) for gap in found) == [
        ("en", 3),
        ("zh", 2),
        ("zh", 3),
    ]
    assert {gap.question for gap in found if gap.questions == 3} <= {*REPAIR_ZH, *REPAIR}


def test_a_gap_keeps_its_id_when_more_is_asked(database: Database, now: datetime) -> None:
    """New wordings join it, and gathering again changes nothing."""
    ask(database, REPAIR_ZH[:2], now)
    first = gather(database, WORDS, now=now)
    ask(database, [REPAIR_ZH[2], *GIFT_ZH], now + timedelta(days=1))
    second = gather(database, WORDS, now=now + timedelta(days=1))

    assert second.grown == first.opened
    assert len(second.opened) == 1
    assert gather(database, WORDS, now=now + timedelta(days=2)) == Gathered()
    assert {gap.id: gap.questions for gap in gaps(database)} == {
        first.opened[0]: 3,
        second.opened[0]: 2,
    }


def test_gaps_are_ranked_by_people_and_how_lately_they_asked(
    database: Database, now: datetime
) -> None:
    """One person who repeats a question is one person; old questions weigh less."""
    one = uuid4()
    for _ in range(5):
        ask(database, ["Do you sell spare lids?"], now, by=one)
    ask(database, ["Can I pay with crypto?"] * 2, now)
    ask(database, ["Is there a shop in Leeds?"] * 3, now - timedelta(days=60))

    gather(database, WORDS, now=now)

    assert [(gap.question, gap.people, gap.questions) for gap in gaps(database)] == [
        ("Can I pay with crypto?", 2, 2),
        ("Do you sell spare lids?", 1, 5),
        ("Is there a shop in Leeds?", 3, 3),
    ]


def test_what_helped_after_all_no_longer_counts(database: Database, now: datetime) -> None:
    """An offer that was taken later is no miss when its gap is counted again."""
    ask(database, REPAIR[:1], now)
    with database.transaction() as connection:
        conversation = uuid4()
        offered = NewQuestion(
            conversation, 1, 0, uuid4(), "webchat", REPAIR[1], "en", "offered", now
        )
        questions.record(connection, [offered])
    gather(database, WORDS, now=now)
    assert [gap.people for gap in gaps(database)] == [2]

    with database.transaction() as connection:
        taken = Sequel(conversation, 2, now, next_step="taken", article_id="repairs")
        questions.record(connection, [], [taken])
    ask(database, REPAIR[2:], now)
    gather(database, WORDS, now=now)

    assert [gap.people for gap in gaps(database)] == [2]


@pytest.mark.parametrize(("asks", "status"), [(1, "ignored"), (2, "open")])
def test_an_ignored_gap_comes_back_when_enough_people_ask(
    database: Database, now: datetime, asks: int, status: str
) -> None:
    """The return is a decision on record, made by the engine."""
    ask(database, REPAIR_ZH[:1], now)
    key = gather(database, WORDS, now=now).opened[0]
    with database.session() as session:
        gap = session.get_one(KnowledgeGap, key)
        gap.status, gap.returns_at = "ignored", 3
    for _ in range(asks):
        ask(database, REPAIR_ZH[:1], now)
    gather(database, WORDS, now=now)

    assert gaps(database)[0].status == status
    with database.session() as session:
        made = [(d.kind, d.decided_by) for d in session.scalars(select(GapDecision))]
    assert made == ([("reopen", "engine")] if status == "open" else [])


def test_questions_another_process_gathered_meanwhile_are_left_alone(
    database: Database, now: datetime
) -> None:
    """Two processes that gather the same misses make one gap of them."""
    ask(database, REPAIR, now)
    raced: list[Gathered] = []

    class Racing:
        """Compares as the words do, after another process was quicker."""

        def __call__(self, _told: str) -> None:
            raced.append(gather(database, WORDS, now=now))

    ask(database, [f"number {number}x{number}" for number in range(BLOCK)], now)
    mine = gather(database, WORDS, now=now, progress=Racing())

    assert raced[0].questions == BLOCK + 3
    assert (mine.questions, mine.opened) == (0, ())
    with database.session() as session:
        assert all(session.scalars(select(AskedQuestion.gap_id)))


def test_meaning_joins_what_words_do_not(tmp_path: Path) -> None:
    """With an encoder that reads the language, questions are compared by meaning."""
    encoder = open_encoder("all-MiniLM-L6-v2", cache_dir=tmp_path, texts={"en": REPAIR})
    assert encoder is not None
    texts = [
        "When will my parcel arrive?",
        "when is my package going to arrive",
        "Do you offer student discounts?",
    ]

    assert join(texts, [], Comparison()) == [0, 1, 2]
    assert join(texts, [], Comparison(encoder.encode)) == [0, 0, 1]


@given(st.lists(st.text(max_size=40), min_size=1, max_size=30, unique=True))
def test_any_texts_are_joined_and_joined_again_alike(texts: list[str]) -> None:
    """Every text gets a group, numbered from 0 without holes, the same each time."""
    groups = join(texts, [], Comparison())

    assert len(groups) == len(texts)
    assert set(groups) == set(range(max(groups) + 1))
    assert join(texts, [], Comparison()) == groups


def test_what_a_customer_asked_is_forgotten_whole(database: Database, now: datetime) -> None:
    """Their words are shown nowhere; a gap of nobody else is gone with its decisions."""
    person = uuid4()
    ask(database, ["Is my broken kettle repaired, said Anna?"] * 2, now, by=person)
    ask(database, REPAIR[:1], now)
    ask(database, GIFT_ZH, now, by=person)
    gather(database, WORDS, now=now)
    with database.session() as session:
        assert forget_customer(session, person, comparisons=WORDS, now=now) == 4

    left = gaps(database)
    assert [(gap.question, gap.people) for gap in left] == [(REPAIR[0], 1)]
    with database.session() as session:
        assert forget_customer(session, person, comparisons=WORDS, now=now) == 0


def test_old_questions_are_forgotten(database: Database, now: datetime) -> None:
    """What is left is counted anew."""
    ask(database, REPAIR[:2], now - timedelta(days=400))
    ask(database, REPAIR[2:], now)
    gather(database, WORDS, now=now)
    with database.session() as session:
        before = now - timedelta(days=365)
        assert forget_before(session, before, comparisons=WORDS, now=now) == 2

    assert [(gap.question, gap.people) for gap in gaps(database)] == [(REPAIR[2], 1)]
