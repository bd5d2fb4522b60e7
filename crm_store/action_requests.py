"""Requests to slow actions: stored with the turn that made them, run outside, answered once.

A request is `queued`, then claimed (`calling`), attempted once and marked. Its end is `done`:
the result is stored as a notice in the conversation's inbox by the same commit, under an external
id that the request gives it, so that it arrives once however often the action was called.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from channels.messages import Address, InboundMessage, Notice, Sender
from crm_store.bulk import BulkInsert
from crm_store.database import Base, JsonObject
from crm_store.inbox import Arrival, Stored, put

_OPEN: Final = "state IN ('queued', 'calling')"


class StoredRequest(Base):
    """One request to a slow action and what became of it."""

    __tablename__ = "action_requests"
    __table_args__ = (
        Index(
            "ix_action_requests_open",
            "not_before",
            postgresql_where=text(_OPEN),
            sqlite_where=text(_OPEN),
        ),
        Index("ix_action_requests_conversation_id_seq", "conversation_id", "seq"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the idempotency key of every attempt
    conversation_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)  # of the inbound item whose turn made it
    address: Mapped[str] = mapped_column(String(900))
    action: Mapped[str] = mapped_column(String(64))
    inputs: Mapped[JsonObject]  # emptied at the end: what the customer said is on the timeline
    language: Mapped[str] = mapped_column(String(35))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(200))  # why it failed or is tried again
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime]
    gives_up_at: Mapped[datetime]  # no attempt begins later
    claimed_by: Mapped[str | None] = mapped_column(String(64))  # process name
    claimed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request about to be stored."""

    id: UUID
    address: Address
    seq: int
    action: str
    inputs: JsonObject
    language: str
    gives_up_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimedRequest:
    """A request this process alone may attempt once."""

    id: UUID
    address: Address
    action: str
    inputs: JsonObject
    language: str
    gives_up_at: datetime
    attempt: int  #: 1 for the first


_ROWS: Final[Table] = StoredRequest.__table__  # type: ignore[assignment]
_INSERT: Final = BulkInsert(_ROWS)
_DUE: Final = and_(
    text(_OPEN), _ROWS.c.state == "queued", _ROWS.c.not_before <= bindparam("b_now")
)
_ANY_DUE: Final = select(_ROWS.c.id).where(_DUE).limit(1)
_CLAIM: Final = (
    select(_ROWS)
    .where(_DUE, _ROWS.c.action.not_in(bindparam("busy", expanding=True)))
    .order_by(_ROWS.c.not_before)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)


def enqueue(connection: Connection, requests: Sequence[NewRequest], *, now: datetime) -> None:
    """Store `requests`; part of the transaction of the turns that made them."""
    _INSERT(
        connection,
        [
            {
                "id": request.id,
                "conversation_id": request.address.conversation_id,
                "seq": request.seq,
                "address": str(request.address),
                "action": request.action,
                "inputs": request.inputs,
                "language": request.language,
                "state": "queued",
                "reason": None,
                "attempts": 0,
                "not_before": now,
                "gives_up_at": request.gives_up_at,
                "claimed_by": None,
                "claimed_at": None,
                "created_at": now,
                "done_at": None,
            }
            for request in requests
        ],
    )


def any_due(connection: Connection, *, now: datetime) -> bool:
    """Tell whether a request waits to be claimed; a look that takes no lock."""
    return connection.execute(_ANY_DUE, {"b_now": now}).first() is not None


def claim(
    connection: Connection,
    *,
    process: str,
    most: int,
    now: datetime,
    busy: Collection[str] = (),
) -> list[ClaimedRequest]:
    """Claim due requests for `process`, none to actions that are `busy`."""
    rows = connection.execute(_CLAIM, {"b_now": now, "most": most, "busy": list(busy)}).all()
    if rows:
        connection.execute(
            update(_ROWS)
            .where(_ROWS.c.id.in_([row.id for row in rows]))
            .values(
                state="calling",
                attempts=_ROWS.c.attempts + 1,
                claimed_by=process,
                claimed_at=now,
            )
        )
    return [
        ClaimedRequest(
            id=row.id,
            address=Address.parse(row.address),
            action=row.action,
            inputs=row.inputs,
            language=row.language,
            gives_up_at=row.gives_up_at,
            attempt=row.attempts + 1,
        )
        for row in rows
    ]


def _own(item: ClaimedRequest, process: str) -> Any:  # noqa: ANN401 - a SQL expression
    # A process that was stopped and woke up again no longer owns the row and changes nothing.
    return and_(
        _ROWS.c.id == item.id,
        _ROWS.c.state == "calling",
        _ROWS.c.claimed_by == process,
        _ROWS.c.attempts == item.attempt,
    )


def settle(
    connection: Connection,
    item: ClaimedRequest,
    notice: Notice,
    *,
    process: str,
    reason: str | None,
    known: set[UUID],
    now: datetime,
) -> tuple[Arrival, Stored] | None:
    """Close a claimed request and store its result in the conversation, in one transaction.

    Returns:
        What was stored, or None when the row is no longer this process's.
    """
    closed = connection.execute(
        update(_ROWS)
        .where(_own(item, process))
        .values(state="done", reason=reason and reason[:200], inputs={}, done_at=now)
    )
    if closed.rowcount != 1:
        return None
    arrival = _returned(item, notice, f"action:{item.id}", now)
    stored = put(connection, [arrival], known=known)[0]
    if stored.duplicate:
        # The row was not done, so it was no result: a peer took the id to keep the result away.
        arrival = _returned(item, notice, f"action:{item.id}:{uuid4()}", now)
        stored = put(connection, [arrival], known=known)[0]
    return arrival, stored


def _returned(item: ClaimedRequest, notice: Notice, name: str, now: datetime) -> Arrival:
    message = InboundMessage(
        external_id=name,
        address=item.address,
        sender=Sender(id=item.address.peer),
        content=notice,
        sent_at=now,
    )
    return Arrival(message=message, received_at=now)


def put_back(
    connection: Connection,
    item: ClaimedRequest,
    *,
    process: str,
    not_before: datetime,
    reason: str,
) -> None:
    """Queue a claimed request again for a later attempt."""
    connection.execute(
        update(_ROWS)
        .where(_own(item, process))
        .values(state="queued", not_before=not_before, reason=reason[:200], claimed_by=None)
    )


def claimants(connection: Connection) -> set[str]:
    """Return the names of the processes that hold claims."""
    names = select(_ROWS.c.claimed_by).where(text(_OPEN), _ROWS.c.state == "calling").distinct()
    return set(connection.execute(names).scalars())


def recover(connection: Connection, *, dead: Sequence[str], stuck_before: datetime) -> int:
    """Queue again what dead or hung processes had claimed; return how many.

    Args:
        dead: names of processes that live no more.
        stuck_before: claims older than this are taken back whoever holds them.
    """
    given_up = or_(_ROWS.c.claimed_by.in_(dead), _ROWS.c.claimed_at < stuck_before)
    taken = connection.execute(
        update(_ROWS)
        .where(text(_OPEN), _ROWS.c.state == "calling", given_up)
        .values(state="queued", reason="process_died", claimed_by=None)
    )
    return int(taken.rowcount)
