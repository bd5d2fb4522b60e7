"""Who asked hears from us once it can be answered, in their language, or why they do not."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from channels.contract import Capabilities
from channels.messages import Address, Card, OutboundMessage
from crm_store.conversations import Conversation
from crm_store.database import Database
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent
from dialogues.bot import load_bot
from dialogues.telling import EXCLUSIONS, Asker, askers, tell
from knowledge_base import questions
from knowledge_base.articles import Article
from knowledge_base.gathering import Comparisons, gather
from knowledge_base.prepare import build_knowledge
from knowledge_base.questions import NewQuestion
from knowledge_base.search import Knowledge
from tests.builders import a_conversation, an_address
from tests.dialogues.talks import FOLDER

BOT = load_bot(FOLDER)
SERVED = {
    ("callback", "partner"): Capabilities(text_max=1000, reply_window_seconds=48 * 3600),
    ("webchat", "site"): Capabilities(text_max=1000),
}
EN = ("Do you lend tandem bikes?", "Do you lend out tandem bikes?")
ZH = ("双人自行车怎么租借？", "怎么租借双人自行车")


def article(language: str, title: str, question: str, body: str, now: datetime) -> Article:
    """Return an article about tandems."""
    return Article(
        id="tandems",
        language=language,
        title=title,
        questions=(question,),
        body=body,
        audience="public",
        updated=now.date(),
        tags=(),
        url=None,
        version="v1",
    )


@pytest.fixture
def knowledge(tmp_path: Path, now: datetime) -> Knowledge:
    """Return what is known now."""
    return build_knowledge(
        [
            article("en", EN[0], EN[1], "For a weekend, 55 euros.", now),
            article("zh", ZH[0], ZH[1], "周末五十五欧元。", now),
        ],
        encoder=None,
        cache_dir=tmp_path,
        out_of_scope=["Tell me a joke", "讲个笑话"],
        public_url_of=lambda each: f"https://shop.example/{each.id}",
    )


def ask(
    database: Database,
    text: str,
    now: datetime,
    *,
    peer: str,
    at: datetime | None = None,
    address: Address | None = None,
) -> UUID:
    """Ask something nobody can answer; return the conversation."""
    where = address or an_address(peer)
    with database.session() as session:
        conversation = a_conversation(session, address=where, now=at or now)
        assert conversation.customer_id is not None
        new = NewQuestion(
            conversation_id=conversation.id,
            seq=1,
            position=0,
            customer_id=conversation.customer_id,
            channel=where.channel,
            question=text,
            language="zh" if text in ZH else "en",
            outcome="declined",
            at=at or now,
        )
        questions.record(session.connection(), [new])
        return conversation.id


def found(database: Database, key: UUID, knowledge: Knowledge, now: datetime) -> list[Asker]:
    """Return who asked."""
    with database.session() as session:
        return askers(session, key, knowledge=knowledge, served=SERVED, now=now)


def test_each_asker_is_told_once_in_their_language(
    database: Database, now: datetime, knowledge: Knowledge
) -> None:
    """A card with the answer and its link, on the timeline, with the version that was told."""
    one = ask(database, ZH[0], now, peer="p1")
    ask(database, ZH[1], now, peer="p2")
    [key] = gather(database, Comparisons(), now=now).opened
    people = found(database, key, knowledge, now)
    assert [asker.exclusion for asker in people] == [None, None]

    with database.session() as session:
        assert len(tell(session, BOT, key, people, now=now)) == 2
    with database.session() as session:
        assert tell(session, BOT, key, people, now=now) == []
        rows = list(session.scalars(select(OutboxItem)))
        kinds = [
            entry.kind
            for entry in session.scalars(
                select(TimelineEvent)
                .where(TimelineEvent.conversation_id == one)
                .order_by(TimelineEvent.position)
            )
        ]
        cited = session.scalars(
            select(TimelineEvent).where(TimelineEvent.kind == "article_cited")
        ).first()

    assert len(rows) == 2
    card = OutboundMessage.model_validate(rows[0].message).content
    assert isinstance(card, Card)
    assert "周末五十五欧元。" in card.text
    assert any(text in card.text for text in ZH)
    assert card.link is not None
    assert (card.link.label, card.link.url) == ("来源", "https://shop.example/tandems")
    assert kinds == ["message_sent", "article_cited"]
    assert cited is not None
    assert (cited.data["article"], cited.data["version"]) == ("tandems", "v1")
    assert {asker.exclusion for asker in found(database, key, knowledge, now)} == {"told"}


def test_others_are_not_told_and_the_reason_is_named(
    database: Database, now: datetime, knowledge: Knowledge
) -> None:
    """Too late for the channel, too long ago, with a person, or still unanswered."""
    late = now - timedelta(days=3)
    old = now - timedelta(days=30)
    closed = ask(database, EN[0], now, peer="closed", at=late)
    ago = ask(
        database,
        EN[0],
        now,
        peer="",
        at=old,
        address=an_address("a", channel="webchat", account="site"),
    )
    queued = ask(database, EN[0], now, peer="queued")
    with database.session() as session:
        session.get_one(Conversation, queued).owner = "staff"
    fine = ask(database, EN[1], now, peer="fine")
    [key] = gather(database, Comparisons(), now=now).opened
    other = ask(database, "Do you lend tandem bikes to the moon?", now, peer="other")
    gather(database, Comparisons(), now=now)
    reasons = {
        asker.reached.conversation_id: asker.exclusion
        for asker in found(database, key, knowledge, now)
    }

    assert reasons[closed] == "window"
    assert reasons[ago] == "old"
    assert reasons[queued] == "person"
    assert reasons[fine] is None
    assert reasons.get(other, "unanswered") in {"unanswered", None}
    assert set(filter(None, reasons.values())) <= set(EXCLUSIONS)


def test_a_customer_who_asked_twice_is_one_asker(
    database: Database, now: datetime, knowledge: Knowledge
) -> None:
    """The conversation in which they can be reached counts."""
    first = ask(database, EN[0], now, peer="p1")
    second = ask(database, EN[1], now + timedelta(hours=1), peer="p2")
    with database.session() as session:
        person = session.get_one(Conversation, first).customer_id
        assert person is not None
        moved = session.get_one(Conversation, second)
        before = moved.customer_id
        assert before is not None
        moved.customer_id, moved.owner = person, "queue"
        questions.moved(session.connection(), before=before, after=person)
    [key] = gather(database, Comparisons(), now=now).opened

    [asker] = found(database, key, knowledge, now + timedelta(hours=2))
    assert (asker.customer_id, asker.exclusion) == (person, None)
    assert asker.reached.conversation_id == first


def test_nobody_is_told_again_in_another_conversation(
    database: Database, now: datetime, knowledge: Knowledge
) -> None:
    """A list that was read before somebody else told them changes nothing."""
    ask(database, EN[0], now, peer="p1")
    ask(database, EN[1], now, peer="p2")
    [key] = gather(database, Comparisons(), now=now).opened
    first, second = found(database, key, knowledge, now)
    with database.session() as session:
        assert tell(session, BOT, key, [first], now=now) == [first.customer_id]
    elsewhere = replace(first, reached=second.reached)
    with database.session() as session:
        assert tell(session, BOT, key, [elsewhere], now=now) == []
