"""`tributary import`: another tool's project becomes a bot folder, documents become articles."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bots.commands.knowledge_import import knowledge
from bots.commands.terminal import console, errors, fail, faults, print_json
from bots.imports.rasa import Imported, import_rasa
from bots.imports.rasa_tests import import_rasa_tests
from bots.imports.report import Report
from bots.settings import Settings
from nlu.rasa_names import our_name
from nlu.yaml_file import FaultyFileError

#: Files named in one cell of the table.
_FILES_SHOWN = 3

app = typer.Typer(help="Bring another tool's project, or knowledge.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Bring another tool's project, or knowledge."""


app.command()(knowledge)


@app.command()
def rasa(
    path: Annotated[Path, typer.Argument(help="Rasa project (2.x or 3.x), or one of its files.")],
    into: Annotated[Path, typer.Option(help="Where the bot's folder is made.")] = Path(),
    name: Annotated[str | None, typer.Option(help="The bot's name; default: the path's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Bring a Rasa project's training data and responses, and tell what could not be brought."""
    if not path.exists():
        raise fail(f"there is no {path}")
    bot = our_name(name or path.resolve().stem).replace("/", "_")
    if not bot:
        raise fail(f"{name or path.stem!r} cannot be a name; say --name blue_bikes")
    folder = into / bot
    if folder.exists():
        raise fail(f"{folder} exists already; choose another --name or --into")
    try:
        done = import_rasa(path, folder)
    except FaultyFileError as error:
        raise faults(error) from error
    except OSError as error:
        raise fail(f"{folder} cannot be made: {error.strerror}") from error
    if as_json:
        print_json(_as_data(done))
        return
    _show(done)


@app.command("rasa-tests")
def rasa_tests(
    paths: Annotated[
        list[Path], typer.Argument(help="End-to-end tests or test stories of Rasa's, YAML.")
    ],
    bot: Annotated[
        Path | None, typer.Option(help="Folder of the bot that gets the conversations.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Bring Rasa's tests into a bot's conversations, and tell what could not be brought."""
    folder = bot or Settings().bot
    if not (folder / "bot.yml").is_file():
        raise fail(f"{folder} is no bot: it has no bot.yml")
    try:
        done = import_rasa_tests(paths, folder)
    except FaultyFileError as error:
        raise faults(error) from error
    except OSError as error:
        raise fail(f"{error.filename} cannot be written: {error.strerror}") from error
    if as_json:
        data = {"files": [str(path) for path in done.files], "lines": _lines(done.report)}
        print_json({**data, "faults": [str(fault) for fault in done.faults]})
        return
    _table(done.report, f"Brought to {folder / 'conversations'}")
    for fault in done.faults:
        errors.print(str(fault), markup=False)
    console.print(f"Next: tributary test {folder}" if not done.faults else "Next: mend the faults")


def _lines(report: Report) -> list[dict[str, object]]:
    return [
        {
            "what": line.what,
            "brought": line.brought,
            "left": line.left,
            "why": line.why,
            "files": list(line.files),
        }
        for line in report.lines()
    ]


def _as_data(done: Imported) -> dict[str, object]:
    return {
        "folder": str(done.folder),
        "languages": list(done.languages),
        "lines": _lines(done.report),
        "renamed": done.report.names,
        "faults": [str(fault) for fault in done.faults],
    }


def _table(report: Report, title: str) -> None:
    table = Table("what", "brought", "left", "why", "where", title=title)
    for line in report.lines():
        shown = ", ".join(line.files[:_FILES_SHOWN])
        more = len(line.files) - _FILES_SHOWN
        cells = (
            line.what,
            str(line.brought or ""),
            str(line.left or ""),
            line.why,
            f"{shown} and {more} more" if more > 0 else shown,
        )
        table.add_row(*map(Text, cells))
    console.print(table)


def _show(done: Imported) -> None:
    _table(done.report, f"Brought to {done.folder}")
    if done.report.names:
        names = Table("was called", "is called", title="Names")
        for before, after in done.report.names.items():
            names.add_row(Text(before), Text(after))
        console.print(names)
    for fault in done.faults:
        errors.print(str(fault), markup=False)
    if done.faults:
        errors.print(f"{len(done.faults)} faults are left: mend them, then tributary check")
        return
    console.print(f"{done.folder}: no faults. Next:")
    console.print(f"  tributary test {done.folder}")
    console.print(f"  TRIBUTARY_BOT={done.folder} tributary serve")
