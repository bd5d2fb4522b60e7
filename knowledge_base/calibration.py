"""Calibration: from how sure a search is to the share of right answers, learnt from the articles.

Every wording of every article is asked against an index without that wording: once with the
article there, where the right answer is known, and once with the article taken away, where
declining is right. Texts about other things altogether are asked as well.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index import LanguageIndex
from knowledge_base.postings import keys_of
from knowledge_base.ranking import Query, Ranking

#: Largest share of wrong answers among the answers given, at the shares of questions below.
WRONG_MAX: Final = 0.05
#: Share of answerable questions that come nearly in words an article lists, and are found. A left-
#: out wording is harder than what customers ask: of 110 questions written without sight of the
#: example's articles the right one came first for 0.91, of its left-out wordings for 0.75.
REPEATED_SHARE: Final = 0.6
#: Shares of the questions customers ask the knowledge base that no article answers: about the
#: company's things, and about anything else.
NEAR_SHARE: Final = 0.05
FOREIGN_SHARE: Final = 0.1
#: Largest share of the questions whose article was taken away that may be answered all the same.
NEAR_ANSWERED_MAX: Final = 0.25
#: Largest share of texts about other things to which near questions are offered.
OFFERED_FOREIGN_MAX: Final = 0.1
#: Largest share of questions that words alone may answer otherwise than words and meaning, and how
#: many questions must have shown it.
WORDS_DIFFER_MAX: Final = 0.01
_WORDS_TRIALS_MIN: Final = 30
#: No signal is this high.
_NEVER: Final = 9.0
#: Questions asked at most: more change no threshold by a hundredth but cost time.
TRIALS_MAX: Final = 600
#: Fewer wordings or articles than these teach nothing; measured defaults are used then.
WORDINGS_MIN: Final = 30
ARTICLES_MIN: Final = 6

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the search of one language decides, and how good it was on the bot's own articles.

    The shares are those of the trials, in which every question is asked without the wording that
    lists it; customers fare better.
    """

    slope: float  #: of the logistic curve from signal to probability
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
    near_answered: float = 0.0  #: share answered although their article was taken away
    foreign_answered: float = 0.0  #: share of texts about other things that were answered
    offered: float = 0.0  #: share of questions answered rightly or offered the right article
    #: the signal of words alone at which a question is answered without being encoded: from there
    #: on words and meaning would answer the same, but for WORDS_DIFFER_MAX of the questions
    words_at: float = _NEVER
    words_alone: float = 0.0  #: share of questions above it

    def probability(self, signal: float) -> float:
        """Return how probable it is, 0..1, that an answer of this signal is right."""
        value = max(-30.0, min(30.0, self.slope * signal + self.intercept))
        return 1.0 / (1.0 + math.exp(-value))


#: Used for small knowledge bases; from the calibration of the example company's articles.
WORDS_DEFAULT: Final = Calibration(slope=13.0, intercept=-3.7, answer_at=0.6, offer_at=0.16)
MEANING_DEFAULT: Final = Calibration(slope=8.1, intercept=-3.2, answer_at=0.7, offer_at=0.27)


@dataclass(frozen=True, slots=True)
class _ByWords:
    """The same trials by words alone: asked, near and foreign questions one after the other."""

    signals: Floats  #: of words alone
    both: Floats  #: the signals of words and meaning
    same: NDArray[np.bool_]  #: where the same article comes first


@dataclass(frozen=True, slots=True)
class _Trials:
    signals: Floats
    right: NDArray[np.bool_]
    near: Floats
    foreign: Floats
    foreign_scores: Floats
    #: score of the right article where it is among the first three, else -1
    own_scores: Floats
    by_words: "_ByWords"

    @property
    def weights(self) -> tuple[float, float, float]:
        """What one answerable, one near and one foreign question count."""
        foreign_share = FOREIGN_SHARE if len(self.foreign) else 0.0
        known = 1.0 - NEAR_SHARE - foreign_share
        count = len(self.signals)
        return (
            known / count,
            NEAR_SHARE / len(self.near),
            foreign_share / max(1, len(self.foreign)),
        )


def trial_wordings(index: LanguageIndex) -> list[int]:
    """Return the numbers of the wordings of `index` that are asked to calibrate it.

    Of a large index it is a part that does not depend on the order of the articles.
    """
    if len(index.wordings) <= TRIALS_MAX:
        return list(range(len(index.wordings)))
    order = np.argsort(keys_of(index.wordings), kind="stable")
    return sorted(map(int, order[:TRIALS_MAX]))


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
    if len(index.wordings) < WORDINGS_MIN or len(index.articles) < ARTICLES_MIN:
        return default
    trials = _try(index, asked, foreign, misses)
    slope, intercept = _fit_logistic(trials)
    least = _least_signal(trials)
    offer_at = _offer_at(trials)
    words_at = _words_at(trials, least) if meaning else _NEVER
    alone = trials.by_words.signals[: len(trials.signals)] >= words_at
    answered = trials.signals >= least
    reached = (answered & trials.right) | (trials.own_scores >= offer_at)
    return Calibration(
        slope=slope,
        intercept=intercept,
        answer_at=float(_logistic(slope * least + intercept)),
        offer_at=offer_at,
        wordings=len(trials.signals),
        foreign=len(foreign),
        misses=len(misses),
        articles=len(index.articles),
        first=float(trials.right.mean()),
        answered=float(answered.mean()),
        wrong=float((answered & ~trials.right).sum() / max(1, answered.sum())),
        near_answered=float((trials.near >= least).mean()),
        foreign_answered=float((trials.foreign >= least).mean()) if len(foreign) else 0.0,
        offered=float(reached.mean()),
        words_at=words_at,
        words_alone=float(alone.mean()),
    )


def _try(
    index: LanguageIndex,
    asked: Mapping[int, Query],
    foreign: Sequence[Query],
    misses: Sequence[Query],
) -> _Trials:
    count = len(asked)
    signals, own_scores = np.zeros(count), np.full(count, -1.0)
    right = np.zeros(count, dtype=np.bool_)
    rows: list[list[tuple[Ranking, Ranking]]] = [[], [], []]
    for at, (number, query) in enumerate(asked.items()):
        own = int(index.wording_owner[number])
        alike = index.likeness(query, without=number)
        scores, words = index.score(query, without=number), index.score_by_words(alike)
        ranking = index.ranking(alike, scores)
        signals[at] = ranking.signal
        right[at] = ranking.articles[0] == own
        if own in ranking.articles[:3]:
            own_scores[at] = ranking.scores[ranking.articles.index(own)]
        rows[0].append((ranking, index.ranking(alike, words)))
        scores[own] = words[own] = 0.0
        rows[1].append((index.ranking(alike, scores), index.ranking(alike, words)))
    # What customers asked in vain is like a question whose article was taken away.
    for query in misses:
        rows[1].append(_both_ways(index, query))
    for query in foreign:
        rows[2].append(_both_ways(index, query))
    pairs = [pair for part in rows for pair in part]
    return _Trials(
        signals=signals,
        right=right,
        near=np.array([both.signal for both, _ in rows[1]]),
        foreign=np.array([both.signal for both, _ in rows[2]]),
        foreign_scores=np.array([both.scores[0] for both, _ in rows[2]]),
        own_scores=own_scores,
        by_words=_ByWords(
            signals=np.array([words.signal for _, words in pairs]),
            both=np.array([both.signal for both, _ in pairs]),
            same=np.array([both.articles[0] == words.articles[0] for both, words in pairs]),
        ),
    )


def _both_ways(index: LanguageIndex, query: Query) -> tuple[Ranking, Ranking]:
    """Return what words and meaning find, and what words alone do."""
    alike = index.likeness(query)
    return index.rank_alike(query, alike), index.ranking(alike, index.score_by_words(alike))


def _words_at(trials: _Trials, least: float) -> float:
    """Return the least signal of words alone from which they answer as words and meaning do.

    Args:
        trials: every question both ways.
        least: signal of words and meaning from which an answer is given.
    """
    counts = (len(trials.signals), len(trials.near), len(trials.foreign))
    weights = np.repeat(trials.weights, counts)
    order = np.argsort(-trials.by_words.signals, kind="stable")
    weights = weights[order]
    differ = ~trials.by_words.same[order] | (trials.by_words.both[order] < least)
    share = np.cumsum(weights * differ) / np.cumsum(weights)
    good = np.flatnonzero(share <= WORDS_DIFFER_MAX)
    if not len(good) or good[-1] < _WORDS_TRIALS_MIN:
        return _NEVER
    return float(trials.by_words.signals[order][good[-1]])


def _least_signal(trials: _Trials) -> float:
    """Return the least signal above which few enough answers are wrong."""
    asked, near, foreign = trials.weights
    for least in np.unique(trials.signals):
        answered = trials.signals >= least
        new = 1.0 - REPEATED_SHARE
        good = asked * float(
            REPEATED_SHARE * len(answered) + new * (answered & trials.right).sum()
        )
        bad = (
            asked * new * float((answered & ~trials.right).sum())
            + near * float((trials.near >= least).sum())
            + foreign * float((trials.foreign >= least).sum())
        )
        few_near = float((trials.near >= least).mean()) <= NEAR_ANSWERED_MAX
        if few_near and bad <= WRONG_MAX * (good + bad):
            return float(least)
    return float(max(trials.signals.max(), trials.near.max())) + 1e-6


def _offer_at(trials: _Trials) -> float:
    """Return the least score at which a question is offered.

    As low as the texts about other things allow: an offer costs the customer one glance.
    """
    own = trials.own_scores[trials.own_scores >= 0]
    wanted = float(np.quantile(own, 0.02)) if len(own) else 0.0
    if not len(trials.foreign_scores):
        return wanted
    return max(wanted, float(np.quantile(trials.foreign_scores, 1 - OFFERED_FOREIGN_MAX)) + 1e-6)


def _fit_logistic(trials: _Trials) -> tuple[float, float]:
    """Fit the probability of being right by Newton's method (Platt 1999, smoothed targets)."""
    asked, near, foreign = trials.weights
    signals = np.concatenate([trials.signals, trials.near, trials.foreign])
    right = np.concatenate([trials.right, np.zeros(len(trials.near) + len(trials.foreign))])
    weights = np.concatenate(
        [
            np.full(len(trials.signals), asked),
            np.full(len(trials.near), near),
            np.full(len(trials.foreign), foreign),
        ]
    )
    weights *= len(signals) / weights.sum()
    good = float(right.sum())
    bad = len(right) - good
    targets = np.where(right > 0, (good + 1) / (good + 2), 1 / (bad + 2))
    design = np.stack([signals, np.ones(len(signals))])
    found = np.array([1.0, 0.0])
    for _ in range(50):
        expected = _logistic(found @ design)
        gradient = design @ (weights * (expected - targets)) + 1e-3 * found
        curvature = (design * (weights * expected * (1 - expected))) @ design.T
        step = np.linalg.solve(curvature + 1e-3 * np.eye(2), gradient)
        found = found - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return max(float(found[0]), 1e-3), float(found[1])


def _logistic(value: Floats | float) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0))))
