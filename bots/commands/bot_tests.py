"""`tributary test FOLDER`: a bot's own conversations, with its real understanding."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bots.action_calls import ActionCaller
from bots.brain import Brain
from bots.commands.terminal import console, errors, fail, faults, print_json, progress
from bots.example_orders import example_orders
from bots.preparation import prepare_bot
from bots.rasa import rasa_server
from bots.settings import Settings
from dialogues.conversation_tests import CaseResult, run_conversations
from knowledge_base.answer import SearchResult
from knowledge_base.search import Question
from nlu.encoder import EncoderError
from nlu.yaml_file import FaultyFileError


def talk_through(brain: Brain) -> Iterable[CaseResult]:
    """Yield how each conversation of a bot's folder went."""

    def search(question: str, language: str) -> SearchResult:
        return brain.knowledge.search([Question(question, language)])[0]

    with example_orders(brain.bot.folder, os.environ) as orders:
        hosts = (orders.host,) if orders is not None else ()
        environment = {**os.environ, **(orders.environment if orders is not None else {})}
        yield from run_conversations(
            brain.bot,
            interpreter=brain.interpreter,
            search=search,
            runner=ActionCaller(brain.bot, environment=environment, hosts=hosts),
        )


def run(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the bot.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Talk a bot's conversations through and show what went otherwise than expected."""
    settings = Settings()
    try:
        with progress("preparing the bot") as tell:
            brain = prepare_bot(
                folder or settings.bot,
                encoder=settings.encoder,
                cache=settings.cache,
                public_url="",
                rasa=rasa_server(settings),
                progress=tell,
            )
            tell("talking")
            results = list(talk_through(brain))
    except FaultyFileError as error:
        raise faults(error) from error
    except EncoderError as error:
        raise fail(str(error)) from error
    failed = [result for result in results if not result.passed]
    if as_json:
        print_json([{"case": str(result), "passed": result.passed} for result in results])
    else:
        for result in failed:
            errors.print(str(result), markup=False)
        table = Table("conversations", "passed", "failed")
        table.add_row(str(len(results)), str(len(results) - len(failed)), str(len(failed)))
        console.print(table)
    if failed:
        raise typer.Exit(1)
