"""`tributary knowledge gaps`: what nobody could answer, and what is done about it."""

import csv
import io
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bots.api import gap_values as values
from bots.commands.gap_changes import (
    approve,
    forget,
    ignore,
    merge,
    publish,
    reopen,
    replay,
    split,
    tell,
    write,
)
from bots.commands.gap_options import GapArgument, JsonOption, find_gap, refusals, workbench
from bots.commands.gap_tables import (
    COLUMNS,
    gap_cells,
    show_gap,
    show_gaps,
)
from bots.commands.opened import opened
from bots.commands.terminal import console, errors, fail, print_json, progress
from crm_store.database import utc_now
from knowledge_base import gap_decisions, gaps
from knowledge_base.drafts import AddedQuestion
from knowledge_base.gaps import GapStatus, KnowledgeGap, Queue

app = typer.Typer(help="Look after what nobody could answer.", no_args_is_help=True)

#: Questions of a gap that are shown.
ASKED_SHOWN: Final = 50


@app.command("list")
def list_(
    queue: Annotated[
        Queue | None,
        typer.Option(help="link: an article could answer; write: nothing covers it."),
    ] = None,
    status: Annotated[GapStatus, typer.Option(help="Which gaps.")] = "open",
    language: Annotated[str | None, typer.Option(help="Only those asked in it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Gaps shown of a queue.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List gaps in their two queues, those first that most people asked of late."""
    queues: tuple[Queue, ...] = (queue,) if queue is not None else ("link", "write")
    with opened() as database, database.session() as session:
        waiting = gaps.count_waiting(session)
        found = {
            each: gaps.page(session, queue=each, statuses=[status], language=language, limit=limit)
            for each in queues
        }
    if as_json:
        told = {name: [values.GapOut.of(gap) for gap in some] for name, some in found.items()}
        dumped = {
            name: [gap.model_dump(mode="json") for gap in some] for name, some in told.items()
        }
        print_json({**dumped, "waiting": waiting})
        return
    titles = {
        "link": "An article could answer these: approve",
        "write": "Nothing covers these: write",
    }
    for name, some in found.items():
        if some:
            show_gaps(some, title=titles[name])
    if not any(found.values()):
        console.print("There are no gaps." if not waiting else "No gaps were gathered yet.")
    if waiting:
        errors.print(
            f"{waiting} missed questions are not gathered yet; a serving process does it by "
            "itself, `tributary knowledge gaps gather` at once",
            style="dim",
        )


@app.command()
def gather(as_json: JsonOption = False) -> None:
    """Let every missed question belong to a gap, and find articles that could answer it."""
    with (
        opened() as database,
        refusals(),
        workbench(database) as bench,
        progress("gathering") as say,
    ):
        done = bench.tidy(now=utc_now(), progress=say)
    if as_json:
        told = values.GatheredOut(
            questions=done.questions, opened=len(done.opened), grown=len(done.grown)
        )
        print_json(told.model_dump(mode="json"))
        return
    console.print(
        f"{done.questions} questions gathered: {len(done.opened)} new gaps, "
        f"{len(done.grown)} that grew"
    )


@app.command()
def show(gap: GapArgument, as_json: JsonOption = False) -> None:
    """Show a gap: what was asked, by how many, what was decided."""
    with opened() as database, database.session() as session:
        found = find_gap(session, gap)
        asked = gaps.questions_of(session, found.id, limit=ASKED_SHOWN)
        decisions = gaps.decisions_of(session, found.id)
        related = gaps.related(session, found)
        wordings = gap_decisions.wordings(session, found.id)
    if as_json:
        whole = values.WholeGapOut.of(
            found, wordings=wordings, asked=asked, decisions=decisions, related=related
        )
        print_json(whole.model_dump(mode="json"))
        return
    show_gap(found, asked, decisions, related)


@app.command()
def export(
    to: Annotated[Path | None, typer.Option(help="File; default: standard output.")] = None,
    *,
    status: Annotated[GapStatus | None, typer.Option(help="Only these; default: all.")] = None,
    wordings: Annotated[
        bool,
        typer.Option("--wordings", help="Wordings that were added, as YAML for the bot's folder."),
    ] = False,
) -> None:
    """Write gaps as CSV, safe for spreadsheets, or added wordings as YAML."""
    with opened() as database, database.session() as session:
        text = _wordings_yaml(session) if wordings else _gaps_csv(session, status)
    if to is None:
        sys.stdout.write(text)
        return
    try:
        # Excel takes UTF-8 for what it is only behind this mark.
        to.write_text(text, encoding="utf-8" if wordings else "utf-8-sig", newline="")
    except OSError as error:
        raise fail(f"{to} cannot be written: {type(error).__name__}") from error
    console.print(f"{to} is written", markup=False)


def _gaps_csv(session: Session, status: GapStatus | None) -> str:
    query = select(KnowledgeGap).order_by(KnowledgeGap.rank.desc(), KnowledgeGap.id)
    if status is not None:
        query = query.where(KnowledgeGap.status == status)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows(
        gap_cells(gap) for gap in session.scalars(query.execution_options(yield_per=500))
    )
    return out.getvalue()


def _wordings_yaml(session: Session) -> str:
    """Return the wordings staff added, by the file they belong to."""
    found: dict[str, list[str]] = {}
    rows = session.scalars(
        select(AddedQuestion).order_by(
            AddedQuestion.article_id, AddedQuestion.language, AddedQuestion.created_at
        )
    )
    for row in rows:
        found.setdefault(f"{row.article_id}.{row.language}.md", []).append(row.question)
    return yaml.safe_dump(found, allow_unicode=True, sort_keys=False) if found else "{}\n"


for command in (approve, write, publish, replay, ignore, reopen, merge, split, tell, forget):
    app.command()(command)
