"""Broken on purpose: a request to a slow action is done before its result is stored."""

from typing import Any

from bots.action_queue import ActionQueue
from bots.crashpoints import crashpoint
from crm_store import action_requests
from crm_store.action_requests import ClaimedRequest
from crm_store.inbox import Arrival, Stored, put
from dialogues.later import ActionResult, result_notice


def bend() -> None:
    """Commit between the two."""

    def settle(
        self: ActionQueue, item: ClaimedRequest, result: ActionResult
    ) -> tuple[Arrival, Stored]:
        database: Any = self._database
        notice = result_notice(f"action:{item.id}", result)
        arrival = action_requests._returned(item, notice, f"action:{item.id}", self._clock())
        with database.transaction() as connection:
            table: Any = action_requests.StoredRequest.__table__
            connection.execute(table.update().where(table.c.id == item.id).values(state="done"))
        crashpoint("action.settled")
        with database.transaction() as connection:
            return arrival, put(connection, [arrival], known=set())[0]

    ActionQueue._settle = settle  # type: ignore[method-assign,assignment]
