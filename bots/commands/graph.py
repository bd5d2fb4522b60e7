"""`tributary graph FOLDER [FLOW]`: a bot's flows as pictures that stand alone."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands.terminal import console, fail, faults
from bots.drawings.flow_drawing import draw_flow
from bots.drawings.overview import draw_overview
from dialogues.bot import Bot, load_bot
from dialogues.hints import hint
from nlu.yaml_file import FaultyFileError

#: Where the drawings of all flows go when no folder is named.
FOLDER = Path("graph")
#: Name of the drawing of all flows.
OVERVIEW = "overview"


def draw(bot: Bot, names: list[str], language: str) -> dict[str, str]:
    """Return the drawings of these flows, by name; all of them on one when `OVERVIEW` is named."""
    return {
        name: draw_overview(bot, language)
        if name == OVERVIEW and name not in bot.flows
        else draw_flow(bot, bot.flows[name], language)
        for name in names
    }


def run(
    folder: Annotated[Path, typer.Argument(help="Folder of the bot, with bot.yml in it.")],
    flow: Annotated[
        str | None, typer.Argument(help="Id of one flow; all of them and an overview if none.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="SVG file of one flow, else the folder of all; - prints one."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the texts; the bot's first if none.")
    ] = None,
) -> None:
    """Draw a bot's flows as SVG files: each step, branch, loop and hand-off, with its words."""
    try:
        bot = load_bot(folder)
    except FaultyFileError as error:
        raise faults(error) from error
    spoken = language or bot.languages[0]
    if spoken not in bot.languages:
        raise fail(f"the bot speaks {', '.join(bot.languages)}, not {spoken}")
    if flow is not None and flow not in bot.flows:
        raise fail(f"no flow is called {flow!r}{hint(flow, bot.flows)}")
    if flow is None:
        where = output or FOLDER
        files = draw(bot, [OVERVIEW, *bot.flow_paths], spoken)
        paths = {where / f"{name}.svg": drawing for name, drawing in files.items()}
    else:
        [drawing] = draw(bot, [flow], spoken).values()
        if output == Path("-"):
            typer.echo(drawing, nl=False)
            return
        paths = {output or Path(f"{flow}.svg"): drawing}
    for path, drawing in paths.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(drawing, encoding="utf-8")
        except OSError as error:
            raise fail(f"{path} cannot be written: {error.strerror}") from error
        console.print(str(path), markup=False)
