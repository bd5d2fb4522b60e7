"""The migrations make exactly the tables the models describe, on both databases."""

from importlib import import_module

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from crm_store.database import Base, Database
from crm_store.migrations import is_current, load_models, migrate


def test_migrated_tables_equal_the_models(database: Database) -> None:
    """Comparing the migrated database with the models finds no difference."""
    load_models()
    # The models outside crm_store.
    for name in ("drafts", "gaps", "generation", "revisions", "source_items", "writings"):
        import_module(f"knowledge_base.{name}")

    with database.reading() as connection:
        migration = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        differences = compare_metadata(migration, Base.metadata)

    assert differences == []
    assert len(Base.metadata.tables) > 10


def test_migrating_again_changes_nothing(database: Database) -> None:
    """A migrated database is current, and stays so when it is migrated again."""
    assert is_current(database)

    migrate(database)

    assert is_current(database)
