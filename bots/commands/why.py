"""`tributary why CONVERSATION [SEQ]`: why a turn went as it did, on one page."""

from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.engine import Connection

from bots.commands.opened import opened
from bots.commands.terminal import console, fail, print_json
from bots.explanation import explain
from bots.explanation_page import page
from channels.messages import Address
from crm_store import turns

#: Fewer digits of an id would name one conversation by chance only.
PREFIX_MIN = 4


def find(connection: Connection, wanted: str) -> list[UUID]:
    """Return the conversations that an id, the beginning of one or an address can mean."""
    if ":" in wanted:
        try:
            key = Address.parse(wanted).conversation_id
        except ValueError:
            return []
        return turns.with_prefix(connection, key.hex)
    return turns.with_prefix(connection, wanted) if len(wanted) >= PREFIX_MIN else []


def run(
    conversation: Annotated[
        str,
        typer.Argument(
            help="Id of a conversation, the beginning of one, or channel:account:peer."
        ),
    ],
    seq: Annotated[
        int | None, typer.Argument(min=1, max=2**63 - 1, help="Number of a message; last if none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Show all about one turn on one page, from the message to what was sent."""
    with opened() as database, database.reading() as connection:
        found = find(connection, conversation)
        if not found:
            raise fail(
                f"no conversation is known by {conversation!r}; give its id, at least "
                f"{PREFIX_MIN} digits it begins with, or its address channel:account:peer"
            )
        if len(found) > 1:
            ids = "\n".join(f"  {key}" for key in found)
            raise fail(f"several conversations begin so; give more of one of these ids:\n{ids}")
        number = seq if seq is not None else turns.last_item(connection, found[0])
        record = turns.find(connection, found[0], number) if number is not None else None
    if record is None:
        told = "has no message yet" if number is None else f"has no message {number}"
        raise fail(f"conversation {found[0]} {told}")
    explanation = explain(record)
    if as_json:
        print_json(explanation.model_dump(mode="json"))
    else:
        console.print(page(explanation))
