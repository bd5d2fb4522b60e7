"""`tributary ledger`: the balance of every channel, which must hold."""

from typing import Annotated

import typer
from rich.table import Table

from bots.commands.opened import opened
from bots.commands.terminal import console, print_json
from crm_store import ledger

_INBOUND = (
    *("answered", "joined", "handed_over", "recorded", "refused", "dead_letter", "waiting"),
)
_OUTBOUND = ("sent", "queued", "sending", "held", "refused", "dead", "unknown")


def run(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Print what became of every message, per channel; exit with 1 when books do not balance."""
    with opened() as database, database.reading() as connection:
        drawn = ledger.draw(connection)
    if as_json:
        print_json(
            {
                "balanced": drawn.balanced,
                "faults": drawn.faults,
                "channels": {
                    c.channel: {"inbound": c.inbound, "outbound": c.outbound}
                    for c in drawn.channels
                },
            }
        )
    else:
        for title, names, attribute in (
            ("Received", _INBOUND, "inbound"),
            ("To send", _OUTBOUND, "outbound"),
        ):
            table = Table("channel", *names, "all", title=title, title_justify="left")
            for balance in drawn.channels:
                counts = getattr(balance, attribute)
                cells = [str(counts.get(name, 0)) for name in names]
                table.add_row(balance.channel, *cells, str(sum(counts.values())))
            console.print(table)
        for fault in drawn.faults:
            console.print(fault, style="red", markup=False)
        verdict = "The books balance." if drawn.balanced else "The books do not balance."
        console.print(verdict, style="green" if drawn.balanced else "red")
    if not drawn.balanced:
        raise typer.Exit(1)
