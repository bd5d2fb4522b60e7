"""Insertion: writes new rows at once, for rows that are complete and that nothing waits for."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import inspect
from sqlalchemy.orm import Session, make_transient_to_detached

from crm_store.bulk import BulkInsert
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
        make_transient_to_detached(row)
        session.add(row)


@cache
def _statement(model: type[Base]) -> BulkInsert:
    return BulkInsert(model.__table__)  # type: ignore[arg-type] # a mapped class has a table


@cache
def _attributes(model: type[Base]) -> tuple[tuple[str, str], ...]:
    """Return each column's name with that of the attribute that holds it."""
    return tuple((each.columns[0].name, each.key) for each in inspect(model).column_attrs)
