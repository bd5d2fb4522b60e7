"""The results of an evaluation as tables for people."""

import re

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nlu.evaluation.results import Results

#: Pairs of confused intents that are shown; the report has more.
_PAIRS_MAX = 10
_EXAMPLES_MAX = 3
#: Longest example text shown.
_TEXT_MAX = 90


#: Characters that would move the cursor, change colours or turn the direction of a terminal.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def show(results: Results, console: Console) -> None:
    """Print all tables, the headline last, where people look."""
    console.print(_intents(results))
    if results.pairs:
        console.print(_pairs(results))
    if results.unknown:
        console.print(_outcomes(results))
    if results.refusals:
        console.print(_refusals(results))
    if len(results.by_seed) > 1:
        console.print(_seeds(results))
    console.print(_headline(results))
    for note in results.notes:
        console.print(_plain(f"Note: {note}", "yellow"))


def _plain(text: str, style: str = "") -> Text:
    """Return a text of the data as it may be shown: no markup, no control characters."""
    return Text(_CONTROLS.sub("\ufffd", text), style)


def _table(*columns: str, title: str) -> Table:
    # As Text, since a file's name may hold what looks like markup.
    table = Table(title=_plain(title), title_justify="left")
    for at, column in enumerate(columns):
        table.add_column(column, justify="left" if at == 0 else "right", overflow="fold")
    return table


def _intents(results: Results) -> Table:
    table = _table("intent", "precision", "recall", "F1", "texts", title="Intents, the best last")
    for each in results.by_intent:
        style = "red" if each.f1 < 0.5 else "yellow" if each.f1 < 0.8 else ""
        table.add_row(
            _plain(each.name, style),
            f"{each.precision:.1%}",
            f"{each.recall:.1%}",
            f"{each.f1:.1%}",
            f"{each.support:,}",
        )
    return table


def _pairs(results: Results) -> Table:
    table = Table(title="Confused pairs", title_justify="left", show_lines=True)
    table.add_column("intents", overflow="fold")
    table.add_column("texts", justify="right", no_wrap=True)
    table.add_column("advice", no_wrap=True)
    table.add_column("for example", overflow="fold", ratio=1)
    for pair in results.pairs[:_PAIRS_MAX]:
        lines = []
        for each in pair.examples[:_EXAMPLES_MAX]:
            short = " ".join(each.text[: _TEXT_MAX + 1].split())
            said = short if len(each.text) <= _TEXT_MAX else short[:_TEXT_MAX] + "…"
            where = f"  ({each.place})" if each.place else ""
            lines.append(_plain(f"{said} → {each.predicted}{where}"))
        table.add_row(
            Text.assemble(_plain(pair.first), "\n", _plain(pair.second)),
            f"{pair.first_as_second} →\n{pair.second_as_first} ←",
            pair.advice,
            Text("\n").join(lines),
        )
    return table


def _outcomes(results: Results) -> Table:
    table = _table("texts", "count", "clear", "ambiguous", "unknown", title="Outcomes")
    for name, count, shares in (
        ("in scope", results.known, results.outcomes_known),
        ("out of scope", results.unknown, results.outcomes_unknown),
    ):
        table.add_row(name, f"{count:,}", *(f"{share:.1%}" for share in shares.values()))
    return table


def _refusals(results: Results) -> Table:
    names = ("accuracy given up", "score", "out of scope refused")
    table = _table(*names, title="Refusing by score")
    for each in results.refusals:
        points = f"{each.loss} point{'s' if each.loss != 1 else ''}"
        table.add_row(points, f"{each.threshold:.3f}", f"{each.recall:.1%}")
    return table


def _seeds(results: Results) -> Table:
    table = _table("seed", "accuracy", "macro F1", "AUROC", title="Draws of examples")
    for each in results.by_seed:
        area = "" if each.auroc is None else f"{each.auroc:.3f}"
        table.add_row(str(each.seed), f"{each.accuracy:.1%}", f"{each.macro_f1:.1%}", area)
    return table


def _headline(results: Results) -> Table:
    table = _table("measure", "value", title=f"Evaluation of {results.title}")
    deviation = ""
    if len(results.by_seed) > 1:
        deviation = f" ± {results.accuracy_deviation:.1%}"
    rows = [
        ("taught", f"{results.taught:,} examples of {results.intents} intents"),
        ("tested", f"{results.known:,} in scope, {results.unknown:,} out of scope"),
        ("accuracy (in scope)", f"{results.accuracy:.1%}{deviation}"),
        ("macro F1", f"{results.macro_f1:.1%}"),
        ("clear and right", f"{results.acted_right:.1%}"),
        ("clear but wrong", f"{results.acted_wrong:.1%}"),
        ("ambiguous / unknown", _uncertain(results)),
        ("calibration error", f"{results.calibration_error:.1%}"),
    ]
    if results.auroc is not None:
        rows.append(("AUROC in / out of scope", f"{results.auroc:.3f}"))
    if results.spans is not None:
        spans = results.spans
        rows.append(("entities F1 (exact)", f"{spans.f1:.1%} of {spans.support:,} spans"))
    if len(results.by_language) > 1:
        rows += [
            (f"accuracy {each.language}", f"{each.accuracy:.1%} of {each.known:,}")
            for each in results.by_language
        ]
    if results.first_stage is not None:
        rows.append(("first stage alone", f"{results.first_stage:.0%}"))
    times = f"{results.interpret_ms:.2f} ms a text, 95 %: {results.interpret_ms_95:.2f} ms"
    rows += [
        ("training", f"{results.training_seconds:.1f} s a model"),
        ("interpreting", times),
    ]
    for name, value in rows:
        table.add_row(name, Text(value))
    return table


def _uncertain(results: Results) -> str:
    shares = results.outcomes_known
    return f"{shares['ambiguous']:.1%} / {shares['unknown']:.1%}"
