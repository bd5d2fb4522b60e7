"""Measures sentiment, frustration and abuse on messages that no list and no model was made with.

`feeling_*.yml` and `abuse_*.yml` are the half, by hash, that was put aside when the messages were
written; their author wrote the lists afterwards, so they flatter. `later_feeling_*.yml` was
written when the lists were done and flatters less. Run `python -m tests.bench.feeling`.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from nlu.feeling import ACTING, TELLING, Feeling, feel
from nlu.language import identify
from nlu.text import normalise

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh")

Feel = Callable[[str], Feeling]


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a yes or no is told."""

    accuracy: float
    precision: float
    recall: float


def messages(kind: str, language: str) -> list[tuple[str, str]]:
    """Return (text, label) of a file of messages: feeling, later_feeling or abuse."""
    raw = (FOLDER / f"{kind}_{language}.yml").read_text(encoding="utf-8")
    blocks: dict[str, str] = yaml.safe_load(raw)
    return [(line[2:], label) for label, block in blocks.items() for line in block.splitlines()]


def read(text: str) -> Feeling:
    """Return how a text as written feels."""
    return feel(normalise(text))


def sentiment_figures(pairs: Sequence[tuple[str, str]], by: Feel = read) -> tuple[float, float]:
    """Return accuracy and macro-F1 of bad, neutral and good."""
    kinds = ("bad", "neutral", "good")
    judged = [
        (_kind(by(text).sentiment), "bad" if label == "frustrated" else label)
        for text, label in pairs
    ]
    right = sum(found == label for found, label in judged) / len(judged)
    return right, sum(_f1(judged, kind) for kind in kinds) / len(kinds)


def frustration_figures(pairs: Sequence[tuple[str, str]], by: Feel = read) -> Figures:
    """Return how well frustration is told."""
    return _figures(
        (by(text).frustration >= ACTING, label == "frustrated") for text, label in pairs
    )


def abuse_figures(pairs: Sequence[tuple[str, str]], by: Feel = read) -> Figures:
    """Return how well abuse is told."""
    return _figures((by(text).abuse >= ACTING, label == "abusive") for text, label in pairs)


def microseconds(texts: Sequence[str]) -> float:
    """Return the mean time of language and all feelings for a normalised text."""
    normal = [normalise(text) for text in texts]
    for text in normal:
        feel(text)
    start = time.perf_counter()
    for text in normal:
        identify(text, languages=LANGUAGES, hint="en")
        feel(text)
    return (time.perf_counter() - start) / len(normal) * 1e6


def _kind(sentiment: float) -> str:
    if sentiment >= TELLING:
        return "good"
    return "bad" if sentiment <= -TELLING else "neutral"


def _f1(pairs: Sequence[tuple[str, str]], kind: str) -> float:
    both = sum(found == label == kind for found, label in pairs)
    either = sum((found == kind) + (label == kind) for found, label in pairs)
    return 2 * both / either if either else 0.0


def _figures(pairs: Iterable[tuple[bool, bool]]) -> Figures:
    all_pairs = list(pairs)
    both = sum(found and truth for found, truth in all_pairs)
    return Figures(
        accuracy=sum(found == truth for found, truth in all_pairs) / len(all_pairs),
        precision=both / max(1, sum(found for found, _ in all_pairs)),
        recall=both / max(1, sum(truth for _, truth in all_pairs)),
    )


def table() -> Table:
    """Return the figures of all files."""
    shown = Table("messages", "of", "feeling", "accuracy", "precision", "recall", "macro-F1")
    for kind in ("feeling", "later_feeling", "abuse"):
        for language in LANGUAGES:
            pairs = messages(kind, language)
            place = (f"{kind}_{language}", str(len(pairs)))
            if kind == "abuse":
                rows = {"abuse": abuse_figures(pairs)}
            else:
                rows = {"frustration": frustration_figures(pairs)}
                right, f1 = sentiment_figures(pairs)
                shown.add_row(*place, "sentiment", f"{right:.3f}", "", "", f"{f1:.3f}")
            for name, found in rows.items():
                shares = (found.accuracy, found.precision, found.recall)
                shown.add_row(*place, name, *(f"{share:.3f}" for share in shares), "")
    return shown


def main() -> None:
    """Print the figures, and the time a message takes."""
    argparse.ArgumentParser(description=main.__doc__).parse_args()
    console = Console()
    console.print(table())
    for language in LANGUAGES:
        texts = [text for text, _ in messages("feeling", language)]
        console.print(f"language and feelings, {language}: {microseconds(texts):.1f} us a message")


if __name__ == "__main__":
    main()
