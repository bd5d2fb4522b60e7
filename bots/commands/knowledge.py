"""`tributary knowledge`: what the bot may say, and where it comes from."""

import typer

from bots.commands.knowledge_sources import refresh, sources

app = typer.Typer(help="Look after what the bot may say.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Look after what the bot may say."""


app.command()(sources)
app.command()(refresh)
