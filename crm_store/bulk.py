"""Bulk statements of the hot tables: many rows in one statement, bound straight to the driver.

On PostgreSQL all rows go as one JSON document through `json_to_recordset`: one statement, one
parameter and one round trip however many rows (seen: half the CPU of a pipeline of statements). On
SQLite, which has no round trips, each row is bound to one prepared statement. Either way
SQLAlchemy's work per row, which costs more than the rows themselves, is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import orjson
from sqlalchemy import Column, Dialect, Table
from sqlalchemy.engine import Connection

_Processor = Callable[[Any], Any]


class _Bulk:
    """What insert and update share: columns, their order and how values are bound."""

    def __init__(self, columns: Sequence[Column[Any]]) -> None:
        self._columns = list(columns)
        self._texts: dict[str, str] = {}
        self._binds: list[tuple[str, _Processor | None]] = []

    def __call__(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute the statement for all rows; no rows, no statement."""
        if not rows:
            return
        dialect = connection.dialect
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = self._text(dialect)
        if dialect.name == "sqlite":
            connection.exec_driver_sql(text, self._tuples(dialect, rows))
        else:
            connection.exec_driver_sql(text, self._document(rows))

    def _text(self, dialect: Dialect) -> str:
        raise NotImplementedError

    def _tuples(
        self, dialect: Dialect, rows: Sequence[Mapping[str, Any]]
    ) -> list[tuple[Any, ...]]:
        if not self._binds:
            self._binds = [
                (column.name, column.type.dialect_impl(dialect).bind_processor(dialect))
                for column in self._columns
            ]
        return [
            tuple(
                value if bind is None or value is None else bind(value)
                for value, bind in ((row[name], bind) for name, bind in self._binds)
            )
            for row in rows
        ]

    def _document(self, rows: Sequence[Mapping[str, Any]]) -> tuple[str]:
        names = [column.name for column in self._columns]
        chosen = [{name: row[name] for name in names} for row in rows]
        document = orjson.dumps(chosen, option=orjson.OPT_NON_STR_KEYS).decode()
        # PostgreSQL keeps no NUL in any text; everywhere else it is shown as nothing anyway.
        return (document.replace("\\u0000", "\\ufffd"),)

    def _records(self, dialect: Dialect) -> str:
        typed = ", ".join(f"{c.name} {c.type.compile(dialect)}" for c in self._columns)
        return f"json_to_recordset(%s::json) AS new({typed})"

    @property
    def _names(self) -> str:
        return ", ".join(column.name for column in self._columns)


class BulkInsert(_Bulk):
    """The insertion of whole rows of a table.

    Args:
        table: where to.
        again: what to do with a row that is there already: refuse all rows, or nothing.
    """

    def __init__(self, table: Table, *, again: Literal["refuse", "nothing"] = "refuse") -> None:
        super().__init__(list(table.columns))
        self._table = table.name
        self._ending = " ON CONFLICT DO NOTHING" if again == "nothing" else ""

    def _text(self, dialect: Dialect) -> str:
        into = f"INSERT INTO {self._table} ({self._names})"
        if dialect.name == "sqlite":
            return f"{into} VALUES ({', '.join('?' for _ in self._columns)}){self._ending}"
        return f"{into} SELECT * FROM {self._records(dialect)}{self._ending}"  # noqa: S608 - our columns


class BulkUpdate(_Bulk):
    """The update of some columns of the rows with given keys."""

    def __init__(self, table: Table, *, keys: Sequence[str], values: Sequence[str]) -> None:
        super().__init__([table.columns[name] for name in (*values, *keys)])
        self._table = table.name
        self._keys = keys
        self._values = values

    def _text(self, dialect: Dialect) -> str:
        name = self._table
        if dialect.name == "sqlite":
            sets = ", ".join(f"{value} = ?" for value in self._values)
            where = " AND ".join(f"{key} = ?" for key in self._keys)
            return f"UPDATE {name} SET {sets} WHERE {where}"  # noqa: S608 - names of our columns
        sets = ", ".join(f"{value} = new.{value}" for value in self._values)
        where = " AND ".join(f"{name}.{key} = new.{key}" for key in self._keys)
        return f"UPDATE {name} SET {sets} FROM {self._records(dialect)} WHERE {where}"  # noqa: S608 - as above
