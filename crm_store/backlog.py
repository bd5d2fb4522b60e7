"""The backlog: which conversations have undone items, how many there are and since when."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, Table, bindparam, func, select, text
from sqlalchemy.engine import Connection

from crm_store.inbox import InboxItem

_ITEMS: Final[Table] = InboxItem.__table__  # type: ignore[assignment]

# A loose index scan: one probe of the partial index for each conversation, however many items the
# conversation has, so a noisy one costs others nothing.
_CANDIDATES: Final = (
    text("""
WITH RECURSIVE pick(conversation_id, n) AS (
    SELECT * FROM (SELECT conversation_id, 1 AS n FROM inbox
        WHERE outcome IS NULL AND conversation_id > :cursor
        ORDER BY conversation_id LIMIT 1) AS first
    UNION ALL
    SELECT (SELECT i.conversation_id FROM inbox AS i
        WHERE i.outcome IS NULL AND i.conversation_id > pick.conversation_id
        ORDER BY i.conversation_id LIMIT 1), n + 1
    FROM pick WHERE pick.conversation_id IS NOT NULL AND n < :most
)
SELECT conversation_id FROM pick WHERE conversation_id IS NOT NULL
""")
    .bindparams(
        bindparam("cursor", type_=_ITEMS.c.conversation_id.type),
        bindparam("most", type_=Integer()),
    )
    .columns(conversation_id=_ITEMS.c.conversation_id.type)
)


def candidates(connection: Connection, *, cursor: UUID, most: int) -> list[UUID]:
    """Return up to `most` conversations with undone items, those after `cursor` first.

    Rotating the cursor is what keeps the picking fair.
    """
    found = list(connection.execute(_CANDIDATES, {"cursor": cursor, "most": most}).scalars())
    if len(found) < most and cursor.int:
        start = {"cursor": UUID(int=0), "most": most}
        again = connection.execute(_CANDIDATES, start).scalars()
        found += [key for key in again if key <= cursor][: most - len(found)]
    return found


def measure(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many items are undone and when the oldest was received."""
    row = connection.execute(
        select(func.count(), func.min(_ITEMS.c.received_at)).where(_ITEMS.c.outcome.is_(None))
    ).one()
    return int(row[0]), row[1]
