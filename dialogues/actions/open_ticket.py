"""Opens a service ticket."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from crm_store.tickets import open_ticket
from dialogues.action import ActionError, ActionTurn, Input, text

INPUTS: Final = {
    "subject": Input(required=True),
    "description": Input(required=True),
    "priority": Input(),
    "product": Input(),
    "order_number": Input(),
    "email": Input(),
    "phone": Input(),
}
OUTPUTS: Final = frozenset({"number"})
REPEATABLE: Final = False

PRIORITIES: Final = ("low", "normal", "high", "urgent")


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Open the ticket and return its number."""
    subject, description = text(inputs.get("subject")), text(inputs.get("description"))
    if subject is None or description is None:
        raise ActionError
    priority = text(inputs.get("priority")) or "normal"
    if priority not in PRIORITIES:
        priority = "normal"
    details = {
        name: inputs[name]
        for name in ("product", "order_number", "email", "phone")
        if inputs.get(name) is not None
    }
    ticket, _ = open_ticket(
        turn.session,
        turn.customer.id,
        conversation_id=turn.conversation_id,
        subject=subject,
        description=description,
        details=details,
        priority=priority,
        source=turn.source,
        now=turn.now,
    )
    turn.record(
        "ticket_opened",
        {"number": ticket.number, "subject": ticket.subject, "priority": ticket.priority},
    )
    return {"number": ticket.number}
