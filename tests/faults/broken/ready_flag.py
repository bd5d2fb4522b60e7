"""A seeded fault: readiness is a flag of the conversation instead of being derived from rows."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection
from sqlalchemy.types import Uuid

from bots import worker
from crm_store import backlog, inbox
from crm_store.database import Database
from crm_store.inbox import Arrival, Stored

_ID = bindparam("id", type_=Uuid())


def bend() -> None:
    """Keep a table of ready conversations: set when something is stored, cleared when worked."""
    put, work_once = inbox.put, worker.Worker.work_once

    def flagged_put(
        connection: Connection, arrivals: Sequence[Arrival], *, known: set[UUID]
    ) -> list[Stored]:
        stored = put(connection, arrivals, known=known)
        _make_table(connection)
        statement = text("INSERT INTO ready VALUES (:id) ON CONFLICT DO NOTHING")
        for key in sorted({place.conversation_id for place in stored}):
            connection.execute(statement.bindparams(_ID), {"id": key})
        return stored

    def flagged_candidates(connection: Connection, *, cursor: UUID, most: int) -> list[UUID]:
        _make_table(connection)
        statement = text("SELECT id FROM ready LIMIT :most").columns(id=Uuid())
        return list(connection.execute(statement, {"most": most}).scalars())

    def flagged_work(self: worker.Worker) -> int:
        with self._database.reading() as connection:
            ids = flagged_candidates(connection, cursor=UUID(int=0), most=64)
        done = work_once(self)
        _clear(self._database, ids)
        return done

    inbox.put = flagged_put
    backlog.candidates = flagged_candidates
    worker.Worker.work_once = flagged_work  # type: ignore[method-assign]


def _make_table(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE IF NOT EXISTS ready (id uuid PRIMARY KEY)"))


def _clear(database: Database, ids: list[UUID]) -> None:
    with database.transaction() as connection:
        statement = text("DELETE FROM ready WHERE id = :id").bindparams(_ID)
        for key in ids:
            connection.execute(statement, {"id": key})
