"""`tributary chat FOLDER`: talk to a bot in the terminal, in a database that is gone after."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bots.brain import Brain
from bots.commands.terminal import console, errors, fail, faults, progress
from bots.conversation_runs import Preparation, runner_of, searcher
from bots.rasa import rasa_server
from bots.settings import Settings
from bots.trial import Trial, TrialError
from channels.profiles import PROFILES
from dialogues.hints import unknown
from dialogues.talk import open_talk
from nlu.encoder import EncoderError
from nlu.yaml_file import FaultyFileError

_PROMPT = "> "


def run(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the bot.")] = None,
    *,
    channel: Annotated[
        str, typer.Option("--as", help="Channel whose way of showing replies is shown.")
    ] = "webchat",
    language: Annotated[
        str | None, typer.Option(help="Language of the conversation at its start.")
    ] = None,
) -> None:
    """Talk to a bot in the terminal; /help lists what else can be done than talking."""
    settings = Settings()
    if channel not in PROFILES:
        raise fail(unknown("channel", channel, PROFILES))
    folder = folder or settings.bot
    preparation = Preparation(folder, settings.encoder, settings.cache, rasa_server(settings))
    with suppress(KeyboardInterrupt):
        brain = _prepared(preparation)
        if language is not None and language not in brain.bot.languages:
            raise fail(unknown("language", language, brain.bot.languages))
        search = searcher(brain)
        with (
            runner_of(brain) as runner,
            open_talk(
                brain.bot, interpreter=brain.interpreter, search=search, runner=runner
            ) as talk,
        ):
            talk.channel = channel
            talk.language = language
            _talk(Trial(talk, folder))


def _prepared(preparation: Preparation) -> Brain:
    try:
        with progress("preparing the bot") as tell:
            return preparation.brain(tell)
    except FaultyFileError as error:
        raise faults(error) from error
    except EncoderError as error:
        raise fail(str(error)) from error


def _talk(trial: Trial) -> None:
    bot = trial.talk.bot
    title = bot.title(trial.talk.language or bot.languages[0])
    console.print(Text.assemble((title, "bold"), "  /help lists commands, /quit leaves"))
    for example in bot.file.examples:
        console.print(Text(f"  {example}", style="dim"))
    for line in _lines():
        try:
            for shown in trial.answer(line):
                console.print(shown)
        except TrialError as error:
            errors.print(str(error), style="red", markup=False)
        if trial.over:
            return


def _lines() -> Iterator[str]:
    """Yield the lines that are typed or piped, until there are no more."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            console.print(Text(f"{_PROMPT}{line.rstrip()}", style="bold"))
            yield line
        return
    with suppress(ImportError):  # without it lines can be typed, but not edited
        import readline  # noqa: F401 - importing it is using it
    while True:
        try:
            yield input(_PROMPT)
        except EOFError:
            console.print()
            return
