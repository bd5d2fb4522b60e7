"""`tributary check FOLDER`: everything wrong with a bot, by file, line and key."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands.terminal import console, errors, faults
from dialogues.check import inspect_folder
from nlu.yaml_file import Fault, FaultyFileError


def run(
    folder: Annotated[Path, typer.Argument(help="Folder of the bot, with bot.yml in it.")],
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
) -> None:
    """Check a bot's folder; name every fault, and what is likely one, by file, line and key."""
    inspection = inspect_folder(folder)
    warnings = inspection.warnings()
    for warning in warnings:
        told = Fault(warning.path, warning.line, warning.key, f"warning: {warning.message}")
        errors.print(str(told), style="yellow", markup=False)
    if inspection.faults:
        raise faults(FaultyFileError(inspection.faults))
    count = f"{len(warnings)} warning{'' if len(warnings) == 1 else 's'}"
    if strict and warnings:
        errors.print(f"{folder}: {count}, which --strict lets fail", style="red", markup=False)
        raise typer.Exit(1)
    told_count = f", {count}" if warnings else ""
    console.print(f"{folder}: no faults{told_count}", style="green", markup=False)
