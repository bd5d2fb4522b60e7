"""`tributary test FOLDER`: a bot's own conversations, with its real understanding."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bots.brain import Brain
from bots.commands.conversation_tables import as_data, covered, failure, summary
from bots.commands.terminal import console, counted, errors, fail, faults, print_json, progress
from bots.conversation_runs import LastRun, Preparation, processes_for, run_cases
from bots.junit import write_junit
from bots.rasa import rasa_server
from bots.settings import Settings
from dialogues.cases import ReadCase, read_cases
from dialogues.conversation_tests import CaseResult
from dialogues.coverage import Coverage, coverage
from nlu.encoder import EncoderError
from nlu.yaml_file import FaultyFileError

#: Status when nothing could be tested; 1 is for conversations that failed.
EXIT_NOT_RUN = 2


def run(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the bot.")] = None,
    *,
    name: Annotated[
        str, typer.Option("-k", "--name", help="Only conversations whose file or name has this.")
    ] = "",
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that failed the last time.")
    ] = False,
    jobs: Annotated[
        int, typer.Option(min=0, max=64, help="Processes; 0: as many as make it faster.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file.")] = None,
    show_coverage: Annotated[
        bool, typer.Option("--coverage", help="Tell what no conversation reached.")
    ] = False,
    fail_under: Annotated[
        float | None, typer.Option(min=0, max=100, help="Fail below this percent of coverage.")
    ] = None,
) -> None:
    """Talk a bot's conversations through and show what went otherwise than expected.

    The status is 0 when all passed, 1 when one failed or coverage is too low, and 2 when nothing
    could be tested.
    """
    settings = Settings()
    folder = folder or settings.bot
    last = LastRun.of(folder, cache=settings.cache)
    before = last.failed()
    preparation = Preparation(folder, settings.encoder, settings.cache, rasa_server(settings))
    brain, every = _prepared(preparation)
    cases = _chosen(every, name, before if failed else None)
    if failed and before is None:
        errors.print("nothing is known of a last time: all are run")
    if not cases:
        raise fail("no conversation is chosen", status=EXIT_NOT_RUN)
    started = time.monotonic()
    results = _results(brain, cases, preparation, jobs or processes_for(cases))
    seconds = time.monotonic() - started
    last.keep(results, before=before or set())
    reached = (result.reached for result in results)
    found = coverage(brain.bot, reached) if show_coverage or fail_under is not None else None
    if junit is not None:
        try:
            write_junit(results, junit, name=brain.bot.name)
        except OSError as error:
            raise fail(f"{junit} cannot be written: {error.strerror}") from error
    _tell(results, seconds, found, as_json=as_json)
    low = found is not None and fail_under is not None and found.percent < fail_under
    if found is not None and low:
        errors.print(f"coverage is {found.percent:.1f} %, below {fail_under:g} %", style="red")
    if low or not all(result.passed for result in results):
        raise typer.Exit(1)


def _prepared(preparation: Preparation) -> tuple[Brain, list[ReadCase]]:
    """Return the bot's brain, trained if need be, and its conversations."""
    try:
        with progress("preparing the bot") as tell:
            return preparation.brain(tell), read_cases(preparation.folder)
    except FaultyFileError as error:
        raise faults(error, status=EXIT_NOT_RUN) from error
    except EncoderError as error:
        raise fail(str(error), status=EXIT_NOT_RUN) from error


def _chosen(
    cases: Sequence[ReadCase], name: str, failed: set[tuple[str, str]] | None
) -> list[ReadCase]:
    """Return the cases whose file or name has `name`, of those that `failed`."""
    return [
        read
        for read in cases
        if name.casefold() in f"{read.path.stem}: {read.case.name}".casefold()
        and (failed is None or (read.path.name, read.case.name) in failed)
    ]


def _results(
    brain: Brain, cases: Sequence[ReadCase], preparation: Preparation, processes: int
) -> list[CaseResult]:
    """Return how the cases went, in their order."""
    order = {(read.path, read.case.name): index for index, read in enumerate(cases)}
    results: list[CaseResult] = []
    with counted("talking", len(cases)) as advance:
        for result in run_cases(brain, cases, preparation=preparation, processes=processes):
            results.append(result)
            advance()
    return sorted(results, key=lambda result: order[result.path, result.name])


def _tell(
    results: Sequence[CaseResult], seconds: float, found: Coverage | None, *, as_json: bool
) -> None:
    if as_json:
        print_json(as_data(results, seconds, found))
        return
    for result in results:
        if not result.passed:
            console.print(failure(result))
    console.print(summary(results, seconds))
    if found is not None:
        console.print(covered(found))
