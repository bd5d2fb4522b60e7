"""How `tributary test` shows what failed and what was not reached, for people and programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dialogues.conversation_tests import CaseResult, TurnShown
from dialogues.coverage import Coverage


def failure(result: CaseResult) -> RenderableType:
    """Return a failed conversation: what differed, then all that was said with the steps taken."""
    head = Text.assemble(
        ("FAILED ", "bold red"), (f"{result.path}:{result.line}", "bold"), f"  {result.name}"
    )
    parts: list[RenderableType] = [head]
    if result.error:
        parts.append(Text(f"  {result.error}", style="red"))
    parts += [Padding(table, (0, 0, 0, 2)) for table in _differences(result)]
    parts.append(Padding(_transcript(result), (0, 0, 1, 2)))
    return Group(*parts)


def _differences(result: CaseResult) -> Iterator[Table]:
    if not any(turn.differences for turn in result.turns):
        return
    table = Table("turn", "line", "", "expected", "came", box=None, pad_edge=False)
    for number, turn in enumerate(result.turns, start=1):
        for difference in turn.differences:
            table.add_row(
                Text(str(number)),
                Text(str(turn.line)),
                Text(difference.key, style="bold"),
                Text(difference.expected, style="green"),
                Text(difference.came, style="red"),
            )
    yield table


def _transcript(result: CaseResult) -> Table:
    table = Table.grid(padding=(0, 1))
    for number, turn in enumerate(result.turns, start=1):
        wrong = bool(turn.differences)
        table.add_row(
            Text("✗" if wrong else "", style="red"),
            Text(str(number), style="red" if wrong else "dim"),
            Text("\n").join(_lines(turn)),
        )
    return table


def _lines(turn: TurnShown) -> Iterator[Text]:
    yield Text(f"> {turn.said}", style="bold")
    yield from (Text(f"  · {step}", style="dim") for step in turn.steps)
    for reply in turn.replies:
        first, *more = reply.splitlines() or [""]
        yield Text(f"< {first}", style="cyan")
        yield from (Text(f"  {line}", style="cyan") for line in more)


def summary(results: Sequence[CaseResult], seconds: float) -> Table:
    """Return how many conversations passed."""
    failed = sum(not result.passed for result in results)
    table = Table("conversations", "passed", "failed", "seconds")
    cells = (len(results), len(results) - failed, failed, f"{seconds:.1f}")
    table.add_row(*map(str, cells))
    return table


def covered(found: Coverage) -> RenderableType:
    """Return how much of the bot was reached, and a list of what was not."""
    table = Table("coverage", "there are", "reached", "percent")
    for kind, every, reached, percent in found.lines():
        table.add_row(kind, str(every), str(reached), f"{percent:.0f}")
    table.add_row("all", *_total(found), end_section=True, style="bold")
    if not found.missed:
        return table
    missed = Table("no conversation reached", "", title_justify="left")
    for part in found.missed:
        group = f" ({part.group})" if part.group else ""
        missed.add_row(f"{part.kind}{group}", Text(part.name))
    return Group(table, missed)


def _total(found: Coverage) -> tuple[str, str, str]:
    every = len(found.parts)
    return str(every), str(every - len(found.missed)), f"{found.percent:.0f}"


def as_data(
    results: Sequence[CaseResult], seconds: float, found: Coverage | None
) -> dict[str, Any]:
    """Return the run for programs."""
    data: dict[str, Any] = {
        "passed": sum(result.passed for result in results),
        "failed": sum(not result.passed for result in results),
        "seconds": round(seconds, 3),
        "cases": [_case(result) for result in results],
    }
    if found is not None:
        data["coverage"] = {
            "percent": round(found.percent, 1),
            "kinds": {
                kind: {"there_are": every, "reached": reached, "percent": round(percent, 1)}
                for kind, every, reached, percent in found.lines()
            },
            "missed": [
                {"kind": part.kind, "name": part.name, "language": part.group or None}
                for part in found.missed
            ],
        }
    return data


def _case(result: CaseResult) -> dict[str, Any]:
    return {
        "file": str(result.path),
        "line": result.line,
        "name": result.name,
        "passed": result.passed,
        "seconds": round(result.seconds, 4),
        "error": result.error or None,
        "differences": [
            {
                "turn": number,
                "line": turn.line,
                "said": turn.said,
                "key": difference.key,
                "expected": difference.expected,
                "came": difference.came,
            }
            for number, turn in enumerate(result.turns, start=1)
            for difference in turn.differences
        ],
        "transcript": result.transcript,
    }
