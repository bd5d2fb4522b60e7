"""Turns as readers want them: everything stored about one, and the list of a conversation's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from crm_store.conversations import Conversation, Turn
from crm_store.dead_letters import DeadLetter
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent

_CONVERSATIONS: Final[Table] = Conversation.__table__  # type: ignore[assignment]
_TURNS: Final[Table] = Turn.__table__  # type: ignore[assignment]
_ITEMS: Final[Table] = InboxItem.__table__  # type: ignore[assignment]
_ROWS: Final[Table] = OutboxItem.__table__  # type: ignore[assignment]
_ENTRIES: Final[Table] = TimelineEvent.__table__  # type: ignore[assignment]
_LETTERS: Final[Table] = DeadLetter.__table__  # type: ignore[assignment]

#: Rows of a kind that are read of one turn; far more than any turn has.
ROWS_MAX: Final = 200

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """Everything stored about one turn, as rows of their tables."""

    conversation: Data
    seq: int  #: of the inbound item
    items: Sequence[Data]  #: inbox: the message; of a burst all that were taken as one
    turn: Data | None = None  #: None: it waits
    entries: Sequence[Data] = ()  #: timeline
    sends: Sequence[Data] = ()  #: outbox
    letters: Sequence[Data] = ()  #: dead letters


def with_prefix(connection: Connection, prefix: str, *, limit: int = 20) -> list[UUID]:
    """Return conversations whose id begins with `prefix`; none when it begins no id."""
    digits = prefix.replace("-", "").lower()
    if not 0 < len(digits) <= 32 or not set(digits) <= set("0123456789abcdef"):
        return []
    first, last = (UUID(digits.ljust(32, filler)) for filler in "0f")
    rows = connection.execute(
        select(_CONVERSATIONS.c.id)
        .where(_CONVERSATIONS.c.id.between(first, last))
        .order_by(_CONVERSATIONS.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


def last_item(connection: Connection, conversation_id: UUID) -> int | None:
    """Return the number of a conversation's newest inbound item, None when it has none."""
    return connection.execute(
        select(_ITEMS.c.seq)
        .where(_ITEMS.c.conversation_id == conversation_id)
        .order_by(_ITEMS.c.seq.desc())
        .limit(1)
    ).scalar()


def find(connection: Connection, conversation_id: UUID, seq: int) -> TurnRecord | None:
    """Return the turn of the message with number `seq`; of a reply, the turn it is part of.

    Returns:
        None when the conversation does not exist or has no such number.
    """
    conversation = _one(connection, _CONVERSATIONS, id=conversation_id)
    if conversation is None:
        return None
    item = _one(connection, _ITEMS, conversation_id=conversation_id, seq=seq)
    turn = _one(connection, _TURNS, conversation_id=conversation_id, seq=seq)
    if item is None and turn is None:
        reply = _one(connection, _ROWS, conversation_id=conversation_id, stream_seq=seq)
        if reply is None or reply["seq"] == seq:
            return None
        return find(connection, conversation_id, reply["seq"])
    earlier = joined_before(turn["trace"]) if turn is not None else []
    items = _all(connection, _ITEMS, conversation_id, earlier, _ITEMS.c.seq) if earlier else []
    own = _all(connection, _ENTRIES, conversation_id, [seq], _ENTRIES.c.position)
    return TurnRecord(
        conversation=conversation,
        seq=seq,
        items=[*items, *([item] if item is not None else [])],
        turn=turn,
        entries=sorted(own, key=lambda entry: (entry["at"], entry["position"])),
        sends=_all(connection, _ROWS, conversation_id, [seq], _ROWS.c.position),
        letters=_all(connection, _LETTERS, conversation_id, [seq], _LETTERS.c.created_at),
    )


def joined_before(trace: Sequence[Any]) -> list[int]:
    """Return the numbers of the messages that were taken as one with a turn's own."""
    for note in trace:
        if isinstance(note, dict) and isinstance(joined := note.get("joined"), list):
            return [number for number in joined if isinstance(number, int)]
    return []


def page(
    connection: Connection, conversation_id: UUID, *, before: int | None = None, limit: int = 100
) -> list[Data] | None:
    """Return a conversation's newest turns, oldest first, each with its `message`.

    Args:
        conversation_id: whose.
        before: number the previous page began with.
        limit: turns per page.

    Returns:
        None when the conversation does not exist.
    """
    if _one(connection, _CONVERSATIONS, id=conversation_id) is None:
        return None
    same = (_ITEMS.c.conversation_id == _TURNS.c.conversation_id) & (_ITEMS.c.seq == _TURNS.c.seq)
    query = (
        select(_TURNS, _ITEMS.c.message, _ITEMS.c.received_at)
        .select_from(_TURNS.outerjoin(_ITEMS, same))
        .where(_TURNS.c.conversation_id == conversation_id)
    )
    if before is not None:
        query = query.where(_TURNS.c.seq < before)
    rows = connection.execute(query.order_by(_TURNS.c.seq.desc()).limit(limit))
    return [dict(row._mapping) for row in reversed(rows.all())]


def _one(connection: Connection, table: Table, **wanted: object) -> Data | None:
    conditions = [table.c[name] == value for name, value in wanted.items()]
    row = connection.execute(select(table).where(*conditions).limit(1)).one_or_none()
    return dict(row._mapping) if row is not None else None


def _all(
    connection: Connection,
    table: Table,
    conversation_id: UUID,
    seqs: Sequence[int],
    order: Any,  # noqa: ANN401 - a column
) -> list[Data]:
    rows = connection.execute(
        select(table)
        .where(table.c.conversation_id == conversation_id, table.c.seq.in_(seqs))
        .order_by(order)
        .limit(ROWS_MAX)
    )
    return [dict(row._mapping) for row in rows]
