"""How long the index of knowledge takes to make, to search and to change, and how much memory.

Texts are made of StackFAQ's: every article has the question of one thread with a number of its
own, two rewordings, and answers of threads drawn by that number. Vectors are drawn as well: their
values decide nothing about time or memory, and encoding, which is counted apart, costs what the
encoder costs.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles

import numpy as np
import psutil

from knowledge_base.articles import Article
from knowledge_base.prepare import build_knowledge, refresh_knowledge
from knowledge_base.search import Knowledge, Question
from nlu.interpreter import Vectors
from tests.bench.knowledge_sets import article, read_threads

#: Passages of the indexes.
SIZES = (1_000, 10_000, 100_000)
_ASKED = 200
_PASSAGES_EACH = 2


@dataclass(frozen=True, slots=True)
class Size:
    """The figures of one index; seconds and milliseconds are of CPU on one core, unless told."""

    passages: int
    articles: int
    built: float  #: seconds, without encoding
    opened: float  #: seconds of a second start, wall clock
    memory: float  #: MB the process holds more after a second start; mapped files not counted
    files: float  #: MB of mapped files, shared by processes
    middle: float  #: ms of a whole search, half take less
    late: float  #: ms, 99 in 100 take less
    update: float  #: seconds until one changed article is searched
    dense: bool


class DrawnEncoder:
    """Gives each text a vector of its own, of the size MiniLM's have."""

    name = "drawn"
    dimension = 384

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors drawn by what the texts say."""
        rows = [
            np.random.default_rng(abs(hash(text)) % 2**32).standard_normal(384, dtype=np.float32)
            for text in texts
        ]
        vectors = np.stack(rows)
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def reads(self, language: str) -> bool:
        """Tell that English is read."""
        return language == "en"


def made_articles(data: Path, passages: int) -> list[Article]:
    """Return as many articles as have about this many passages, the same every time."""
    threads = read_threads(data)
    found: list[Article] = []
    for number in range(passages // _PASSAGES_EACH):
        drawn = random.Random(number)
        thread = threads[number % len(threads)]
        title = f"{thread.question} (release {number})"
        listed = [f"{text} {number}" for text in drawn.sample(thread.rewordings, 2)]
        parts = [" ".join(drawn.choice(threads).answers)[:900] for _ in range(_PASSAGES_EACH)]
        body = "\n\n".join(f"## Part {at}\n\n{part or title}" for at, part in enumerate(parts))
        found.append(article(f"a{number}", title, listed, body))
    return found


def measure_size(data: Path, passages: int, *, dense: bool) -> Size:
    """Measure one index in processes of their own: one that makes it, one that opens it."""
    with tempfile.TemporaryDirectory() as cache:
        facts: dict[str, float] = {}
        for step in ("make", "open"):
            done = subprocess.run(
                [sys.executable, "-m", __name__, step, data, cache, str(passages), str(dense)],
                capture_output=True,
                text=True,
                check=False,
                env={**_ONE_CORE, "PYTHONHASHSEED": "0"},
            )
            if done.returncode:
                raise SystemExit(done.stderr)
            facts |= json.loads(done.stdout.splitlines()[-1])
    return Size(passages=int(facts.pop("count")), dense=dense, **facts)  # type: ignore[arg-type]


_ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}


def _make(data: Path, cache: Path, passages: int, dense: bool) -> dict[str, float]:
    articles = made_articles(data, passages)
    encoder = DrawnEncoder() if dense else None
    began = time.process_time()
    _build(articles, cache, encoder)
    return {"built": time.process_time() - began, "articles": len(articles)}


def _open(data: Path, cache: Path, passages: int, dense: bool) -> dict[str, float]:
    articles = made_articles(data, passages)
    encoder = DrawnEncoder() if dense else None
    process = psutil.Process()
    before = _own_memory(process)
    began = time.perf_counter()
    knowledge = _build(articles, cache, encoder)
    opened = time.perf_counter() - began
    times: list[float] = []
    threads = read_threads(data)
    for number in range(_ASKED + 5):
        drawn = random.Random(-number - 1)
        text = f"{drawn.choice(drawn.choice(threads).rewordings)} {number}"
        started = time.process_time()
        knowledge.search([Question(text, "en")])
        times.append(1000 * (time.process_time() - started))
    memory = _own_memory(process) - before
    changed = [replace(articles[0], body="Now this holds: blue tape is sent on Fridays.")]
    began = time.process_time()
    newer = refresh_knowledge(knowledge, [*changed, *articles[1:]])
    update = time.process_time() - began
    (result,) = newer.search([Question(articles[0].title, "en")])
    if result.answer is None or "blue tape" not in result.answer.text:
        raise SystemExit("the changed article is not found")
    cuts = quantiles(times[5:], n=100)
    (shelf,) = {id(shelf): shelf for shelf in knowledge.shelves.values()}.values()
    files = sum(path.stat().st_size for path in (cache / "knowledge").glob("segments/*/*/*"))
    return {
        "count": len(shelf.index.passages),
        "opened": opened,
        "memory": memory,
        "files": files / 2**20,
        "middle": cuts[49],
        "late": cuts[98],
        "update": update,
    }


def _build(articles: Sequence[Article], cache: Path, encoder: DrawnEncoder | None) -> Knowledge:
    return build_knowledge(
        articles,
        encoder=encoder,
        cache_dir=cache,
        out_of_scope=("What is the weather like tomorrow?", "Tell me a joke"),
        public_url_of=lambda each: f"https://kb.example/{each.id}",
    )


def _own_memory(process: psutil.Process) -> float:
    facts = process.memory_info()
    return float(facts.rss - facts.shared) / 2**20


def main() -> None:
    """Run one step of one measurement and print its figures as JSON."""
    step, data, cache, passages, dense = sys.argv[1:]
    run = _make if step == "make" else _open
    figures = run(Path(data), Path(cache), int(passages), dense == "True")
    print(json.dumps(figures))  # noqa: T201 - for the process that asked


if __name__ == "__main__":
    main()
