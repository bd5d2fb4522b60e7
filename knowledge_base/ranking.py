"""Rankings: a question made ready, what it has to do with each article, and the order found."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from knowledge_base.postings import Scores
from knowledge_base.terms import terms
from nlu.interpreter import Vectors

#: Articles a ranking names.
RANKED: Final = 8

#: Tells of two articles, by their numbers, whether they say nearly the same.
Same = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each leg adds to an article's score; they sum to 1, `margin` stands apart."""

    wording_words: float
    passage_words: float
    coverage: float
    wording_meaning: float
    passage_meaning: float
    margin: float  #: what the lead over the runner-up adds to how sure the search is


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for any index."""

    text: str
    terms: Mapping[str, float]
    vector: Vectors | None  #: one row, when the encoder reads the question's language

    @classmethod
    def of(cls, text: str, vector: Vectors | None = None) -> "Query":
        """Return the query for `text`."""
        return cls(text, terms(text), vector)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the words of a question have to do with each article, before any leg is weighed."""

    wordings: tuple[Scores, ...]  #: of each segment's wordings
    best_wordings: Scores  #: of each article, what its wordings' scores come to
    passages: Scores  #: of each article, its best passage
    coverage: Scores  #: of each article, what it has of the question
    worth: float  #: all the question says
    norm: float  #: length of the question's vector


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a question has to do with each article, all legs added up."""

    scores: Scores  #: 0..1
    wording_words: Scores  #: likeness to the wordings in words, 0..1
    coverage: Scores  #: share of the question the article's words cover, 0..1
    wording_meaning: Scores  #: likeness to the wordings in meaning, 0..1
    nearest: Scores  #: cosine of the wording that means most nearly the same

    def without(self, articles: Collection[int]) -> "Weighed":
        """Return the same with some articles out of the running."""
        barred = np.fromiter(articles, dtype=np.int64, count=len(articles))
        legs = (self.wording_words, self.coverage, self.wording_meaning, self.nearest)
        changed = [leg.copy() for leg in (self.scores, *legs)]
        for leg in changed:
            leg[barred] = 0.0
        return Weighed(*changed)


#: What the signs of a ranking say, in their order: of the first article its score, its lead, how
#: much the question says at all, likeness in words, coverage, likeness in meaning, the nearest
#: wording's cosine; then its lead over all others in words, and in the nearest wording's cosine.
SIGNS: Final = 9


@dataclass(frozen=True, slots=True)
class Ranking:
    """The articles a question found."""

    articles: tuple[int, ...]  #: numbers, best first, at most RANKED
    scores: tuple[float, ...]  #: of each, 0..1
    signal: float  #: how sure the first one is: its score and its lead over the second
    signs: tuple[float, ...] = ()  #: what else tells how sure it is, see SIGNS; empty: not known

    @classmethod
    def of(
        cls, scores: Scores, *, margin: float, substance: float, same: Same | None = None
    ) -> "Ranking":
        """Return the ranking by `scores`, one for each article.

        Args:
            scores: of all articles.
            margin: what the lead of the first article adds.
            substance: 0..1, how much the question says at all.
            same: tells of two articles whether they say nearly the same; only the better stays.
        """
        found, _ = cls._of(scores, margin, substance, same)
        return found

    @classmethod
    def with_signs(
        cls, weighed: Weighed, *, margin: float, substance: float, same: Same | None = None
    ) -> "Ranking":
        """Return the ranking by the scores of `weighed`, with its signs; see `of`."""
        found, dropped = cls._of(weighed.scores, margin, substance, same)
        if dropped:
            weighed = weighed.without(dropped)
        first = found.articles[0]
        lead = found.scores[0] - (found.scores[1] if len(found.scores) > 1 else 0.0)
        signs = (
            found.scores[0],
            lead,
            1.0,
            float(weighed.wording_words[first]),
            float(weighed.coverage[first]),
            float(weighed.wording_meaning[first]),
            float(weighed.nearest[first]),
            _lead(weighed.wording_words, first),
            _lead(weighed.nearest, first),
        )
        # What says little is no sure question, however well it fits.
        return replace(found, signs=tuple(substance * sign for sign in signs))

    @classmethod
    def _of(
        cls, scores: Scores, margin: float, substance: float, same: Same | None
    ) -> tuple["Ranking", list[int]]:
        kept: list[int] = []
        dropped: list[int] = []
        for number in _best(scores, RANKED if same is None else 2 * RANKED):
            if same is not None and any(same(better, number) for better in kept):
                dropped.append(number)
            else:
                kept.append(number)
        best = [float(scores[number]) for number in kept[:RANKED]]
        lead = best[0] - (best[1] if len(best) > 1 else 0.0)
        signal = (best[0] + margin * lead) * substance
        return cls(tuple(kept[:RANKED]), tuple(best), signal), dropped


def _lead(leg: Scores, first: int) -> float:
    """Return how far one article is before all others in one leg; below 0 when behind."""
    others = max(leg[:first].max(initial=0.0), leg[first + 1 :].max(initial=0.0))
    return float(leg[first]) - float(others)


def _best(scores: Scores, count: int) -> list[int]:
    """Return the numbers of the highest scores, equal ones in their order."""
    found = np.arange(len(scores))
    if len(scores) > count:
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        found = np.flatnonzero(scores >= least)
    order = found[np.argsort(-scores[found], kind="stable")][:count]
    return [int(number) for number in order]
