"""The inbox: every inbound item, stored before it is acknowledged, worked off in order.

An item is undone while its `outcome` is NULL; readiness is derived from that and nothing else.
Duplicates are kept out per conversation: the conversation's id is made from channel, account and
peer, so no peer can take an id from another, and the key stays within one shard.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import Mapped, aliased, mapped_column

from channels.messages import Address, InboundMessage, Sender, Unsupported, WindowGrant
from crm_store import held, reply_rights
from crm_store.bulk import BulkInsert, BulkUpdate
from crm_store.conversations import (
    Conversation,
    ConversationSequence,
    lock_sequences,
    write_sequences,
)
from crm_store.database import Base, JsonObject

#: `joined`: taken as one with the messages after it, and answered with the last of them.
Outcome = Literal["answered", "handed_over", "refused", "recorded", "joined", "dead_letter"]

#: An item that failed or died in flight so often is dead-lettered.
ATTEMPTS_MAX: Final = 3
#: Items of one conversation that are worked off in one batch.
PER_CONVERSATION: Final = 8


class InboxItem(Base):
    """One inbound message or notice and what became of it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("conversation_id", "external_id"),
        Index(
            "ix_inbox_undone",
            "conversation_id",
            "seq",
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
    )

    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    channel: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(200))
    message: Mapped[JsonObject]
    raw: Mapped[str | None] = mapped_column(Text)  # provider payload, kept for replay
    attempts: Mapped[int] = mapped_column(Integer, default=0)  # failures and deaths in flight
    outcome: Mapped[str | None] = mapped_column(String(16))
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An inbound message about to be stored."""

    message: InboundMessage
    received_at: datetime
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """Where an arrival stands in its conversation."""

    conversation_id: UUID
    seq: int
    duplicate: bool  #: True: it was stored before, and this time had no effect


@dataclass(frozen=True, slots=True)
class Undone:
    """One item to work on, with what of its conversation is needed before the lock."""

    conversation_id: UUID
    seq: int
    message: InboundMessage
    attempts: int
    received_at: datetime
    language: str | None
    owner: str
    #: The texts that are taken as one in it, itself the last; none: it is taken by itself.
    burst: tuple["Undone", ...] = ()

    @property
    def members(self) -> tuple["Undone", ...]:
        """The stored items it stands for, in order."""
        return self.burst or (self,)


_ITEMS: Final[Table] = InboxItem.__table__  # type: ignore[assignment]
_CONVERSATIONS: Final[Table] = Conversation.__table__  # type: ignore[assignment]
_SEQUENCES: Final[Table] = ConversationSequence.__table__  # type: ignore[assignment]
_SEQ_MAX: Final = 2**63 - 1
_CONVERSATION_COLUMNS: Final = ("account", "peer", "thread", "language", "owner")

# Statements are built once: building one costs more than executing it.
_SEEN: Final = select(_ITEMS.c.conversation_id, _ITEMS.c.external_id, _ITEMS.c.seq).where(
    _ITEMS.c.conversation_id.in_(bindparam("ids", expanding=True)),
    _ITEMS.c.external_id.in_(bindparam("external_ids", expanding=True)),
)
_INSERT: Final = BulkInsert(_ITEMS)
_FINISH: Final = BulkUpdate(_ITEMS, keys=["conversation_id", "seq"], values=["outcome", "done_at"])


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`, leaving alone those whose key exists."""
    if not rows:
        return
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(make(table).on_conflict_do_nothing(), list(rows))


def open_conversations(
    connection: Connection, arrivals: Sequence[Arrival], *, known: set[UUID]
) -> set[UUID]:
    """Make the conversation and sequence rows that are missing.

    Rows are inserted before any sequence is locked and in one order, so two processes that meet
    the same new peers cannot wait for each other in a circle.

    Args:
        known: ids of which the caller has seen a commit, which need no statement.

    Returns:
        The ids that were not in `known`; theirs to remember once the transaction is committed.
    """
    fresh = {
        arrival.message.address.conversation_id: arrival
        for arrival in arrivals
        if arrival.message.address.conversation_id not in known
    }
    ordered = sorted(fresh.items())
    insert_new(
        connection,
        _CONVERSATIONS,
        [
            {
                "id": key,
                "channel": arrival.message.address.channel,
                "account": arrival.message.address.account,
                "peer": arrival.message.address.peer,
                "thread": arrival.message.address.thread,
                "state": {},
                "owner": "bot",
                "owner_epoch": 0,
                "fence": 0,
                "language": arrival.message.sender.language,
                "version": 0,
                "created_at": arrival.received_at,
                "updated_at": arrival.received_at,
            }
            for key, arrival in ordered
        ],
    )
    insert_new(
        connection,
        _SEQUENCES,
        [
            {"conversation_id": key, "last_seq": 0, "pruned": 0, "read_seq": 0}
            for key, _ in ordered
        ],
    )
    return set(fresh)


def put(connection: Connection, arrivals: Sequence[Arrival], *, known: set[UUID]) -> list[Stored]:
    """Store `arrivals` in their conversations; the caller commits, then acknowledges.

    The sequence locks are taken before the duplicate check: two processes that receive the same
    message at once would otherwise both find it new.

    Returns:
        For each arrival, in order, its number and whether it was known already.
    """
    open_conversations(connection, arrivals, known=known)
    ids = {arrival.message.address.conversation_id for arrival in arrivals}
    last = lock_sequences(connection, ids)
    seen = {
        (row.conversation_id, row.external_id): row.seq
        for row in connection.execute(
            _SEEN,
            {
                "ids": list(ids),
                "external_ids": [arrival.message.external_id for arrival in arrivals],
            },
        )
    }
    results: list[Stored] = []
    rows: list[dict[str, Any]] = []
    touched: dict[UUID, int] = {}
    for arrival in arrivals:
        message = arrival.message
        key = message.address.conversation_id
        if (seq := seen.get((key, message.external_id))) is not None:
            results.append(Stored(key, seq, duplicate=True))
            continue
        seq = last[key] = touched[key] = last[key] + 1
        seen[key, message.external_id] = seq
        results.append(Stored(key, seq, duplicate=False))
        rows.append(
            {
                "conversation_id": key,
                "seq": seq,
                "channel": message.address.channel,
                "external_id": message.external_id,
                "message": message.model_dump(mode="json", exclude_defaults=False),
                "raw": arrival.raw,
                "attempts": 0,
                "outcome": None,
                "received_at": arrival.received_at,
                "done_at": None,
            }
        )
    if rows:
        _INSERT(connection, rows)
        write_sequences(connection, touched)
        _note_rights(connection, arrivals, results)
    return results


def _note_rights(
    connection: Connection, arrivals: Sequence[Arrival], stored: Sequence[Stored]
) -> None:
    """Note what new messages allow, and let go what waited for them."""
    grants: dict[UUID, list[WindowGrant]] = {}
    now = None
    for arrival, place in zip(arrivals, stored, strict=True):
        if arrival.message.window_grants and not place.duplicate:
            grants.setdefault(place.conversation_id, []).extend(arrival.message.window_grants)
            now = arrival.received_at
    if now is not None:
        reply_rights.grant(connection, grants, now=now)
        held.release(connection, grants, now=now)


def _among_oldest() -> ColumnElement[bool]:
    """Return the condition that an undone item has at most `skip` older ones in its conversation.

    A probe of the partial index, so that a long queue of one conversation is never read whole.
    """
    other = aliased(_ITEMS)
    bound = (
        select(other.c.seq)
        .where(other.c.conversation_id == _CONVERSATIONS.c.id, other.c.outcome.is_(None))
        .order_by(other.c.seq)
        .limit(1)
        .offset(bindparam("skip", type_=Integer()))
        .scalar_subquery()
        .correlate(_CONVERSATIONS)
    )
    return _ITEMS.c.outcome.is_(None) & (_ITEMS.c.seq <= func.coalesce(bound, _SEQ_MAX))


def _oldest_of(*columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join_from(_ITEMS, _CONVERSATIONS, _CONVERSATIONS.c.id == _ITEMS.c.conversation_id)
        .where(_CONVERSATIONS.c.id.in_(bindparam("ids", expanding=True)), _among_oldest())
        .order_by(_ITEMS.c.conversation_id, _ITEMS.c.seq)
    )


_UNDONE: Final = _oldest_of(*_ITEMS.c, *(_CONVERSATIONS.c[name] for name in _CONVERSATION_COLUMNS))
_STILL_UNDONE: Final = _oldest_of(_ITEMS.c.conversation_id, _ITEMS.c.seq)


def undone(
    connection: Connection,
    conversation_ids: Sequence[UUID],
    *,
    per_conversation: int = PER_CONVERSATION,
) -> list[Undone]:
    """Return the oldest undone items of these conversations, each conversation's in order."""
    rows = connection.execute(
        _UNDONE, {"ids": list(conversation_ids), "skip": per_conversation - 1}
    )
    return [
        Undone(
            conversation_id=row.conversation_id,
            seq=row.seq,
            message=_message(row),
            attempts=row.attempts,
            received_at=row.received_at,
            language=row.language,
            owner=row.owner,
        )
        for row in rows
    ]


def _message(row: Row[Any]) -> InboundMessage:
    try:
        return InboundMessage.model_validate(row.message)
    except ValidationError:
        # Stored by a version that knew other content: it must not stop everybody else's.
        return InboundMessage(
            external_id=row.external_id,
            address=Address(
                channel=row.channel, account=row.account, peer=row.peer, thread=row.thread
            ),
            sender=Sender(id=row.peer),
            content=Unsupported(what="a message of another version"),
            sent_at=row.received_at,
        )


_LOCK: Final = (
    select(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_CONVERSATIONS.c.id)
    .with_for_update(key_share=True, skip_locked=True)
)


def lock_conversations(
    connection: Connection, conversation_ids: Sequence[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Lock those of the fixed set that nobody else works on, and read them."""
    rows = connection.execute(_LOCK, {"ids": list(conversation_ids)})
    return {row.id: dict(row._mapping) for row in rows}


def still_undone(
    connection: Connection,
    conversation_ids: Sequence[UUID],
    *,
    per_conversation: int = PER_CONVERSATION,
) -> dict[UUID, list[int]]:
    """Return the numbers of the oldest undone items of the locked conversations, in order."""
    found: dict[UUID, list[int]] = {}
    for row in connection.execute(
        _STILL_UNDONE, {"ids": list(conversation_ids), "skip": per_conversation - 1}
    ):
        found.setdefault(row.conversation_id, []).append(row.seq)
    return found


def finish(
    connection: Connection, done: Sequence[tuple[UUID, int, Outcome]], *, now: datetime
) -> None:
    """Mark items done with what became of them."""
    _FINISH(
        connection,
        [
            {"conversation_id": key, "seq": seq, "outcome": outcome, "done_at": now}
            for key, seq, outcome in done
        ],
    )


def count_attempt(connection: Connection, conversation_id: UUID, seq: int, *, attempt: int) -> int:
    """Note that an undone item's `attempt`-th attempt failed; return how many have by now.

    Two workers that fail at the same attempt count once, so that neither can use up the other's.
    """
    item = (_ITEMS.c.conversation_id == conversation_id) & (_ITEMS.c.seq == seq)
    before = connection.execute(
        select(_ITEMS.c.attempts).where(item, _ITEMS.c.outcome.is_(None))
    ).scalar()
    if before is None:
        return 0
    attempts = max(int(before), attempt)
    connection.execute(update(_ITEMS).where(item).values(attempts=attempts))
    return attempts
