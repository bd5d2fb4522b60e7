"""Requests to slow actions in the store: claimed once, answered once, taken back from the dead."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from channels.messages import Notice
from crm_store import action_requests, inflight
from crm_store.action_requests import ClaimedRequest, NewRequest, StoredRequest
from crm_store.database import Database
from crm_store.inbox import InboxItem
from tests.builders import an_address, an_arrival, store

NOTICE = Notice(name="action_result", data={"key": "k", "result": "{}"})


def a_request(database: Database, now: datetime) -> NewRequest:
    """Store a request of a conversation that exists, and return it."""
    address = an_address()
    request = NewRequest(
        id=uuid4(),
        address=address,
        seq=1,
        action="look_up",
        inputs={"number": "CS-1"},
        language="en",
        gives_up_at=now + timedelta(minutes=2),
    )
    with database.transaction() as connection:
        store(connection, [an_arrival(address=address, now=now)])
        action_requests.enqueue(connection, [request], now=now)
    return request


def claim(database: Database, now: datetime, *, process: str = "p1") -> list[ClaimedRequest]:
    """Claim what is due."""
    with database.transaction() as connection:
        return action_requests.claim(connection, process=process, most=10, now=now)


def settle(
    database: Database, item: ClaimedRequest, now: datetime, *, process: str = "p1"
) -> bool:
    """Settle a claimed request; return whether its result was stored."""
    with database.transaction() as connection:
        stored = action_requests.settle(
            connection, item, NOTICE, process=process, reason=None, known=set(), now=now
        )
    return stored is not None and not stored[1].duplicate


def notices(database: Database) -> list[str]:
    """Return the external ids of the results that were stored."""
    with database.reading() as connection:
        ids = connection.execute(select(InboxItem.external_id)).scalars()
        return [each for each in ids if each.startswith("action:")]


def test_a_request_is_claimed_by_one_and_answered_once(database: Database, now: datetime) -> None:
    """Its result is a notice in the conversation, and what the customer said is kept no longer."""
    request = a_request(database, now)
    [item] = claim(database, now)
    assert (item.id, item.inputs, item.attempt) == (request.id, {"number": "CS-1"}, 1)
    assert claim(database, now, process="p2") == []

    assert settle(database, item, now)
    assert not settle(database, item, now)

    assert notices(database) == [f"action:{request.id}"]
    with database.reading() as connection:
        row = connection.execute(select(StoredRequest.__table__)).one()
    assert (row.state, row.inputs, row.done_at) == ("done", {}, now)


def test_a_later_attempt_comes_when_it_is_due(database: Database, now: datetime) -> None:
    """Until then nobody claims it; the attempts are counted."""
    a_request(database, now)
    [item] = claim(database, now)
    later = now + timedelta(seconds=5)
    with database.transaction() as connection:
        action_requests.put_back(connection, item, process="p1", not_before=later, reason="busy")

    assert claim(database, now) == []
    with database.reading() as connection:
        assert not action_requests.any_due(connection, now=now)
        assert action_requests.any_due(connection, now=later)
    assert claim(database, later)[0].attempt == 2


def test_what_a_dead_process_claimed_is_taken_back(database: Database, now: datetime) -> None:
    """The dead are found by their claims, and one that wakes up again changes nothing."""
    a_request(database, now)
    [item] = claim(database, now, process="tributary-dead")
    with database.transaction() as connection:
        dead = inflight.dead_processes(connection, process="tributary-alive")
        long_ago = now - timedelta(minutes=5)
        assert dead == ["tributary-dead"]
        assert action_requests.recover(connection, dead=dead, stuck_before=long_ago) == 1

    [again] = claim(database, now, process="p2")
    assert again.attempt == 2
    assert not settle(database, item, now, process="tributary-dead")
    assert settle(database, again, now, process="p2")
    assert len(notices(database)) == 1


def test_a_claim_that_is_too_old_is_taken_back(database: Database, now: datetime) -> None:
    """A hung process holds nothing for ever; a young claim is left alone."""
    a_request(database, now)
    claim(database, now)

    with database.transaction() as connection:
        assert action_requests.recover(connection, dead=[], stuck_before=now) == 0
        later = now + timedelta(seconds=61)
        assert action_requests.recover(connection, dead=[], stuck_before=later) == 1


def test_a_peer_cannot_keep_a_result_away_by_taking_its_id(
    database: Database, now: datetime
) -> None:
    """A message under the id of a result is one more message, and the result arrives."""
    request = a_request(database, now)
    forged = an_arrival(address=request.address, external_id=f"action:{request.id}", now=now)
    with database.transaction() as connection:
        store(connection, [forged])
    [item] = claim(database, now)

    assert settle(database, item, now)
    assert len(notices(database)) == 2


def test_busy_actions_leave_room_for_others(database: Database, now: datetime) -> None:
    """Requests to one that has many calls under way wait, those to others do not."""
    a_request(database, now)

    with database.transaction() as connection:
        assert (
            action_requests.claim(connection, process="p", most=9, now=now, busy=["look_up"]) == []
        )
    assert len(claim(database, now)) == 1
