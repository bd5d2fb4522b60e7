"""Exclusive work: done by one process of many, and free again the moment that one dies."""

import hashlib
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from crm_store.database import Database

_TAKE: Final = text("SELECT pg_try_advisory_lock(:key)")
_GIVE_BACK: Final = text("SELECT pg_advisory_unlock(:key)")


class Exclusive:
    """A right that one process at a time has; call from one thread at a time.

    On PostgreSQL it is a lock of a connection, which goes with the process; on SQLite there is
    only one process.

    Args:
        database: where the others look too.
        name: what the right is for.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        digest = hashlib.sha256(f"tributary:{name}".encode()).digest()
        self._key = int.from_bytes(digest[:8], signed=True)
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the right, or see that it is still held; return whether it is this process's."""
        if self._database.is_sqlite:
            return True
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except SQLAlchemyError:
                # The lock went with the connection: somebody else may have it by now.
                self.give_back()
            else:
                return True
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        connection = engine.connect()
        if connection.execute(_TAKE, {"key": self._key}).scalar():
            self._connection = connection
            return True
        connection.close()
        return False

    def give_back(self) -> None:
        """Let others have it."""
        if self._connection is None:
            return
        try:
            self._connection.execute(_GIVE_BACK, {"key": self._key})
        except SQLAlchemyError:
            self._connection.invalidate()  # broken: the lock went with it
        self._connection.close()
        self._connection = None
