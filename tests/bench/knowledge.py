"""Measures the search of knowledge on published sets, given by folder, and prints tables.

Retrieval stands beside a plain BM25 of another hand on the same texts and beside published
figures; abstention asks questions whose answer was taken away; sizes go up to 100,000 passages.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bots.preparation import OUT_OF_SCOPE, read_folder
from nlu.encoder import open_encoder
from tests.bench.knowledge_quality import (
    PUBLISHED,
    Abstention,
    Retrieval,
    Workbench,
    abstention,
    retrieval,
)
from tests.bench.knowledge_sets import BOT
from tests.bench.knowledge_sizes import SIZES, Size, measure_size

#: Where the encoder is exported to and found again, as `tributary` does.
_CACHE = Path(".cache/tributary")


def main() -> None:
    """Measure and print tables, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with stackfaq and xsid")
    parser.add_argument("--only", choices=("retrieval", "abstention", "sizes"))
    parser.add_argument("--encoder", default="all-MiniLM-L6-v2", help="a model, or none")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="passages")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    began = time.perf_counter()
    found: dict[str, list[Retrieval] | list[Abstention] | list[Size]] = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def told(what: str) -> None:
            progress.update(task, description=what)

        with tempfile.TemporaryDirectory() as cache:
            if options.only != "sizes":
                bench = _workbench(options.encoder, Path(cache))
            if options.only in {None, "retrieval"}:
                found["retrieval"] = list(retrieval(options.data, bench, told))
            if options.only in {None, "abstention"}:
                found["abstention"] = list(abstention(options.data, bench, told))
        if options.only in {None, "sizes"}:
            sizes: list[Size] = []
            for passages in options.sizes:
                for dense in (False, True):
                    told(f"{passages:,} passages{', with vectors' if dense else ''}")
                    sizes.append(measure_size(options.data, passages, dense=dense))
            found["sizes"] = sizes
    if options.json:
        rows = {name: [asdict(each) for each in part] for name, part in found.items()}
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201 - for programs
        return
    _print(Console(), found)
    load = psutil.getloadavg()[0]
    Console().print(f"{time.perf_counter() - began:.0f} s; load of the machine {load:.1f}")


def _workbench(encoder: str, cache: Path) -> Workbench:
    _, articles, data = read_folder(BOT)
    wordings = {
        language: [w for a in articles if a.language == language for w in a.wordings]
        for language in ("en", "zh")
    }
    return Workbench(
        encoder=open_encoder(encoder, cache_dir=_CACHE, texts=wordings),
        cache=cache,
        out_of_scope=tuple(e.text for e in data.examples if e.intent == OUT_OF_SCOPE),
    )


def _print(
    console: Console, found: dict[str, list[Retrieval] | list[Abstention] | list[Size]]
) -> None:
    for part in found.values():
        rows = list(part)
        if isinstance(rows[0], Retrieval):
            console.print(_retrieval_table([row for row in rows if isinstance(row, Retrieval)]))
        elif isinstance(rows[0], Abstention):
            console.print(_abstention_table([row for row in rows if isinstance(row, Abstention)]))
        else:
            console.print(_size_table([row for row in rows if isinstance(row, Size)]))


def _retrieval_table(rows: Sequence[Retrieval]) -> Table:
    columns = ("set", "way", "questions", "MAP", "MRR", "recall@1", "recall@5")
    table = Table(*columns, title="Finding the article that answers")
    for each in rows:
        shares = (each.precision, each.reciprocal, each.first, each.five)
        table.add_row(each.name, each.way, str(each.asked), *(f"{share:.3f}" for share in shares))
    for name, *published in PUBLISHED:
        table.add_row(
            name, "published", "1249", *(f"{float(share):.3f}" for share in published), ""
        )
    return table


def _abstention_table(rows: Sequence[Abstention]) -> Table:
    columns = (
        *("set", "known", "taken away", "answered", "rightly", "offered instead"),
        *("taken away, yet answered", "wrong of all answers, half taken away"),
    )
    table = Table(
        *columns, title="Answering, offering, declining (aims: 85 % answered, 5 % wrong)"
    )
    for each in rows:
        shares = (each.answered, each.right, each.offered, each.made_up, each.wrong)
        counts = (str(each.known), str(each.taken))
        table.add_row(each.name, *counts, *(f"{100 * share:.1f} %" for share in shares))
    return table


def _size_table(rows: Sequence[Size]) -> Table:
    columns = (
        *("passages", "articles", "vectors", "made, CPU s", "opened again, s", "memory, MB"),
        *("mapped files, MB", "search p50, CPU ms", "p99", "one change, CPU s"),
    )
    table = Table(*columns, title="Sizes (aims: search below 50 ms, one change below 1 s)")
    for each in rows:
        table.add_row(
            f"{each.passages:,}",
            f"{each.articles:,.0f}",
            "yes" if each.dense else "no",
            f"{each.built:.1f}",
            f"{each.opened:.1f}",
            f"{each.memory:.0f}",
            f"{each.files:.0f}",
            f"{each.middle:.1f}",
            f"{each.late:.1f}",
            f"{each.update:.2f}",
        )
    return table


if __name__ == "__main__":
    main()
