"""Predictions for examples by models that were not taught them: what confidence is learnt from."""

from dataclasses import dataclass

import numpy as np

from nlu.corpus import FOLDS, Corpus, IndexArray, Mask, deal
from nlu.features import FloatArray, learn_vocabulary
from nlu.fitting import (
    JOINT_AXES,
    fit_dense,
    fit_joint,
    fit_lexical,
    fit_projection,
    matrix_of,
)
from nlu.network_fitting import fit_network
from nlu.probabilities import unit

#: With so many predictions the rest of the folds would teach nothing more.
_ENOUGH = 2_400
#: So many examples are compared with all others at once.
_COSINES_AT_ONCE = 512


@dataclass(slots=True)
class OutOfFold:
    """The examples that were held out, and what was predicted for them; one row each."""

    corpus: Corpus
    lexical: FloatArray  #: logits
    dense: FloatArray  #: logits
    joint: FloatArray  #: logits
    network: FloatArray  #: logits
    lexical_cosines: FloatArray  #: to the nearest example of each intent
    dense_cosines: FloatArray


def predict_held_out(corpus: Corpus) -> OutOfFold:
    """Hold out one fold after the other until there are enough predictions."""
    shape = (len(corpus.truth), len(corpus.intents))
    found = OutOfFold(corpus, *(np.zeros(shape, dtype=np.float32) for _ in range(6)))
    tested = np.zeros(len(corpus.truth), dtype=bool)
    fold = deal(corpus)
    for each in range(FOLDS):
        held, taught = fold == each, fold != each
        if not held.any() or len(set(corpus.truth[taught])) < 2:
            continue
        _predict(found, held, taught)
        tested |= held
        if tested.sum() >= _ENOUGH:
            break
    if not tested.any():
        tested[:] = True
    return OutOfFold(
        corpus.take(tested),
        found.lexical[tested],
        found.dense[tested],
        found.joint[tested],
        found.network[tested],
        found.lexical_cosines[tested],
        found.dense_cosines[tested],
    )


def _predict(found: OutOfFold, held: Mask, taught: Mask) -> None:
    corpus = found.corpus
    known, asked = corpus.take(taught), corpus.take(held)
    intents = len(corpus.intents)
    vocabulary = learn_vocabulary(known.folded, truth=known.sides)
    rows = [vocabulary.vector(text) for text in known.folded]
    questions = [vocabulary.vector(text) for text in asked.folded]
    words, question_words = matrix_of(rows, vocabulary), matrix_of(questions, vocabulary)
    weights, bias = fit_lexical(known, vocabulary, rows)
    found.lexical[held] = question_words @ weights + bias
    others, places = words.T.tocsr(), np.flatnonzero(held)
    # Some at a time: all cosines of a large corpus at once are gigabytes.
    for start in range(0, len(places), _COSINES_AT_ONCE):
        some = slice(start, start + _COSINES_AT_ONCE)
        found.lexical_cosines[places[some]] = _best_by_intent(
            (question_words[some] @ others).toarray(), known.truth, intents
        )
    if not asked.read.any() or len(set(known.truth[known.read])) < 2:
        return
    at = np.flatnonzero(held)[asked.read]
    rows = [row for row, read in zip(rows, known.read, strict=True) if read]
    questions = [each for each, read in zip(questions, asked.read, strict=True) if read]
    question_words = question_words[asked.read]
    known, asked = known.take(known.read), asked.take(asked.read)
    weights, bias = fit_dense(known)
    found.dense[at] = asked.deep[:, : corpus.dimension] @ weights + bias
    projection = fit_projection(known.deep)
    examples, questioned = projection.project(known.deep), projection.project(asked.deep)
    deepest = questioned
    examples, questioned = examples[:, :JOINT_AXES], questioned[:, :JOINT_AXES]
    weights, bias = fit_joint(known, examples, vocabulary, rows)
    width = examples.shape[1]
    found.joint[at] = questioned @ weights[:width] + question_words @ weights[width:] + bias
    found.dense_cosines[at] = _best_by_intent(
        unit(questioned) @ unit(examples).T, known.truth, intents
    )
    # Last, because the whole model's network is trained first, and only one can be at a time.
    network = fit_network(known, projection, vocabulary, rows)
    found.network[at] = [
        network.logits(projected, question)
        for projected, question in zip(deepest, questions, strict=True)
    ]


def _best_by_intent(cosines: FloatArray, truth: IndexArray, intents: int) -> FloatArray:
    best = np.zeros((len(cosines), intents), dtype=np.float32)
    for intent in np.unique(truth):
        best[:, intent] = cosines[:, truth == intent].max(axis=1)
    return best
