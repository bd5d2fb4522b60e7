"""`tributary migrate`: bring the database to the newest schema."""

from bots.commands.terminal import console
from bots.settings import Settings
from crm_store.database import Database
from crm_store.migrations import migrate


def run() -> None:
    """Bring the database to the newest schema; does nothing when it is there already."""
    database = Database(Settings().database_url)
    migrate(database)
    database.close()
    console.print("The database is up to date.", style="green")
