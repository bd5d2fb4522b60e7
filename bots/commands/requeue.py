"""`tributary requeue`: dead letters, listed and given another chance."""

from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from bots.commands.opened import opened
from bots.commands.terminal import console, fail
from crm_store import dead_letters
from crm_store.database import utc_now


def run(
    ids: Annotated[list[str] | None, typer.Argument(help="Dead letters to requeue.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Requeue all of them.")] = False,
) -> None:
    """List dead letters, or requeue those named."""
    with opened() as database, database.transaction() as connection:
        waiting = dead_letters.waiting(connection, limit=1000)
        if not ids and not everything:
            table = Table(
                "id", "kind", "conversation", "number", "reason", "attempts", "since (UTC)"
            )
            for row in waiting:
                table.add_row(
                    str(row["id"]),
                    row["kind"],
                    str(row["conversation_id"]),
                    str(row["seq"]),
                    row["reason"],
                    str(row["attempts"]),
                    row["created_at"].strftime("%Y-%m-%d %H:%M"),
                )
            console.print(table if waiting else "There are no dead letters.")
            return
        try:
            wanted = [row["id"] for row in waiting] if everything else [UUID(i) for i in ids or []]
        except ValueError as error:
            raise fail(f"not an id of a dead letter: {error}") from error
        count = dead_letters.requeue(connection, wanted, now=utc_now())
    console.print(f"requeued {count}")
