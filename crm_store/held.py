"""Held messages: what waits until the customer writes, because the channel takes nothing before.

A message is `held` in the outbox, neither open nor ended. The customer's next message lets it go,
in its place in the line; after two days it is refused instead, for nobody wants it then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.engine import Connection

from crm_store import reply_rights
from crm_store.conversations import Conversation
from crm_store.outbox import Claimed, OutboxItem, own, refuse

#: How long a message waits for the customer.
HELD_MAX: Final = timedelta(hours=48)

_ROWS: Final[Table] = OutboxItem.__table__  # type: ignore[assignment]
_CONVERSATIONS: Final[Table] = Conversation.__table__  # type: ignore[assignment]


def hold(
    connection: Connection, item: Claimed, *, process: str, reason: str, anyway: bool = False
) -> bool:
    """Let a claimed message wait that the channel did not take; its rights are used up.

    Returns:
        False where the channel brings no rights, so that nothing would let it go, and it is not
        to wait `anyway`.
    """
    if not reply_rights.set_remaining(connection, item.conversation_id, 0) and not anyway:
        return False
    connection.execute(
        update(_ROWS)
        .where(own(item, process))
        .values(state="held", reason=reason[:200], claimed_by=None)
    )
    return True


def release(connection: Connection, conversation_ids: Iterable[UUID], *, now: datetime) -> int:
    """Queue what waits in conversations that have rights again, and count it off.

    One right is left for the answer to what the customer wrote.

    Returns:
        How many messages were queued.
    """
    rows = connection.execute(
        select(_ROWS, _CONVERSATIONS.c.customer_id)
        .join(_CONVERSATIONS, _CONVERSATIONS.c.id == _ROWS.c.conversation_id)
        .where(_ROWS.c.conversation_id.in_(list(conversation_ids)), _ROWS.c.state == "held")
        .order_by(_ROWS.c.conversation_id, _ROWS.c.seq, _ROWS.c.position)
    ).all()
    late: list[tuple[Any, str, UUID]] = []
    due: dict[UUID, list[UUID]] = {}
    for row in rows:
        if row.created_at < now - HELD_MAX:
            late.append((row, "the customer did not write in time", row.customer_id))
        else:
            due.setdefault(row.conversation_id, []).append(row.id)
    refuse(connection, late, now=now)
    released = 0
    for key in sorted(due):
        left = reply_rights.remaining(connection, key, now=now) or 0
        ids = due[key][: max(left - 1, 0)]
        if ids:
            values = {"state": "queued", "reason": None, "not_before": now}
            connection.execute(update(_ROWS).where(_ROWS.c.id.in_(ids)).values(values))
            reply_rights.set_remaining(connection, key, left - len(ids))
            released += len(ids)
    return released
