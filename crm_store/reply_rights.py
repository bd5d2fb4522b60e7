"""Reply rights: how many messages a peer may still be sent, where the channel counts them.

What a customer does brings so many messages until then. Rights do not add up: the larger number
and the later time hold. They are counted off in the transaction that queues a message, so that
two turns cannot spend one right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from channels.messages import WindowGrant
from crm_store.database import Base

#: Messages that are left for staff, and for one that is sent twice because nobody knew.
RESERVE: Final = 1
#: Why a message waits.
WAITS: Final = "no message may be sent until the customer writes"


class ReplyRight(Base):
    """What is left of the rights of one conversation."""

    __tablename__ = "reply_rights"

    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    remaining: Mapped[int] = mapped_column(Integer)  # messages
    until: Mapped[datetime]
    updated_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that is about to be queued, and how many the channel counts it as."""

    id: UUID
    conversation_id: UUID
    pieces: int
    staff: bool = False  #: written by a person, who may use the reserve


_ROWS: Final[Table] = ReplyRight.__table__  # type: ignore[assignment]
# Always in the order of ids, so that no two transactions wait for each other.
_LOCK: Final = (
    select(_ROWS)
    .where(_ROWS.c.conversation_id.in_(bindparam("ids", expanding=True)))
    .order_by(_ROWS.c.conversation_id)
    .with_for_update()
)


def _left(connection: Connection, ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """Return how many messages each of the conversations that have rights may be sent now."""
    rows = connection.execute(_LOCK, {"ids": list(ids)})
    return {row.conversation_id: row.remaining if row.until > now else 0 for row in rows}


def grant(
    connection: Connection, grants: Mapping[UUID, Sequence[WindowGrant]], *, now: datetime
) -> None:
    """Raise the rights of conversations to what their messages bring."""
    ids = sorted(grants)
    rows = {row.conversation_id: row for row in connection.execute(_LOCK, {"ids": ids})}
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for key in ids:
        known = rows.get(key)
        remaining, until = 0, now
        if known is not None and known.until > now:
            remaining, until = known.remaining, known.until
        for each in grants[key]:
            if each.until > now:
                remaining, until = max(remaining, each.messages), max(until, each.until)
        values = {"remaining": remaining, "until": until, "updated_at": now}
        statement = make(_ROWS).values({"conversation_id": key, **values})
        connection.execute(
            statement.on_conflict_do_update(index_elements=["conversation_id"], set_=values)
        )


def spend(connection: Connection, wanted: Sequence[Wanted], *, now: datetime) -> set[UUID]:
    """Count messages off, in order, and return the ids of those there is no right for.

    Nothing behind such a message in its conversation is sent either, so that order holds.
    """
    left = _left(connection, sorted({each.conversation_id for each in wanted}), now)
    before = dict(left)
    refused: set[UUID] = set()
    closed: set[UUID] = set()
    for each in wanted:
        key = each.conversation_id
        usable = left.get(key, 0) - (0 if each.staff else RESERVE)
        if key in closed or usable < each.pieces:
            refused.add(each.id)
            closed.add(key)
            continue
        left[key] -= each.pieces
    for key in sorted(left):
        if left[key] != before[key]:
            set_remaining(connection, key, left[key])
    return refused


def remaining(connection: Connection, conversation_id: UUID, *, now: datetime) -> int | None:
    """Return how many messages a conversation may be sent now, None where none are counted."""
    return _left(connection, [conversation_id], now).get(conversation_id)


def set_remaining(connection: Connection, conversation_id: UUID, count: int) -> bool:
    """Note what the channel says is left, e.g. 0; return whether messages are counted there."""
    changed = connection.execute(
        update(_ROWS).where(_ROWS.c.conversation_id == conversation_id).values(remaining=count)
    )
    return changed.rowcount == 1
