"""Who may be written to unasked: one table of obstacles, one message per occasion."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.contract import Capabilities
from channels.messages import Notice, Text
from crm_store.consents import record_consent
from crm_store.conversations import Conversation
from crm_store.customers import Customer
from crm_store.database import Database
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent
from dialogues.reach import Obstacle, Reach, reach, write_to
from tests.builders import (
    a_conversation,
    a_customer,
    an_address,
    an_arrival,
    an_outbound,
    finish_turn,
    store,
)

SERVED = {
    ("callback", "partner"): Capabilities(text_max=1000, reply_window_seconds=48 * 3600),
    ("webchat", "site"): Capabilities(
        text_max=1000, reply_window_seconds=60, proactive=frozenset({"reply"})
    ),
}

Change = Callable[[Session, Conversation, datetime], None]


def nothing(_session: Session, _conversation: Conversation, _now: datetime) -> None:
    """Change nothing."""


def queued(_session: Session, conversation: Conversation, _now: datetime) -> None:
    """Ask for a person."""
    conversation.owner = "queue"


def moved_away(_session: Session, conversation: Conversation, _now: datetime) -> None:
    """Belong to an account the bot has no more."""
    conversation.account = "gone"


def merged(session: Session, conversation: Conversation, _now: datetime) -> None:
    """Turn out to be somebody else, to whom nothing was moved."""
    customer = session.get_one(Customer, conversation.customer_id)
    customer.merged_into = a_customer(session).id


def consent(session: Session, conversation: Conversation, now: datetime, *answers: bool) -> None:
    """Say yes or no to messages about the service, one after the other."""
    assert conversation.customer_id is not None
    for number, granted in enumerate(answers):
        record_consent(
            session,
            conversation.customer_id,
            purpose="service",
            channel=conversation.channel,
            granted=granted,
            evidence="said so",
            source=f"test:{number}",
            now=now + timedelta(seconds=number),
        )


def said_no(session: Session, conversation: Conversation, now: datetime) -> None:
    """Say yes, then no."""
    consent(session, conversation, now, True, False)


def said_yes_again(session: Session, conversation: Conversation, now: datetime) -> None:
    """Say no, then yes."""
    consent(session, conversation, now, False, True)


def notice(session: Session, conversation: Conversation, name: str, now: datetime) -> None:
    """Receive a notice of the channel."""
    address = an_address(conversation.peer)
    content = Notice(name=name)
    store(session.connection(), [an_arrival(address=address, content=content, now=now)])


def left(session: Session, conversation: Conversation, now: datetime) -> None:
    """Unfollow the account."""
    notice(session, conversation, "unfollowed", now)


def came_back(session: Session, conversation: Conversation, now: datetime) -> None:
    """Unfollow the account and follow it again."""
    notice(session, conversation, "unfollowed", now)
    notice(session, conversation, "followed", now)


def bounced(session: Session, conversation: Conversation, now: datetime) -> None:
    """Be out of the channel's reach when last written to."""
    reply = an_outbound(address=an_address(conversation.peer))
    finish_turn(session, conversation, 1, replies=[reply], now=now)
    row = session.get_one(OutboxItem, reply.id)
    row.state, row.reason = "dead", "unreachable until the partner knows the peer again"


def bounced_and_wrote(session: Session, conversation: Conversation, now: datetime) -> None:
    """Be out of reach once, then write again."""
    bounced(session, conversation, now)
    address = an_address(conversation.peer)
    store(session.connection(), [an_arrival(address=address, now=now + timedelta(hours=1))])


@pytest.mark.parametrize(
    ("change", "hours", "obstacle"),
    [
        (nothing, 1, None),
        (nothing, 48, "window"),
        (queued, 1, "person"),
        (moved_away, 1, "unserved"),
        (merged, 1, "erased"),
        (said_no, 1, "unsubscribed"),
        (said_yes_again, 1, None),
        (left, 1, "unreachable"),
        (came_back, 1, None),
        (left, 72, "unreachable"),
        (bounced, 2, "unreachable"),
        (bounced_and_wrote, 2, None),
        (came_back, 48, "window"),
    ],
)
def test_every_obstacle_has_its_name(
    database: Database, now: datetime, change: Change, hours: int, obstacle: Obstacle | None
) -> None:
    """Notices of a channel do not reopen its window; only the customer's own words do."""
    with database.session() as session:
        conversation = a_conversation(session, now=now)
        change(session, conversation, now)
        session.flush()
        found = reach(session, [conversation.id], served=SERVED, now=now + timedelta(hours=hours))

    assert found[conversation.id].obstacle == obstacle


def test_a_conversation_that_is_not_there_is_erased(database: Database, now: datetime) -> None:
    """Whatever was recorded of it, nobody is written to."""
    key = uuid4()
    with database.session() as session:
        found = reach(session, [key], served=SERVED, now=now)
        with pytest.raises(ValueError, match="no such customer"):
            write_to(session, found[key], Text(text="hi"), occasion="gap:1", now=now)

    assert found == {key: Reach(key, None, None, None, obstacle="erased")}


def test_a_channel_that_takes_replies_at_any_time_has_no_window(
    database: Database, now: datetime
) -> None:
    """Web chat's transcript can always grow."""
    address = an_address(channel="webchat", account="site")
    with database.session() as session:
        conversation = a_conversation(session, address=address, now=now)
        found = reach(session, [conversation.id], served=SERVED, now=now + timedelta(days=90))

    assert found[conversation.id].obstacle is None
    assert found[conversation.id].address == address


def test_an_occasion_is_written_about_once(database: Database, now: datetime) -> None:
    """One message in the outbox and one entry on the timeline, ending with the window."""
    later = now + timedelta(hours=47)
    with database.session() as session:
        conversation = a_conversation(session, now=now)
        found = reach(session, [conversation.id], served=SERVED, now=later)[conversation.id]
        first = write_to(session, found, Text(text="It is."), occasion="gap:1", now=later)
        second = write_to(session, found, Text(text="It is!"), occasion="gap:1", now=later)
        other = write_to(session, found, Text(text="Also."), occasion="gap:2", now=later)
        rows = list(session.scalars(select(OutboxItem)))
        entries = list(session.scalars(select(TimelineEvent)))

    assert first is not None
    assert (second, other is not None) == (None, True)
    assert {row.message["content"]["text"] for row in rows} == {"It is.", "Also."}
    assert {row.expires_at for row in rows} == {now + timedelta(hours=48)}
    assert {row.owner_epoch for row in rows} == {0}
    assert sorted(entry.data["occasion"] for entry in entries) == ["gap:1", "gap:2"]
