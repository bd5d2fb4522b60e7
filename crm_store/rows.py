"""Rows of the CRM: written at once, for changes that are complete and that nothing waits for."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session, make_transient_to_detached, object_session
from sqlalchemy.orm.attributes import instance_dict, set_committed_value

from crm_store.bulk import BulkInsert, BulkUpdate
from crm_store.database import Base


def insert(session: Session, rows: Sequence[Base]) -> None:
    """Insert `rows` of one model in one statement; the session knows them as if it had read them.

    The session's own way, which sorts, batches and inserts them with its next flush, costs a turn
    several times as much. Later changes of the rows are flushed as ever.

    Args:
        session: what the rows refer to must have been flushed to it.
        rows: with every column set that has no null; defaults of columns are not applied.

    Raises:
        sqlalchemy.exc.IntegrityError: a row is there already, or a column is missing.
    """
    if not rows:
        return
    model = type(rows[0])
    names = _attributes(model)
    _statement(model)(
        session.connection(),
        [{column: getattr(row, name) for column, name in names} for row in rows],
    )
    for row in rows:
        known = instance_dict(row)
        for _, name in names:
            # What was left out is null; unset, it would be read from the database when asked for.
            if name not in known:
                set_committed_value(row, name, None)
        make_transient_to_detached(row)
        session.add(row)


def change(row: Base, values: Mapping[str, Any]) -> None:
    """Set attributes of `row` and write them at once, when the session knows it from the database.

    A row that is new to the session, or in none, is written with the next flush, as ever.
    """
    session = object_session(row)
    if not values or session is None or not inspect(row).persistent:
        for name, value in values.items():
            setattr(row, name, value)
        return
    _update(type(row), tuple(sorted(values)))(session.connection(), [{"id": row.id, **values}])  # type: ignore[attr-defined] # every row of the CRM has an id
    for name, value in values.items():
        set_committed_value(row, name, value)


@cache
def _update(model: type[Base], names: tuple[str, ...]) -> BulkUpdate:
    return BulkUpdate(model.__table__, keys=["id"], values=names)  # type: ignore[arg-type] # as below


@cache
def _statement(model: type[Base]) -> BulkInsert:
    return BulkInsert(model.__table__)  # type: ignore[arg-type] # a mapped class has a table


@cache
def _attributes(model: type[Base]) -> tuple[tuple[str, str], ...]:
    """Return each column's name with that of the attribute that holds it."""
    return tuple((each.columns[0].name, each.key) for each in inspect(model).column_attrs)
