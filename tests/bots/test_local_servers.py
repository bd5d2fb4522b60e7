"""The private servers that tests, benches and `make scale` run on."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from sqlalchemy import text

from bots.local_servers import LocalPostgres, LocalRedis
from crm_store.database import Database

OWNER = """
import sys, time
from bots.local_servers import LocalPostgres, LocalRedis
postgres, redis = LocalPostgres(), LocalRedis()
postgres.start(); redis.start(); redis.pause()
print(postgres.pid, redis.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[LocalPostgres]:
    """Run a PostgreSQL server that may be broken."""
    with LocalPostgres() as running:
        yield running


@pytest.mark.parametrize(
    "end", [LocalPostgres.stop, LocalPostgres.crash, LocalPostgres.kill_postmaster]
)
def test_commits_survive_every_way_postgres_ends(server: LocalPostgres, end: object) -> None:
    """What was committed is there after an orderly stop, a crash and a killed postmaster."""
    assert callable(end)
    server.start()
    database = Database(server.url())
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE kept (a int)"))
        connection.execute(text("INSERT INTO kept VALUES (7)"))

    end(server)
    assert server.pid == 0
    server.start()

    with database.transaction() as connection:
        assert connection.execute(text("SELECT a FROM kept")).scalar_one() == 7
        connection.execute(text("DROP TABLE kept"))
    database.close()


def test_databases_are_migrated_and_apart(server: LocalPostgres) -> None:
    """Each new database has the migrated tables and sees nothing of the others."""
    server.start()
    first, second = Database(server.new_database()), Database(server.new_database())
    with first.transaction() as connection:
        connection.execute(text("CREATE TABLE mine (a int)"))

    with second.reading() as connection:
        tables = set(connection.execute(text("SELECT tablename FROM pg_tables")).scalars())

    assert "conversations" in tables
    assert "mine" not in tables
    first.close()
    second.close()


def test_a_frozen_redis_answers_nothing_until_it_resumes(redis_server: LocalRedis) -> None:
    """Paused, Redis keeps connections but answers nothing; stopped, it forgets."""
    with redis.Redis.from_url(redis_server.url, socket_timeout=0.2, retry=None) as client:
        client.set("a", 1)
        redis_server.pause()
        with pytest.raises(redis.exceptions.TimeoutError):
            client.get("a")

        redis_server.resume()
        assert client.get("a") == b"1"

        redis_server.stop()
        redis_server.start()
        assert client.get("a") is None


def test_servers_end_with_an_owner_that_is_killed() -> None:
    """SIGKILL of the owner ends its servers, even a frozen one."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as owner:
        assert owner.stdout is not None
        pids = [int(word) for word in owner.stdout.readline().split()]
        servers = [psutil.Process(pid) for pid in pids]
        assert len(servers) == 2

        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()

    give_up = time.monotonic() + 20
    while any(_lives(server) for server in servers):
        threading.Event().wait(0.01)
        assert time.monotonic() < give_up, "a server outlived its owner"


def _lives(server: psutil.Process) -> bool:
    # Where nothing reaps orphans they stay as zombies, which are dead all the same.
    try:
        return server.is_running() and server.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_postgres_is_reachable_by_its_socket_only(server: LocalPostgres) -> None:
    """No TCP port is opened."""
    server.start()

    with psycopg.connect(server.url().replace("+psycopg", "")) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()

    assert row == ("",)
