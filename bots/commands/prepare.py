"""`tributary prepare`: train what a bot needs, so that serving starts at once."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bots.commands.terminal import console, fail, faults, progress
from bots.preparation import prepare_bot
from bots.settings import Settings
from nlu.encoder import EncoderError
from nlu.yaml_file import FaultyFileError


def run(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the bot.")] = None,
) -> None:
    """Check a bot and train its interpreter and knowledge into the cache."""
    settings = Settings()
    started = time.monotonic()
    try:
        with progress("reading the bot's folder") as tell:
            brain = prepare_bot(
                folder or settings.bot,
                encoder=settings.encoder,
                cache=settings.cache,
                public_url=settings.public_url or "",
                progress=tell,
            )
    except FaultyFileError as error:
        raise faults(error) from error
    except EncoderError as error:
        raise fail(str(error)) from error
    table = Table("audience", "language", "answered", "wrong answers", title="Knowledge")
    for (audience, language), calibration in brain.knowledge.calibrations.items():
        table.add_row(
            audience,
            language,
            f"{calibration.answered:.0%}",
            f"{calibration.wrong:.1%}",
        )
    console.print(table)
    console.print(f"{brain.bot.name} is ready ({time.monotonic() - started:.1f} s)")
