"""Measures offence in Chinese on a folder with COLD's train.csv, dev.csv and test.csv.

Three readers: the shipped lists, this project's own classifier taught the training set, and a
linear machine over characters weighed by their log-count ratios (Wang and Manning 2012).
Run `python -m tests.bench.abuse FOLDER`.
"""

import argparse
import csv
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from nlu.feeling import ACTING, feel
from nlu.text import normalise
from nlu.training_data import Example, TrainingData

#: Chosen on dev.csv among lengths 2 .. 4, least counts 1 .. 3 and C from 0.1 to 1.
GRAMS, LEAST, C = 3, 3, 0.3

Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Figures:
    """How well offence is told, and what it took to learn."""

    accuracy: float
    precision: float
    recall: float
    seconds: float = 0.0
    megabytes: float = 0.0


def read_set(path: Path) -> tuple[list[str], Truth]:
    """Return the texts of a set and where they offend."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["TEXT"] for row in rows], np.array([row["label"] == "1" for row in rows])


def figures(found: Truth, truth: Truth, *, seconds: float = 0.0) -> Figures:
    """Return how well `found` agrees with `truth`."""
    both = int(np.count_nonzero(found & truth))
    return Figures(
        accuracy=float((found == truth).mean()),
        precision=both / max(1, int(np.count_nonzero(found))),
        recall=both / max(1, int(np.count_nonzero(truth))),
        seconds=seconds,
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    )


def shipped(texts: Sequence[str], truth: Truth) -> Figures:
    """Return how well the shipped lists tell offence."""
    found = np.array([feel(normalise(text)).abuse >= ACTING for text in texts])
    return figures(found, truth)


def classifier(folder: Path, name: str) -> Figures:
    """Return how well the project's own classifier does, taught train.csv, on `name`."""
    from nlu.training import train

    texts, truth = read_set(folder / "train.csv")
    data = TrainingData(
        tuple(Example(text, str(int(y)), "zh") for text, y in zip(texts, truth, strict=True)),
        ("zh",),
    )
    start = time.process_time()
    model = train(data, encoder=None)
    took = time.process_time() - start
    asked, wanted = read_set(folder / name)
    vectors = [model.vocabulary.vector(normalise(text).folded) for text in asked]
    found = np.array([model.lexical.sparse(vector)[1] >= ACTING for vector in vectors])
    return figures(found, wanted, seconds=took)


def ratios(folder: Path, name: str) -> Figures:
    """Return the same of a linear machine over characters weighed by log-count ratios."""
    from scipy.sparse import diags
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import normalize
    from sklearn.svm import LinearSVC

    texts, truth = read_set(folder / "train.csv")
    start = time.process_time()
    vectorizer = CountVectorizer(
        analyzer="char", ngram_range=(1, GRAMS), min_df=LEAST, binary=True, dtype=np.float32
    )
    counts = vectorizer.fit_transform([normalise(text).folded for text in texts])
    offensive, harmless = (
        np.asarray(counts[each].sum(axis=0), dtype=np.float64).ravel() + 1.0
        for each in (truth, ~truth)
    )
    ratio = diags(
        np.log((offensive / offensive.sum()) / (harmless / harmless.sum())).astype(np.float32)
    )
    machine = LinearSVC(C=C, tol=1e-2, max_iter=300, random_state=0)
    machine.fit(normalize(counts @ ratio), truth)
    took = time.process_time() - start
    asked, wanted = read_set(folder / name)
    rows = vectorizer.transform([normalise(text).folded for text in asked])
    found = np.asarray(machine.predict(normalize(rows @ ratio)), dtype=bool)
    return figures(found, wanted, seconds=took)


def main() -> None:
    """Print the figures on dev.csv, by which methods are chosen, and on test.csv."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    table = Table("reader", "set", "accuracy", "precision", "recall", "learnt in s", "peak MB")
    for name in ("dev.csv", "test.csv"):
        for title, found in (
            ("shipped lists", shipped(*read_set(folder / name))),
            ("log-count ratios", ratios(folder, name)),
            ("own classifier", classifier(folder, name)),
        ):
            shares = (found.accuracy, found.precision, found.recall)
            table.add_row(
                title,
                name,
                *(f"{each:.4f}" for each in shares),
                f"{found.seconds:.1f}",
                f"{found.megabytes:.0f}",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
