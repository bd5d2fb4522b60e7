"""A running web chat server for each test that asks for one."""

from collections.abc import AsyncIterator, Iterator

import pytest

from crm_store.database import Database
from tests.webchat.harness import Web, serving


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """Open a fresh SQLite database, where the kind of database cannot matter."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
async def web(sqlite: Database) -> AsyncIterator[Web]:
    """Run web chat on SQLite."""
    async with serving(sqlite) as running:
        yield running


@pytest.fixture
async def any_web(database: Database) -> AsyncIterator[Web]:
    """Run web chat, once on each kind of database."""
    async with serving(database) as running:
        yield running
