"""Builders of values and rows for tests: sensible defaults, any of which a test overrides."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from uuid import UUID, uuid4

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from channels.messages import (
    Address,
    InboundContent,
    InboundMessage,
    OutboundContent,
    OutboundMessage,
    Purpose,
    Sender,
    Text,
)
from crm_store import inbox, outbox, timeline
from crm_store.conversations import Conversation, Turn
from crm_store.customers import Customer
from crm_store.inbox import Arrival, Outcome, Stored

#: The time at which builders play when a test names none: a Monday morning.
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_numbers = count(1)


def an_address(
    peer: str = "peer-1",
    *,
    channel: str = "callback",
    account: str = "partner",
    thread: str | None = None,
) -> Address:
    """Return an address."""
    return Address(channel=channel, account=account, peer=peer, thread=thread)


def an_inbound(
    text: str = "hello",
    *,
    address: Address | None = None,
    external_id: str | None = None,
    content: InboundContent | None = None,
    name: str | None = None,
    language: str | None = None,
    sent_at: datetime = MONDAY,
) -> InboundMessage:
    """Return an inbound message, by default one no other test has the id of."""
    where = address or an_address()
    return InboundMessage(
        external_id=external_id or f"m{next(_numbers)}",
        address=where,
        sender=Sender(id=where.peer, name=name, language=language),
        content=content or Text(text=text),
        sent_at=sent_at,
    )


def an_arrival(
    text: str = "hello",
    *,
    address: Address | None = None,
    external_id: str | None = None,
    content: InboundContent | None = None,
    now: datetime = MONDAY,
) -> Arrival:
    """Return an arrival."""
    message = an_inbound(
        text, address=address, external_id=external_id, content=content, sent_at=now
    )
    return Arrival(message=message, received_at=now)


def an_outbound(
    text: str = "hello back",
    *,
    address: Address | None = None,
    content: OutboundContent | None = None,
    purpose: Purpose = "reply",
    owner_epoch: int = 0,
    expires_at: datetime | None = None,
    in_reply_to: int | None = None,
) -> OutboundMessage:
    """Return an outbound message with an id of its own."""
    return OutboundMessage(
        id=uuid4(),
        address=address or an_address(),
        content=content or Text(text=text),
        purpose=purpose,
        owner_epoch=owner_epoch,
        expires_at=expires_at,
        in_reply_to=in_reply_to,
    )


def a_customer(session: Session, *, name: str | None = None, now: datetime = MONDAY) -> Customer:
    """Store a customer and return it."""
    customer = Customer(
        id=uuid4(),
        name=name,
        tier="standard",
        stage="potential",
        facts={},
        created_at=now,
        updated_at=now,
    )
    session.add(customer)
    session.flush()
    return customer


def store(
    connection: Connection, arrivals: Sequence[Arrival], *, known: set[UUID] | None = None
) -> list[Stored]:
    """Put arrivals into the inbox as a process that knows no conversation yet."""
    return inbox.put(connection, arrivals, known=known if known is not None else set())


def a_conversation(
    session: Session, *, address: Address | None = None, now: datetime = MONDAY
) -> Conversation:
    """Store a conversation with a customer, one received message, and return it."""
    where = address or an_address()
    store(session.connection(), [an_arrival(address=where, now=now)])
    conversation = session.get_one(Conversation, where.conversation_id)
    if conversation.customer_id is None:
        conversation.customer_id = a_customer(session, now=now).id
        session.flush()
    return conversation


def finish_turn(
    session: Session,
    conversation: Conversation,
    seq: int,
    *,
    replies: Sequence[OutboundMessage] = (),
    outcome: Outcome = "answered",
    source: str = "turn",
    now: datetime = MONDAY,
) -> None:
    """Write what a worker writes for one item: turn, timeline, replies, end."""
    customer_id = conversation.customer_id
    assert customer_id is not None
    connection = session.connection()
    session.add(
        Turn(
            conversation_id=conversation.id,
            seq=seq,
            customer_id=customer_id,
            outcome=outcome,
            understanding=None,
            trace=[],
            at=now,
        )
    )
    session.flush()
    told = [("message_received", "customer")] + [("message_sent", "bot")] * len(replies)
    timeline.record(
        connection,
        [
            timeline.Entry(
                customer_id=customer_id,
                kind=kind,
                actor=actor,
                channel=conversation.channel,
                source=f"{source}:{conversation.id}:{seq}",
                at=now,
                conversation_id=conversation.id,
                seq=seq,
                position=position,
            )
            for position, (kind, actor) in enumerate(told)
        ],
    )
    outbox.enqueue(
        connection, [(reply, seq, position) for position, reply in enumerate(replies)], now=now
    )
    inbox.finish(connection, [(conversation.id, seq, outcome)], now=now)
