"""Timers, in-flight records and dead letters: future work and failed work, each exactly once."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crm_store import dead_letters, inbox, inflight, ledger, timers
from crm_store.conversations import Turn
from crm_store.database import Database
from crm_store.inbox import InboxItem
from crm_store.timers import NewTimer, Timer
from tests.builders import (
    a_conversation,
    an_address,
    an_arrival,
    an_outbound,
    finish_turn,
    store,
)


def a_timer(due_at: datetime, *, key: str = "k", peer: str = "a") -> NewTimer:
    """Return a timer about to be set."""
    return NewTimer(an_address(peer), "reminder", due_at, {"about": "quote"}, key)


def test_a_due_timer_becomes_one_notice(database: Database, now: datetime) -> None:
    """Set twice, fired once, at its time and not before, as a notice in its conversation."""
    later = now + timedelta(hours=1)
    with database.transaction() as connection:
        timers.set_timers(connection, [a_timer(later), a_timer(later, peer="b")])
        timers.set_timers(connection, [a_timer(now)])
        assert timers.fire_due(connection, now=now, most=10, known=set()) == []
        fired = timers.fire_due(connection, now=later, most=10, known=set())
        assert timers.fire_due(connection, now=later, most=10, known=set()) == []

    assert len(fired) == 2
    content = fired[0][0].message.content
    assert content.kind == "notice"
    assert content.data == {"timer": "reminder", "about": "quote"}
    assert not any(place.duplicate for _, place in fired)


def test_a_death_while_firing_fires_once(database: Database, now: datetime) -> None:
    """Rolled back between inserting the notice and removing the timer, it fires again, once."""

    class DeathError(Exception):
        pass

    def fire_and_die() -> None:
        with database.transaction() as connection:
            assert timers.fire_due(connection, now=now, most=10, known=set())
            raise DeathError

    with database.transaction() as connection:
        timers.set_timers(connection, [a_timer(now)])
    with pytest.raises(DeathError):
        fire_and_die()
    with database.transaction() as connection:
        assert len(timers.fire_due(connection, now=now, most=10, known=set())) == 1
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(InboxItem)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(Timer)).scalar_one() == 0


def test_timers_fire_oldest_first_and_so_many_at_once(database: Database, now: datetime) -> None:
    """A flood of due timers is fired in rounds, in the order they were due."""
    with database.transaction() as connection:
        timers.set_timers(
            connection,
            [a_timer(now - timedelta(minutes=n), key=str(n)) for n in range(5)],
        )
        rounds = [len(timers.fire_due(connection, now=now, most=2, known=set())) for _ in range(4)]
        due = connection.execute(select(InboxItem.message).order_by(InboxItem.seq)).scalars()
        times = [message["sent_at"] for message in due]

    assert rounds == [2, 2, 1, 0]
    assert times == sorted(times)


def note(
    database: Database,
    process: str,
    items: list[tuple[UUID, int]],
    now: datetime,
    *,
    failed: int = 0,
) -> None:
    """Note what a process works on, after so many attempts that failed."""
    tried = [(key, seq, failed) for key, seq in items]
    with database.relaxed() as connection:
        inflight.note(connection, worker=f"{process}/w", process=process, items=tried, now=now)


def attempts(database: Database) -> list[int]:
    """Return the attempts of all items, in order."""
    with database.reading() as connection:
        return list(
            connection.execute(select(InboxItem.attempts).order_by(InboxItem.seq)).scalars()
        )


def test_items_of_a_dead_process_are_suspected(database: Database, now: datetime) -> None:
    """Each attempt a process died at counts, and counts once however many died at it."""
    with database.transaction() as connection:
        stored = store(connection, [an_arrival() for _ in range(3)])
    places = [(place.conversation_id, place.seq) for place in stored]
    note(database, "tributary-dead", places[:2], now)
    with database.transaction() as connection:
        dead = inflight.dead_processes(connection, process=database.process)
        assert dead == ["tributary-dead"]
        assert inflight.recover(connection, dead=dead) == places[:2]
        assert inflight.recover(connection, dead=dead) == []
    assert attempts(database) == [1, 1, 0]

    for failed in (1, 2):
        for name in ("tributary-dead", "tributary-dead-too"):
            note(database, name, places[:1], now, failed=failed)
        with database.transaction() as connection:
            inflight.recover(connection, dead=["tributary-dead", "tributary-dead-too"])
        assert attempts(database) == [failed + 1, 1, 0]
    note(database, "tributary-dead", places[:2], now)
    with database.transaction() as connection:
        inflight.recover(connection, dead=["tributary-dead"])
    assert attempts(database) == [3, 1, 0]


def test_living_processes_and_cleared_records_are_left_alone(
    database: Database, now: datetime
) -> None:
    """A record of this process, or one that was cleared with its batch, blames nobody."""
    with database.transaction() as connection:
        place = store(connection, [an_arrival()])[0]
    note(database, database.process, [(place.conversation_id, place.seq)], now)
    with database.transaction() as connection:
        assert inflight.dead_processes(connection, process=database.process) == []
    note(database, "tributary-dead", [(place.conversation_id, place.seq)], now)
    with database.transaction() as connection:
        inflight.clear(connection, worker="tributary-dead/w")
        assert inflight.recover(connection, dead=["tributary-dead"]) == []
    assert attempts(database) == [0]


def test_a_done_item_is_never_blamed(database: Database, now: datetime) -> None:
    """Killed after its commit, a process leaves no suspicion."""
    with database.transaction() as connection:
        place = store(connection, [an_arrival()])[0]
        inbox.finish(connection, [(place.conversation_id, 1, "answered")], now=now)
    note(database, "tributary-dead", [(place.conversation_id, 1)], now)
    with database.transaction() as connection:
        inflight.recover(connection, dead=["tributary-dead"])
    assert attempts(database) == [0]


def test_a_requeued_item_is_worked_again_and_the_ledger_balances(
    database: Database, now: datetime
) -> None:
    """Given up, requeued and answered: three entries in the ledger's account, no fault."""
    with database.session() as session:
        conversation = a_conversation(session, now=now)
        reply = an_outbound("sorry")
        finish_turn(session, conversation, 1, replies=[reply], outcome="dead_letter", now=now)
        connection = session.connection()
        dead_letters.bury(
            connection,
            conversation_id=conversation.id,
            seq=1,
            outbox_id=None,
            reason="ValueError",
            attempts=3,
            now=now,
        )
        (letter,) = dead_letters.waiting(connection)
        assert ledger.draw(connection).balanced

    with database.transaction() as connection:
        assert dead_letters.requeue(connection, [letter["id"]], now=now) == 1
        assert dead_letters.requeue(connection, [letter["id"]], now=now) == 0
        assert dead_letters.waiting(connection) == []
        assert inbox.still_undone(connection, [conversation.id]) == {conversation.id: [1]}
        assert connection.execute(select(func.count()).select_from(Turn)).scalar_one() == 0
        assert ledger.draw(connection).balanced
    with database.session() as session:
        finish_turn(session, conversation, 1, now=now + timedelta(seconds=1), source="again")
    with database.reading() as connection:
        drawn = ledger.draw(connection)
    assert drawn.faults == []
