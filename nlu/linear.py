"""A multinomial linear model, over words or over sentence vectors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.features import FloatArray, Sparse
from nlu.probabilities import Probabilities, softmax


@dataclass(frozen=True, slots=True)
class Linear:
    """A multinomial linear model: logits are `x @ weights + bias`, divided by `temperature`."""

    #: features x intents; of a vocabulary's millions in half precision, none decides alone
    weights: FloatArray | NDArray[np.float16]
    bias: FloatArray
    temperature: float  #: makes the softmax a calibrated probability

    def sparse(self, vector: Sparse) -> Probabilities:
        """Return the probability of each intent for a lexical vector."""
        weights = self.weights[vector.ids].astype(np.float32, copy=False)
        return softmax((vector.values @ weights + self.bias) / self.temperature)

    def dense(self, vector: FloatArray) -> Probabilities:
        """Return the probability of each intent for a sentence embedding."""
        return softmax((vector @ self.weights + self.bias) / self.temperature)
