"""`tributary knowledge`: what the bot may say, and where it comes from."""

import typer

from bots.commands import gaps
from bots.commands.knowledge_changes import draft, publish, restore, retire, schedule, sync
from bots.commands.knowledge_correction import correction
from bots.commands.knowledge_replay import replay
from bots.commands.knowledge_sources import refresh, sources
from bots.commands.knowledge_texts import diff, history_, list_, show
from bots.commands.knowledge_told import answered, asof
from bots.commands.knowledge_writing import writing

app = typer.Typer(help="Look after what the bot may say.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Look after what the bot may say."""


app.command("list")(list_)
app.command()(show)
app.command("history")(history_)
app.command()(diff)
app.command()(draft)
app.command()(replay)
app.command()(publish)
app.command()(schedule)
app.command()(retire)
app.command()(restore)
app.command()(sync)
app.command()(sources)
app.command()(refresh)
app.command()(writing)
app.add_typer(gaps.app, name="gaps")
app.command()(answered)
app.command()(asof)
app.command()(correction)
