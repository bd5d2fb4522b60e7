"""What out-of-fold results teach: temperatures, the share and the gate of the stages, thresholds.

Everything is learnt from predictions for examples the predicting model was not trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from nlu.dense_stage import Shares
from nlu.features import FloatArray
from nlu.probabilities import Probabilities, softmax

BoolArray = NDArray[np.bool_]
Scores = NDArray[np.float64]

#: Where the threshold stands when the examples say little; found on live bots' traffic.
THRESHOLD_PRIOR = 0.40
_THRESHOLD_LEAST = 0.25
_THRESHOLD_MOST = 0.55
#: So many examples of knowledge the prior is worth.
_PRIOR_EXAMPLES = 60
#: The first stage may answer alone while it is wrong at most this much more often than both.
_GATE_LOSS = 0.004
#: None lower: customers open and close their questions with words the examples do not have.
_GATES = (0.85, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995)
_SHARE_STEPS = 10
#: What the machines' shares are when the examples do not tell, and how strongly they lean there:
#: averages of unlike machines err less than any, and few examples tell little.
_SHARES_PRIOR = (0.2, 0.2, 0.2, 0.4)
_SHARES_LEANING = 0.03
_BINS = 15


@dataclass(frozen=True, slots=True)
class Judged:
    """Scores of texts whose meaning is known, to choose a threshold by."""

    right: Scores  #: scores of texts that were understood rightly
    negative: Scores  #: scores of texts that mean nothing known


def temperature(logits: FloatArray, truth: NDArray[np.int64]) -> float:
    """Return the temperature that makes `softmax(logits / t)` most likely given the truth."""
    rows = np.arange(len(truth))

    def loss(log_t: float) -> float:
        probabilities = softmax(logits / np.exp(log_t))
        return float(-np.log(np.maximum(probabilities[rows, truth], 1e-9)).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded")
    return float(np.exp(found.x))


def shares(machines: Sequence[Probabilities], truth: NDArray[np.int64]) -> Shares:
    """Return the weights of the four machines that make their average most likely."""
    parts = np.stack([each[np.arange(len(truth)), truth] for each in machines])
    steps = range(_SHARE_STEPS + 1)
    choices = np.array([c for c in product(steps, repeat=len(machines)) if sum(c) == _SHARE_STEPS])
    choices = choices / _SHARE_STEPS
    losses = -np.log(np.maximum(choices @ parts, 1e-9)).mean(axis=1)
    losses += _SHARES_LEANING * ((choices - _SHARES_PRIOR) ** 2).sum(axis=1)
    first, second, third, fourth = map(float, choices[int(losses.argmin())])
    weights = np.array([first, second, third, fourth])
    mean = np.einsum("m,mni->ni", weights, np.stack(list(machines)))
    logits = np.log(np.maximum(mean, 1e-12)).astype(np.float32)
    return Shares(first, second, third, fourth, temperature(logits, truth))


def calibration_error(probabilities: Probabilities, truth: NDArray[np.int64]) -> float:
    """Return the expected calibration error, 0..1, of the best intents' probabilities.

    The mean distance between confidence and accuracy over 15 bins of equal width, weighed by how
    many examples fall into each (Guo et al. 2017, arXiv:1706.04599).
    """
    best = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.minimum((best * _BINS).astype(int), _BINS - 1)
    sums = np.zeros((2, _BINS))
    np.add.at(sums[0], place, best)
    np.add.at(sums[1], place, right)
    return float(np.abs(sums[0] - sums[1]).sum() / max(1, len(truth)))


def gate(
    margins: Scores, accepted: BoolArray, fast_right: BoolArray, full_right: BoolArray
) -> float:
    """Return the least margin from which the first stage is as good alone.

    Args:
        margins: of the first stage.
        accepted: where the first stage may be believed, whatever its margin.
        fast_right: where the first stage alone is right.
        full_right: where both together are right.

    Returns:
        a margin, or 2.0 (never reached) when no gate is good enough.
    """
    for each in _GATES:
        alone = accepted & (margins >= each)
        lost = np.count_nonzero(full_right & ~fast_right & alone)
        won = np.count_nonzero(fast_right & ~full_right & alone)
        if lost - won <= _GATE_LOSS * np.count_nonzero(alone):
            return float(each)
    return 2.0


def threshold(judged: Judged, *, prior: float = THRESHOLD_PRIOR) -> float:
    """Return the score below which a text counts as unknown.

    Maximises the share of understood texts kept plus the share of negatives refused, and leans
    to the prior by how few examples there are.
    """
    count = min(len(judged.right), len(judged.negative))
    if count == 0:
        return prior
    candidates = np.arange(_THRESHOLD_LEAST, _THRESHOLD_MOST + 0.001, 0.01)
    kept = (judged.right[:, None] >= candidates).mean(axis=0)
    refused = (judged.negative[:, None] < candidates).mean(axis=0)
    gain = kept + refused
    # The middle of the best stretch is steadier than its first point.
    best = candidates[gain >= gain.max() - 0.005].mean()
    trust = count / (count + _PRIOR_EXAMPLES)
    return float(round(trust * best + (1 - trust) * prior, 4))
