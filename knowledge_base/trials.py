"""Trials: the questions a bot's own articles list, asked of an index as if they were not listed.

Every wording is asked against the index without that wording: once with its article there, where
the right answer is known, and once with all there is on its subject taken away, where declining is
right. Texts about other things altogether are asked as well, and what customers asked in vain.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.index import LanguageIndex
from knowledge_base.postings import keys_of
from knowledge_base.ranking import SIGNS, Query, Ranking

#: Questions asked at most: more change no threshold by a hundredth but cost time.
TRIALS_MAX: Final = 600
#: Fewer answerable wordings than these teach nothing.
WORDINGS_MIN: Final = 30
#: Largest share of the articles that may carry a tag that stands for a subject.
_SUBJECT_MAX: Final = 0.25

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """Some questions, and what words and meaning, and what words alone, find for each."""

    both: tuple[Ranking, ...]
    words: tuple[Ranking, ...]
    groups: NDArray[np.int64]  #: of each question; what is learnt of a group is tried on others

    def __len__(self) -> int:
        return len(self.both)

    @property
    def signs(self) -> Floats:
        """The signs of each question, one row each."""
        rows = [ranking.signs for ranking in self.both]
        return np.array(rows, dtype=np.float64).reshape(len(rows), SIGNS)

    @property
    def signals(self) -> Floats:
        """The signal of each question."""
        return np.array([ranking.signal for ranking in self.both], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Trials:
    """All that was asked."""

    known: Asked  #: the wordings, with their articles there
    right: NDArray[np.bool_]  #: for which of them the right article came first
    #: of each its article's score where it is among the first three, else -1
    own_scores: Floats
    near: Asked  #: the same with their subjects taken away, and the misses
    foreign: Asked  #: texts about other things


def trial_wordings(index: LanguageIndex) -> list[int]:
    """Return the numbers of the wordings of `index` that are asked.

    The only wording of an article leads nowhere once it is left out: it is asked where there are
    hardly any others, to learn what happens to questions without an answer. Of a large index it
    is a part that does not depend on the order of the articles.
    """
    found = np.flatnonzero(~_alone(index))
    if len(found) < WORDINGS_MIN:
        found = np.arange(len(index.wordings))
    if len(found) > TRIALS_MAX:
        keys = keys_of(index.wordings[number] for number in found)
        found = np.sort(found[np.argsort(keys, kind="stable")][:TRIALS_MAX])
    return [int(number) for number in found]


def _alone(index: LanguageIndex) -> NDArray[np.bool_]:
    """Tell which wordings are the only one of their article."""
    alone: NDArray[np.bool_] = np.bincount(index.wording_owner)[index.wording_owner] == 1
    return alone


def run_trials(
    index: LanguageIndex,
    asked: Mapping[int, Query],
    *,
    foreign: Sequence[Query],
    misses: Sequence[Query],
) -> Trials:
    """Return what `index` finds for the questions.

    Args:
        index: what is searched.
        asked: the queries of `trial_wordings`, by their numbers.
        foreign: texts in its language that are about other things.
        misses: questions of customers that no article answers.
    """
    subjects = _subjects(index)
    alone = _alone(index)
    known: list[tuple[Ranking, Ranking]] = []
    near: list[tuple[Ranking, Ranking]] = []
    right: list[bool] = []
    own_scores: list[float] = []
    owners = [int(index.wording_owner[number]) for number in asked]
    for own, (number, query) in zip(owners, asked.items(), strict=True):
        alike = index.likeness(query, without=number)
        weighed = index.weigh(query, alike, without=number)
        words = index.score_by_words(alike)
        if not alone[number]:
            ranking = index.ranked(alike, weighed)
            known.append((ranking, index.ranking(alike, words)))
            right.append(ranking.articles[0] == own)
            among = own in ranking.articles[:3]
            own_scores.append(ranking.scores[ranking.articles.index(own)] if among else -1.0)
        barred = subjects[own]
        words[list(barred)] = 0.0
        without = index.ranked(alike, weighed.without(barred))
        near.append((without, index.ranking(alike, words)))
    missed = [_both_ways(index, query) for query in misses]
    others = [_both_ways(index, query) for query in foreign]
    groups = np.array(owners, dtype=np.int64)
    return Trials(
        known=_asked(known, groups[~alone[list(asked)]]),
        right=np.array(right, dtype=np.bool_),
        own_scores=np.array(own_scores, dtype=np.float64),
        near=_asked([*near, *missed], np.concatenate([groups, np.arange(len(missed))])),
        foreign=_asked(others, np.arange(len(others))),
    )


def _asked(found: Sequence[tuple[Ranking, Ranking]], groups: NDArray[np.int64]) -> Asked:
    return Asked(tuple(both for both, _ in found), tuple(words for _, words in found), groups)


def _both_ways(index: LanguageIndex, query: Query) -> tuple[Ranking, Ranking]:
    """Return what words and meaning find, and what words alone do."""
    alike = index.likeness(query)
    return index.rank_alike(query, alike), index.ranking(alike, index.score_by_words(alike))


def _subjects(index: LanguageIndex) -> list[set[int]]:
    """Return for each article the numbers of those on its subject, its own among them.

    Articles that share a tag often answer each other's questions, and then rightly so.
    """
    having: dict[str, set[int]] = defaultdict(set)
    for number, article in enumerate(index.articles):
        for tag in article.tags:
            having[tag].add(number)
    most = _SUBJECT_MAX * len(index.articles)
    return [
        {number}.union(*(having[tag] for tag in article.tags if len(having[tag]) <= most))
        for number, article in enumerate(index.articles)
    ]
