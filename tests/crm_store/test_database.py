"""The database: transactions that hold all or nothing, aware times, one writer at a time."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from crm_store.api_tokens import ApiToken, create_token
from crm_store.database import Database
from crm_store.migrations import is_current, metadata_tables, migrate


def names(database: Database) -> list[str]:
    """Return what is stored."""
    with database.reading() as connection:
        return list(connection.execute(select(ApiToken.name).order_by(ApiToken.name)).scalars())


@pytest.mark.parametrize("kind", ["transaction", "relaxed"])
def test_a_failed_transaction_leaves_nothing(database: Database, now: datetime, kind: str) -> None:
    """An error inside rolls all of it back, and the next transaction is not disturbed."""

    class BrokenError(Exception):
        pass

    def write(token_id: int, *, fail: bool) -> None:
        with getattr(database, kind)() as connection:
            connection.execute(
                text(
                    "INSERT INTO api_tokens (id, name, hash, created_at) "
                    "VALUES (:id, :name, :name, :at)"
                ),
                {"id": f"{token_id:032x}", "name": f"t{token_id}", "at": now},
            )
            if fail:
                raise BrokenError

    with pytest.raises(BrokenError):
        write(1, fail=True)
    write(2, fail=False)

    assert names(database) == ["t2"]


def test_a_session_writes_or_forgets_everything(database: Database, now: datetime) -> None:
    """Rows added to a session are committed at its end, or none of them."""

    class BrokenError(Exception):
        pass

    def write_and_fail() -> None:
        with database.session() as session:
            create_token(session, name="lost", now=now)
            session.flush()
            raise BrokenError

    with pytest.raises(BrokenError):
        write_and_fail()
    with database.session() as session:
        create_token(session, name="kept", now=now)

    assert names(database) == ["kept"]


def test_writers_of_one_process_queue_instead_of_failing(
    database: Database, now: datetime
) -> None:
    """Many threads that write at once all succeed, on SQLite one after the other."""
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for kind in ("relaxed", "transaction"):
                with getattr(database, kind)() as connection:
                    connection.execute(select(ApiToken.name)).all()
                    connection.execute(
                        text(
                            "INSERT INTO api_tokens (id, name, hash, created_at) "
                            "VALUES (:id, :name, :name, :at)"
                        ),
                        {
                            "id": f"{number:030x}{len(kind):02x}",
                            "name": f"{number}-{kind}",
                            "at": now,
                        },
                    )
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(names(database)) == 24


def test_times_are_aware_utc_on_both_databases(database: Database) -> None:
    """A time in any zone comes back as the same moment in UTC; a naive one is refused."""
    beijing = timezone(timedelta(hours=8))
    at = datetime(2026, 3, 2, 17, 0, 0, 123456, tzinfo=beijing)
    with database.session() as session:
        create_token(session, name="t", now=at)
    with database.session() as session:
        stored = session.scalars(select(ApiToken.created_at)).one()
    assert stored == at
    assert stored.tzinfo is UTC

    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - the fault under test
    with pytest.raises(StatementError, match="without time zone"), database.session() as session:
        create_token(session, name="u", now=naive)


def test_sqlite_survives_power_loss_where_it_was_acknowledged(sqlite_url: str) -> None:
    """Committed means synced, except for records that only matter after a process died."""
    database = Database(sqlite_url)
    with database.transaction() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    with database.relaxed() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 0
        assert connection.execute(text("PRAGMA wal_autocheckpoint")).scalar_one() == 0
    database.close()


def test_postgres_frees_what_a_hung_process_holds(postgres_url: str) -> None:
    """Every connection carries its limits and the name of its process."""
    database = Database(postgres_url)
    with database.reading() as connection:
        settings = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in (
                "idle_in_transaction_session_timeout",
                "statement_timeout",
                "lock_timeout",
                "application_name",
            )
        }
    with database.relaxed() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "off"
    with database.transaction() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    database.close()

    assert list(settings.values()) == ["10s", "5s", "2s", database.process]


def test_migrating_twice_and_at_once_is_harmless(database: Database) -> None:
    """Several processes may start together: the schema is made once and is then current."""
    assert is_current(database)
    threads = [threading.Thread(target=migrate, args=(database,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert is_current(database)
    assert {"inbox", "outbox", "conversations", "timers"} <= set(metadata_tables())
