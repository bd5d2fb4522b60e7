"""The inbox: stored once, numbered without gaps, worked off in order and fairly."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from crm_store import backlog, inbox
from crm_store.conversations import ConversationSequence
from crm_store.database import Database
from crm_store.inbox import InboxItem
from tests.builders import an_address, an_arrival, store


def test_arrivals_are_numbered_from_one_without_gaps(database: Database) -> None:
    """Each conversation counts its own messages from 1, in the order of arrival."""
    here, there = an_address("a"), an_address("b")
    arrivals = [an_arrival(address=where) for where in (here, there, here, here, there)]
    with database.transaction() as connection:
        stored = store(connection, arrivals)

    assert [place.seq for place in stored] == [1, 1, 2, 3, 2]
    assert not any(place.duplicate for place in stored)


def test_a_duplicate_inside_a_batch_has_no_second_effect(database: Database) -> None:
    """The same message twice in one group commit is one row, and both are told its number."""
    twice = [an_arrival(external_id="x1"), an_arrival(external_id="x1")]
    with database.transaction() as connection:
        stored = store(connection, [*twice, an_arrival(external_id="x2")])

    assert [(place.seq, place.duplicate) for place in stored] == [
        (1, False),
        (1, True),
        (2, False),
    ]


def test_a_duplicate_across_batches_has_no_second_effect(database: Database) -> None:
    """A redelivered message is acknowledged with its first number, whatever stands around it."""
    with database.transaction() as connection:
        store(connection, [an_arrival(external_id="x1"), an_arrival(external_id="x2")])
    with database.transaction() as connection:
        again = store(connection, [an_arrival(external_id="x3"), an_arrival(external_id="x1")])
        count = len(connection.execute(select(InboxItem.seq)).all())

    assert [(place.seq, place.duplicate) for place in again] == [(3, False), (1, True)]
    assert count == 3


def test_the_same_id_of_two_peers_is_two_messages(database: Database) -> None:
    """No peer can take an id from another: the key holds within a conversation."""
    with database.transaction() as connection:
        stored = store(
            connection,
            [
                an_arrival(address=an_address("a"), external_id="same"),
                an_arrival(address=an_address("b"), external_id="same"),
            ],
        )

    assert not any(place.duplicate for place in stored)


def test_a_rolled_back_put_leaves_no_trace(database: Database) -> None:
    """Numbers of a transaction that failed are given again; nothing of it stays."""

    class PowerCutError(Exception):
        pass

    def put_and_fail() -> None:
        with database.transaction() as connection:
            store(connection, [an_arrival(external_id="x1")])
            raise PowerCutError

    with pytest.raises(PowerCutError):
        put_and_fail()
    with database.transaction() as connection:
        stored = store(connection, [an_arrival(external_id="x1")])

    assert [(place.seq, place.duplicate) for place in stored] == [(1, False)]


def test_racing_gateways_store_each_message_once(database: Database) -> None:
    """Three gateways that get every message at once store each once, numbered without gaps."""
    peers = [an_address(f"p{n}") for n in range(5)]
    barrier = threading.Barrier(3)
    failures: list[BaseException] = []
    new: list[tuple[UUID, int]] = []

    def deliver(gateway: int) -> None:
        known: set[UUID] = set()
        try:
            for start in range(0, 40, 8):
                arrivals = [
                    an_arrival(address=peers[(turn + gateway) % 5], external_id=f"e{n}")
                    for n in range(start, start + 8)
                    for turn in range(5)
                ]
                barrier.wait()
                with database.transaction() as connection:
                    stored = store(connection, arrivals, known=known)
                known.update(place.conversation_id for place in stored)
                new.extend(
                    (place.conversation_id, place.seq) for place in stored if not place.duplicate
                )
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)
            barrier.abort()

    threads = [threading.Thread(target=deliver, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with database.reading() as connection:
        rows = connection.execute(select(InboxItem.conversation_id, InboxItem.seq)).all()
        last = connection.execute(select(ConversationSequence.last_seq)).scalars().all()
    assert sorted(new) == sorted((row.conversation_id, row.seq) for row in rows)
    per_conversation = Counter(row.conversation_id for row in rows)
    assert sorted(per_conversation.values()) == sorted(last) == [40] * 5


def test_undone_items_come_in_order_and_capped(database: Database) -> None:
    """At most so many items of a conversation are handed out, the oldest, in order."""
    here, there = an_address("a"), an_address("b")
    with database.transaction() as connection:
        store(connection, [an_arrival(f"h{n}", address=here) for n in range(5)])
        store(connection, [an_arrival("t", address=there)])
        ids = backlog.candidates(connection, cursor=UUID(int=0), most=10)
        items = inbox.undone(connection, ids, per_conversation=3)

    mine = [item.seq for item in items if item.conversation_id == here.conversation_id]
    assert mine == [1, 2, 3]
    assert len(items) == 4


def test_done_items_are_no_candidates(database: Database, now: datetime) -> None:
    """Readiness is derived from rows: with the last item done a conversation is no candidate."""
    with database.transaction() as connection:
        stored = store(connection, [an_arrival(), an_arrival()])
        key = stored[0].conversation_id
        inbox.finish(connection, [(key, 1, "answered")], now=now)
        assert backlog.candidates(connection, cursor=UUID(int=0), most=10) == [key]
        assert inbox.still_undone(connection, [key]) == {key: [2]}
        inbox.finish(connection, [(key, 2, "refused")], now=now)
        assert backlog.candidates(connection, cursor=UUID(int=0), most=10) == []
        assert inbox.still_undone(connection, [key]) == {}


def test_a_rotating_cursor_starves_nobody(database: Database) -> None:
    """However many conversations wait, going on from the last one meets each once a round."""
    with database.transaction() as connection:
        store(connection, [an_arrival(address=an_address(f"p{n}")) for n in range(25)])
        store(connection, [an_arrival(address=an_address("noisy")) for _ in range(50)])
        met: list[UUID] = []
        cursor = UUID(int=0)
        for _ in range(13):
            found = backlog.candidates(connection, cursor=cursor, most=4)
            assert len(found) == 4
            met += found
            cursor = found[-1]

    assert set(Counter(met).values()) == {2}
    assert len(set(met)) == 26


def test_the_cursor_wraps_around_without_repeating(database: Database) -> None:
    """A round that reaches the end goes on at the start and names no conversation twice."""
    with database.transaction() as connection:
        store(connection, [an_arrival(address=an_address(f"p{n}")) for n in range(5)])
        everyone = backlog.candidates(connection, cursor=UUID(int=0), most=10)
        found = backlog.candidates(connection, cursor=everyone[2], most=10)

    assert found == [*everyone[3:], *everyone[:3]]


def test_attempts_are_counted_only_while_undone(database: Database, now: datetime) -> None:
    """An attempt that failed twice counts once, an earlier one not again, a done item's never."""
    with database.transaction() as connection:
        key = store(connection, [an_arrival()])[0].conversation_id
        counted = [inbox.count_attempt(connection, key, 1, attempt=n) for n in (1, 1, 2, 1, 3)]
        inbox.finish(connection, [(key, 1, "answered")], now=now)
        after = inbox.count_attempt(connection, key, 1, attempt=4)

    assert counted == [1, 1, 2, 2, 3]
    assert after == 0


def test_the_backlog_tells_number_and_age(database: Database, now: datetime) -> None:
    """The backlog counts undone items and knows when the oldest came."""
    with database.transaction() as connection:
        assert backlog.measure(connection) == (0, None)
        old = store(connection, [an_arrival(now=now)])[0]
        store(connection, [an_arrival(now=now + timedelta(seconds=9))])
        assert backlog.measure(connection) == (2, now)
        inbox.finish(connection, [(old.conversation_id, old.seq, "answered")], now=now)
        assert backlog.measure(connection) == (1, now + timedelta(seconds=9))


def test_one_process_at_a_time_works_on_a_conversation(postgres_url: str) -> None:
    """A conversation locked by one worker is skipped by the other, not waited for."""
    database = Database(postgres_url)
    here, there = an_address("a"), an_address("b")
    with database.transaction() as connection:
        store(connection, [an_arrival(address=here), an_arrival(address=there)])
    both = [here.conversation_id, there.conversation_id]
    with database.transaction() as first, database.transaction() as second:
        assert list(inbox.lock_conversations(first, [here.conversation_id])) == both[:1]
        assert list(inbox.lock_conversations(second, both)) == both[1:]
        # Storing goes on while a turn is taken.
        store(second, [an_arrival(address=here)])
    database.close()


def test_an_unreadable_stored_message_blocks_nobody(database: Database) -> None:
    """A row of an older or newer version is handed out as unsupported instead of raising."""
    here, there = an_address("a"), an_address("b")
    with database.transaction() as connection:
        store(connection, [an_arrival(address=here), an_arrival(address=there)])
        connection.execute(
            update(InboxItem)
            .where(InboxItem.conversation_id == here.conversation_id)
            .values(message={"from": "the future"})
        )
        items = inbox.undone(
            connection, [here.conversation_id, there.conversation_id], per_conversation=8
        )

    kinds = {item.conversation_id: item.message.content.kind for item in items}
    assert kinds == {here.conversation_id: "unsupported", there.conversation_id: "text"}
    unreadable = next(i for i in items if i.conversation_id == here.conversation_id)
    assert unreadable.message.address == here
