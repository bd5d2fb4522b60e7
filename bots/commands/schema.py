"""`tributary schema DIRECTORY`: JSON Schemas of a bot's files, for editors to complete from."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bots.commands.terminal import console, errors
from dialogues.schema import schemas


def run(
    directory: Annotated[Path, typer.Argument(help="Where to write them; made when missing.")],
) -> None:
    """Write a JSON Schema of each kind of file in a bot's folder, for editors."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, schema in schemas().items():
            path = directory / f"{name}.schema.json"
            text = json.dumps(schema, indent=2, ensure_ascii=False)
            path.write_text(f"{text}\n", encoding="utf-8")
            console.print(f"{path}", markup=False, highlight=False, soft_wrap=True)
    except OSError as error:
        reason = error.strerror or str(error)
        errors.print(f"{directory}: {reason}", style="red", markup=False)
        raise typer.Exit(1) from error
    console.print(
        "First line of a flow:  # yaml-language-server: $schema=…/flow.schema.json",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
