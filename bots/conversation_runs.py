"""A run of a bot's conversations: in this process, or spread over several that share the model."""

import hashlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from bots.action_calls import ActionCaller
from bots.brain import Brain
from bots.example_orders import example_orders
from bots.preparation import Progress, prepare_bot
from bots.rasa import RasaServer
from dialogues.cases import ReadCase
from dialogues.conversation_tests import CaseResult, run_conversations
from knowledge_base.answer import Search, SearchResult, Topic
from knowledge_base.search import Question

#: Turns that one process takes in about the time that another needs to start.
TURNS_MIN: Final = 600

#: Cases that are given to a process at a time.
_CHUNK: Final = 8


@dataclass(frozen=True, slots=True)
class Preparation:
    """How every process makes the same brain; the first one trains, the others read the cache."""

    folder: Path
    encoder: str
    cache: Path
    rasa: RasaServer | None = None

    def brain(self, progress: Progress | None = None) -> Brain:
        """Return the brain, trained now or taken from the cache.

        Raises:
            FaultyFileError: the folder has faults.
            EncoderError: the encoder is not there.
        """
        return prepare_bot(
            self.folder,
            encoder=self.encoder,
            cache=self.cache,
            public_url="",
            rasa=self.rasa,
            progress=progress,
        )


def searcher(brain: Brain) -> Search:
    """Return the search of a bot's knowledge base, one question at a time."""

    def search(
        question: str,
        language: str,
        *,
        topic: Topic | None = None,
        without: frozenset[str] = frozenset(),
    ) -> SearchResult:
        return brain.knowledge.search([Question(question, language, topic, without)])[0]

    return search


@contextmanager
def runner_of(brain: Brain) -> Iterator[ActionCaller]:
    """Run slow actions for real; an example bot's order book is there for them to look up."""
    with example_orders(brain.bot.folder, os.environ) as orders:
        hosts = (orders.host,) if orders is not None else ()
        environment = {**os.environ, **(orders.environment if orders is not None else {})}
        yield ActionCaller(brain.bot, environment=environment, hosts=hosts)


def talk_through(brain: Brain, cases: Sequence[ReadCase] | None = None) -> Iterator[CaseResult]:
    """Yield how each conversation of a bot's folder went, all in this process."""
    search = searcher(brain)
    with runner_of(brain) as runner:
        yield from run_conversations(
            brain.bot, interpreter=brain.interpreter, search=search, runner=runner, cases=cases
        )


def processes_for(cases: Sequence[ReadCase]) -> int:
    """Return how many processes finish `cases` soonest."""
    turns = sum(len(read.case.turns) for read in cases)
    return max(1, min(os.cpu_count() or 1, turns // TURNS_MIN))


def run_cases(
    brain: Brain, cases: Sequence[ReadCase], *, preparation: Preparation, processes: int
) -> Iterator[CaseResult]:
    """Yield how each case went, in the order in which they are done."""
    if processes <= 1 or len(cases) <= 1:
        yield from talk_through(brain, cases)
        return
    chunks = [cases[at : at + _CHUNK] for at in range(0, len(cases), _CHUNK)]
    # A process that was forked would share threads of the encoder that are not there any more.
    with ProcessPoolExecutor(
        min(processes, len(chunks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(preparation,),
    ) as pool:
        for done in as_completed([pool.submit(_take, chunk) for chunk in chunks]):
            yield from done.result()


#: The brain of a process that was started for a run.
_BRAINS: Final[list[Brain]] = []


def _start(preparation: Preparation) -> None:
    _BRAINS.append(preparation.brain())


def _take(cases: Sequence[ReadCase]) -> list[CaseResult]:
    return list(talk_through(_BRAINS[0], cases))


@dataclass(frozen=True, slots=True)
class LastRun:
    """Which cases of a folder failed last, kept in the cache."""

    path: Path

    @classmethod
    def of(cls, folder: Path, *, cache: Path) -> "LastRun":
        """Return where the last run of `folder` is kept."""
        name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        return cls(cache / "tests" / f"{name}.json")

    def failed(self) -> set[tuple[str, str]] | None:
        """Return file and name of each case that failed, None when nothing is known."""
        try:
            data = orjson.loads(self.path.read_bytes())
            return {(str(file), str(name)) for file, name in data}
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, results: Sequence[CaseResult], *, before: set[tuple[str, str]]) -> None:
        """Note which of the cases that ran failed; others stay as they were."""
        ran = {(result.path.name, result.name) for result in results}
        failed = {(r.path.name, r.name) for r in results if not r.passed} | (before - ran)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(orjson.dumps(sorted(failed)))
