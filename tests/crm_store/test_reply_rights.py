"""Reply rights: what customers do allows so many messages, counted off as they are queued."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from channels.messages import (
    Address,
    InboundMessage,
    OutboundMessage,
    Purpose,
    Sender,
    Text,
    WindowGrant,
)
from crm_store import held, inbox, outbox, reply_rights
from crm_store.conversations import Conversation
from crm_store.database import Database
from crm_store.inbox import Arrival
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent
from tests.builders import a_customer, an_arrival, store

HERE = Address(channel="wechat", account="shop", peer="oAnna")
KEY = HERE.conversation_id


def wrote(
    database: Database, now: datetime, *, messages: int = 5, lasts: timedelta = timedelta(hours=48)
) -> None:
    """Store a message of the customer that brings rights."""
    message = InboundMessage(
        external_id=str(uuid4()),
        address=HERE,
        sender=Sender(id=HERE.peer),
        content=Text(text="hello"),
        sent_at=now,
        window_grants=(WindowGrant(messages=messages, until=now + lasts),),
    )
    with database.transaction() as connection:
        inbox.put(connection, [Arrival(message, now)], known=set())


def left(database: Database, now: datetime) -> int | None:
    """Return how many messages may be sent."""
    with database.reading() as connection:
        return reply_rights.remaining(connection, KEY, now=now)


def queued(
    connection: Connection,
    now: datetime,
    pieces: Sequence[int],
    *,
    purpose: Purpose = "reply",
    seq: int = 1,
) -> list[UUID]:
    """Queue replies of so many pieces each and return their ids."""
    messages = [
        OutboundMessage(id=uuid4(), address=HERE, content=Text(text=str(n)), purpose=purpose)
        for n in range(len(pieces))
    ]
    outbox.enqueue(
        connection,
        [(message, seq, position) for position, message in enumerate(messages)],
        now=now,
        pieces={message.id: count for message, count in zip(messages, pieces, strict=True)},
    )
    return [message.id for message in messages]


def states(database: Database) -> list[str]:
    """Return the states of all messages, in order."""
    with database.reading() as connection:
        rows = connection.execute(
            select(OutboxItem.state).order_by(OutboxItem.seq, OutboxItem.position)
        )
        return list(rows.scalars())


def test_the_larger_and_the_later_right_holds(database: Database, now: datetime) -> None:
    """Rights do not add up; a short one neither shortens a long one nor outlives itself."""
    assert left(database, now) is None
    wrote(database, now, messages=3, lasts=timedelta(minutes=1))
    assert left(database, now) == 3
    assert left(database, now + timedelta(minutes=1)) == 0

    wrote(database, now + timedelta(seconds=30))
    wrote(database, now + timedelta(seconds=40), messages=3, lasts=timedelta(minutes=1))
    assert left(database, now + timedelta(hours=47)) == 5

    late = now + timedelta(hours=50)
    wrote(database, late, messages=2, lasts=timedelta(minutes=1))
    assert left(database, late) == 2


def test_a_repeated_message_brings_nothing(database: Database, now: datetime) -> None:
    """The same delivery again does not raise what is left."""
    message = InboundMessage(
        external_id="1",
        address=HERE,
        sender=Sender(id=HERE.peer),
        content=Text(text="hello"),
        sent_at=now,
        window_grants=(WindowGrant(messages=5, until=now + timedelta(hours=48)),),
    )
    for _ in range(2):
        with database.transaction() as connection:
            inbox.put(connection, [Arrival(message, now)], known=set())
            reply_rights.set_remaining(connection, KEY, 2)
    # Beside a message of somebody else, for which there is something to write.
    with database.transaction() as connection:
        inbox.put(connection, [Arrival(message, now), an_arrival(now=now)], known=set())

    assert left(database, now) == 2


def test_messages_are_counted_off_and_the_rest_is_held(database: Database, now: datetime) -> None:
    """One right is kept for staff; what comes behind a held message waits with it."""
    wrote(database, now)
    with database.transaction() as connection:
        queued(connection, now, [2, 1, 2, 1])
    assert states(database) == ["queued", "queued", "held", "held"]
    assert left(database, now) == 2

    with database.transaction() as connection:
        queued(connection, now, [2], purpose="staff", seq=2)
    assert states(database) == ["queued", "queued", "held", "held", "queued"]
    assert left(database, now) == 0


def test_messages_of_other_channels_are_not_counted(database: Database, now: datetime) -> None:
    """Where nothing is counted everything is queued, and no right is looked up or made."""
    with database.transaction() as connection:
        message = OutboundMessage(id=uuid4(), address=HERE, content=Text(text="a"))
        outbox.enqueue(connection, [(message, 1, 0)], now=now)

    assert states(database) == ["queued"]
    assert left(database, now) is None


def test_without_a_right_everything_is_held(database: Database, now: datetime) -> None:
    """A channel that counts takes nothing from an account to whom the customer never wrote."""
    with database.transaction() as connection:
        queued(connection, now, [1])

    assert states(database) == ["held"]


def test_the_next_message_lets_go_what_waits(database: Database, now: datetime) -> None:
    """Held messages go first, in order, and leave one right for the answer."""
    wrote(database, now, messages=1, lasts=timedelta(minutes=1))
    with database.transaction() as connection:
        queued(connection, now, [1, 1, 1, 1, 1])
    assert states(database) == ["held"] * 5

    wrote(database, now + timedelta(hours=1))

    assert states(database) == ["queued"] * 4 + ["held"]
    assert left(database, now + timedelta(hours=1)) == 1


def test_what_waited_too_long_is_refused_and_told(database: Database, now: datetime) -> None:
    """After two days nobody wants the answer any more; the timeline says what happened."""
    wrote(database, now, messages=1, lasts=timedelta(minutes=1))
    with database.transaction() as connection:
        queued(connection, now, [1])
        with Session(connection) as session:
            customer = a_customer(session, now=now)
            connection.execute(update(Conversation).values(customer_id=customer.id))

    wrote(database, now + timedelta(hours=49))

    assert states(database) == ["refused"]
    with database.reading() as connection:
        kinds = connection.execute(select(TimelineEvent.kind)).scalars().all()
    assert "message_refused" in kinds


def test_a_closed_window_holds_the_message(database: Database, now: datetime) -> None:
    """What the channel did not take waits, and the count agrees with the channel's."""
    wrote(database, now)
    with database.transaction() as connection:
        queued(connection, now, [1])
    with database.transaction() as connection:
        (item,) = outbox.claim(connection, ["wechat"], process="p", most=1, now=now)
        assert held.hold(connection, item, process="p", reason="45047")

    assert states(database) == ["held"]
    assert left(database, now) == 0
    wrote(database, now + timedelta(minutes=1))
    assert states(database) == ["queued"]
    assert left(database, now + timedelta(minutes=1)) == 4


def test_nothing_is_held_where_nothing_would_let_it_go(database: Database, now: datetime) -> None:
    """A channel that brings no rights has its messages buried as before."""
    with database.transaction() as connection:
        store(connection, [an_arrival(address=HERE, now=now)])
        message = OutboundMessage(id=uuid4(), address=HERE, content=Text(text="a"))
        outbox.enqueue(connection, [(message, 1, 0)], now=now)
    with database.transaction() as connection:
        (item,) = outbox.claim(connection, ["wechat"], process="p", most=1, now=now)
        assert not held.hold(connection, item, process="p", reason="x")

    assert states(database) == ["sending"]
