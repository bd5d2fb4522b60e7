"""Existing rows: finds out cheaply whether something was written before, as a rule it was not."""

from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, bindparam, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm_store.database import Base

Row = TypeVar("Row", bound=Base)


def existing_row(session: Session, model: type[Row], key: UUID) -> Row | None:
    """Return the row of `model` with this id, or None.

    A turn that is repeated finds what it wrote before; nearly all are not. So the question is
    asked without the ORM, whose own look costs several times as much, and the row read only then.
    """
    if session.new:
        session.flush()
    found = session.connection().execute(_statement(model), {"key": key}).first()
    return None if found is None else session.get(model, key)


def is_taken(session: Session, column: InstrumentedAttribute[str], value: str) -> bool:
    """Tell whether a row has `value` in this column, asked in the same cheap way."""
    if session.new:
        session.flush()
    found = session.connection().execute(_holding(column), {"value": value}).first()
    return found is not None


@cache
def _statement(model: type[Any]) -> Select[Any]:
    ids = model.__table__.c.id
    return select(ids).where(ids == bindparam("key"))


@cache
def _holding(column: InstrumentedAttribute[str]) -> Select[Any]:
    return select(literal(1)).where(column == bindparam("value")).limit(1)
