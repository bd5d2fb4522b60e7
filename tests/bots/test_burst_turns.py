"""Turns of bursts on real stores: nothing lost, nothing twice, and nothing costs when off."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from bots.bursts import gather
from bots.worker import IDLE_SECONDS
from crm_store import inbox
from crm_store.conversations import Conversation, Turn
from crm_store.database import Database
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent
from tests.builders import an_address
from tests.desk import ADA, Desk, echo

SECOND = timedelta(seconds=1)
QUIET = {"default": SECOND}


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a worker with a quiet time of one second."""
    return Desk(database, echo(QUIET))


def test_a_burst_gets_one_reply_to_its_last_message(desk: Desk) -> None:
    """Each message has its own end, turn and timeline entry; the reply answers the last."""
    desk.receive("hi", "my order", "is late")
    assert desk.worker.work_once() == 0
    desk.clock.now += SECOND
    assert desk.worker.work_once() == 3

    assert desk.interpreter.asked[0] == "hi\nmy order\nis late"
    outcomes = [(1, "joined"), (2, "joined"), (3, "answered")]
    assert desk.rows(InboxItem.seq, InboxItem.outcome) == outcomes
    assert desk.rows(Turn.seq, Turn.outcome) == outcomes
    traces = dict(desk.rows(Turn.seq, Turn.trace))
    assert traces[1] == traces[2] == [{"joins": 3}]
    assert traces[3][0] == {"joined": [1, 2]}
    [(seq, message)] = desk.rows(OutboxItem.seq, OutboxItem.message)
    assert (seq, message["in_reply_to"]) == (3, 3)
    received = [
        (row.seq, row.data["content"]["text"])
        for row in desk.rows(TimelineEvent.seq, TimelineEvent.kind, TimelineEvent.data)
        if row.kind == "message_received"
    ]
    assert received == [(1, "hi"), (2, "my order"), (3, "is late")]
    assert desk.faults() == []


def test_the_worker_waits_exactly_until_the_next_burst_is_ripe(desk: Desk) -> None:
    """It neither spins nor oversleeps, and a burst that waits hides no other conversation."""
    assert desk.worker.pause() == IDLE_SECONDS
    desk.receive("hi", after=0.9)
    assert desk.worker.work_once() == 0
    assert desk.worker.pause() == pytest.approx(0.1)

    desk.receive("Where is it?", address=an_address("bob"), after=0.0)
    assert desk.worker.work_once() == 1
    desk.clock.now += timedelta(seconds=0.1)
    assert desk.worker.work_once() == 1
    assert desk.worker.work_once() == 0
    assert desk.worker.pause() == IDLE_SECONDS


def test_many_waiting_conversations_hide_none_that_is_ripe(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look goes on past pages of conversations that all wait, once round and no further."""
    monkeypatch.setattr("bots.worker.BATCH_MAX", 2)
    for number in range(7):
        desk.receive("hi", address=an_address(f"p{number}"), after=0.0)
    assert desk.worker.work_once() == 0
    assert desk.worker.pause() == IDLE_SECONDS  # one second is longer than it ever sleeps
    desk.receive("Where is it?", address=an_address("bob"), after=0.0)

    assert desk.worker.work_once() == 1
    assert desk.worker.work_once() == 0


def test_a_message_that_comes_while_the_batch_runs_is_a_turn_of_its_own(desk: Desk) -> None:
    """What another look has done, or what came since, never breaks a burst in two or doubles."""
    desk.receive("hi", "my order")
    with desk.database.reading() as connection:
        found = inbox.undone(connection, [ADA.conversation_id])
    burst = gather(found, QUIET, now=desk.clock() + 9 * SECOND).ready
    [first, _] = found
    assert desk.worker._run([first]) == 1
    desk.receive("is late")

    assert desk.worker._run(burst) == 0
    desk.clock.now += SECOND
    assert desk.worker.work_once() == 2
    assert desk.rows(InboxItem.seq, InboxItem.outcome) == [
        (1, "answered"),
        (2, "joined"),
        (3, "answered"),
    ]
    assert desk.faults() == []


def test_a_conversation_taken_over_meanwhile_is_kept_message_by_message(desk: Desk) -> None:
    """A person took it between the look and the lock: nothing is joined for them."""
    desk.receive("hi", "my order", "is late")
    with desk.database.reading() as connection:
        found = inbox.undone(connection, [ADA.conversation_id])
    burst = gather(found, QUIET, now=desk.clock() + 9 * SECOND).ready
    with desk.database.session() as session:
        session.get_one(Conversation, ADA.conversation_id).owner = "staff"

    assert desk.worker._run(burst) == 3
    assert {outcome for _, outcome in desk.rows(InboxItem.seq, InboxItem.outcome)} == {
        "handed_over"
    }
    assert desk.faults() == []


def test_a_customer_who_calls_the_bot_back_within_a_burst_is_answered(desk: Desk) -> None:
    """What follows the call is left to the next look, which understands it."""
    desk.receive("wait", "cancel", "ticket please")
    with desk.database.reading() as connection:
        found = inbox.undone(connection, [ADA.conversation_id])
    burst = gather(found, QUIET, now=desk.clock() + 9 * SECOND).ready
    with desk.database.session() as session:
        session.get_one(Conversation, ADA.conversation_id).owner = "queue"

    assert desk.worker._run(burst) == 2
    desk.clock.now += SECOND
    assert desk.worker.work_once() == 1
    assert desk.interpreter.asked[-1] == "ticket please"
    assert desk.faults() == []


def test_a_poisoned_burst_is_tried_message_by_message(desk: Desk) -> None:
    """Only the message that harms is given up; the others are answered."""
    desk.interpreter.dies_of = "poison"
    desk.receive("hi", "poison", "is late")
    desk.clock.now += SECOND
    desk.worker._born -= 60.0

    desk.worker.work_once()
    assert desk.rows(InboxItem.seq, InboxItem.attempts) == [(1, 1), (2, 1), (3, 1)]
    for _ in range(7):
        desk.worker.work_once()

    assert desk.rows(InboxItem.seq, InboxItem.outcome) == [
        (1, "answered"),
        (2, "dead_letter"),
        (3, "handed_over"),
    ]
    assert desk.faults() == []


def test_a_burst_of_which_a_failed_batch_is_innocent_stays_a_burst(desk: Desk) -> None:
    """Another conversation's poison does not cut it in pieces."""
    desk.interpreter.dies_of = "poison"
    desk.receive("hi", "my order")
    desk.receive("poison.", address=an_address("bob"))
    desk.clock.now += SECOND

    desk.worker.work_once()

    with desk.database.reading() as connection:
        mine = select(InboxItem.outcome).where(InboxItem.conversation_id == ADA.conversation_id)
        assert list(connection.execute(mine.order_by(InboxItem.seq)).scalars()) == [
            "joined",
            "answered",
        ]


def test_switched_off_nothing_is_asked_twice_or_waits(database: Database) -> None:
    """Without quiet times a message costs exactly the statements it did, and no time."""
    counts: list[int] = []
    for quiet in ({}, {"default": timedelta(0)}, {"default": SECOND}):
        desk = Desk(database, echo(quiet))
        desk.receive("Hello there.", "And more.", address=an_address(f"{len(counts)}"))
        statements: list[str] = []

        def count(_c: object, _cursor: object, text: str, *_more: object) -> None:
            statements.append(text)  # noqa: B023 - listened to within the round only

        event.listen(database._reading, "before_cursor_execute", count)
        assert desk.worker.work_once() == 2
        event.remove(database._reading, "before_cursor_execute", count)
        counts.append(len(statements))

    assert len(set(counts)) == 1
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(OutboxItem)).scalar() == 6
