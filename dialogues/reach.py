"""Reach: who may be written to now without having asked, why others may not, and the writing.

One place for these rules, whatever is told: a correction of an answer, or that a question is
answered now. What may change until a message leaves (who has the conversation, what the channel
takes) is checked once more by the senders.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args
from uuid import UUID, uuid5

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from channels.contract import Capabilities
from channels.messages import Address, OutboundContent, OutboundMessage
from crm_store import outbox
from crm_store.consents import Consent
from crm_store.conversations import Conversation, ConversationSequence
from crm_store.customers import Customer
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from crm_store.timeline import Entry, record

#: Why somebody may not be written to.
Obstacle = Literal["erased", "unserved", "person", "unsubscribed", "unreachable", "window"]

OBSTACLES: Final[Mapping[Obstacle, str]] = {
    "erased": "there is no such customer or conversation any more",
    "unserved": "the bot has no account on this channel any more",
    "person": "a person has the conversation, or is asked for",
    "unsubscribed": "the customer does not want messages about the service on this channel",
    "unreachable": "the customer left the channel or blocked the account",
    "window": "the channel takes no message so long after the customer's last one",
}

#: Longest a message may wait for its sender; what waits longer has lost its occasion.
WAITS_MAX: Final = timedelta(days=1)
#: When the window closed for somebody who never wrote.
_NEVER_OPEN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CONTENT: Final = InboxItem.message["content"]
_KIND: Final = _CONTENT["kind"].as_string()
_NAME: Final = _CONTENT["name"].as_string()
#: Conversations that are looked at in one statement.
_AT_ONCE: Final = 500
#: Place behind the replies of the turn it follows.
_BEHIND: Final = 1000


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether one conversation may be written to now."""

    conversation_id: UUID
    customer_id: UUID | None  #: of today, after any merging; None: erased
    address: Address | None  #: None: erased
    language: str | None  #: BCP-47, of the conversation, else of the customer
    owner_epoch: int = 0
    seq: int = 0  #: the conversation's last number
    open_until: datetime | None = None  #: when the channel's window closes; None: never
    obstacle: Obstacle | None = None  #: None: it may


def reach(
    session: Session,
    conversation_ids: Iterable[UUID],
    *,
    served: Mapping[tuple[str, str], Capabilities],
    now: datetime,
) -> dict[UUID, Reach]:
    """Return for each conversation whether it may be written to now, and if not, why.

    Nobody is asked for a consent of their own to be answered what they asked; a plain no to
    messages about the service counts on its channel.

    Args:
        session: to read with.
        conversation_ids: which.
        served: what each account can, by channel and account name.
        now: UTC.
    """
    wanted = list(dict.fromkeys(conversation_ids))
    found: dict[UUID, Reach] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= _reach(session, wanted[start : start + _AT_ONCE], served, now)
    return found


def write_to(
    session: Session, reached: Reach, content: OutboundContent, *, occasion: str, now: datetime
) -> OutboundMessage | None:
    """Queue a message to somebody who may be written to, once per occasion.

    It is on the customer's timeline, in the outbox, and ends there when it was not sent in time.

    Args:
        session: to write with.
        reached: to whom.
        content: what to say.
        occasion: why, e.g. `gap:<id>` or `correction:<id>`; the same one is never queued again.
        now: UTC.

    Returns:
        The message, or None when this conversation was written to on this occasion before.

    Raises:
        ValueError: it may not be written to.
    """
    if reached.obstacle is not None or reached.address is None or reached.customer_id is None:
        raise ValueError(OBSTACLES[reached.obstacle or "erased"])
    key = uuid5(reached.conversation_id, f"told/{occasion}")
    if session.scalar(select(OutboxItem.id).where(OutboxItem.id == key)) is not None:
        return None
    latest = now + WAITS_MAX
    message = OutboundMessage(
        id=key,
        address=reached.address,
        content=content,
        owner_epoch=reached.owner_epoch,
        expires_at=min(latest, reached.open_until) if reached.open_until else latest,
    )
    connection = session.connection()
    outbox.enqueue(connection, [(message, reached.seq, _BEHIND)], now=now)
    entry = Entry(
        customer_id=reached.customer_id,
        kind="message_sent",
        actor="bot",
        channel=reached.address.channel,
        source=f"told:{key}",
        at=now,
        data={
            "content": content.model_dump(mode="json"),
            "purpose": "reply",
            "occasion": occasion,
        },
        conversation_id=reached.conversation_id,
        seq=reached.seq or None,
    )
    record(connection, [entry])
    return message


def _reach(
    session: Session,
    ids: Sequence[UUID],
    served: Mapping[tuple[str, str], Capabilities],
    now: datetime,
) -> dict[UUID, Reach]:
    rows = session.execute(
        select(Conversation, Customer, func.coalesce(ConversationSequence.last_seq, 0))
        .join(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(ConversationSequence, ConversationSequence.conversation_id == Conversation.id)
        .where(Conversation.id.in_(ids))
    ).all()
    spoken = _last_spoken(session, ids)
    gone = _gone(session, ids) | _bounced(session, ids, spoken)
    unwilling = _unwilling(session, {customer.id for _, customer, _ in rows})
    found = {key: Reach(key, None, None, None, obstacle="erased") for key in ids}
    for conversation, customer, seq in rows:
        where = (conversation.channel, conversation.account)
        abilities = served.get(where)
        until = _open_until(abilities, spoken.get(conversation.id))
        obstacles: dict[Obstacle, bool] = {
            "erased": customer.merged_into is not None,
            "unserved": abilities is None,
            "person": conversation.owner != "bot",
            "unsubscribed": (customer.id, conversation.channel) in unwilling,
            "unreachable": conversation.id in gone,
            "window": until is not None and until <= now,
        }
        found[conversation.id] = Reach(
            conversation_id=conversation.id,
            customer_id=customer.id,
            address=Address(
                channel=conversation.channel,
                account=conversation.account,
                peer=conversation.peer,
                thread=conversation.thread,
            ),
            language=conversation.language or customer.language,
            owner_epoch=conversation.owner_epoch,
            seq=seq,
            open_until=until,
            obstacle=next((name for name in get_args(Obstacle) if obstacles[name]), None),
        )
    return found


def _open_until(abilities: Capabilities | None, spoke_at: datetime | None) -> datetime | None:
    """Return when the reply window closes; None: never."""
    if abilities is None or abilities.reply_window_seconds is None:
        return None
    if "reply" in abilities.proactive:
        return None
    if spoke_at is None:
        return _NEVER_OPEN
    return spoke_at + timedelta(seconds=abilities.reply_window_seconds)


def _last_spoken(session: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return when each customer last wrote: notices of the channel or the engine do not count."""
    rows = session.execute(
        select(InboxItem.conversation_id, func.max(InboxItem.received_at))
        .where(InboxItem.conversation_id.in_(ids), _KIND != "notice")
        .group_by(InboxItem.conversation_id)
    )
    return {row[0]: row[1] for row in rows}


def _gone(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Return the conversations whose customer left the channel and did not come back."""
    left = _NAME == "unfollowed"
    rows = session.execute(
        select(
            InboxItem.conversation_id,
            func.max(case((left, InboxItem.seq), else_=0)),
            # A null name is that of a message.
            func.max(case((or_(_KIND != "notice", _NAME == "followed"), InboxItem.seq), else_=0)),
        )
        .where(InboxItem.conversation_id.in_(ids))
        .group_by(InboxItem.conversation_id)
    )
    return {row[0] for row in rows if row[1] > row[2]}


def _bounced(session: Session, ids: Sequence[UUID], spoken: Mapping[UUID, datetime]) -> set[UUID]:
    """Return the conversations whose channel refused a message since the customer last wrote."""
    rows = session.execute(
        select(OutboxItem.conversation_id, func.max(OutboxItem.created_at))
        .where(
            OutboxItem.conversation_id.in_(ids),
            OutboxItem.state == "dead",
            OutboxItem.reason.startswith("unreachable"),
        )
        .group_by(OutboxItem.conversation_id)
    )
    return {row[0] for row in rows if row[0] not in spoken or spoken[row[0]] <= row[1]}


def _unwilling(session: Session, customer_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """Return the customers, and channels, whose newest word on being served there is a no."""
    rows = session.execute(
        select(Consent.customer_id, Consent.channel, Consent.granted)
        .where(Consent.customer_id.in_(list(customer_ids)), Consent.purpose == "service")
        # A yes and a no of one moment: the no counts, so it comes last.
        .order_by(Consent.at, Consent.granted.desc())
    )
    newest = {(row.customer_id, row.channel): row.granted for row in rows}
    return {key for key, granted in newest.items() if not granted}
