"""The second stage: four machines over a sentence's vectors and its words, and how they are mixed.

A regression over the sentence vector (best with few examples), separators over vectors and words
together (best with many), a small network over both, and the first stage's own answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.features import FloatArray, IntArray, Sparse
from nlu.linear import Linear
from nlu.probabilities import Probabilities, full_score, softmax, unit

Half = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Projection:
    """The directions in which deep vectors of the examples differ, the most telling first."""

    mean: FloatArray
    axes: FloatArray  #: deep x directions, scaled

    def project(self, deep: FloatArray) -> FloatArray:
        """Return deep vectors (rows, or one) in these directions."""
        return np.asarray((deep - self.mean) @ self.axes, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Joint:
    """A separator for each intent over a projected deep vector and a lexical one together."""

    dense_weights: FloatArray  #: directions x intents
    #: features x intents, in half precision: there are millions, and none decides alone
    lexical_weights: Half
    bias: FloatArray
    temperature: float

    def margins(self, projected: FloatArray, vector: Sparse) -> FloatArray:
        """Return how far on its side of each intent's border a text lies; 1 is well inside."""
        words = self.lexical_weights[vector.ids].astype(np.float32)
        return np.asarray(
            projected[: len(self.dense_weights)] @ self.dense_weights
            + vector.values @ words
            + self.bias
        )


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer of rectified units over a projected deep vector and reduced words."""

    reduction: Half  #: features x few: what words often stand together
    hidden_weights: FloatArray
    hidden_bias: FloatArray
    weights: FloatArray
    bias: FloatArray
    temperature: float

    def logits(self, projected: FloatArray, vector: Sparse) -> FloatArray:
        """Return the logit of each intent."""
        reduced = vector.values @ self.reduction[vector.ids].astype(np.float32)
        hidden = np.concatenate([projected, reduced]) @ self.hidden_weights + self.hidden_bias
        return np.asarray(np.maximum(hidden, 0.0) @ self.weights + self.bias)


@dataclass(frozen=True, slots=True)
class Shares:
    """How much each machine counts in the answer of both stages; they sum to 1."""

    lexical: float
    dense: float
    joint: float
    network: float
    temperature: float  #: of the average, which alone is too modest

    def mix(
        self,
        lexical: Probabilities,
        dense: Probabilities,
        joint: Probabilities,
        network: Probabilities,
    ) -> Probabilities:
        """Return the calibrated probabilities of all four together."""
        mean = (
            self.lexical * lexical
            + self.dense * dense
            + self.joint * joint
            + self.network * network
        )
        return softmax(np.log(np.maximum(mean, 1e-12)) / self.temperature)


@dataclass(frozen=True, slots=True)
class DenseExamples:
    """The projected examples in languages the encoder reads, of unit length, by intent."""

    vectors: FloatArray
    bounds: IntArray

    def nearest(self, vector: FloatArray, intent: int) -> float:
        """Return the cosine of `vector` with the nearest example of `intent`, 0 if it has none."""
        low, high = int(self.bounds[intent]), int(self.bounds[intent + 1])
        return float((self.vectors[low:high] @ vector).max()) if high > low else 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the machines make of one text."""

    probabilities: Probabilities
    margins: FloatArray  #: to the joint machine's borders
    direction: FloatArray  #: the projected vector, of unit length


@dataclass(frozen=True, slots=True)
class DenseStage:
    """The second stage, for languages the encoder reads."""

    linear: Linear  #: over the sentence vector, the head of the deep one
    projection: Projection
    joint: Joint
    network: Network
    examples: DenseExamples
    shares: Shares
    gate: float  #: least margin of the first stage at which it is believed alone
    languages: tuple[str, ...]
    encoder_key: str  #: content hash of the encoder the vectors are of

    def see(self, deep: FloatArray, vector: Sparse, lexical: Probabilities) -> Seen:
        """Return what both stages together make of a text.

        Args:
            deep: its deep vector.
            vector: its lexical vector.
            lexical: what the first stage made of it.
        """
        projected = self.projection.project(deep)
        margins = self.joint.margins(projected, vector)
        logits = self.network.logits(projected, vector)
        probabilities = self.shares.mix(
            lexical,
            self.linear.dense(deep[: len(self.linear.weights)]),
            softmax(margins / self.joint.temperature),
            softmax(logits / self.network.temperature),
        )
        return Seen(probabilities, margins, unit(projected[: self.examples.vectors.shape[1]]))

    def score(self, seen: Seen, intent: int, lexical_cosine: float) -> float:
        """Return how sure it is that the text means `intent`, 0..1."""
        return full_score(
            seen.probabilities[intent],
            float(seen.margins[intent]),
            self.examples.nearest(seen.direction, intent),
            lexical_cosine,
        )
