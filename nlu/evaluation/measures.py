"""The measures of understanding, as plain functions of what was true and what was predicted.

Everywhere `truth` and `predicted` are the names of intents of the same texts, in the same order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Bins of equal width over 0..1 for the calibration error.
CALIBRATION_BINS = 15
#: Points of in-scope accuracy that may be lost to refuse what means nothing known.
LOSSES = (1, 2, 5)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class IntentMeasure:
    """How well one intent is recognised."""

    name: str
    precision: float  #: of the texts taken for it, the share that meant it; 0 when none was
    recall: float  #: of the texts that meant it, the share taken for it
    f1: float
    support: int  #: texts that meant it


@dataclass(frozen=True, slots=True)
class Refusal:
    """What refusing texts below a score catches, and what it costs."""

    loss: int  #: points of in-scope accuracy that may be lost
    threshold: float  #: texts with a lower score are refused
    recall: float  #: share of out-of-scope texts refused


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The predictions whose probability lies in one bin."""

    low: float
    high: float
    count: int
    probability: float  #: mean, 0 when empty
    accuracy: float  #: share that was right, 0 when empty


@dataclass(frozen=True, slots=True)
class SpanMeasure:
    """How well entities are found: a span counts when name, start and end are right."""

    precision: float
    recall: float
    f1: float
    support: int  #: annotated spans


def accuracy(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Return the share of texts whose best intent is the true one; 0 of no texts."""
    right = sum(a == b for a, b in zip(truth, predicted, strict=True))
    return right / len(truth) if truth else 0.0


def by_intent(truth: Sequence[str], predicted: Sequence[str]) -> list[IntentMeasure]:
    """Return the measures of every intent that occurs in `truth`, by name."""
    support, taken = Counter(truth), Counter(predicted)
    hits = Counter(a for a, b in zip(truth, predicted, strict=True) if a == b)
    return [
        IntentMeasure(
            name,
            hits[name] / taken[name] if taken[name] else 0.0,
            hits[name] / count,
            2 * hits[name] / (taken[name] + count),
            count,
        )
        for name, count in sorted(support.items())
    ]


def macro_f1(measures: Sequence[IntentMeasure]) -> float:
    """Return the mean F1 of intents, each counting the same; 0 of no intents."""
    return sum(each.f1 for each in measures) / len(measures) if measures else 0.0


def auroc(known: Floats, unknown: Floats) -> float | None:
    """Return the probability that a known text scores higher than an unknown one; ties count half.

    The area under the receiver operating characteristic, by the Mann-Whitney statistic: mean rank
    of the known, less what they have among themselves. None when either kind is missing.
    """
    if not len(known) or not len(unknown):
        return None
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([known, unknown]))[: len(known)]
    least = len(known) * (len(known) + 1) / 2
    return float((ranks.sum() - least) / (len(known) * len(unknown)))


def refusals(
    scores: Floats, right: Bools, unknown: Floats, losses: Iterable[int] = LOSSES
) -> list[Refusal]:
    """Return how many unknown texts are refused when few points of accuracy may be lost.

    A text is refused when its score is below a threshold, and a refused in-scope text counts as
    wrong: accuracy at a threshold t is the share of in-scope texts that are right and score at
    least t. For each loss the highest t is taken at which accuracy is no more than that many
    percentage points below what it is when nothing is refused. The thresholds are read off the
    tested texts to compare interpreters; no interpreter uses them.

    Args:
        scores: of in-scope texts.
        right: where their best intent is the true one.
        unknown: scores of out-of-scope texts; none: nothing is returned.
        losses: in percentage points.
    """
    if not len(scores) or not len(unknown):
        return []
    ordered = np.sort(scores[right])
    found = []
    for loss in losses:
        # So many right ones may be refused; the next higher score is the threshold.
        spare = int(np.floor(loss / 100 * len(scores) + 1e-9))
        limit = float(ordered[spare]) if spare < len(ordered) else float("inf")
        recall = float((unknown < limit).mean())
        found.append(Refusal(loss, min(limit, 1.0), recall))
    return found


def calibration(
    probabilities: Floats, right: Bools, bins: int = CALIBRATION_BINS
) -> tuple[float, list[CalibrationBin]]:
    """Return the expected calibration error and its bins.

    The probability of the best intent of each text falls into one of `bins` bins of equal width
    over 0..1 (a border belongs to the bin below it, as in Guo et al. 2017). The error is the mean
    over all texts of |accuracy - mean probability| of their bin; 0 of no texts.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.clip(np.ceil(probabilities * bins).astype(int) - 1, 0, bins - 1)
    found, error = [], 0.0
    for at in range(bins):
        inside = place == at
        count = int(inside.sum())
        p = float(probabilities[inside].mean()) if count else 0.0
        share = float(right[inside].mean()) if count else 0.0
        found.append(CalibrationBin(float(edges[at]), float(edges[at + 1]), count, p, share))
        error += count * abs(share - p)
    return error / max(1, len(probabilities)), found


def spans(
    annotated: Sequence[frozenset[tuple[str, int, int]]],
    found: Sequence[frozenset[tuple[str, int, int]]],
) -> SpanMeasure | None:
    """Return the micro-averaged precision, recall and F1 of exact spans (name, start, end).

    Found entities whose name is annotated nowhere are left out: the annotator did not look for
    them. None when nothing is annotated.
    """
    names = {name for each in annotated for name, _, _ in each}
    if not names:
        return None
    support = sum(map(len, annotated))
    counted = [{span for span in each if span[0] in names} for each in found]
    total = sum(map(len, counted))
    hits = sum(len(a & b) for a, b in zip(annotated, counted, strict=True))
    return SpanMeasure(
        hits / total if total else 0.0, hits / support, 2 * hits / (support + total), support
    )
