"""Calibration: from what a search found to the share of right answers, learnt from the articles.

A regression over a few signs of each trial, see `trials`, tells right answers from wrong ones. All
figures are of questions it was not fitted to: what it learnt of some articles is tried on others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index import LanguageIndex
from knowledge_base.ranking import Query, Ranking
from knowledge_base.trials import WORDINGS_MIN, Asked, Floats, Trials, run_trials

#: Largest share of wrong answers among the answers given, at the shares of questions below: a
#: hundredth less than is promised, as trials are few and customers put things otherwise.
WRONG_MAX: Final = 0.04
#: Share of answerable questions that come nearly in words an article lists, and are found. A left-
#: out wording is harder than what customers ask: of 110 questions written without sight of the
#: example's articles the right one came first for 0.91, of its left-out wordings for 0.75.
REPEATED_SHARE: Final = 0.6
#: Shares of the questions customers ask the knowledge base that no article answers: about the
#: company's things, and about anything else. As many as are answerable: a bot whose articles are
#: new must not make up for them.
NEAR_SHARE: Final = 0.45
FOREIGN_SHARE: Final = 0.1
#: Largest share of texts about other things to which near questions are offered.
OFFERED_FOREIGN_MAX: Final = 0.1
#: Largest share of questions that words alone may answer otherwise than words and meaning, and how
#: many questions must have shown it.
WORDS_DIFFER_MAX: Final = 0.01
_WORDS_TRIALS_MIN: Final = 30
#: No signal is this high.
_NEVER: Final = 9.0
#: Fewer articles than these teach nothing; measured defaults are used then.
ARTICLES_MIN: Final = 6
#: Parts of the articles, each judged by what the others taught.
_FOLDS: Final = 5
#: How strongly weights of signs are held near 0, for each trial.
_RIDGE: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the search of one language decides, and how good it was on the bot's own articles.

    The shares are those of the trials, in which every question is asked without the wording that
    lists it; customers fare better.
    """

    slope: float  #: of the logistic curve from signal to probability, where signs are not known
    intercept: float
    answer_at: float  #: least probability, 0..1, at which an answer is given
    offer_at: float  #: least score of an article, 0..1, at which its question is offered
    wordings: int = 0  #: questions asked; 0: too few, these are the defaults
    foreign: int = 0  #: texts about other things asked
    misses: int = 0  #: questions of customers asked that no article answers
    articles: int = 0  #: articles there were
    first: float = 0.0  #: share of questions for which the right article came first
    answered: float = 0.0  #: share of answerable questions that were answered
    wrong: float = 0.0  #: share of those answers that were wrong
    near_answered: float = 0.0  #: share answered although their subject was taken away
    foreign_answered: float = 0.0  #: share of texts about other things that were answered
    offered: float = 0.0  #: share of questions answered rightly or offered the right article
    #: the signal of words alone at which a question is answered without being encoded: from there
    #: on words and meaning would answer the same, but for WORDS_DIFFER_MAX of the questions
    words_at: float = _NEVER
    words_alone: float = 0.0  #: share of questions above it
    sign_weights: tuple[float, ...] = ()  #: of each sign of a ranking; empty: the signal decides
    sign_bias: float = 0.0

    def probability(self, ranking: Ranking) -> float:
        """Return how probable it is, 0..1, that the first article of a ranking answers rightly."""
        value = self.slope * ranking.signal + self.intercept
        if self.sign_weights and ranking.signs:
            weighed = zip(self.sign_weights, ranking.signs, strict=True)
            value = sum(weight * sign for weight, sign in weighed) + self.sign_bias
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))


#: Used for small knowledge bases and such without questions. Learnt from the example company's
#: articles with their titles only, and with two questions each, asked all their other questions.
WORDS_DEFAULT: Final = Calibration(
    slope=8.5,
    intercept=-3.8,
    answer_at=0.64,
    offer_at=0.16,
    sign_weights=(16.9, 13.2, -2.3, -3.6, -4.0, 0.0, 0.0, -1.8, 0.0),
    sign_bias=-1.5,
)
MEANING_DEFAULT: Final = Calibration(
    slope=9.3,
    intercept=-5.1,
    answer_at=0.65,
    offer_at=0.27,
    sign_weights=(8.6, 12.6, -4.6, 0.5, 0.3, -2.2, 2.7, -0.4, -0.3),
    sign_bias=-1.5,
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The trials with what the regression says of each, learnt from others."""

    trials: Trials
    known: Floats
    near: Floats
    foreign: Floats

    @property
    def weights(self) -> tuple[float, float, float]:
        """What one answerable, one near and one foreign question count."""
        foreign_share = FOREIGN_SHARE if len(self.foreign) else 0.0
        known = 1.0 - NEAR_SHARE - foreign_share
        return (
            known / len(self.known),
            NEAR_SHARE / len(self.near),
            foreign_share / max(1, len(self.foreign)),
        )


def calibrate(
    index: LanguageIndex,
    asked: Mapping[int, Query],
    *,
    foreign: Sequence[Query],
    misses: Sequence[Query] = (),
) -> Calibration:
    """Return the calibration of `index`.

    Args:
        index: what is searched.
        asked: the queries of `trial_wordings`, by their numbers.
        foreign: texts in its language that are about other things.
        misses: questions of customers that no article answers.
    """
    meaning = index.weights.wording_meaning > 0
    default = MEANING_DEFAULT if meaning else WORDS_DEFAULT
    if len(asked) < WORDINGS_MIN or len(index.articles) < ARTICLES_MIN:
        return default
    trials = run_trials(index, asked, foreign=foreign, misses=misses)
    if len(trials.known) < WORDINGS_MIN:
        return _without_questions(trials, default)
    judged = _judge(trials)
    least = _least(judged)
    weights, bias = _fit(*_examples(trials, None))
    slope, intercept = _fit_signal(trials)
    offer_at = _offer_at(trials)
    words_at = _words_at(judged, least) if meaning else _NEVER
    alone = np.array([words.signal >= words_at for words in trials.known.words])
    answered = judged.known >= least
    reached = (answered & trials.right) | (trials.own_scores >= offer_at)
    return Calibration(
        slope=slope,
        intercept=intercept,
        answer_at=float(_logistic(least)),
        offer_at=offer_at,
        wordings=len(trials.known),
        foreign=len(foreign),
        misses=len(misses),
        articles=len(index.articles),
        first=float(trials.right.mean()),
        answered=float(answered.mean()),
        wrong=float((answered & ~trials.right).sum() / max(1, answered.sum())),
        near_answered=float((judged.near >= least).mean()),
        foreign_answered=float((judged.foreign >= least).mean()) if len(foreign) else 0.0,
        offered=float(reached.mean()),
        words_at=words_at,
        words_alone=float(alone.mean()),
        sign_weights=tuple(map(float, weights)),
        sign_bias=bias,
    )


def _without_questions(trials: Trials, default: Calibration) -> Calibration:
    """Return `default`, as strict as articles with titles alone show that it must be.

    What is right cannot be learnt from them, but what happens when the answer is taken away can.
    """
    near = np.array([default.probability(ranking) for ranking in trials.near.both])
    foreign = np.array([default.probability(ranking) for ranking in trials.foreign.both])
    least = max(default.answer_at, float(np.quantile(near, 1 - WRONG_MAX)) + 1e-6)
    return replace(
        default,
        answer_at=least,
        foreign=len(trials.foreign),
        near_answered=float((near >= least).mean()),
        foreign_answered=float((foreign >= least).mean()) if len(foreign) else 0.0,
    )


def _judge(trials: Trials) -> _Judged:
    found = [np.zeros(len(asked)) for asked in (trials.known, trials.near, trials.foreign)]
    for fold in range(_FOLDS):
        weights, bias = _fit(*_examples(trials, fold))
        for scores, asked in zip(found, (trials.known, trials.near, trials.foreign), strict=True):
            here = asked.groups % _FOLDS == fold
            scores[here] = asked.signs[here] @ weights + bias
    return _Judged(trials, *found)


def _examples(trials: Trials, left_out: int | None) -> tuple[Floats, Floats]:
    """Return the signs of the trials and which were right, but for one part of the articles."""
    rows: list[Floats] = []
    right: list[Floats] = []
    parts: list[tuple[Asked, NDArray[np.bool_]]] = [(trials.known, trials.right)]
    parts += [(each, np.zeros(len(each), np.bool_)) for each in (trials.near, trials.foreign)]
    for asked, targets in parts:
        kept = asked.groups % _FOLDS != left_out if left_out is not None else slice(None)
        rows.append(asked.signs[kept])
        right.append(targets[kept].astype(np.float64))
    return np.concatenate(rows), np.concatenate(right)


def _least(judged: _Judged) -> float:
    """Return the least judgement above which few enough answers are wrong."""
    asked, near, foreign = judged.weights
    new = 1.0 - REPEATED_SHARE
    for least in np.unique(judged.known):
        answered = judged.known >= least
        good = asked * float(
            REPEATED_SHARE * len(answered) + new * (answered & judged.trials.right).sum()
        )
        bad = (
            asked * new * float((answered & ~judged.trials.right).sum())
            + near * float((judged.near >= least).sum())
            + foreign * float((judged.foreign >= least).sum())
        )
        if bad <= WRONG_MAX * (good + bad):
            return float(least)
    return float(max(judged.known.max(), judged.near.max())) + 1e-6


def _words_at(judged: _Judged, least: float) -> float:
    """Return the least signal of words alone from which they answer as words and meaning do.

    To answer rightly what both together are not sure of does no harm.

    Args:
        judged: every question both ways.
        least: judgement of words and meaning from which an answer is given.
    """
    trials = judged.trials
    parts = (trials.known, trials.near, trials.foreign)
    weights = np.repeat(judged.weights, [len(asked) for asked in parts])
    words = [ranking for asked in parts for ranking in asked.words]
    both = [ranking for asked in parts for ranking in asked.both]
    same = np.array([a.articles[0] == b.articles[0] for a, b in zip(words, both, strict=True)])
    signals = np.array([ranking.signal for ranking in words])
    judgements = np.concatenate([judged.known, judged.near, judged.foreign])
    order = np.argsort(-signals, kind="stable")
    right = np.concatenate([trials.right, np.zeros(len(trials.near) + len(trials.foreign))]) > 0
    differ = (~same | ((judgements < least) & ~right))[order]
    share = np.cumsum(weights[order] * differ) / np.cumsum(weights[order])
    good = np.flatnonzero(share <= WORDS_DIFFER_MAX)
    if not len(good) or good[-1] < _WORDS_TRIALS_MIN:
        return _NEVER
    return float(signals[order][good[-1]])


def _offer_at(trials: Trials) -> float:
    """Return the least score at which a question is offered.

    As low as the texts about other things allow: an offer costs the customer one glance.
    """
    own = trials.own_scores[trials.own_scores >= 0]
    wanted = float(np.quantile(own, 0.02)) if len(own) else 0.0
    if not len(trials.foreign):
        return wanted
    scores = [ranking.scores[0] for ranking in trials.foreign.both]
    return max(wanted, float(np.quantile(scores, 1 - OFFERED_FOREIGN_MAX)) + 1e-6)


def _fit_signal(trials: Trials) -> tuple[float, float]:
    """Fit the probability of being right by the signal alone."""
    signals = [asked.signals for asked in (trials.known, trials.near, trials.foreign)]
    right = np.concatenate([trials.right, np.zeros(len(trials.near) + len(trials.foreign))])
    weights, bias = _fit(np.concatenate(signals)[:, None], right)
    return max(float(weights[0]), 1e-3), bias


def _fit(signs: Floats, right: Floats) -> tuple[Floats, float]:
    """Fit the probability of being right by Newton's method (Platt 1999, smoothed targets).

    Returns:
        the weight of each column of `signs` and the bias.
    """
    mean, spread = signs.mean(axis=0), signs.std(axis=0)
    spread[spread < 1e-6] = 1.0
    design = np.column_stack([(signs - mean) / spread, np.ones(len(signs))])
    good = float(right.sum())
    targets = np.where(right > 0, (good + 1) / (good + 2), 1 / (len(right) - good + 2))
    ridge = _RIDGE * len(signs) * np.eye(design.shape[1])
    ridge[-1, -1] = 0.0
    found = np.zeros(design.shape[1])
    for _ in range(50):
        expected = _logistic(design @ found)
        gradient = design.T @ (expected - targets) + ridge @ found
        curvature = (design * (expected * (1 - expected))[:, None]).T @ design
        step = np.linalg.solve(curvature + ridge + 1e-9 * np.eye(len(ridge)), gradient)
        found = found - step
        if float(np.abs(step).max()) < 1e-8:
            break
    weights = found[:-1] / spread
    return weights, float(found[-1] - weights @ mean)


def _logistic(value: Floats | float) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0))))
