"""The database: engine, transactions and column types, for SQLite and PostgreSQL alike.

Everything here is synchronous on purpose: transactions are short and run in worker threads, so
domain code exists once. SQLite allows one writer, so writers of this process queue on a lock
instead of polling the file.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson
from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    MetaData,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import JSON, TypeDecorator

#: Times after which PostgreSQL frees what a hung process holds, in milliseconds.
HUNG_TRANSACTION_MS: Final = 10_000
STATEMENT_MS: Final = 5_000
LOCK_MS: Final = 2_000

NAMES: Final = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; SQLite itself keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes and convert to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a datetime without time zone cannot be stored"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JsonObject = dict[str, Any]


class Base(DeclarativeBase):
    """Base of all rows; one metadata, one migration history."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime(),
        JsonObject: JSON(),
        list[Any]: JSON(),
    }


def utc_now() -> datetime:
    """Return the present, aware UTC."""
    return datetime.now(UTC)


def _dumps(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


class Database:
    """One SQL database and this process's connections to it.

    Args:
        url: SQLAlchemy URL; `sqlite:///path` or `postgresql+psycopg://…`.
        process: name under which PostgreSQL lists this process's connections; rows it claims
            carry the name, and a name no longer listed belongs to a dead process.
        idle_timeout_ms: PostgreSQL's idle-in-transaction limit for this process.
    """

    def __init__(
        self,
        url: str,
        *,
        process: str | None = None,
        pool_size: int = 8,
        idle_timeout_ms: int = HUNG_TRANSACTION_MS,
    ) -> None:
        self.url = make_url(url)
        self.process = process or f"tributary-{uuid4().hex[:16]}"
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writing = threading.Lock()
        if self.is_sqlite:
            self.engine = self._sqlite_engine(pool_size)
            self._relaxed = self._sqlite_engine(1, relaxed=True)
            self._reading = self.engine
        else:
            self.engine = self._postgres_engine(pool_size, idle_timeout_ms)
            self._relaxed = self._postgres_engine(1, idle_timeout_ms, relaxed=True)
            # A transaction around reads would cost two round trips and promise nothing more.
            self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def _sqlite_engine(self, pool_size: int, *, relaxed: bool = False) -> Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            pool_size=pool_size,
            max_overflow=4,
            connect_args={"check_same_thread": False, "timeout": 10, "isolation_level": None},
        )

        @event.listens_for(engine, "connect")
        def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - DB-API object
            cursor = connection.cursor()
            # FULL: an acknowledged message must survive power loss, not just a crash.
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={'OFF' if relaxed else 'FULL'}",
                # A checkpoint without waiting for the disk could harm the file.
                f"wal_autocheckpoint={0 if relaxed else 1000}",
                "foreign_keys=ON",
                "busy_timeout=10000",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            # The driver's own implicit BEGIN comes too late to lock before the first read.
            connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

        return engine

    def _postgres_engine(
        self, pool_size: int, idle_timeout_ms: int, *, relaxed: bool = False
    ) -> Engine:
        options = (
            f"-c idle_in_transaction_session_timeout={idle_timeout_ms} "
            f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS} "
            f"-c synchronous_commit={'off' if relaxed else 'on'} -c timezone=UTC"
        )
        return create_engine(
            self.url,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            pool_size=pool_size,
            max_overflow=4,
            pool_pre_ping=True,
            connect_args={
                "application_name": self.process,
                "options": options,
                "connect_timeout": 5,
                "keepalives": 1,
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 2,
                "tcp_user_timeout": 5000,
            },
        )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a write transaction: committed when the block ends, rolled back when it raises."""
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        with (
            self._writing,
            self.engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def relaxed(self) -> Iterator[Connection]:
        """Open a write transaction that survives the death of a process, but not of the machine.

        For records that are only read after a process died; saves one wait for the disk.
        """
        if not self.is_sqlite:
            with self._relaxed.begin() as connection:
                yield connection
            return
        with (
            self._writing,
            self._relaxed.connect().execution_options(begin="BEGIN IMMEDIATE") as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open an ORM session in a write transaction of its own."""
        with (
            self.transaction() as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection for reads; on PostgreSQL it goes to the writer, never a replica."""
        with self._reading.connect() as connection:
            yield connection

    def ping(self) -> None:
        """Ask the database for an answer.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it gives none.
        """
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._relaxed.dispose()
