"""Fixtures of the fault tests: the warm parent of all nodes, and the stage they act on."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.fleet import Nursery
from tests.faults.scene import Scene
from tests.faults.traffic import Recorder


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Return the parent that forks node processes."""
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    """Return a running partner that takes replies."""
    opened = Recorder()
    await opened.start()
    yield opened
    await opened.stop()


@pytest.fixture
def scene(
    nursery: Nursery, database_url: str, recorder: Recorder, tmp_path: Path
) -> Iterator[Scene]:
    """Return a stage on a fresh database, once of each kind."""
    opened = Scene(nursery, database_url, recorder, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def postgres_scene(
    nursery: Nursery, postgres_url: str, recorder: Recorder, tmp_path: Path
) -> Iterator[Scene]:
    """Return a stage on a fresh PostgreSQL database."""
    opened = Scene(nursery, postgres_url, recorder, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_scene(
    nursery: Nursery, sqlite_url: str, recorder: Recorder, tmp_path: Path
) -> Iterator[Scene]:
    """Return a stage on a fresh SQLite database."""
    opened = Scene(nursery, sqlite_url, recorder, tmp_path)
    yield opened
    opened.close()
