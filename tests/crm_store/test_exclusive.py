"""Work of one process among many."""

from contextlib import closing

from sqlalchemy import text

from crm_store.database import Database
from crm_store.exclusive import Exclusive


def test_one_process_at_a_time(postgres_url: str) -> None:
    """A right is one process's until it gives it back; other rights are free."""
    with closing(Database(postgres_url)) as one, closing(Database(postgres_url)) as other:
        mine, theirs = Exclusive(one, "pull:a"), Exclusive(other, "pull:a")
        another = Exclusive(other, "pull:b")

        assert mine.take()
        assert mine.take()
        assert not theirs.take()
        assert another.take()
        mine.give_back()
        assert theirs.take()
        assert not mine.take()
        theirs.give_back()
        another.give_back()


def test_a_dead_process_gives_its_rights_back(postgres_url: str) -> None:
    """The right goes with the connection, and who lost it notices."""
    with closing(Database(postgres_url)) as one, closing(Database(postgres_url)) as other:
        mine, theirs = Exclusive(one, "pull:a"), Exclusive(other, "pull:a")
        assert mine.take()
        with other.reading() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks "
                    "WHERE locktype = 'advisory' AND granted"
                )
            )

        assert theirs.take()
        assert not mine.take()
        theirs.give_back()


def test_on_sqlite_there_is_only_one(sqlite_url: str) -> None:
    """The one process has every right."""
    with closing(Database(sqlite_url)) as database:
        right = Exclusive(database, "pull:a")

        assert right.take()
        right.give_back()
        assert right.take()
