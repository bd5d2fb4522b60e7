"""A seeded fault: nothing ends a transaction whose process hangs."""

from crm_store import database


def bend() -> None:
    """Connect without idle-in-transaction limit."""
    make = database.Database._postgres_engine

    def unlimited(self: database.Database, size: int, _limit: int, **more: bool) -> object:
        return make(self, size, 0, **more)

    database.Database._postgres_engine = unlimited  # type: ignore[method-assign, assignment]
