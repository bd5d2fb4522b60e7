"""`tributary migrate`: bring the database to the newest schema."""

from sqlalchemy.exc import SQLAlchemyError

from bots.commands.terminal import console, fail
from bots.settings import Settings
from crm_store.database import Database
from crm_store.migrations import migrate


def run() -> None:
    """Bring the database to the newest schema; does nothing when it is there already."""
    database = Database(Settings().database_url)
    try:
        migrate(database)
    except SQLAlchemyError as error:
        url = database.url.render_as_string(hide_password=True)
        raise fail(f"{url} cannot be used: {type(error).__name__}; is it running?") from error
    finally:
        database.close()
    console.print("The database is up to date.", style="green")
