"""Opens a service ticket, and changes it when the customer corrects what they said."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from crm_store.tickets import change_ticket, find_ticket, open_ticket
from dialogues.action import ActionError, ActionTurn, Input, Output, text

PRIORITIES: Final = ("low", "normal", "high", "urgent")

INPUTS: Final = {
    "subject": Input(required=True),
    "description": Input(required=True),
    "priority": Input("choice", choices=PRIORITIES),
    "product": Input(),
    "order_number": Input(),
    "email": Input(),
    "phone": Input(),
}
OUTPUTS: Final = {"number": Output()}
REPEATABLE: Final = False

#: Inputs kept as details of the ticket.
DETAILS: Final = ("product", "order_number", "email", "phone")


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Open the ticket and return its number."""
    subject, description = text(inputs.get("subject")), text(inputs.get("description"))
    if subject is None or description is None:
        raise ActionError
    ticket, _ = open_ticket(
        turn.session,
        turn.customer.id,
        conversation_id=turn.conversation_id,
        subject=subject,
        description=description,
        details=_details(inputs),
        priority=text(inputs.get("priority")) or "normal",
        source=turn.source,
        now=turn.now,
    )
    turn.record(
        "ticket_opened",
        {"number": ticket.number, "subject": ticket.subject, "priority": ticket.priority},
    )
    return {"number": ticket.number}


def amend(
    turn: ActionTurn, inputs: Mapping[str, JsonValue], results: Mapping[str, JsonValue]
) -> None:
    """Change the ticket that was opened to what the customer says now; the same is no change.

    Raises:
        ActionError: there is no such ticket any more.
    """
    ticket = find_ticket(
        turn.session,
        turn.customer.id,
        number=text(results.get("number")),
        conversation_id=turn.conversation_id,
    )
    subject, description = text(inputs.get("subject")), text(inputs.get("description"))
    if ticket is None or subject is None or description is None:
        raise ActionError("not_found")
    changed = change_ticket(
        ticket,
        subject=subject,
        description=description,
        details=_details(inputs),
        priority=text(inputs.get("priority")) or ticket.priority,
        now=turn.now,
    )
    if changed:
        turn.record("ticket_changed", {"number": ticket.number, "changed": changed})


def _details(inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: inputs[name] for name in DETAILS if inputs.get(name) is not None}
