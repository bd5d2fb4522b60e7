"""What out-of-fold results teach: temperatures, the share and the gate of the stages, thresholds.

Everything is learnt from predictions for examples the predicting model was not trained on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from nlu.features import FloatArray
from nlu.model import Probabilities, softmax

BoolArray = NDArray[np.bool_]
Scores = NDArray[np.float64]

#: Where the threshold stands when the examples say little; found on live bots' traffic.
THRESHOLD_PRIOR = 0.40
_THRESHOLD_LEAST = 0.25
_THRESHOLD_MOST = 0.55
#: So many examples of knowledge the prior is worth.
_PRIOR_EXAMPLES = 60
#: The first stage may answer alone while it is wrong at most this much more often than both
#: (and once, since with few examples one is chance).
_GATE_LOSS = 0.004
#: None lower: customers open and close their questions with words the examples do not have.
_GATES = (0.85, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995)
_SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)


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


def dense_share(lexical: Probabilities, dense: Probabilities, truth: NDArray[np.int64]) -> float:
    """Return the weight of the dense stage that makes the average most likely."""
    rows = np.arange(len(truth))
    losses = [
        -np.log(np.maximum((s * dense + (1 - s) * lexical)[rows, truth], 1e-9)).mean()
        for s in _SHARES
    ]
    return _SHARES[int(np.argmin(losses))]


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
        if lost - won <= 1 + _GATE_LOSS * np.count_nonzero(alone):
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
