"""The schema's history: dated Alembic migrations, applied by `migrate` without any ini file."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from crm_store.database import Base, Database

_HERE: Final = Path(__file__).parent
#: PostgreSQL advisory lock under which one process migrates, "tributar" in ASCII.
_LOCK: Final = 0x7472696275746172


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["database"] = database
    return config


def migrate(database: Database) -> None:
    """Bring the schema to the newest version; several processes may call it at once."""
    if database.is_sqlite:
        with database.transaction() as connection:
            _upgrade(database, connection)
        return
    with database.engine.connect() as connection, connection.begin():
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _upgrade(database, connection)


def _upgrade(database: Database, connection: object) -> None:
    config = _config(database)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Tell whether the schema is at the newest version."""
    head = ScriptDirectory.from_config(_config(database)).get_current_head()
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def load_models() -> None:
    """Import every module that declares rows, so that `Base.metadata` is complete."""
    package = import_module("crm_store")
    for module in iter_modules(package.__path__):
        if not module.ispkg:
            import_module(f"crm_store.{module.name}")


def metadata_tables() -> list[str]:
    """Return the names of all tables the models declare."""
    load_models()
    return sorted(Base.metadata.tables)
