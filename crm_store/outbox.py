"""The outbox: whatever leaves the process waits here, one conversation's messages in order.

A message is `queued`, then either delivered by the commit itself (web chat) or claimed
(`sending`), attempted once and marked. Ends are `sent`, `refused` (with a reason on the timeline),
`dead` and `unknown` (a campaign that may or may not have left).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    exists,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, aliased, mapped_column

from channels.messages import OutboundMessage
from crm_store.bulk import BulkInsert
from crm_store.conversations import Conversation, lock_sequences, write_sequences
from crm_store.database import Base, JsonObject
from crm_store.reply_rights import WAITS, Wanted, spend
from crm_store.timeline import Entry, record

#: The condition, in SQL, that a message has not come to its end.
OPEN: Final = "state IN ('queued', 'sending')"


class OutboxItem(Base):
    """One outbound message and what became of it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_open",
            "conversation_id",
            "seq",
            "position",
            postgresql_where=text(OPEN),
            sqlite_where=text(OPEN),
        ),
        Index("ix_outbox_conversation_id_stream_seq", "conversation_id", "stream_seq"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # OutboundMessage.id, the idempotency key
    conversation_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)  # of the inbound item it answers
    position: Mapped[int]  # order among the replies of one turn
    channel: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(String(200))
    message: Mapped[JsonObject]
    purpose: Mapped[str] = mapped_column(String(16))
    owner_epoch: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(200))  # why refused, dead or retried
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(64))  # process name
    claimed_at: Mapped[datetime | None]
    provider_ids: Mapped[list[Any] | None]
    stream_seq: Mapped[int | None] = mapped_column(BigInteger)  # transcript number once sent
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    part: Mapped[int] = mapped_column(Integer, default=0)  # pieces the provider has accepted


_ROWS: Final[Table] = OutboxItem.__table__  # type: ignore[assignment]
_CONVERSATIONS: Final[Table] = Conversation.__table__  # type: ignore[assignment]
# Statements of each message's way are built once: building one costs more than executing it.
_FENCES: Final = (
    select(_CONVERSATIONS.c.id, _CONVERSATIONS.c.fence, _CONVERSATIONS.c.customer_id)
    .where(_CONVERSATIONS.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_CONVERSATIONS.c.id)
    .with_for_update(read=True)
)
_INSERT: Final = BulkInsert(_ROWS)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message the peer can now read, with its number in the transcript."""

    conversation_id: UUID
    seq: int
    message: OutboundMessage
    at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this process alone may attempt once."""

    id: UUID
    conversation_id: UUID
    message: OutboundMessage
    attempt: int  #: 1 for the first


def enqueue(
    connection: Connection,
    messages: Sequence[tuple[OutboundMessage, int, int]],
    *,
    now: datetime,
    pieces: Mapping[UUID, int] = MappingProxyType({}),
) -> None:
    """Queue messages, each with the number it answers and its position among the replies.

    Those in `pieces` are so many messages to a channel that counts; without the right to them
    they are held.
    """
    wanted = [
        Wanted(m.id, m.address.conversation_id, pieces[m.id], staff=m.purpose == "staff")
        for m, _, _ in messages
        if m.id in pieces
    ]
    held = spend(connection, wanted, now=now) if wanted else set()
    _INSERT(
        connection,
        [
            {
                "id": message.id,
                "conversation_id": message.address.conversation_id,
                "seq": seq,
                "position": position,
                "channel": message.address.channel,
                "account": message.address.account,
                "message": message.model_dump(mode="json"),
                "purpose": message.purpose,
                "owner_epoch": message.owner_epoch,
                "state": "held" if message.id in held else "queued",
                "reason": WAITS if message.id in held else None,
                "attempts": 0,
                "not_before": now,
                "expires_at": message.expires_at,
                "claimed_by": None,
                "claimed_at": None,
                "provider_ids": None,
                "stream_seq": None,
                "created_at": now,
                "sent_at": None,
                "part": 0,
            }
            for message, seq, position in messages
        ],
    )


def fences(connection: Connection, conversation_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Return fence and customer of each conversation, held until the transaction ends."""
    # FOR SHARE: staff cannot take the conversation over between this check and the commit.
    rows = connection.execute(_FENCES, {"ids": list(conversation_ids)})
    return {row.id: row for row in rows}


def refusal(row: Any, fence: int, now: datetime) -> str | None:  # noqa: ANN401 - an outbox row
    """Return why a queued message may no longer be sent, or None."""
    if row.purpose != "staff" and row.owner_epoch < fence:
        return "owner_changed"
    if row.expires_at is not None and row.expires_at < now:
        return "expired"
    return None


def refuse(
    connection: Connection, refused: Sequence[tuple[Any, str, UUID]], *, now: datetime
) -> None:
    """Close refused messages and tell the timeline why."""
    if not refused:
        return
    connection.execute(
        update(_ROWS)
        .where(_ROWS.c.id == bindparam("b_id"))
        .values(state="refused", reason=bindparam("b_reason")),
        [{"b_id": row.id, "b_reason": reason} for row, reason, _ in refused],
    )
    record(
        connection,
        [
            Entry(
                customer_id=customer_id,
                kind="message_refused",
                actor="engine",
                channel=row.channel,
                source=f"outbox:{row.id}",
                at=now,
                data={"reason": reason, "message_id": str(row.id)},
                conversation_id=row.conversation_id,
                seq=row.seq,
            )
            for row, reason, customer_id in refused
        ],
    )


def claim(
    connection: Connection,
    channels: Sequence[str],
    *,
    process: str,
    most: int,
    now: datetime,
) -> list[Claimed]:
    """Claim due messages, only ever the oldest open one of a conversation."""
    earlier = aliased(_ROWS)
    head_of_line = ~exists().where(
        earlier.c.conversation_id == _ROWS.c.conversation_id,
        earlier.c.state.in_(["queued", "sending"]),
        tuple_(earlier.c.seq, earlier.c.position) < tuple_(_ROWS.c.seq, _ROWS.c.position),
    )
    rows = connection.execute(
        select(_ROWS)
        .where(
            _ROWS.c.state == "queued",
            _ROWS.c.channel.in_(channels),
            _ROWS.c.not_before <= now,
            head_of_line,
        )
        .order_by(_ROWS.c.not_before)
        .limit(most)
        .with_for_update(skip_locked=True, of=_ROWS)
    ).all()
    if not rows:
        return []
    held = fences(connection, [row.conversation_id for row in rows])
    refused: list[tuple[Any, str, UUID]] = []
    claimed: list[Claimed] = []
    for row in rows:
        fence = held[row.conversation_id]
        if (reason := refusal(row, fence.fence, now)) is not None:
            refused.append((row, reason, fence.customer_id))
            continue
        message = OutboundMessage.model_validate(row.message | {"part": row.part})
        claimed.append(Claimed(row.id, row.conversation_id, message, row.attempts + 1))
    refuse(connection, refused, now=now)
    if claimed:
        connection.execute(
            update(_ROWS)
            .where(_ROWS.c.id.in_([item.id for item in claimed]))
            .values(
                state="sending",
                attempts=_ROWS.c.attempts + 1,
                claimed_by=process,
                claimed_at=now,
            )
        )
    return claimed


def own(item: Claimed, process: str) -> Any:  # noqa: ANN401 - a SQL expression
    """Return the condition that a claimed message is still this process's."""
    # A process that was stopped and woke up again no longer owns the row and changes nothing.
    return and_(
        _ROWS.c.id == item.id,
        _ROWS.c.state == "sending",
        _ROWS.c.claimed_by == process,
        _ROWS.c.attempts == item.attempt,
        _ROWS.c.part == item.message.part,
    )


def mark_sent(
    connection: Connection,
    item: Claimed,
    *,
    process: str,
    provider_ids: Sequence[str],
    now: datetime,
) -> int | None:
    """Mark a claimed message sent and give it its number in the transcript.

    Returns:
        The number, or None when the row is no longer this process's.
    """
    last = lock_sequences(connection, [item.conversation_id])
    seq = last[item.conversation_id] + 1
    marked = connection.execute(
        update(_ROWS)
        .where(own(item, process))
        .values(
            state="sent",
            stream_seq=seq,
            provider_ids=_joined(connection, item, provider_ids),
            sent_at=now,
        )
    )
    if marked.rowcount != 1:
        return None
    write_sequences(connection, {item.conversation_id: seq})
    return seq


def _joined(connection: Connection, item: Claimed, provider_ids: Sequence[str]) -> list[str]:
    """Return the provider's ids of all pieces sent so far."""
    if item.message.part == 0:
        return list(provider_ids)
    before = connection.execute(select(_ROWS.c.provider_ids).where(_ROWS.c.id == item.id)).scalar()
    return [*(before or []), *provider_ids]


def mark_part(
    connection: Connection,
    item: Claimed,
    *,
    process: str,
    provider_ids: Sequence[str],
    now: datetime,
) -> bool:
    """Note that one piece was accepted and queue the next; it keeps its place in the line.

    Returns:
        Whether the row was this process's.
    """
    marked = connection.execute(
        update(_ROWS)
        .where(own(item, process))
        .values(
            state="queued",
            not_before=now,
            part=item.message.part + 1,
            attempts=0,
            claimed_by=None,
            provider_ids=_joined(connection, item, provider_ids),
        )
    )
    return marked.rowcount == 1


def put_back(
    connection: Connection,
    item: Claimed,
    *,
    process: str,
    not_before: datetime,
    reason: str,
    tried: bool = True,
) -> None:
    """Queue a claimed message again for a later attempt; one not `tried` does not count."""
    connection.execute(
        update(_ROWS)
        .where(own(item, process))
        .values(
            state="queued",
            not_before=not_before,
            reason=reason[:200],
            claimed_by=None,
            attempts=item.attempt if tried else item.attempt - 1,
        )
    )


def give_up(
    connection: Connection, item: Claimed, *, process: str, state: str, reason: str
) -> bool:
    """Close a claimed message as `dead` or `unknown`; return whether it was this process's."""
    closed = connection.execute(
        update(_ROWS).where(own(item, process)).values(state=state, reason=reason[:200])
    )
    return closed.rowcount == 1


def recover(connection: Connection, *, dead: Sequence[str], stuck_before: datetime) -> int:
    """Take back what dead or hung processes had claimed.

    Replies are queued again (at least once); a campaign becomes `unknown` (at most once).

    Args:
        dead: names of processes that live no more.
        stuck_before: claims older than this are taken back whoever holds them.

    Returns:
        How many rows were taken back.
    """
    given_up = or_(_ROWS.c.claimed_by.in_(dead), _ROWS.c.claimed_at < stuck_before)
    orphan = and_(_ROWS.c.state == "sending", given_up)
    unknown = connection.execute(
        update(_ROWS)
        .where(orphan, _ROWS.c.purpose == "campaign")
        .values(state="unknown", reason="process_died")
    )
    queued = connection.execute(
        update(_ROWS).where(orphan).values(state="queued", reason="process_died", claimed_by=None)
    )
    return int(unknown.rowcount) + int(queued.rowcount)
