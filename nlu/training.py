"""Teach a Model from training data: deterministic, in seconds; what it needs, serving does not."""

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from nlu.corpus import Corpus, IndexArray, corpus_of
from nlu.dense_stage import DenseExamples, DenseStage, Joint, Network, Projection
from nlu.encoder import SentenceEncoder
from nlu.features import IntArray, Sparse, Vocabulary, learn_vocabulary, stack
from nlu.fitting import (
    JOINT_AXES,
    Weights,
    fit_dense,
    fit_joint,
    fit_lexical,
    fit_projection,
)
from nlu.learnt import Learnt
from nlu.linear import Linear
from nlu.model import LexicalExamples, Model
from nlu.network_fitting import fit_network
from nlu.out_of_fold import predict_held_out
from nlu.probabilities import unit
from nlu.text import comparable
from nlu.training_data import TrainingData


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

    # One thread for each product: sums in one order (the same data trains the same model), and
    # several pools on a busy machine spin against each other for minutes. Warnings are silenced
    # out here because two threads fit at once, and filters are the process's: a fit cut off early
    # is as good to rank with.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _train(data, encoder, tuple(languages or data.languages))


def _train(
    data: TrainingData, encoder: SentenceEncoder | None, languages: tuple[str, ...]
) -> Model:
    corpus = corpus_of(data, encoder)
    vocabulary = learn_vocabulary(corpus.folded, truth=corpus.sides)
    rows = [vocabulary.vector(text) for text in corpus.folded]
    # Most of the time is spent in native code without the interpreter's lock: two cores are used.
    with ThreadPoolExecutor(2) as pool:
        held_out = pool.submit(predict_held_out, corpus)
        machines = _dense_machines(corpus, vocabulary, rows) if corpus.read.any() else None
        weights, bias = fit_lexical(corpus, vocabulary, rows)
        learnt = Learnt(held_out.result(), languages)
    dense = None
    if encoder is not None and machines is not None:
        dense = DenseStage(
            linear=Linear(*machines.linear, learnt.dense_temperature),
            projection=machines.projection,
            joint=replace(machines.joint, temperature=learnt.joint_temperature),
            network=replace(machines.network, temperature=learnt.network_temperature),
            examples=machines.examples,
            shares=learnt.shares,
            gate=learnt.gate,
            languages=tuple(each for each in languages if encoder.reads(each)),
            encoder_key=encoder.key,
        )
    starts, ids, values = stack(rows)
    return Model(
        intents=corpus.intents,
        languages=languages,
        vocabulary=vocabulary,
        lexical=Linear(weights.astype(np.float16), bias, learnt.lexical_temperature),
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


@dataclass(frozen=True, slots=True)
class _Machines:
    """The second stage before it is known how far to believe it."""

    network: Network
    projection: Projection
    joint: Joint
    linear: Weights
    examples: DenseExamples


def _dense_machines(corpus: Corpus, vocabulary: Vocabulary, rows: Sequence[Sparse]) -> _Machines:
    read = [row for row, can in zip(rows, corpus.read, strict=True) if can]
    corpus = corpus.take(corpus.read)
    projection = fit_projection(corpus.deep)
    network = fit_network(corpus, projection, vocabulary, read)
    projected = projection.project(corpus.deep)[:, :JOINT_AXES]
    weights, bias = fit_joint(corpus, projected, vocabulary, read)
    width = projected.shape[1]
    return _Machines(
        network=network,
        projection=projection,
        joint=Joint(weights[:width], weights[width:].astype(np.float16), bias, 1.0),
        linear=fit_dense(corpus),
        examples=DenseExamples(unit(projected), _bounds(corpus.truth, len(corpus.intents))),
    )


def _bounds(truth: IndexArray, intents: int) -> IntArray:
    return np.searchsorted(truth, np.arange(intents + 1)).astype(np.intp)
