"""Writings: what each answer that a language model was asked for cost, and what came of it.

No words are kept here: neither the question, nor what was written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String, Table, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.database import Base

#: Millionths of the currency prices are given in: one token at a price of 1 per million.
MICROS: Final = 1_000_000


class Writing(Base):
    """One answer that was to be written."""

    __tablename__ = "knowledge_writings"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # of the request and its attempt
    request_id: Mapped[UUID] = mapped_column(index=True)
    model: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(35))
    outcome: Mapped[str] = mapped_column(String(24))  # "calling" until it is known
    sentence: Mapped[int | None] = mapped_column(Integer)  # the first unsupported one, from 1
    reason: Mapped[str | None] = mapped_column(String(64))  # why it is unsupported
    status: Mapped[int | None] = mapped_column(Integer)  # of HTTP, when the server refused
    tokens_in: Mapped[int] = mapped_column(Integer)
    tokens_out: Mapped[int] = mapped_column(Integer)
    cost: Mapped[int] = mapped_column(BigInteger)  # micros; while calling the most it can cost
    milliseconds: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a writing."""

    outcome: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = 0  #: micros
    milliseconds: int | None = None
    sentence: int | None = None
    reason: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class DayLine:
    """The writings of one day (UTC) that ended alike."""

    day: date
    outcome: str
    count: int
    tokens_in: int
    tokens_out: int
    cost: int  #: micros
    milliseconds_p50: int | None
    milliseconds_p95: int | None


_TABLE: Final[Table] = Writing.__table__  # type: ignore[assignment]


def spent(connection: Connection, *, since: datetime) -> int:
    """Return what writings since then cost or may still cost, in micros."""
    total = select(func.coalesce(func.sum(_TABLE.c.cost), 0)).where(_TABLE.c.at >= since)
    return int(connection.execute(total).scalar_one())


def begin(
    connection: Connection,
    writing_id: UUID,
    *,
    request_id: UUID,
    model: str,
    language: str,
    most: int,
    now: datetime,
) -> None:
    """Note that a writing begins and what it may cost at most, in micros."""
    connection.execute(
        insert(_TABLE).values(_row(writing_id, request_id, model, language, now, most))
    )


def end(connection: Connection, writing_id: UUID, ended: Ended) -> None:
    """Note what came of a writing that began."""
    connection.execute(update(_TABLE).where(_TABLE.c.id == writing_id).values(_values(ended)))


def note(
    connection: Connection,
    writing_id: UUID,
    ended: Ended,
    *,
    request_id: UUID,
    model: str,
    language: str,
    now: datetime,
) -> None:
    """Note a writing that ended before the model was asked."""
    row = _row(writing_id, request_id, model, language, now, 0)
    connection.execute(insert(_TABLE).values({**row, **_values(ended)}))


def _row(
    writing_id: UUID, request_id: UUID, model: str, language: str, now: datetime, cost: int
) -> dict[str, Any]:
    return {
        "id": writing_id,
        "request_id": request_id,
        "model": model[:200],
        "language": language,
        "outcome": "calling",
        "tokens_in": 0,
        "tokens_out": 0,
        "cost": cost,
        "at": now,
    }


def _values(ended: Ended) -> dict[str, Any]:
    return {
        "outcome": ended.outcome,
        "tokens_in": ended.tokens_in,
        "tokens_out": ended.tokens_out,
        "cost": ended.cost,
        "milliseconds": ended.milliseconds,
        "sentence": ended.sentence,
        "reason": ended.reason and ended.reason[:64],
        "status": ended.status,
    }


def by_day(connection: Connection, *, since: datetime) -> list[DayLine]:
    """Return the writings since then by day and outcome, the newest day first."""
    columns = (
        *(_TABLE.c.at, _TABLE.c.outcome, _TABLE.c.tokens_in, _TABLE.c.tokens_out),
        *(_TABLE.c.cost, _TABLE.c.milliseconds),
    )
    found: dict[tuple[date, str], list[Any]] = {}
    for row in connection.execute(select(*columns).where(_TABLE.c.at >= since)):
        found.setdefault((row.at.date(), row.outcome), []).append(row)
    lines = [_line(day, outcome, rows) for (day, outcome), rows in found.items()]
    return sorted(lines, key=lambda line: (-line.day.toordinal(), -line.count, line.outcome))


def _line(day: date, outcome: str, rows: Sequence[Any]) -> DayLine:
    times = sorted(row.milliseconds for row in rows if row.milliseconds is not None)
    return DayLine(
        day=day,
        outcome=outcome,
        count=len(rows),
        tokens_in=sum(row.tokens_in for row in rows),
        tokens_out=sum(row.tokens_out for row in rows),
        cost=sum(row.cost for row in rows),
        milliseconds_p50=times[len(times) // 2] if times else None,
        milliseconds_p95=times[min(len(times) - 1, len(times) * 95 // 100)] if times else None,
    )
