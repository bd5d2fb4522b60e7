"""`tributary check FOLDER`: everything wrong with a bot, by file, line and key."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands.terminal import console, faults
from dialogues.check import check_folder
from nlu.yaml_file import FaultyFileError


def run(
    folder: Annotated[Path, typer.Argument(help="Folder of the bot, with bot.yml in it.")],
) -> None:
    """Check a bot's folder and name every fault by file, line and key."""
    found = check_folder(folder)
    if found:
        raise faults(FaultyFileError(found))
    console.print(f"{folder}: no faults", style="green")
