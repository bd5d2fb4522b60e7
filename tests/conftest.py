"""Fixtures of all tests: real databases, Redis and browser, a fixed time, a fence on the network.

Nothing is skipped where `CI=true`: a server that cannot start is a failure.
"""

import ipaddress
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything imports the model libraries

from bots.local_servers import LocalPostgres, LocalRedis, drop_database, new_database
from crm_store.database import Database
from crm_store.migrations import migrate
from scripts.screenshots import CHROMIUM_ARGUMENTS

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None)
settings.load_profile("ci" if IN_CI else "here")


class NetworkUseError(AssertionError):
    """A test tried to leave this machine."""


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _fence(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        # Unix sockets have a path for an address, network sockets a tuple.
        if isinstance(address, tuple) and not _is_here(address[0]):
            message = f"tests stay on this machine, not {address[0]}"
            raise NetworkUseError(message)
    elif event == "socket.getaddrinfo" and not _is_here(arguments[0]):
        message = f"tests look up no names, not {arguments[0]}"
        raise NetworkUseError(message)


sys.addaudithook(_fence)


#: Rasa's own environment, which `make test` makes where there is Python 3.10.
RASA_ENVIRONMENT = Path(__file__).parents[1] / ".cache" / "rasa-venv"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests with a real Rasa out, and say so, where there is none; never where CI=true."""
    if IN_CI or (RASA_ENVIRONMENT / ".installed").is_file():
        return
    left_out = [item for item in items if item.get_closest_marker("rasa")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
        config.stash[_LEFT_OUT] = len(left_out)


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were left out, and how to run them."""
    if count := terminalreporter.config.stash.get(_LEFT_OUT, 0):
        message = f"{count} tests with a real Rasa server left out: `make test` with Python 3.10"
        terminalreporter.write_line(message, yellow=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where CI=true."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped under CI=true: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into a failed one where CI=true."""
    report = yield
    if IN_CI and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped under CI=true: {report.longrepr}"
    return report


@pytest.fixture
def now() -> datetime:
    """Return the time at which tests play: a Monday morning."""
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """Run a private PostgreSQL server for the whole test run; do not stop it, start your own."""
    with LocalPostgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_admin_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of the server on which tests make databases."""
    if given := os.environ.get("TEST_PG_URL"):
        return given
    server: LocalPostgres = request.getfixturevalue("postgres")
    return server.url()


@pytest.fixture
def postgres_url(postgres_admin_url: str) -> Iterator[str]:
    """Return the URL of a fresh migrated PostgreSQL database."""
    url = new_database(postgres_admin_url)
    yield url
    drop_database(url)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "tributary.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()  # the last connection to leave moves the WAL into the file
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """Return the URL of a fresh migrated SQLite database in the test's folder."""
    path = tmp_path / "tributary.db"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a fresh migrated database, once of each kind."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open a fresh migrated database, once of each kind."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def _redis_process() -> Iterator[LocalRedis]:
    with LocalRedis() as server:
        yield server


@pytest.fixture
def redis_server(_redis_process: LocalRedis) -> LocalRedis:
    """Return a private, running, empty Redis server that the test may stop, pause and restart."""
    _redis_process.resume()
    _redis_process.stop()
    _redis_process.start()
    return _redis_process


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty Redis server."""
    if given := os.environ.get("TEST_REDIS_URL"):
        return given
    server: LocalRedis = request.getfixturevalue("redis_server")
    return server.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Debian's Chromium, else the one Playwright installed.

    Not for longer than a module: while it runs, this thread counts as inside an event loop, and
    no `async` test can.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        yield chromium
        chromium.close()
