"""The outbox: one conversation's messages leave in order, once, and never over a person's head."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from channels.messages import OutboundMessage
from crm_store import outbox, timeline, transcript
from crm_store.commit_delivery import deliver
from crm_store.conversations import Conversation
from crm_store.database import Database
from crm_store.outbox import OutboxItem
from tests.builders import a_conversation, an_address, an_outbound, finish_turn

LATER = timedelta(minutes=5)


def queue(database: Database, messages: Sequence[OutboundMessage], *, now: datetime) -> None:
    """Answer the first message of each conversation with these replies."""
    with database.session() as session:
        for address in dict.fromkeys(message.address for message in messages):
            conversation = a_conversation(session, address=address, now=now)
            mine = [message for message in messages if message.address == address]
            finish_turn(session, conversation, 1, replies=mine, now=now)


def states(connection: Connection) -> list[tuple[str, str | None]]:
    """Return state and reason of all messages, in order."""
    rows = connection.execute(
        select(OutboxItem.state, OutboxItem.reason).order_by(OutboxItem.seq, OutboxItem.position)
    )
    return [(row.state, row.reason) for row in rows]


def claim(
    database: Database, *, now: datetime, process: str = "tributary-a", most: int = 10
) -> list[outbox.Claimed]:
    """Claim due messages of the callback channel."""
    with database.transaction() as connection:
        return outbox.claim(connection, ["callback"], process=process, most=most, now=now)


def test_delivery_by_commit_numbers_without_gaps(database: Database, now: datetime) -> None:
    """Delivered messages follow the inbound ones under one numbering, in the order queued."""
    replies = [an_outbound(f"r{n}") for n in range(3)]
    queue(database, replies, now=now)
    with database.transaction() as connection:
        delivered = deliver(connection, ["callback"], most=10, now=now)
        again = deliver(connection, ["callback"], most=10, now=now)
        entries = transcript.read(connection, replies[0].address.conversation_id, after=0)

    assert [(item.seq, item.message.id) for item in delivered] == [
        (number, reply.id) for number, reply in enumerate(replies, start=2)
    ]
    assert again == []
    assert [(entry.seq, entry.direction) for entry in entries] == [
        (1, "in"),
        (2, "out"),
        (3, "out"),
        (4, "out"),
    ]


def test_other_channels_are_left_alone(database: Database, now: datetime) -> None:
    """A sender takes only messages of its own channels."""
    queue(database, [an_outbound()], now=now)
    with database.transaction() as connection:
        assert deliver(connection, ["webchat"], most=10, now=now) == []
        assert outbox.claim(connection, ["webchat"], process="p", most=10, now=now) == []


def test_only_the_head_of_a_line_is_claimed(database: Database, now: datetime) -> None:
    """While a message is on its way, or waits to be tried again, the next one waits behind it."""
    first, second = an_outbound("first"), an_outbound("second")
    queue(database, [first, second, an_outbound(address=an_address("other"))], now=now)
    claimed = claim(database, now=now)
    assert len(claimed) == 2
    mine = next(item for item in claimed if item.id == first.id)
    assert claim(database, now=now) == []

    with database.transaction() as connection:
        outbox.put_back(
            connection, mine, process="tributary-a", not_before=now + LATER, reason="busy"
        )
    assert claim(database, now=now) == []
    assert [item.id for item in claim(database, now=now + LATER)] == [first.id]


def test_the_next_message_is_claimed_after_the_first_is_sent(
    database: Database, now: datetime
) -> None:
    """Sending the head of the line frees the next, and numbers follow that order."""
    first, second = an_outbound("first"), an_outbound("second")
    queue(database, [first, second], now=now)
    numbers: list[int | None] = []
    for expected in (first, second):
        (item,) = claim(database, now=now)
        assert item.id == expected.id
        with database.transaction() as connection:
            numbers.append(
                outbox.mark_sent(
                    connection, item, process="tributary-a", provider_ids=["x"], now=now
                )
            )

    assert numbers == [2, 3]


def test_a_reply_of_an_older_owner_is_refused_with_the_reason(
    database: Database, now: datetime
) -> None:
    """After staff took over, a reply computed before is refused and the timeline tells why."""
    reply, staff = an_outbound("too late"), an_outbound("I am here", purpose="staff")
    queue(database, [reply, staff], now=now)
    key = reply.address.conversation_id
    with database.transaction() as connection:
        connection.execute(update(Conversation).where(Conversation.id == key).values(fence=1))
        delivered = deliver(connection, ["callback"], most=10, now=now)
        customer = connection.execute(
            select(Conversation.customer_id).where(Conversation.id == key)
        ).scalar_one()
        assert customer is not None
        entries = timeline.read(connection, customer)
        assert states(connection) == [("refused", "owner_changed"), ("sent", None)]

    assert [item.message.id for item in delivered] == [staff.id]
    refusals = [entry["data"] for entry in entries if entry["kind"] == "message_refused"]
    assert refusals == [{"reason": "owner_changed", "message_id": str(reply.id)}]


def test_an_expired_message_is_refused_by_both_senders(database: Database, now: datetime) -> None:
    """A message past its time is refused, not sent, and does not block the line."""
    late = an_outbound(expires_at=now - LATER)
    queue(database, [late, an_outbound()], now=now)
    assert claim(database, now=now) == []
    assert len(claim(database, now=now)) == 1
    with database.transaction() as connection:
        assert states(connection)[0] == ("refused", "expired")

    queue(database, [an_outbound(address=an_address("b"), expires_at=now - LATER)], now=now)
    with database.transaction() as connection:
        assert deliver(connection, ["callback"], most=10, now=now) == []


def test_a_woken_zombie_marks_nothing(database: Database, now: datetime) -> None:
    """A process whose claim was taken back can neither mark, return nor give up the message."""
    queue(database, [an_outbound()], now=now)
    (stale,) = claim(database, now=now, process="tributary-zombie")
    with database.transaction() as connection:
        assert outbox.recover(connection, dead=["tributary-zombie"], stuck_before=now - LATER) == 1
    (fresh,) = claim(database, now=now, process="tributary-b")

    zombie = "tributary-zombie"
    with database.transaction() as connection:
        assert (
            outbox.mark_sent(connection, stale, process=zombie, provider_ids=[], now=now) is None
        )
        assert not outbox.give_up(connection, stale, process=zombie, state="dead", reason="x")
        outbox.put_back(connection, stale, process=zombie, not_before=now, reason="x")
        assert states(connection) == [("sending", "process_died")]
        assert (
            outbox.mark_sent(connection, fresh, process="tributary-b", provider_ids=[], now=now)
            == 2
        )


def test_recovery_requeues_replies_and_leaves_campaigns_unknown(
    database: Database, now: datetime
) -> None:
    """What a dead process had on its way: replies are sent again, campaigns never."""
    campaign = an_outbound(address=an_address("b"), purpose="campaign")
    queue(database, [an_outbound(), campaign], now=now)
    assert len(claim(database, now=now, process="tributary-dead")) == 2
    with database.transaction() as connection:
        assert outbox.recover(connection, dead=[], stuck_before=now - LATER) == 0
        assert outbox.recover(connection, dead=["tributary-dead"], stuck_before=now - LATER) == 2
        assert sorted(states(connection)) == [
            ("queued", "process_died"),
            ("unknown", "process_died"),
        ]


def test_a_claim_that_is_stuck_is_taken_back_from_the_living(
    database: Database, now: datetime
) -> None:
    """However alive its process, a claim older than any attempt may take is taken back."""
    queue(database, [an_outbound()], now=now)
    claim(database, now=now)
    with database.transaction() as connection:
        assert outbox.recover(connection, dead=[], stuck_before=now + LATER) == 1


def test_being_held_back_is_no_attempt(database: Database, now: datetime) -> None:
    """Waiting for a rate limit does not use up a message's attempts."""
    queue(database, [an_outbound()], now=now)
    attempts: list[int] = []
    for tried in (False, False, True, True):
        (item,) = claim(database, now=now)
        attempts.append(item.attempt)
        with database.transaction() as connection:
            outbox.put_back(
                connection,
                item,
                process="tributary-a",
                not_before=now,
                reason="held",
                tried=tried,
            )

    assert attempts == [1, 1, 1, 2]


def test_pieces_keep_their_place_and_their_ids(database: Database, now: datetime) -> None:
    """After a piece was accepted the next comes before anything else, and no piece twice."""
    replies = [an_outbound("long"), an_outbound("next")]
    queue(database, replies, now=now)
    (first,) = claim(database, now=now)
    with database.transaction() as connection:
        marked = outbox.mark_part(
            connection, first, process="tributary-a", provider_ids=["1"], now=now
        )
        again = outbox.mark_part(
            connection, first, process="tributary-a", provider_ids=["1"], now=now
        )
    (second,) = claim(database, now=now)
    with database.transaction() as connection:
        woken = outbox.mark_sent(
            connection, first, process="tributary-a", provider_ids=["x"], now=now
        )
        seq = outbox.mark_sent(
            connection, second, process="tributary-a", provider_ids=["2"], now=now
        )
        row = connection.execute(
            select(OutboxItem.provider_ids, OutboxItem.state).where(OutboxItem.id == first.id)
        ).one()
    (third,) = claim(database, now=now)

    assert (marked, again, woken) == (True, False, None)
    assert [(c.message.part, c.attempt) for c in (first, second)] == [(0, 1), (1, 1)]
    assert first.id == second.id
    assert third.id == replies[1].id
    assert seq is not None
    assert (row.provider_ids, row.state) == (["1", "2"], "sent")
