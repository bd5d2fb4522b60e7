"""The index of the articles of one language: how much each article has to do with a question.

Five legs are computed and added with fixed weights: likeness to the wordings of an article (its
title and questions; the best one counts), to its passages, each in words and, when an encoder
reads the language, in meaning, and how much of the question the article's words cover at all.
Scores are added, not ranks: on StackFAQ fusing ranks lost ten points of mean average precision.

The articles lie in segments, of which one may be large and old and others small and new, and some
articles of a segment may be gone. What is rare and how long a text is on average is summed over
all of them, so every question finds what it would find in an index built at once.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.articles import Article
from knowledge_base.duplicates import Twins
from knowledge_base.excerpts import units_of
from knowledge_base.measures import Rarity, measure_segments
from knowledge_base.passages import Passage, PassageList
from knowledge_base.postings import Keys, Scores, key_of, keys_of
from knowledge_base.ranking import Likeness, Query, Ranking, Weighed, Weights
from knowledge_base.segments import (
    Segment,
    TextVectors,
    fingerprint,
    make_segment,
    texts_with,
    wordings_of,
)
from knowledge_base.terms import question_key, terms
from nlu.interpreter import Vectors

# Chosen by asking every wording of two bilingual knowledge bases (15 and 55 articles) against an
# index without it; a ranker fitted to the same data gains less than one point more.
WORDS_ONLY: Final = Weights(0.5, 0.25, 0.25, 0.0, 0.0, margin=1.0)
WORDS_AND_MEANING: Final = Weights(0.1, 0.1, 0.15, 0.45, 0.2, margin=1.0)

#: How the wordings of an article count: the best, the second best, and all on average. One chance
#: hit weighs less than several wordings that agree.
_BEST: Final = 0.4
_SECOND: Final = 0.35
_AVERAGE: Final = 0.25


class LanguageIndex:
    """All articles of one language that one audience may read; immutable once built.

    Args:
        articles: of one language, each with at least one passage; numbers are places in it.
        segments: that hold them all, each article in exactly one where it is wanted.
    """

    def __init__(self, articles: Sequence[Article], segments: Sequence[Segment]) -> None:
        self.articles = tuple(articles)
        self.segments = tuple(segments)
        self._same = Twins(self.articles)
        self._slots = _slots(self.articles, self.segments)
        alive = np.zeros(sum(map(len, self.segments)), dtype=np.bool_)
        alive[self._slots] = True
        ends = np.cumsum([len(segment) for segment in self.segments])
        self.alive = tuple(np.split(alive, ends[:-1]))
        self._first_slots = ends - [len(segment) for segment in self.segments]
        self._in_order = bool(np.array_equal(self._slots, np.arange(len(alive))))
        meaning = all(segment.wording_vectors is not None for segment in self.segments)
        self.weights = WORDS_AND_MEANING if meaning else WORDS_ONLY
        self._rarity = Rarity.among(self.segments, self.alive)
        self._parts = measure_segments(self.segments, self.alive, self._rarity)
        # "Bicycle", in a bicycle shop, names a subject, not a question: what says less than the
        # wordings do in the middle makes the search less sure.
        said = [
            part.said[alive[part.wording_owner]]
            for part, alive in zip(self._parts, self.alive, strict=True)
        ]
        self._enough = float(np.median(np.concatenate(said))) or 1.0
        counts = np.concatenate([segment.passage_counts for segment in self.segments])
        counts = counts[self._slots]
        self._passage_ends = np.cumsum(counts, dtype=np.int64)
        self._passage_starts = self._passage_ends - counts
        size = int(self._passage_ends[-1])
        self.passages: Sequence[Passage] = PassageList(self.articles, self._passage_starts, size)

    @classmethod
    def of(
        cls, articles: Sequence[Article], vectors: Mapping[str, Vectors] | None
    ) -> "LanguageIndex":
        """Return the index of `articles`, built at once.

        Args:
            articles: of one language.
            vectors: for each text of `texts_to_encode` its vector, or None without an encoder.
        """
        if vectors is None:
            return cls(articles, [make_segment(articles, None)])

        def look_up(texts: Sequence[str]) -> Vectors:
            return np.stack([vectors[text] for text in texts]).astype(np.float32)

        return cls(articles, [make_segment(articles, TextVectors(look_up, look_up))])

    @cached_property
    def wordings(self) -> list[str]:
        """The wordings of all articles, in order."""
        return [wording for article in self.articles for wording in wordings_of(article)]

    @cached_property
    def wording_owner(self) -> NDArray[np.int64]:
        """The number of the article of each of `wordings`."""
        return np.repeat(np.arange(len(self.articles)), self._wording_counts)

    @cached_property
    def _wording_counts(self) -> NDArray[np.int64]:
        counts = np.concatenate([segment.wording_counts for segment in self.segments])
        return counts[self._slots].astype(np.int64)

    def exact(self, text: str) -> int | None:
        """Return the number of the article that is asked for in just these words."""
        wanted = question_key(text)
        key = np.uint64(key_of(wanted))
        found: list[int] = []
        for part, first in zip(self._parts, self._first_slots, strict=True):
            for wording in np.flatnonzero(part.segment.wording_keys == key):
                number = int(self._numbers[first + part.wording_owner[wording]])
                if number >= 0 and wanted in map(question_key, self.articles[number].wordings):
                    found.append(number)
        return min(found, default=None)

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        """The number of the article in each slot, -1 where it is gone."""
        numbers = np.full(sum(map(len, self.segments)), -1, dtype=np.int64)
        numbers[self._slots] = np.arange(len(self._slots))
        return numbers

    def passages_of(self, article: int) -> range:
        """Return the numbers of an article's passages."""
        return range(int(self._passage_starts[article]), int(self._passage_ends[article]))

    def rank(self, query: Query) -> Ranking:
        """Return the articles that have most to do with the question."""
        return self.rank_alike(query, self.likeness(query))

    def rank_alike(
        self, query: Query, alike: Likeness, *, barred: Collection[int] = ()
    ) -> Ranking:
        """Return the same as `rank`, given the question's likeness.

        Args:
            query: what was asked.
            alike: what `likeness` said of it.
            barred: numbers of articles that are out of the running.
        """
        weighed = self.weigh(query, alike)
        return self.ranked(alike, weighed.without(barred) if barred else weighed)

    def ranked(self, alike: Likeness, weighed: Weighed) -> Ranking:
        """Return the ranking of a question that was weighed, with its signs."""
        substance = self._substance(alike)
        margin = self.weights.margin
        return Ranking.with_signs(weighed, margin=margin, substance=substance, same=self._same)

    def ranking(self, alike: Likeness, scores: Scores) -> Ranking:
        """Return the ranking by `scores` alone of a question with this likeness."""
        substance = self._substance(alike)
        margin = self.weights.margin
        return Ranking.of(scores, margin=margin, substance=substance, same=self._same)

    def score(self, query: Query, *, without: int | None = None) -> Scores:
        """Return a score of 0..1 for each article.

        Args:
            query: what was asked.
            without: number of a wording that is treated as if its article did not have it.
        """
        return self.weigh(query, self.likeness(query, without=without), without=without).scores

    def score_by_words(self, alike: Likeness) -> Scores:
        """Return the scores of a question whose vector is not known."""
        return _by_words(alike, WORDS_ONLY)

    def likeness(self, query: Query, *, without: int | None = None) -> Likeness:
        """Return what the question's words have to do with each article; see `score`."""
        keys, weights = _arrays(query.terms)
        idf = self._rarity.of(keys)
        worth = weights * idf
        wordings: list[Scores] = []
        passages: list[Scores] = []
        coverage: list[Scores] = []
        for part in self._parts:
            segment = part.segment
            wordings.append(segment.wordings.sum(keys, worth * idf) / part.wording_norms)
            documents, values, counts = segment.passages.touch(keys, worth)
            if counts is not None:
                values *= counts / (counts + part.length_weights[documents])
            found = segment.passages.add(documents, values)
            passages.append(np.maximum.reduceat(found, part.passage_starts))
            coverage.append(segment.covered.sum(keys, worth))
        covered = self._in_article_order(coverage)
        if without is not None:
            self._leave_out(query, without, covered)
        return Likeness(
            wordings=tuple(wordings),
            best_wordings=self._gather(wordings, without)[0],
            passages=self._in_article_order(passages),
            coverage=covered,
            worth=float(worth.sum()),
            norm=float(np.linalg.norm(worth)) or 1.0,
        )

    def nearest_wording(self, alike: Likeness, article: int) -> Vectors | None:
        """Return the vector of the article's wording that shares most words with the question."""
        at, slot = self._place(article)
        part = self._parts[at]
        vectors = part.segment.wording_vectors
        if vectors is None:
            return None
        first = int(part.wording_starts[slot])
        last = first + int(part.segment.wording_counts[slot])
        return np.asarray(vectors[first + int(alike.wordings[at][first:last].argmax())])

    def passage_scores(self, query: Query, passages: range) -> Scores:
        """Return for the passages of one article how much each has to do with the question.

        Args:
            query: what was asked.
            passages: as `passages_of` gave them.

        Returns:
            a score of 0..1 for each.
        """
        at, first = self._place_of_passages(passages)
        part = self._parts[at]
        keys, weights = _arrays(query.terms)
        worth = weights * self._rarity.of(keys)
        documents, values, counts = part.segment.passages.touch(keys, worth)
        here = (documents >= first) & (documents < first + len(passages))
        if counts is not None:
            lengths = part.length_weights[documents[here]]
            values = values[here] * counts[here] / (counts[here] + lengths)
        found = np.bincount(documents[here] - first, weights=values, minlength=len(passages))
        words: Scores = (found / (float(worth.sum()) or 1.0)).astype(np.float32)
        rows = self._rows_of(passages)
        if rows is None or query.vector is None:
            return words
        vectors, starts = rows
        meant = np.maximum.reduceat(_cosines(vectors, query.vector), starts)
        scores: Scores = np.float32(0.5) * (words + meant)
        return scores

    def unit_scores(self, query: Query, passage: int) -> Scores:
        """Return for each unit of a passage how much it has to do with the question, 0..1."""
        worth = self._rarity.worth(query.terms)
        total = sum(worth.values()) or 1.0
        sizes, words = _unit_words(self.passages[passage])
        scores = np.array(
            [sum(worth[term] for term in worth if term in found) / total for found in words],
            dtype=np.float32,
        )
        rows = self._rows_of(range(passage, passage + 1))
        # A passage of a large knowledge base has one vector as a whole, not one for each line.
        if rows is not None and query.vector is not None and len(rows[0]) == sum(sizes):
            meant = _cosines(rows[0], query.vector)
            scores += np.maximum.reduceat(meant, np.cumsum([0, *sizes[:-1]]))
        return scores

    def weigh(self, query: Query, alike: Likeness, *, without: int | None = None) -> Weighed:
        """Return what a question of this likeness has to do with each article; see `score`."""
        scores = _by_words(alike, self.weights)
        meaning = nearest = np.zeros(len(self.articles), dtype=np.float32)
        if query.vector is not None and self.weights.wording_meaning:
            meant: list[Scores] = []
            read: list[Scores] = []
            for part in self._parts:
                wordings, rows = part.segment.wording_vectors, part.segment.row_vectors
                if wordings is not None and rows is not None:
                    meant.append(_cosines(wordings, query.vector))
                    cosines = _cosines(rows, query.vector)
                    read.append(np.maximum.reduceat(cosines, part.article_row_starts))
            meaning, nearest = self._gather(meant, without)
            scores += np.float32(self.weights.wording_meaning) * meaning
            best = self._in_article_order(read)
            scores += np.float32(self.weights.passage_meaning) * best
        return Weighed(
            scores=scores,
            wording_words=alike.best_wordings / np.float32(alike.norm),
            coverage=alike.coverage / np.float32(alike.worth or 1.0),
            wording_meaning=meaning,
            nearest=nearest,
        )

    def _substance(self, alike: Likeness) -> float:
        return min(1.0, alike.worth / self._enough)

    def _leave_out(self, query: Query, without: int, coverage: Scores) -> None:
        """Take from the coverage what an article has of the question in one wording alone."""
        lost = int(self.wording_owner[without])
        worth = self._rarity.worth(query.terms)
        having = texts_with(self.articles[lost])
        for term in terms(self.wordings[without]):
            if term in worth and having[term] == 1:
                coverage[lost] -= np.float32(worth[term])

    def _gather(self, scores: Sequence[Scores], without: int | None) -> tuple[Scores, Scores]:
        """Return for each article what its wordings' scores come to, and the best of them."""
        gathered: list[Scores] = []
        bests: list[Scores] = []
        left_out = (-1, 0, 0) if without is None else self._place_of_wording(without)
        for at, (part, found) in enumerate(zip(self._parts, scores, strict=True)):
            counts = part.segment.wording_counts
            if at == left_out[0]:
                found[left_out[2]] = 0.0
                counts = counts.copy()
                counts[left_out[1]] -= 1
            best = np.maximum.reduceat(found, part.wording_starts)
            others = np.where(found == best[part.wording_owner], np.float32(0), found)
            second = np.maximum.reduceat(others, part.wording_starts)
            # A title without questions stands for all its article could be asked.
            second = np.where(counts == 1, best, second)
            average = np.add.reduceat(found, part.wording_starts) / np.maximum(counts, 1)
            together = _BEST * best + _SECOND * second + _AVERAGE * average
            gathered.append(together.astype(np.float32))
            bests.append(best)
        return self._in_article_order(gathered), self._in_article_order(bests)

    def _in_article_order(self, parts: Sequence[Scores]) -> Scores:
        found = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return found if self._in_order else found[self._slots]

    def _place(self, article: int) -> tuple[int, int]:
        """Return the number of an article's segment and its number in there."""
        slot = int(self._slots[article])
        at = int(np.searchsorted(self._first_slots, slot, side="right")) - 1
        return at, slot - int(self._first_slots[at])

    def _place_of_wording(self, number: int) -> tuple[int, int, int]:
        """Return segment, article in there and wording in there of one of `wordings`."""
        article = int(self.wording_owner[number])
        before = number - int(np.searchsorted(self.wording_owner, article))
        at, slot = self._place(article)
        return at, slot, int(self._parts[at].wording_starts[slot]) + before

    def _place_of_passages(self, passages: range) -> tuple[int, int]:
        """Return segment and number in there of the first of some passages of one article."""
        article = int(np.searchsorted(self._passage_ends, passages.start, side="right"))
        at, slot = self._place(article)
        before = passages.start - int(self._passage_starts[article])
        return at, int(self._parts[at].passage_starts[slot]) + before

    def _rows_of(self, passages: range) -> tuple[Vectors, NDArray[np.int64]] | None:
        """Return the vectors of some passages of one article, and where each one's begin."""
        at, first = self._place_of_passages(passages)
        part = self._parts[at]
        if part.segment.row_vectors is None:
            return None
        starts = part.row_starts[first : first + len(passages)]
        last = int(starts[-1]) + int(part.segment.row_counts[first + len(passages) - 1])
        return np.asarray(part.segment.row_vectors[int(starts[0]) : last]), starts - starts[0]


def _slots(articles: Sequence[Article], segments: Sequence[Segment]) -> NDArray[np.int64]:
    """Return for each article its place in the segments one after the other."""
    found: dict[int, int] = {}
    place = 0
    for segment in segments:
        for key in segment.fingerprints.tolist():
            found.setdefault(key, place)
            place += 1
    return np.array([found[fingerprint(article)] for article in articles], dtype=np.int64)


def _arrays(weights: Mapping[str, float]) -> tuple[Keys, Scores]:
    return keys_of(weights), np.array(list(weights.values()), dtype=np.float32)


def _cosines(vectors: Vectors, vector: Vectors) -> Scores:
    cosines: Scores = vectors @ vector
    return np.maximum(cosines, np.float32(0), out=cosines)


def _by_words(alike: Likeness, weights: Weights) -> Scores:
    total = alike.worth or 1.0
    scores = np.float32(weights.wording_words / alike.norm) * alike.best_wordings
    scores += np.float32(weights.passage_words / total) * alike.passages
    scores += np.float32(weights.coverage / total) * alike.coverage
    return scores


@lru_cache(maxsize=8192)
def _unit_words(passage: Passage) -> tuple[list[int], list[frozenset[str]]]:
    """Return for each unit of a passage how many lines it has, and its terms."""
    units = units_of(passage)
    words = [frozenset().union(*(terms(line) for line in unit.lines)) for unit in units]
    return [len(unit.lines) for unit in units], words
