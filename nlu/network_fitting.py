"""The small network of the second stage, fitted by PyTorch; deterministic on one thread."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from nlu.corpus import Corpus, IndexArray
from nlu.dense_stage import Network, Projection
from nlu.features import FloatArray, Sparse, Vocabulary
from nlu.fitting import matrix_of

#: What words often stand together, in so many directions.
_REDUCED = 128
_HIDDEN = 384
#: Found on held-out parts of training sets of 400 to 15,000 examples, with the numbers below.
_DROPPED_INPUT, _DROPPED_HIDDEN = 0.1, 0.5
_SMOOTHING = 0.1
_RATE, _DECAY = 2e-3, 1e-4
#: The scale at which inputs and the network's first weights fit each other.
_SCALE = 10.0
#: Examples in a step, and passes over all: few examples need smaller steps and more passes.
_SMALL, _STEP_SMALL, _PASSES_SMALL = 1_200, 32, 40
_STEP, _PASSES = 128, 20
#: PyTorch draws from one source of chance; networks are trained one after the other.
_CHANCE = Lock()


def fit_network(
    corpus: Corpus, projection: Projection, vocabulary: Vocabulary, rows: Sequence[Sparse]
) -> Network:
    """Fit a network to the examples and the names of intents.

    Args:
        corpus: the examples, all read by the encoder.
        projection: of their deep vectors.
        vocabulary: of their words.
        rows: their lexical vectors.
    """
    deep, truth = corpus.deep, corpus.truth
    if len(corpus.named.deep):
        deep = np.vstack([deep, corpus.named.deep])
        truth = np.concatenate([truth, corpus.named.truth])
        rows = [*rows, *(vocabulary.vector(text) for text in corpus.named.folded)]
    matrix = matrix_of(rows, vocabulary)
    reduction = _reduction(matrix)
    projected = projection.project(deep)
    # The projection is scaled for the joint machine.
    length = float(np.linalg.norm(projected, axis=1).mean())
    inputs = np.hstack([projected / max(length, 1e-6), matrix @ reduction]).astype(np.float32)
    inputs *= _SCALE
    with _CHANCE:
        first, first_bias, second, second_bias = _fit(inputs, truth, len(corpus.intents))
    first *= _SCALE
    first[: projected.shape[1]] /= max(length, 1e-6)
    return Network(reduction.astype(np.float16), first, first_bias, second, second_bias, 1.0)


def _reduction(matrix: Any) -> FloatArray:  # noqa: ANN401 - a scipy matrix
    """Return the directions of latent semantic analysis (Deerwester et al. 1990)."""
    from sklearn.decomposition import TruncatedSVD

    count, features = matrix.shape
    wanted = min(_REDUCED, count - 1, features - 1)
    if wanted < 1:
        return np.zeros((features, 1), dtype=np.float32)
    svd = TruncatedSVD(wanted, random_state=0, n_iter=3).fit(matrix)
    return np.ascontiguousarray(svd.components_.T, dtype=np.float32)


def _fit(
    inputs: FloatArray, truth: IndexArray, intents: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return weights and biases of both layers, inputs x hidden and hidden x intents."""
    import torch
    from torch.nn import Dropout, Linear, ReLU, Sequential
    from torch.nn.functional import cross_entropy

    torch.set_num_threads(1)
    few = len(inputs) < _SMALL
    size, passes = (_STEP_SMALL, _PASSES_SMALL) if few else (_STEP, _PASSES)
    steps = max(1, len(inputs) // size)
    x, y = torch.from_numpy(inputs), torch.from_numpy(truth)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Sequential(
            Dropout(_DROPPED_INPUT),
            Linear(inputs.shape[1], _HIDDEN),
            ReLU(),
            Dropout(_DROPPED_HIDDEN),
            Linear(_HIDDEN, intents),
        )
        optimiser = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=_DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, _RATE, total_steps=passes * steps + 1
        )
        for _ in range(passes):
            order = torch.randperm(len(inputs))
            for step in range(steps):
                some = order[step * size : (step + 1) * size]
                loss = cross_entropy(model(x[some]), y[some], label_smoothing=_SMOOTHING)
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call] # torch's own
                optimiser.step()
                schedule.step()
    parts = [each.detach().numpy().T.copy() for each in model.parameters()]
    return parts[0], parts[1], parts[2], parts[3]
