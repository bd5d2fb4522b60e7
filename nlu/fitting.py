"""The linear machines of both stages, fitted by scikit-learn; nothing here is needed to serve."""

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from nlu.corpus import Corpus, IndexArray
from nlu.dense_stage import Projection
from nlu.features import FloatArray, Sparse, Vocabulary, stack

if TYPE_CHECKING:
    from sklearn.linear_model._base import LinearClassifierMixin

#: Inverse regularisation of the two machines over words and of the regression over embeddings.
_LEXICAL_C = 1.0
_JOINT_C = 1.0
#: The same between two intents, whose features weigh by log-count ratios.
_TWO_INTENTS_C = 0.3
_DENSE_C = 30.0
#: Logit of an intent that was not taught.
_NEVER = -20.0
#: Weight of a projected sentence beside its words in the joint machine.
_DENSE_SCALE = 1.5
#: Directions a deep vector is projected on; the joint machine and the nearest examples look at the
#: first of them only: more gain nothing but time.
_AXES_MAX = 384
JOINT_AXES = 256
#: Fewer examples than these say nothing about directions.
_AXES_EXAMPLES = 4

#: The library under the separators draws from one source of chance for all threads.
_CHANCE = Lock()

Weights = tuple[FloatArray, FloatArray]  #: features x intents, bias


def matrix_of(rows: Sequence[Sparse], vocabulary: Vocabulary) -> Any:  # noqa: ANN401 - a scipy matrix
    """Return lexical vectors as a scipy matrix of compressed rows."""
    from scipy.sparse import csr_matrix

    starts, ids, values = stack(rows)
    return csr_matrix((values, ids, starts), shape=(len(rows), len(vocabulary.weights)))


def fit_lexical(corpus: Corpus, vocabulary: Vocabulary, rows: Sequence[Sparse]) -> Weights:
    """Fit one separator for each intent: as right as a regression, in a sixth of the time."""
    named = [vocabulary.vector(text) for text in corpus.named.folded]
    truth = np.concatenate([corpus.truth, corpus.named.truth])
    matrix = matrix_of([*rows, *named], vocabulary)
    strength = _LEXICAL_C if len(corpus.intents) > 2 else _TWO_INTENTS_C
    with _CHANCE:
        return _fit(_separators(strength), matrix, truth, len(corpus.intents))


def fit_dense(corpus: Corpus) -> Weights:
    """Fit a multinomial logistic regression over sentence vectors and the names of intents."""
    from sklearn.linear_model import LogisticRegression

    vectors, truth = corpus.deep[:, : corpus.dimension], corpus.truth
    if len(corpus.named.deep):
        vectors = np.vstack([vectors, corpus.named.deep[:, : corpus.dimension]])
        truth = np.concatenate([truth, corpus.named.truth])
    model = LogisticRegression(C=_DENSE_C, tol=1e-3, max_iter=60)
    return _fit(model, vectors, truth, len(corpus.intents))


def fit_joint(
    corpus: Corpus, projected: FloatArray, vocabulary: Vocabulary, rows: Sequence[Sparse]
) -> Weights:
    """Fit one separator for each intent over projected deep vectors and words together."""
    from scipy.sparse import csr_matrix, hstack

    dense = csr_matrix(projected[:, :JOINT_AXES])
    both = hstack([dense, matrix_of(rows, vocabulary)]).tocsr()
    with _CHANCE:
        return _fit(_separators(_JOINT_C), both, corpus.truth, len(corpus.intents))


def fit_projection(deep: FloatArray) -> Projection:
    """Return the directions in which the examples differ most (principal components)."""
    mean = deep.mean(axis=0)
    centred = deep - mean
    if len(deep) < _AXES_EXAMPLES:
        axes = np.eye(deep.shape[1], dtype=np.float32)[:, :_AXES_MAX]
    else:
        spread = (centred.T @ centred).astype(np.float64)
        _, vectors = np.linalg.eigh(spread)
        axes = vectors[:, ::-1][:, :_AXES_MAX].astype(np.float32)
        # The sign of an eigenvector is the library's whim; fix it.
        axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    length = float(np.linalg.norm(centred @ axes, axis=1).mean())
    return Projection(mean, np.ascontiguousarray(axes * (_DENSE_SCALE / max(length, 1e-6))))


def _separators(c: float) -> "LinearClassifierMixin":
    from sklearn.svm import LinearSVC

    return LinearSVC(C=c, tol=1e-2, max_iter=300, random_state=0)


def _fit(
    model: "LinearClassifierMixin",
    matrix: Any,  # noqa: ANN401 - numpy or scipy
    truth: IndexArray,
    intents: int,
) -> Weights:
    """Fit `model` and return its weights; rarer intents count more, by the root of rarity."""
    counts = np.bincount(truth, minlength=intents)
    known = np.unique(truth)
    if len(known) < 2:  # nothing to separate
        alone = np.full(intents, _NEVER, dtype=np.float32)
        alone[known] = 0.0
        return np.zeros((matrix.shape[1], intents), dtype=np.float32), alone
    importance = np.sqrt(len(truth) / (len(known) * counts[truth]))
    model.fit(matrix, truth, sample_weight=importance)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(known) == 2:  # scikit-learn keeps one row for two classes
        coefficients = np.vstack([-coefficients[0] / 2, coefficients[0] / 2])
        intercepts = np.array([-intercepts[0] / 2, intercepts[0] / 2])
    whole = np.zeros((coefficients.shape[1], intents), dtype=np.float32)
    bias = np.full(intents, _NEVER, dtype=np.float32)
    whole[:, known] = coefficients.T
    bias[known] = intercepts
    return whole, bias
