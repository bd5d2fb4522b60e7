"""In-flight records: which items a process works on, so that one that kills it is found.

The record is written outside the batch's transaction, which a death rolls back, and cleared
inside it, so a record that still names an undone item means its process died at it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import String, Table, bindparam, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.action_requests import claimants
from crm_store.database import Base
from crm_store.inbox import count_attempt
from crm_store.outbox import OutboxItem

#: An item: its conversation, its number and the attempts that failed before this one.
Attempt = tuple[UUID, int, int]


class Inflight(Base):
    """What one worker of one process works on now."""

    __tablename__ = "inflight"

    worker: Mapped[str] = mapped_column(String(80), primary_key=True)
    process: Mapped[str] = mapped_column(String(64))
    items: Mapped[list[Any]]  # [conversation id, seq, failed attempts before this one]
    started_at: Mapped[datetime]


_RECORDS: Final[Table] = Inflight.__table__  # type: ignore[assignment]


def _upsert(make: Callable[[Table], Any]) -> Any:  # noqa: ANN401 - of the dialect's own class
    insert = make(_RECORDS)
    noted = {name: insert.excluded[name] for name in ("process", "items", "started_at")}
    return insert.on_conflict_do_update(index_elements=["worker"], set_=noted)


_NOTE: Final = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}
_CLEAR: Final = update(_RECORDS).where(_RECORDS.c.worker == bindparam("b_worker")).values(items=[])


def note(
    connection: Connection, *, worker: str, process: str, items: Sequence[Attempt], now: datetime
) -> None:
    """Write what `worker` is about to work on, replacing what it noted before."""
    connection.execute(
        _NOTE[connection.dialect.name],
        {
            "worker": worker,
            "process": process,
            "items": [[str(key), seq, failed] for key, seq, failed in items],
            "started_at": now,
        },
    )


def is_taken(connection: Connection, item: Attempt, *, worker: str, since: datetime) -> bool:
    """Tell whether a worker that comes before `worker` noted the item; call after noting it.

    Of two that note one item at once, each sees the other's note or is seen, so one goes on.

    Args:
        since: older notes are those of hung workers and do not count.
    """
    wanted = [str(item[0]), item[1]]
    noted = connection.execute(
        select(_RECORDS.c["items"]).where(
            _RECORDS.c.worker < worker, _RECORDS.c.started_at >= since
        )
    ).scalars()
    return any(wanted == other[:2] for items in noted for other in items)


def clear(connection: Connection, *, worker: str) -> None:
    """Empty the record; part of the batch's own transaction."""
    connection.execute(_CLEAR, {"b_worker": worker})


def living_processes(connection: Connection) -> list[str] | None:
    """Return the names of processes connected to the database; None on SQLite, which has one."""
    if connection.dialect.name == "sqlite":
        return None
    names = connection.execute(
        text(
            "SELECT DISTINCT application_name FROM pg_stat_activity "
            "WHERE application_name LIKE 'tributary-%'"
        )
    )
    return list(names.scalars())


def dead_processes(connection: Connection, *, process: str) -> list[str]:
    """Return the names of processes that hold records or claims and live no more.

    The names are read before the living are listed: the other way round, a process that starts
    in between would be taken for dead.
    """
    sends: Table = OutboxItem.__table__  # type: ignore[assignment]
    names = set(connection.execute(select(_RECORDS.c.process).distinct()).scalars())
    names |= set(
        connection.execute(
            select(sends.c.claimed_by).where(sends.c.state == "sending").distinct()
        ).scalars()
    )
    names |= claimants(connection)
    alive = living_processes(connection)
    return sorted(names - set([process] if alive is None else alive))


def recover(connection: Connection, *, dead: Sequence[str]) -> list[tuple[UUID, int]]:
    """Count the attempt of every undone item that one of the `dead` processes had in flight.

    Only items never tried before run together; after one attempt an item runs alone, and it alone
    is blamed for the next death. Processes that died at the same attempt count it once.

    Returns:
        The items that were in flight.
    """
    rows = connection.execute(
        select(_RECORDS).where(_RECORDS.c.process.in_(dead)).with_for_update(skip_locked=True)
    ).all()
    places: list[tuple[UUID, int]] = []
    for row in rows:
        for key, seq, *failed in row.items:  # an older version noted no attempts
            place = (UUID(key), int(seq))
            count_attempt(connection, *place, attempt=1 + (failed[0] if failed else 0))
            places.append(place)
    if rows:
        connection.execute(
            delete(_RECORDS).where(_RECORDS.c.worker.in_([row.worker for row in rows]))
        )
    return places
