"""Measures how often the language of a message is told, and in what time.

Run `python -m tests.bench.language`, with folders of public sets to measure them too.
"""

import argparse
import csv
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from nlu.language import identify
from nlu.text import normalise

SENTENCES = Path(__file__).with_name("languages.yml")
LATIN = ("en", "de", "fr", "es")


def sentences() -> dict[str, list[str]]:
    """Return the messages of `languages.yml` by language."""
    blocks = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    return {name: [line[2:] for line in block.splitlines()] for name, block in blocks.items()}


def accuracy(
    texts: Sequence[str], language: str, *, languages: Sequence[str], hint: str | None = None
) -> float:
    """Return the share of `texts` that a bot speaking `languages` takes to be in `language`."""
    found = [identify(normalise(text), languages=languages, hint=hint) for text in texts]
    return found.count(language) / len(found)


def microseconds(texts: Sequence[str], *, languages: Sequence[str], hint: str | None) -> float:
    """Return the mean time to tell the language of a normalised text, in microseconds."""
    normal = [normalise(text) for text in texts]
    for text in normal[:50]:
        identify(text, languages=languages, hint=hint)
    start = time.perf_counter()
    for text in normal:
        identify(text, languages=languages, hint=hint)
    return (time.perf_counter() - start) / len(normal) * 1e6


def conll_texts(path: Path) -> list[str]:
    """Return the sentences of an xSID file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]


def csv_texts(path: Path, column: str) -> list[str]:
    """Return one column of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def measure(sets: Iterable[tuple[str, str, list[str]]]) -> Iterable[tuple[str, ...]]:
    """Yield a row of figures for each set of (name, its language, its texts)."""
    for name, language, texts in sets:
        other = "zh" if language == "en" else "en"
        yield (
            name,
            str(len(texts)),
            *(
                f"{accuracy(texts, language, languages=('en', 'zh'), hint=hint):.3f}"
                for hint in (None, language, other)
            ),
            f"{microseconds(texts, languages=('en', 'zh'), hint=other):.1f}",
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--xsid", type=Path)
    parser.add_argument("--banking77", type=Path)
    parser.add_argument("--cold", type=Path)
    given = parser.parse_args()
    own = sentences()
    sets = [
        ("own sentences", "en", own["en"]),
        ("own sentences", "zh", own["zh-Hans"] + own["zh-Hant"]),
    ]
    if given.xsid:
        sets += [
            (f"xSID {each}", each, conll_texts(given.xsid / f"{each}.test.conll"))
            for each in ("en", "zh")
        ]
    if given.banking77:
        sets.append(("BANKING77", "en", csv_texts(given.banking77 / "test.csv", "text")))
    if given.cold:
        sets.append(("COLD", "zh", csv_texts(given.cold / "test.csv", "TEXT")))
    table = Table("set", "texts", "no hint", "right hint", "wrong hint", "us", title="en, zh")
    for row in measure(sets):
        table.add_row(*row)
    many = Table("of", "texts", "accuracy", "us", title="more languages, no hint")
    for title, languages in (
        ("de, en, es, fr", LATIN),
        ("all eight", (*LATIN, "ja", "ko", "zh-Hans", "zh-Hant")),
    ):
        texts = [(text, each) for each in languages for text in own[each]]
        right = [identify(normalise(text), languages=languages) == truth for text, truth in texts]
        took = microseconds([text for text, _ in texts], languages=languages, hint=None)
        many.add_row(title, str(len(texts)), f"{sum(right) / len(right):.3f}", f"{took:.1f}")
    console = Console()
    console.print(table)
    console.print(many)


if __name__ == "__main__":
    main()
