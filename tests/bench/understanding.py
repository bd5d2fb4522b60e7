"""Measures understanding on published sets, given by folder, and prints one table.

Each intent set goes through `tributary evaluate` in a process of its own, as a company would run
it. No test example is seen in training or in the choice of any threshold.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.bench.rasa_figures import rasa_figures
from tests.bench.specification_sets import SETS, rates

#: Sizes of batches, and texts interpreted with each.
_BATCHES = (1, 8, 32)
_SPEED_TEXTS = 960
_BOT = "bots/library/moss_and_kettle"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    ours: str
    aim: str = ""
    rasa: str = ""  #: the same of a real Rasa server


@dataclass(frozen=True, slots=True)
class _Set:
    name: str
    arguments: tuple[str, ...]
    aim: str


_INTENTS = (
    _Set("BANKING77", ("--train", "banking77/train.csv", "--test", "banking77/test.csv"), "94.3"),
    _Set(
        "CLINC150 in scope",
        ("--train", "clinc150/data_full.json", "--no-teach-out-of-scope"),
        "96.2",
    ),
    *(
        _Set(
            f"BANKING77, {shots} examples an intent, 5 draws",
            (
                *("--train", "banking77/train.csv", "--test", "banking77/test.csv"),
                *("--examples", str(shots)),
                *(word for seed in range(5) for word in ("--seed", str(seed))),
            ),
            aim,
        )
        for shots, aim in ((5, "80"), (10, "86"))
    ),
    _Set("xSID zh", ("--train", "xsid/zh.valid.conll", "--test", "xsid/zh.test.conll"), ""),
    _Set("xSID en", ("--train", "xsid/en.valid.conll", "--test", "xsid/en.test.conll"), ""),
    _Set(
        "COLD", ("--train", "cold/train.csv", "--test", "cold/test.csv", "--language", "zh"), "80"
    ),
)


def evaluate(data: Path, arguments: Sequence[str]) -> dict[str, Any]:
    """Return what `tributary evaluate --json` measures, with the published protocol."""
    words = [str(data / word) if "/" in word else word for word in arguments]
    command = [sys.executable, "-m", "bots", "evaluate", *words, "--keep-tested", "--json"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def intent_figures(data: Path, told: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the figures of all intent sets."""
    for each in _INTENTS:
        told(each.name)
        found = evaluate(data, each.arguments)
        yield Figure(f"{each.name}, accuracy", _percent(found["accuracy"]), each.aim)
        yield Figure("  macro F1", _percent(found["macro_f1"]))
        yield Figure("  calibration error", _percent(found["calibration_error"]))
        yield Figure("  training, seconds", f"{found['training_seconds']:.1f}", "< 60")
        if found["first_stage"] is not None:
            yield Figure("  answered by the first stage", _percent(found["first_stage"]))
        if found["auroc"] is not None:
            yield Figure("  out of scope, AUROC", f"{found['auroc']:.3f}", "0.970")
            for each_loss in found["refusals"]:
                name = f"  refused at {each_loss['loss']} points of loss"
                yield Figure(name, _percent(each_loss["recall"]))
        if found["spans"] is not None:
            yield Figure("  slots, exact span F1", _percent(found["spans"]["f1"]))


def specification_figures(data: Path, told: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the share of cases with exact spans, by kind and language."""
    for language, aim in (("English", "85"), ("Chinese", "88")):
        right = cases = 0
        for kind in SETS:
            told(f"{kind}, {language}")
            part, whole = rates(data / "recognizers_text", kind, language)
            right, cases = right + part, cases + whole
            if whole:
                share = f"{_percent(part / whole)} of {whole}"
                yield Figure(f"specification, {kind}, {language}", share)
        yield Figure(
            f"specification, all, {language}", f"{_percent(right / cases)} of {cases}", aim
        )


_SPEED = """
import json, statistics, sys, time
began = time.perf_counter()
from pathlib import Path
from nlu.embedding_interpreter import EmbeddingInterpreter
from nlu.preparation import prepare
from bots.preparation import read_folder
bot, _, data = read_folder(Path(sys.argv[1]))
def load():
    return prepare(
        data,
        cache_dir=Path(sys.argv[2]),
        patterns=bot.file.patterns,
        lookups=bot.file.lookups,
        phone_region=bot.file.phone_region,
    )
if len(sys.argv) == 3:
    load()
    sys.exit()
began = time.perf_counter()
interpreter = load()
loaded = time.perf_counter() - began
texts = json.load(sys.stdin)
interpreter.interpret(["hello there", "你好"], languages=[None, None])
figures = {"load": loaded}
for place, batch in enumerate(json.loads(sys.argv[3])):
    part = texts[place :: len(json.loads(sys.argv[3]))]
    times = []
    for at in range(0, len(part), batch):
        began = time.perf_counter()
        some = part[at : at + batch]
        interpreter.interpret(some, languages=["en"] * len(some))
        times.append(1000 * (time.perf_counter() - began))
    cuts = statistics.quantiles(times, n=100)
    figures[str(batch)] = [1000 * len(part) / sum(times), cuts[49], cuts[98]]
import psutil
figures["memory"] = psutil.Process().memory_info().rss / 2**20
print(json.dumps(figures))
"""


def speed_figures(data: Path, told: Callable[[str], None]) -> Iterator[Figure]:
    """Yield how fast the example bot's interpreter is, in a process of its own.

    Its texts are customers' questions to a bank: what the bot has not seen, so the second stage
    is asked more often than by a company's own customers.
    """
    told("speed")
    lines = (data / "banking77" / "test.csv").read_text(encoding="utf-8").splitlines()[1:]
    texts = [line.rpartition(",")[0].strip('"') for line in lines][:: len(lines) // _SPEED_TEXTS]
    with tempfile.TemporaryDirectory() as cache:
        for arguments in ((), (json.dumps(_BATCHES),)):  # first it trains, then it serves
            done = subprocess.run(
                [sys.executable, "-c", _SPEED, _BOT, cache, *arguments],
                input=json.dumps(texts),
                env=os.environ | {"HF_HUB_OFFLINE": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for batch in _BATCHES:
        rate, middle, late = found[str(batch)]
        shown = f"{rate:,.0f}/s, p50 {middle:.1f} ms, p99 {late:.1f} ms"
        yield Figure(f"interpret, batches of {batch}", shown)
    yield Figure("load from cache, seconds", f"{found['load']:.2f}", "< 2")
    memory = f"{found['memory']:.0f}"
    yield Figure("memory of the process, MB", memory, "< 350")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _beside(found: Sequence[Figure], rasa: Mapping[str, str]) -> list[Figure]:
    """Return our figures with Rasa's beside those of the same thing."""
    lines = {
        "BANKING77, accuracy": "accuracy",
        "  training, seconds": "training",  # the first of this name is BANKING77's
        "interpret, batches of 1": "speed",
        "load from cache, seconds": "load",
        "memory of the process, MB": "memory",
    }
    return [replace(each, rasa=rasa.get(lines.pop(each.name, ""), "")) for each in found]


def main() -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with banking77, clinc150, xsid, cold ...")
    parser.add_argument("--only", choices=("intents", "specifications", "speed"))
    parser.add_argument("--no-rasa", action="store_true", help="leave out Rasa's column")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    parts: dict[str, Callable[[Path, Callable[[str], None]], Iterator[Figure]]] = {
        "intents": intent_figures,
        "specifications": specification_figures,
        "speed": speed_figures,
    }
    console, errors = Console(), Console(stderr=True)
    found: list[Figure] = []
    began = time.perf_counter()
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("starting", total=None)
        for name, part in parts.items():
            if options.only in {None, name}:
                found += part(options.data, lambda what: progress.update(task, description=what))
        if not options.no_rasa and options.only != "specifications":
            rasa = rasa_figures(options.data, lambda what: progress.update(task, description=what))
            found = _beside(found, rasa)
    if options.json:
        console.print_json(json.dumps([[f.name, f.ours, f.aim, f.rasa] for f in found]))
        return
    table = Table("figure", "Tributary", "aim", "Rasa 3.6", title="Understanding")
    for each in found:
        table.add_row(each.name, each.ours, each.aim, each.rasa)
    console.print(table)
    load = psutil.getloadavg()[0]
    console.print(f"{time.perf_counter() - began:.0f} s; load of the machine {load:.1f}")


if __name__ == "__main__":
    main()
