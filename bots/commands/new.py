"""`tributary new NAME`: a small bot of one's own that works at once."""

import re
import shutil
from pathlib import Path
from typing import Annotated, Final

import typer

from bots.commands.terminal import console, fail

_TEMPLATE: Final = Path(__file__).parent.parent / "template"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,40}")


def run(
    name: Annotated[str, typer.Argument(help="Letters, digits and _, e.g. blue_bikes.")],
    into: Annotated[Path, typer.Option(help="Where its folder is made.")] = Path(),
) -> None:
    """Make a folder with a small working bot to start from."""
    if not _NAME.fullmatch(name):
        raise fail(f"{name!r} cannot be a name: use small letters, digits and _, e.g. blue_bikes")
    folder = into / name
    if folder.exists():
        raise fail(f"{folder} exists already; choose another name or --into")
    try:
        shutil.copytree(_TEMPLATE, folder)
    except OSError as error:
        raise fail(f"{folder} cannot be made: {error.strerror}") from error
    file = folder / "bot.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("NAME", name), encoding="utf-8")
    console.print(f"{folder} is made. Next:")
    console.print(f"  tributary check {folder}")
    console.print(f"  tributary test {folder}")
    console.print(f"  TRIBUTARY_BOT={folder} tributary serve")
