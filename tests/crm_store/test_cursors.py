"""How far each account has been read."""

from datetime import datetime

import pytest

from crm_store.cursors import CURSOR_MAX, move_cursor, read_cursor
from crm_store.database import Database


def test_a_cursor_is_kept_for_each_account(database: Database, now: datetime) -> None:
    """Nothing is known at first; then it is where it was moved to last."""
    with database.transaction() as connection:
        before = read_cursor(connection, "telegram", "a")
        for cursor in ("1", "2"):
            move_cursor(connection, "telegram", "a", cursor, now=now)
        move_cursor(connection, "telegram", "b", "9", now=now)

        assert before is None
        assert read_cursor(connection, "telegram", "a") == "2"
        assert read_cursor(connection, "telegram", "b") == "9"
        with pytest.raises(ValueError, match="longer than 500"):
            move_cursor(connection, "telegram", "a", "x" * (CURSOR_MAX + 1), now=now)
