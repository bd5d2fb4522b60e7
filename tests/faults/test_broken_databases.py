"""R4: PostgreSQL crashes, is killed and cuts connections while messages pour in."""

import asyncio
import contextlib
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from bots.local_servers import LocalPostgres
from tests.faults.fleet import Nursery, wait_until
from tests.faults.scene import Scene, tell, until
from tests.faults.traffic import Recorder, conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def server() -> Iterator[LocalPostgres]:
    """Run a PostgreSQL server that may be broken."""
    with LocalPostgres() as running:
        yield running


def _restart_after(end: Callable[[LocalPostgres], None], server: LocalPostgres) -> None:
    end(server)
    server.start()


def _cut_connections(server: LocalPostgres) -> None:
    with psycopg.connect(server.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'tributary-%'"
        )


FAULTS: tuple[Callable[[LocalPostgres], None], ...] = (
    lambda server: _restart_after(LocalPostgres.crash, server),
    _cut_connections,
    lambda server: _restart_after(LocalPostgres.kill_postmaster, server),
    _cut_connections,
    lambda server: _restart_after(LocalPostgres.stop, server),
    lambda server: _restart_after(LocalPostgres.crash, server),
)


def _is_alive(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def test_a_node_that_starts_while_the_database_is_away_waits_for_it(
    server: LocalPostgres, nursery: Nursery, recorder: Recorder, tmp_path: Path
) -> None:
    """Web and worker come up without PostgreSQL, and work as soon as it is there."""
    server.start()
    scene = Scene(nursery, server.new_database(), recorder, tmp_path)
    server.crash()
    with contextlib.closing(scene), scene.fleet() as fleet:
        fleet.start_all(keep_alive=False)
        for member in fleet.members:
            await asyncio.to_thread(wait_until, partial(_is_alive, member.port), "it is alive")
        server.start()
        await scene.send(fleet, conversations(5, 2))
        await scene.settle()
        died = [member.name for member in fleet.members if fleet.died(member)]
        findings = scene.check()

    assert findings.faults == []
    assert died == []


async def test_a_failing_postgres_loses_nothing_and_needs_no_restart_of_ours(
    server: LocalPostgres, nursery: Nursery, recorder: Recorder, tmp_path: Path
) -> None:
    """Crashes, a killed postmaster and cut connections: nothing is lost, all heals by itself."""
    server.start()
    scene = Scene(nursery, server.new_database(), recorder, tmp_path)
    peers, each = 60, 20
    said = conversations(peers, each, tickets=10)
    with contextlib.closing(scene), scene.fleet(workers=2) as fleet:
        fleet.start_all(keep_alive=False)
        sending = asyncio.create_task(scene.send(fleet, said, lines=24))
        share = peers * each // (len(FAULTS) + 1)
        for number, fault in enumerate(FAULTS, start=1):
            due = number * share
            await until(lambda due=due: scene.traffic.count >= due)  # type: ignore[misc]
            await asyncio.to_thread(fault, server)
        await sending
        await scene.settle()
        findings = scene.check()
        died = [member.name for member in fleet.members if fleet.died(member)]

    tell(f"{len(FAULTS)} faults: {findings}; longest gap {scene.traffic.longest_gap:.1f} s")
    assert findings.faults == []
    assert died == []
    assert findings.resent <= len(FAULTS) * peers // 4
