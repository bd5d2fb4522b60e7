"""`tributary knowledge writing`: what became of answers a language model was to write, by day."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Final

import typer
from rich.table import Table

from bots.commands.opened import opened
from bots.commands.terminal import console, print_json
from crm_store.database import utc_now
from knowledge_base import writings
from knowledge_base.writings import MICROS, DayLine

#: Outcome -> what it means to who reads the table.
_MEANINGS: Final = {
    "written": "said as it was written",
    "unsupported": "a sentence no passage says",
    "timeout": "no answer in time",
    "unreachable": "no connection, or it broke",
    "http": "the server refused",
    "bad_json": "not of the form that was asked for",
    "cut": "longer than TRIBUTARY_WRITER_TOKENS",
    "refused": "the model did not want to",
    "empty": "the model found no answer in the passages",
    "too_large": "more than is read",
    "not_allowed": "the host is not in TRIBUTARY_WRITER_HOSTS",
    "instruction": "the article talks to language models",
    "prepared": "the article's text is an answer as it stands",
    "changed": "the article was changed meanwhile",
    "too_late": "too little time was left to ask",
    "resting": "the server kept failing and was left alone",
    "over_budget": "the day's budget is used up",
    "calling": "under way, or its process died",
}


def writing(
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days back.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Print what became of answers that were to be written, by day, with cost and time."""
    since = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    since -= timedelta(days=days - 1)
    with opened() as database, database.reading() as connection:
        lines = writings.by_day(connection, since=since)
    if as_json:
        print_json([{**asdict(line), "cost": line.cost / MICROS} for line in lines])
        return
    if not lines:
        console.print(f"nothing was to be written in {days} days")
        return
    console.print(_table(lines))


def _table(lines: list[DayLine]) -> Table:
    table = Table("day (UTC)", "outcome", "means", title="Written answers", title_justify="left")
    for name in ("answers", "tokens in", "out", "cost", "p50 ms", "p95 ms"):
        table.add_column(name, justify="right")
    day = None
    for line in lines:
        table.add_row(
            line.day.isoformat() if line.day != day else "",
            line.outcome,
            _MEANINGS.get(line.outcome, ""),
            str(line.count),
            str(line.tokens_in),
            str(line.tokens_out),
            f"{line.cost / MICROS:.4f}",
            "" if line.milliseconds_p50 is None else str(line.milliseconds_p50),
            "" if line.milliseconds_p95 is None else str(line.milliseconds_p95),
            end_section=line is lines[-1],
        )
        day = line.day
    return table
