"""The database a command works on, open and at the newest schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bots.commands.terminal import fail
from bots.settings import Settings
from crm_store.database import Database
from crm_store.migrations import is_current


@contextmanager
def opened() -> Iterator[Database]:
    """Open the database that is configured, and close it after."""
    database = Database(Settings().database_url)
    try:
        name = database.url.database
        if database.is_sqlite and name and not Path(name).is_file():
            raise fail(f"there is no database at {name} yet; `tributary migrate` makes it")
        try:
            current = is_current(database)
        except SQLAlchemyError as error:
            url = database.url.render_as_string(hide_password=True)
            raise fail(f"{url} cannot be used: {type(error).__name__}; is it running?") from error
        if not current:
            raise fail("the database has an older schema; `tributary migrate` renews it")
        yield database
    finally:
        database.close()
