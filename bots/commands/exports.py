"""`tributary export`: what a bot is taught, in the form of other tools."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands.terminal import console, fail, faults
from bots.preparation import read_folder
from nlu.rasa_project import make_project
from nlu.yaml_file import FaultyFileError

app = typer.Typer(help="Write a bot's training data for other tools.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Write a bot's training data for other tools."""


@app.command()
def rasa(
    folder: Annotated[Path, typer.Argument(help="Folder of the bot, with bot.yml in it.")],
    target: Annotated[Path, typer.Argument(help="Where the Rasa project is written.")],
    epochs: Annotated[int | None, typer.Option(min=1, help="Rounds of training.")] = None,
) -> None:
    """Write a Rasa 3.6 project that finds the same intents."""
    try:
        bot, _, data = read_folder(folder)
    except FaultyFileError as error:
        raise faults(error) from error
    project = make_project(
        data,
        name=bot.name,
        patterns=bot.file.patterns,
        lookups=bot.file.lookups,
        epochs=epochs,
    )
    try:
        project.write(target)
    except OSError as error:
        raise fail(f"{target} cannot be written: {error.strerror}") from error
    console.print(f"{target} is a Rasa project of {len(data.intents)} intents. Next:")
    console.print(f"  cd {target} && rasa train nlu && rasa run --enable-api")
