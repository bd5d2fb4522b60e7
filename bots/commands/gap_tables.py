"""Gaps, replays and askers as people read them, and as spreadsheets take them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bots.commands.terminal import console, plain
from dialogues.telling import EXCLUSIONS, Asker
from knowledge_base.gaps import GapDecision, KnowledgeGap
from knowledge_base.questions import AskedQuestion
from knowledge_base.replay import Replay

#: Longest question in a table, in code points.
SHOWN_MAX: Final = 160
#: Rows of a replay that are shown.
CHANGES_SHOWN: Final = 60
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "|", "%")

_EFFECTS: Final = {"gained": "green", "moved": "yellow", "lost": "red"}

#: Columns of an export.
COLUMNS: Final = (
    *("id", "status", "queue", "language", "question", "people", "questions"),
    *("first_at", "last_at", "article_id", "score", "covered_by"),
)


def short(text: str) -> Text:
    """Return a stranger's text as one line that only can be read."""
    line = plain(" ".join(text.split()))
    return Text(line if len(line) <= SHOWN_MAX else f"{line[: SHOWN_MAX - 1]}…")


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def show_gaps(found: Sequence[KnowledgeGap], *, title: str) -> None:
    """Print gaps as a table."""
    table = Table("gap", "people", "asked", "last", "language", "question", title=title)
    table.columns[1].justify = table.columns[2].justify = "right"
    linked = any(gap.article_id or gap.covered_by for gap in found)
    if linked:
        table.add_column("article")
        table.add_column("score", justify="right")
    for gap in found:
        cells: list[Any] = [
            str(gap.id)[:8],
            str(gap.people),
            str(gap.questions),
            _day(gap.last_at),
            gap.language,
            short(gap.question),
        ]
        if linked:
            cells.append(gap.covered_by or gap.article_id or "")
            cells.append("" if gap.score is None else f"{gap.score:.2f}")
        table.add_row(*cells)
    console.print(table)


def show_gap(
    gap: KnowledgeGap,
    asked: Sequence[AskedQuestion],
    decisions: Sequence[GapDecision],
    related: Sequence[KnowledgeGap],
) -> None:
    """Print everything about one gap."""
    console.print(short(gap.question), style="bold")
    where = f" · part of {gap.merged_into}" if gap.merged_into else ""
    people = "person" if gap.people == 1 else "people"
    console.print(
        f"{gap.id} · {gap.status}{where} · {gap.people} {people}, {gap.questions} questions",
        style="dim",
    )
    if gap.article_id is not None:
        console.print(
            f"could be answered by {gap.article_id} ({gap.article_language}), "
            f"score {gap.score or 0:.2f}: tributary knowledge gaps approve {str(gap.id)[:8]}",
            markup=False,
        )
    table = Table("question", "asked (UTC)", "channel", "what came of it", "question id")
    for row in asked:
        came = row.next_step or row.outcome
        about = f"{came.replace('_', ' ')}{f' ({row.article_id})' if row.article_id else ''}"
        table.add_row(
            short(row.question), f"{row.at:%Y-%m-%d %H:%M}", row.channel, about, str(row.id)
        )
    console.print(table)
    for other in related:
        line = f"the same article could answer {str(other.id)[:8]}: "
        console.print(Text(line, style="dim").append_text(short(other.question)))
    for made in decisions:
        why = f": {escape(plain(made.reason))}" if made.reason else ""
        console.print(f"{made.at:%Y-%m-%d %H:%M}  {made.kind} by {escape(made.decided_by)}{why}")


def show_replay(replay: Replay) -> None:
    """Print what would be answered otherwise."""
    left = f" ({replay.skipped:,} older ones left out)" if replay.skipped else ""
    console.print(f"{replay.asked:,} questions asked anew{left}")
    if not replay.changes:
        console.print("Nothing would be answered otherwise.")
        return
    table = Table("effect", "question", "people", "today", "then")
    table.columns[2].justify = "right"
    for change in replay.changes[:CHANGES_SHOWN]:
        table.add_row(
            Text(change.effect, style=_EFFECTS[change.effect]),
            short(change.question.question),
            str(change.question.people),
            change.before or "not answered",
            change.after or "not answered",
        )
    console.print(table)
    if len(replay.changes) > CHANGES_SHOWN:
        console.print(f"and {len(replay.changes) - CHANGES_SHOWN} more; --json has all of them")
    console.print(
        f"{len(replay.gained)} misses would be answered, "
        f"{len(replay.flips)} answers would change or be lost"
    )


def show_askers(found: Iterable[Asker]) -> None:
    """Print who asked and who can be told."""
    table = Table("customer", "question", "asked", "channel", "article", "can be told")
    for asker in found:
        address = asker.reached.address
        told = "yes" if asker.exclusion is None else f"no: {EXCLUSIONS[asker.exclusion]}"
        table.add_row(
            str(asker.customer_id)[:8],
            short(asker.question),
            _day(asker.asked_at),
            address.channel if address is not None else "",
            asker.answer.article_id if asker.answer is not None else "",
            told,
        )
    console.print(table)


def safe_cell(value: object) -> str:
    """Return a value so that no spreadsheet takes it for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def gap_cells(gap: KnowledgeGap) -> list[str]:
    """Return a gap as the cells of an export, in the order of COLUMNS."""
    queue = "write" if gap.article_id is None else "link"
    values = {name: queue if name == "queue" else getattr(gap, name) for name in COLUMNS}
    values["first_at"], values["last_at"] = gap.first_at.isoformat(), gap.last_at.isoformat()
    return [safe_cell(values[name]) for name in COLUMNS]
