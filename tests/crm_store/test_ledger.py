"""The ledger and the transcript: balanced on sound data, and no damage goes unnoticed."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from crm_store import inbox, ledger, transcript
from crm_store.commit_delivery import deliver
from crm_store.conversations import Conversation, ConversationSequence, Turn
from crm_store.database import Database
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent
from tests.builders import (
    a_conversation,
    an_address,
    an_arrival,
    an_outbound,
    finish_turn,
    store,
)

HERE = an_address("a")


def play(database: Database, now: datetime) -> None:
    """Answer two messages, deliver the replies, leave a third message waiting."""
    with database.session() as session:
        conversation = a_conversation(session, address=HERE, now=now)
        store(session.connection(), [an_arrival(address=HERE, now=now)] * 1)
        for seq in (1, 2):
            replies = [an_outbound(f"{seq}/{n}", address=HERE) for n in range(2)]
            finish_turn(session, conversation, seq, replies=replies, now=now)
    with database.transaction() as connection:
        deliver(connection, ["callback"], most=10, now=now)
        store(connection, [an_arrival(address=HERE, now=now)])


def test_sound_data_balance(database: Database, now: datetime) -> None:
    """Answered, sent and waiting items are counted by channel, and nothing is amiss."""
    play(database, now)
    with database.reading() as connection:
        drawn = ledger.draw(connection)

    assert drawn.balanced, drawn.faults
    (balance,) = drawn.channels
    assert balance.channel == "callback"
    assert balance.inbound == {"answered": 2, "waiting": 1}
    assert balance.outbound == {"sent": 4}


def _lose_an_item(connection: Connection) -> None:
    connection.execute(delete(InboxItem).where(InboxItem.seq == 2))


def _lose_a_reply(connection: Connection) -> None:
    connection.execute(delete(OutboxItem).where(OutboxItem.stream_seq == 4))


def _lose_a_turn(connection: Connection) -> None:
    connection.execute(delete(Turn).where(Turn.seq == 1))


def _forget_an_end(connection: Connection) -> None:
    connection.execute(update(InboxItem).where(InboxItem.seq == 1).values(outcome=None))


def _lose_an_entry(connection: Connection) -> None:
    connection.execute(delete(TimelineEvent).where(TimelineEvent.kind == "message_received"))


def _lose_a_told_reply(connection: Connection) -> None:
    connection.execute(delete(TimelineEvent).where(TimelineEvent.kind == "message_sent"))


def _double_an_item(connection: Connection) -> None:
    row = connection.execute(select(InboxItem.__table__).where(InboxItem.seq == 7)).one()
    values = dict(row._mapping) | {"seq": 99, "external_id": "again"}
    connection.execute(insert(InboxItem).values(values))


def _use_a_number_twice(connection: Connection) -> None:
    # One message lost and another doubled: the sum alone would still be right.
    connection.execute(update(OutboxItem).where(OutboxItem.stream_seq == 6).values(stream_seq=1))


def _forget_the_sequence(connection: Connection) -> None:
    connection.execute(delete(ConversationSequence))


@pytest.mark.parametrize(
    "damage",
    [
        _lose_an_item,
        _lose_a_reply,
        _lose_a_turn,
        _forget_an_end,
        _lose_an_entry,
        _lose_a_told_reply,
        _double_an_item,
        _use_a_number_twice,
        _forget_the_sequence,
    ],
)
def test_every_damage_is_found(
    database: Database, now: datetime, damage: Callable[[Connection], None]
) -> None:
    """A row that is lost, doubled or changed makes the ledger name a fault."""
    play(database, now)
    with database.transaction() as connection:
        damage(connection)
        assert not ledger.draw(connection).balanced


def test_pages_of_a_transcript_join_without_gaps(database: Database, now: datetime) -> None:
    """Reading on from the last number gives the whole transcript, whatever the page size."""
    play(database, now)
    key = HERE.conversation_id
    with database.reading() as connection:
        whole = transcript.read(connection, key, after=0)
        for limit in (1, 2, 3):
            pages: list[transcript.TranscriptEntry] = []
            while page := transcript.read(
                connection, key, after=pages[-1].seq if pages else 0, limit=limit
            ):
                pages += page
            assert pages == whole
        assert transcript.cursor(connection, key) == transcript.Cursor(7, 1, 0)
        assert transcript.last_seqs(connection, [key]) == {key: 7}
        assert transcript.read(connection, key, after=7) == []

    assert [entry.seq for entry in whole] == list(range(1, 8))


def test_a_gap_ends_the_page(database: Database, now: datetime) -> None:
    """A number whose row cannot be seen yet is never skipped."""
    play(database, now)
    with database.transaction() as connection:
        connection.execute(delete(OutboxItem).where(OutboxItem.stream_seq == 4))
        seen = transcript.read(connection, HERE.conversation_id, after=0)

    assert [entry.seq for entry in seen] == [1, 2, 3]


def test_reading_moves_forward_only(database: Database, now: datetime) -> None:
    """The read mark never goes back, nor past what there is; an unknown peer has none."""
    play(database, now)
    key = HERE.conversation_id
    with database.transaction() as connection:
        marks = []
        for seq in (3, 2, 8, 7):
            transcript.mark_read(connection, key, seq)
            marks.append(transcript.cursor(connection, key).read_seq)
        nobody = transcript.cursor(connection, an_address("nobody").conversation_id)

    assert marks == [3, 3, 3, 7]
    assert nobody == transcript.Cursor(0, 0, 0)


def test_an_end_is_written_once_per_item(database: Database, now: datetime) -> None:
    """Finishing one item leaves the others of its conversation waiting."""
    play(database, now)
    with database.transaction() as connection:
        assert inbox.still_undone(connection, [HERE.conversation_id]) == {
            HERE.conversation_id: [7]
        }
        owner = connection.execute(select(Conversation.owner)).scalar_one()
    assert owner == "bot"
