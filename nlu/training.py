"""Teach a Model from training data; deterministic, seconds; scikit-learn is imported only here."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nlu.calibration import Judged, dense_share, gate, temperature, threshold
from nlu.encoder import SentenceEncoder
from nlu.features import FloatArray, IntArray, Sparse, Vocabulary, learn_vocabulary, stack
from nlu.model import (
    SURE_COSINE,
    DenseExamples,
    DenseStage,
    LexicalExamples,
    Linear,
    Model,
    Probabilities,
    full_score,
    lexical_score,
    softmax,
)
from nlu.text import comparable, matter, normalise
from nlu.training_data import OUT_OF_SCOPE, Example, TrainingData

if TYPE_CHECKING:
    from sklearn.linear_model._base import LinearClassifierMixin

_FOLDS = 4
#: Inverse regularisation of the lexical machine and of the regression over embeddings.
_LEXICAL_C = 1.0
_DENSE_C = 30.0
#: Logit of an intent a fold was not taught.
_NEVER = -20.0
IndexArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Corpus:
    """The examples in order of intent, as arrays."""

    intents: tuple[str, ...]
    folded: list[str]
    truth: IndexArray
    language: NDArray[np.str_]
    read: NDArray[np.bool_]  #: whether the encoder reads the example
    dense: FloatArray  #: embeddings, zero where not read

    @property
    def scope(self) -> NDArray[np.bool_]:
        """Where the example means something known."""
        if OUT_OF_SCOPE not in self.intents:
            return np.ones(len(self.truth), dtype=bool)
        return np.asarray(self.truth != self.intents.index(OUT_OF_SCOPE))


@dataclass(slots=True)
class _OutOfFold:
    """Predictions for each example by models that were not taught it."""

    lexical: FloatArray  #: logits
    dense: FloatArray
    lexical_cosines: FloatArray  #: to the nearest example of each intent
    dense_cosines: FloatArray


def train(
    data: TrainingData,
    *,
    encoder: SentenceEncoder | None,
    languages: Sequence[str] | None = None,
) -> Model:
    """Train the cascade on `data`.

    Args:
        data: the examples.
        encoder: for the second stage; None for the lexical stage only.
        languages: of the bot; default: those of `data`.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no types

    # One thread: sums in one order (the same data trains the same model), and several pools on a
    # busy machine spin against each other for minutes.
    with threadpool_limits(limits=1):
        return _train(data, encoder, tuple(languages or data.languages))


def _train(
    data: TrainingData, encoder: SentenceEncoder | None, languages: tuple[str, ...]
) -> Model:
    corpus = _corpus(data, encoder)
    held_out = _cross_validate(corpus)
    vocabulary = learn_vocabulary(corpus.folded)
    rows = [vocabulary.vector(text) for text in corpus.folded]
    lexical = _fit_sparse(rows, corpus.truth, vocabulary, len(corpus.intents))
    lexical_t = temperature(held_out.lexical, corpus.truth)
    learnt = _Learnt(corpus, held_out, languages, lexical_t)
    dense = None
    if encoder is not None and corpus.read.any():
        weights, bias = _fit_dense(
            corpus.dense[corpus.read], corpus.truth[corpus.read], len(corpus.intents)
        )
        dense = DenseStage(
            linear=Linear(weights, bias, learnt.dense_temperature),
            examples=DenseExamples(
                corpus.dense[corpus.read], _bounds(corpus.truth[corpus.read], len(corpus.intents))
            ),
            share=learnt.share,
            gate=learnt.gate,
            languages=tuple(each for each in languages if encoder.reads(each)),
            encoder_key=encoder.key,
        )
    starts, ids, values = stack(rows)
    return Model(
        intents=corpus.intents,
        languages=languages,
        vocabulary=vocabulary,
        lexical=Linear(*lexical, lexical_t),
        examples=LexicalExamples(
            starts,
            ids,
            values,
            _bounds(corpus.truth, len(corpus.intents)),
            len(vocabulary.weights),
        ),
        dense=dense,
        exact={
            comparable(example.text): corpus.intents.index(example.intent)
            for example in data.examples
        },
        lexical_thresholds=learnt.lexical_thresholds,
        full_thresholds=learnt.full_thresholds,
        facts=learnt.facts,
    )


def _corpus(data: TrainingData, encoder: SentenceEncoder | None) -> _Corpus:
    intents = data.intents
    place = {name: at for at, name in enumerate(intents)}
    # By intent (examples of one lie together), then text: the same data trains the same model
    # whatever the order of its files.
    examples: list[Example] = sorted(
        data.examples, key=lambda e: (place[e.intent], comparable(e.text))
    )
    read = np.array([encoder is not None and encoder.reads(e.language) for e in examples])
    dense = np.zeros((len(examples), encoder.dimension if encoder else 0), dtype=np.float32)
    if encoder is not None and read.any():
        at = np.flatnonzero(read)
        dense[at] = encoder.encode([matter(normalise(examples[i].text).folded) for i in at])
    return _Corpus(
        intents=intents,
        folded=[normalise(e.text).folded for e in examples],
        truth=np.array([place[e.intent] for e in examples], dtype=np.int64),
        language=np.array([e.language for e in examples]),
        read=read,
        dense=dense,
    )


def _cross_validate(corpus: _Corpus) -> _OutOfFold:
    shape = (len(corpus.truth), len(corpus.intents))
    found = _OutOfFold(*(np.zeros(shape, dtype=np.float32) for _ in range(4)))
    fold = _folds(corpus)
    for each in range(_FOLDS):
        held, taught = fold == each, fold != each
        if not held.any() or len(set(corpus.truth[taught])) < 2:
            continue
        _predict_lexical(corpus, held, taught, found)
        held, taught = held & corpus.read, taught & corpus.read
        if held.any() and len(set(corpus.truth[taught])) > 1:
            weights, bias = _fit_dense(corpus.dense[taught], corpus.truth[taught], shape[1])
            found.dense[held] = corpus.dense[held] @ weights + bias
            cosines = corpus.dense[held] @ corpus.dense[taught].T
            found.dense_cosines[held] = _best_by_intent(cosines, corpus.truth[taught], shape[1])
    return found


def _predict_lexical(
    corpus: _Corpus, held: NDArray[np.bool_], taught: NDArray[np.bool_], found: _OutOfFold
) -> None:
    intents = len(corpus.intents)
    vocabulary = learn_vocabulary([corpus.folded[i] for i in np.flatnonzero(taught)])
    rows = [vocabulary.vector(corpus.folded[i]) for i in np.flatnonzero(taught)]
    weights, bias = _fit_sparse(rows, corpus.truth[taught], vocabulary, intents)
    asked = [vocabulary.vector(corpus.folded[i]) for i in np.flatnonzero(held)]
    found.lexical[held] = _matrix(asked, vocabulary) @ weights + bias
    cosines = (_matrix(asked, vocabulary) @ _matrix(rows, vocabulary).T).toarray()
    found.lexical_cosines[held] = _best_by_intent(cosines, corpus.truth[taught], intents)


def _folds(corpus: _Corpus) -> IndexArray:
    """Deal the examples of each intent and language in turn, so that every fold has some."""
    fold = np.zeros(len(corpus.truth), dtype=np.int64)
    seen: dict[tuple[int, str], int] = {}
    for at, (intent, language) in enumerate(zip(corpus.truth, corpus.language, strict=True)):
        key = (int(intent), str(language))
        fold[at] = seen.setdefault(key, int(intent)) % _FOLDS
        seen[key] += 1
    return fold


def _best_by_intent(cosines: FloatArray, truth: IndexArray, intents: int) -> FloatArray:
    best = np.zeros((len(cosines), intents), dtype=np.float32)
    for intent in np.unique(truth):
        best[:, intent] = cosines[:, truth == intent].max(axis=1)
    return best


def _matrix(rows: Sequence[Sparse], vocabulary: Vocabulary) -> Any:  # noqa: ANN401 - a scipy matrix
    from scipy.sparse import csr_matrix

    starts, ids, values = stack(rows)
    return csr_matrix((values, ids, starts), shape=(len(rows), len(vocabulary.weights)))


def _fit_sparse(
    rows: Sequence[Sparse], truth: IndexArray, vocabulary: Vocabulary, intents: int
) -> tuple[FloatArray, FloatArray]:
    """Fit one separator for each intent: as right as a regression, in a sixth of the time."""
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=_LEXICAL_C, tol=1e-2, max_iter=300, random_state=0)
    return _fit(model, _matrix(rows, vocabulary), truth, intents)


def _fit_dense(
    vectors: FloatArray, truth: IndexArray, intents: int
) -> tuple[FloatArray, FloatArray]:
    """Fit a multinomial logistic regression over embeddings."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_DENSE_C, tol=1e-3, max_iter=60)
    return _fit(model, vectors, truth, intents)


def _fit(
    model: "LinearClassifierMixin",
    matrix: Any,  # noqa: ANN401 - numpy or scipy
    truth: IndexArray,
    intents: int,
) -> tuple[FloatArray, FloatArray]:
    """Fit `model` and return its weights; rarer intents count more, by the root of rarity."""
    counts = np.bincount(truth, minlength=intents)
    known = np.unique(truth)
    if len(known) < 2:  # nothing to separate
        alone = np.full(intents, _NEVER, dtype=np.float32)
        alone[known] = 0.0
        return np.zeros((matrix.shape[1], intents), dtype=np.float32), alone
    importance = np.sqrt(len(truth) / (len(known) * counts[truth]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit cut off early is as good to rank with
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


def _bounds(truth: IndexArray, intents: int) -> IntArray:
    return np.searchsorted(truth, np.arange(intents + 1)).astype(np.intp)


class _Learnt:
    """What the out-of-fold predictions teach about when to believe which stage."""

    def __init__(
        self, corpus: _Corpus, held_out: _OutOfFold, languages: Sequence[str], lexical_t: float
    ) -> None:
        self._corpus = corpus
        self._held_out = held_out
        self._lexical = softmax(held_out.lexical / lexical_t)
        self.dense_temperature, self.share = 1.0, 0.5
        self._full = self._lexical
        read = corpus.read
        if read.any():
            self.dense_temperature = temperature(held_out.dense[read], corpus.truth[read])
            dense = softmax(held_out.dense / self.dense_temperature)
            self.share = dense_share(self._lexical[read], dense[read], corpus.truth[read])
            self._full = np.where(
                read[:, None], self.share * dense + (1 - self.share) * self._lexical, self._lexical
            )
        rows = {each: corpus.language == each for each in languages}
        self.lexical_thresholds = {
            each: self._threshold(self._lexical, at, full=False) for each, at in rows.items()
        }
        self.full_thresholds = {
            each: self._threshold(self._full, at & read, full=True) for each, at in rows.items()
        }
        self.gate = self._gate() if read.any() else 2.0
        self.facts = self._facts(rows)

    def _scores(
        self, probabilities: Probabilities, at: IndexArray, top: IndexArray, *, full: bool
    ) -> NDArray[np.float64]:
        lexical = self._held_out.lexical_cosines[at, top]
        p = probabilities[np.arange(len(at)), top]
        if not full:
            return np.array([lexical_score(*pair) for pair in zip(p, lexical, strict=True)])
        dense = self._held_out.dense_cosines[at, top]
        return np.array([full_score(*each) for each in zip(p, dense, lexical, strict=True)])

    def _threshold(
        self, probabilities: Probabilities, mask: NDArray[np.bool_], *, full: bool
    ) -> float:
        """Choose by what was understood, against two kinds of negatives.

        Negatives are the out-of-scope examples, and every other example as if its own intent were
        not known to the bot: its probability mass is dealt to the rest.
        """
        at = np.flatnonzero(mask & self._corpus.scope)
        truth = self._corpus.truth
        chosen = probabilities[at].argmax(axis=1) if len(at) else np.zeros(0, dtype=np.int64)
        scores = self._scores(probabilities[at], at, chosen, full=full)
        masked = probabilities[at].copy()
        masked[np.arange(len(at)), truth[at]] = 0.0
        masked /= np.maximum(masked.sum(axis=1, keepdims=True), 1e-12)
        strangers = (
            self._scores(masked, at, masked.argmax(axis=1), full=full) if len(at) else scores
        )
        out = np.flatnonzero(mask & ~self._corpus.scope)
        if len(out):
            known = probabilities[out].copy()
            known[:, self._corpus.intents.index(OUT_OF_SCOPE)] = 0.0
            known /= np.maximum(known.sum(axis=1, keepdims=True), 1e-12)
            nonsense = self._scores(known, out, known.argmax(axis=1), full=full)
            # Both kinds weigh the same however many there are of each.
            repeat = max(1, round(len(strangers) / len(nonsense)))
            strangers = np.concatenate([strangers, np.repeat(nonsense, repeat)])
        return threshold(Judged(right=scores[chosen == truth[at]], negative=strangers))

    def _right(self, probabilities: Probabilities, at: IndexArray) -> NDArray[np.bool_]:
        return np.asarray(probabilities[at].argmax(axis=1) == self._corpus.truth[at])

    def _gate(self) -> float:
        at = np.flatnonzero(self._corpus.read)
        lexical = self._lexical[at]
        top = lexical.argmax(axis=1)
        scores = self._scores(lexical, at, top, full=False)
        limits = np.array([self.lexical_thresholds[x] for x in self._corpus.language[at]])
        ordered = np.sort(lexical, axis=1)
        margins = ordered[:, -1] - ordered[:, -2]
        cosines = self._held_out.lexical_cosines[at, top]
        accepted = (scores >= limits) & (cosines >= SURE_COSINE)
        return gate(margins, accepted, self._right(self._lexical, at), self._right(self._full, at))

    def _facts(self, rows: dict[str, NDArray[np.bool_]]) -> dict[str, float]:
        facts = {"gate": self.gate, "share": self.share}
        for language, mask in rows.items():
            at = np.flatnonzero(mask)
            if len(at):
                facts[f"accuracy_lexical_{language}"] = float(
                    self._right(self._lexical, at).mean()
                )
                facts[f"accuracy_{language}"] = float(self._right(self._full, at).mean())
        return facts
