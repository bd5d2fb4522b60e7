"""Alembic's entry: runs migrations on the connection `migrate` holds."""

from alembic import context

from crm_store.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
