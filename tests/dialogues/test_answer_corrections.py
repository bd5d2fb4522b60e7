"""Who was given a text that was corrected, who of them can be told, and telling each once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.contract import Capabilities
from channels.messages import Card, Text
from crm_store import timeline
from crm_store.consents import record_consent
from crm_store.conversations import Conversation
from crm_store.customers import Customer
from crm_store.database import Database
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent
from dialogues.answer_corrections import (
    Correction,
    CorrectionError,
    content,
    find_correction,
    send_correction,
)
from dialogues.bot import Bot
from dialogues.citations import citations, cited_revision
from knowledge_base.drafts import save_draft
from knowledge_base.passages import split_passages
from knowledge_base.publishing import publish, restore
from knowledge_base.revisions import Revision, article_of, history
from tests.builders import a_conversation, a_customer, an_address
from tests.dialogues.small_bots import bot_of
from tests.knowledge_base.test_revisions import an_article

OLD = "You have **30 days**. Keep the box.\n\n## Opened goods\n\nOpened tea cannot be returned."
NEW = "You have **14 days**. Keep the box.\n\n## Opened goods\n\nOpened tea cannot be returned."
SERVED = {
    ("callback", "partner"): Capabilities(text_max=1000, reply_window_seconds=48 * 3600),
}


def put(session: Session, body: str, now: datetime, **fields: object) -> Revision:
    """Publish a text."""
    draft = save_draft(session, an_article(body, **fields), by="staff:ann", now=now)
    publish(session, draft, by="staff:ann", now=now)
    return draft


def cite(
    session: Session, conversation: Conversation, row: Revision, now: datetime, passage: int = 0
) -> None:
    """Give a text as an answer in a conversation."""
    assert conversation.customer_id is not None
    chosen = split_passages(article_of(row))[passage]
    data = {"article": row.article_id, "version": row.version, "passage": chosen.id}
    entry = timeline.Entry(
        customer_id=conversation.customer_id,
        kind="article_cited",
        actor="bot",
        channel=conversation.channel,
        source=f"turn:{conversation.id}:{now.timestamp()}",
        at=now,
        data={**data, "score": 0.9, "language": row.language},
        conversation_id=conversation.id,
        seq=1,
    )
    timeline.record(session.connection(), [entry])


def someone(session: Session, name: str, now: datetime) -> Conversation:
    """Open a conversation of somebody who just wrote."""
    return a_conversation(session, address=an_address(peer=name), now=now)


def found_in(session: Session, now: datetime, since: int = 1) -> Correction:
    """Look for those who were given an old text."""
    return find_correction(session, "returns", "en", since=since, served=SERVED, now=now)


def test_everybody_with_the_old_answer_is_found_once(database: Database, now: datetime) -> None:
    """Of several old answers in a conversation the newest counts, with the text it came from."""
    with database.session() as session:
        first = put(session, OLD.replace("30", "60"), now)
        asked = someone(session, "ann", now)
        cite(session, asked, first, now + timedelta(minutes=1))
        second = put(session, OLD, now + timedelta(minutes=2))
        cite(session, asked, second, now + timedelta(minutes=3))
        other = someone(session, "ben", now)
        cite(session, other, first, now + timedelta(minutes=1))
        put(session, NEW, now + timedelta(minutes=4))

        later = now + timedelta(minutes=5)
        told = {r.customer_id: r for r in found_in(session, later).recipients}
        assert len(told) == 2
        assert asked.customer_id is not None
        newest = told[asked.customer_id]
        assert newest.exclusion is None
        assert (newest.old, newest.new) == ("You have 30 days.", "You have 14 days.")
        row = cited_revision(session, newest.citation)
        assert row is not None
        assert (row.number, row.body) == (2, OLD)
        assert [r.customer_id for r in found_in(session, later, since=2).recipients] == [
            asked.customer_id
        ]


def consent_withdrawn(session: Session, conversation: Conversation, now: datetime) -> None:
    """Say no to messages."""
    assert conversation.customer_id is not None
    record_consent(
        session,
        conversation.customer_id,
        purpose="service",
        channel=conversation.channel,
        granted=False,
        evidence="stop",
        source="x",
        now=now,
    )


def taken_by_a_person(_session: Session, conversation: Conversation, _now: datetime) -> None:
    """Be talking with a person."""
    conversation.owner = "staff"


def moved_away(_session: Session, conversation: Conversation, _now: datetime) -> None:
    """Belong to an account the bot has no more."""
    conversation.account = "gone"


def merged(session: Session, conversation: Conversation, _now: datetime) -> None:
    """Be somebody who is no more."""
    session.get_one(Customer, conversation.customer_id).merged_into = a_customer(session).id


def asked_again(session: Session, conversation: Conversation, now: datetime) -> None:
    """Have been given the corrected text since."""
    live = history(session, "returns")[0]
    cite(session, conversation, live, now + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("change", "passage", "hours", "exclusion"),
    [
        (None, 0, 1, None),
        (None, 1, 1, "unchanged"),
        (None, 0, 49, "window"),
        (consent_withdrawn, 0, 1, "unsubscribed"),
        (taken_by_a_person, 0, 1, "person"),
        (moved_away, 0, 1, "unserved"),
        (merged, 0, 1, "erased"),
        (asked_again, 0, 1, "renewed"),
    ],
)
def test_who_cannot_be_told_is_excluded_with_the_reason(
    database: Database,
    now: datetime,
    change: Callable[[Session, Conversation, datetime], None] | None,
    passage: int,
    hours: int,
    exclusion: str | None,
) -> None:
    """Windows, wishes, persons and accounts count, and nobody hears of what did not change."""
    with database.session() as session:
        old = put(session, OLD, now)
        conversation = someone(session, "ann", now)
        cite(session, conversation, old, now + timedelta(minutes=1), passage)
        put(session, NEW, now + timedelta(minutes=4))
        if change is not None:
            change(session, conversation, now)
        session.flush()

        (found,) = found_in(session, now + timedelta(hours=hours)).recipients
        assert found.exclusion == exclusion


def test_each_person_is_told_once(database: Database, now: datetime, small_bot: Bot) -> None:
    """Telling twice queues one message; it is on the timeline, and counts as the new answer."""
    with database.session() as session:
        old = put(session, OLD, now)
        conversation = someone(session, "ann", now)
        cite(session, conversation, old, now + timedelta(minutes=1))
        put(session, NEW, now + timedelta(minutes=4))
    later = now + timedelta(minutes=5)
    for expected in (True, False):
        with database.session() as session:
            correction = found_in(session, later)
            (to,) = correction.recipients
            assert to.exclusion == (None if expected else "told")
            said = content(small_bot, correction, to, template=None, url="https://x.test/r")
            assert isinstance(said, Card)
            assert "30 days" in said.text
            assert "14 days" in said.text
            if expected:
                assert send_correction(session, correction, to, said, by="staff:ann", now=later)
                assert not send_correction(session, correction, to, said, by="x", now=later)
            else:
                with pytest.raises(ValueError, match="told of this correction already"):
                    send_correction(session, correction, to, said, by="x", now=later)

    with database.session() as session:
        (item,) = session.scalars(select(OutboxItem)).all()
        assert item.conversation_id == conversation.id
        kinds = {
            row.kind: row
            for row in session.scalars(select(TimelineEvent).order_by(TimelineEvent.at))
        }
        assert kinds["answer_corrected"].actor == "staff:ann"
        assert kinds["answer_corrected"].data["old_version"] == old.version
        assert kinds["message_sent"].data["occasion"].startswith("correction:returns:en:")
        put(session, NEW.replace("14", "21"), later)
        (again,) = found_in(session, later + timedelta(minutes=1), since=2).recipients
        assert (again.exclusion, again.old) == (None, "You have 14 days.")


def test_a_text_of_ones_own_is_filled_in(
    database: Database, now: datetime, small_bot: Bot
) -> None:
    """Staff may say it in their own words; quotations cannot smuggle markup in."""
    with database.session() as session:
        old = put(session, "Call *[us](https://evil.test)* now.", now)
        conversation = someone(session, "ann", now)
        cite(session, conversation, old, now + timedelta(minutes=1))
        put(session, "Call 555.", now + timedelta(minutes=4))
        correction = found_in(session, now + timedelta(minutes=5))
        (to,) = correction.recipients
        said = content(small_bot, correction, to, template="Sorry: {old} → {new}", url=None)
    assert isinstance(said, Text)
    assert said.text.startswith("Sorry: Call us now")
    assert "evil" not in said.text


def test_there_must_be_something_to_correct(database: Database, now: datetime) -> None:
    """Nothing live, nothing older, or a text for staff only: told in a sentence."""
    with database.session() as session:
        with pytest.raises(CorrectionError, match="not live"):
            found_in(session, now)
        first = put(session, OLD, now)
        with pytest.raises(CorrectionError, match="no other text"):
            found_in(session, now)
        put(session, NEW, now + timedelta(minutes=1))
        with pytest.raises(CorrectionError, match="no other text"):
            found_in(session, now, since=2)
        restore(session, first, by="x", now=now + timedelta(minutes=2))
        assert found_in(session, now, since=1).live == 3
        put(session, NEW, now + timedelta(minutes=3), audience="staff")
        with pytest.raises(CorrectionError, match="staff only"):
            found_in(session, now)


def test_answers_are_listed_page_by_page(database: Database, now: datetime) -> None:
    """Every answer comes once, newest first, and can be chosen by day and version."""
    with database.session() as session:
        old = put(session, OLD, now)
        conversation = a_conversation(session, now=now)
        for minute in range(7):
            cite(session, conversation, old, now + timedelta(minutes=minute))
        new = put(session, NEW, now + timedelta(days=1))
        cite(session, conversation, new, now + timedelta(days=1, minutes=1))

        pages = []
        after = None
        while page := citations(session, "returns", after=after, limit=3):
            pages += page
            after = page[-1]
        assert [each.version for each in pages] == [new.version, *[old.version] * 7]
        assert len({each.id for each in pages}) == 8
        assert len(citations(session, "returns", versions=[new.version])) == 1
        day = now + timedelta(days=1)
        assert len(citations(session, "returns", since=now, until=day)) == 7
        assert citations(session, "other") == []
        assert citations(session, "returns", language="zh") == []


@pytest.fixture(scope="module")
def small_bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """A bot with the responses every bot has."""
    return bot_of(tmp_path_factory.mktemp("bot"), {})
