"""The index of the articles of one language: how much each article has to do with a question.

Five legs are computed and added with fixed weights: likeness to the wordings of an article (its
title and questions; the best one counts), to its passages, each in words and, when an encoder
reads the language, in meaning, and how much of the question the article's words cover at all.
Scores are added, not ranks: on StackFAQ fusing ranks lost ten points of mean average precision.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from knowledge_base.articles import Article
from knowledge_base.excerpts import is_short, shorten, units_of
from knowledge_base.passages import Passage, split_passages
from knowledge_base.postings import Postings, Scores
from knowledge_base.terms import question_key, terms
from nlu.interpreter import Vectors

#: Saturation and length normalisation of BM25 (Robertson and Zaragoza 2009, section 3.4.5).
_K1: Final = 1.2
_B: Final = 0.75
#: A passage is also found by its headings, which count twice.
_HEADING_WEIGHT: Final = 2.0

#: Articles a ranking names.
RANKED: Final = 8


@dataclass(frozen=True, slots=True)
class Weights:
    """What each leg adds to an article's score; they sum to 1, `margin` stands apart."""

    wording_words: float
    passage_words: float
    coverage: float
    wording_meaning: float
    passage_meaning: float
    margin: float  #: what the lead over the runner-up adds to how sure the search is


# Chosen by asking every wording of two bilingual knowledge bases (15 and 55 articles) against an
# index without it; a ranker fitted to the same data gains less than one point more.
WORDS_ONLY: Final = Weights(0.5, 0.25, 0.25, 0.0, 0.0, margin=1.0)
WORDS_AND_MEANING: Final = Weights(0.1, 0.1, 0.15, 0.45, 0.2, margin=1.0)

#: How the wordings of an article count: the best, the second best, and all on average. One chance
#: hit weighs less than several wordings that agree.
_BEST: Final = 0.4
_SECOND: Final = 0.35
_AVERAGE: Final = 0.25


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

    wordings: Scores  #: of each wording
    best_wordings: Scores  #: of each article, what its wordings' scores come to
    passages: Scores  #: of each article, its best passage
    coverage: Scores  #: of each article, what it has of the question
    worth: float  #: all the question says
    norm: float  #: length of the question's vector


@dataclass(frozen=True, slots=True)
class Ranking:
    """The articles a question found."""

    articles: tuple[int, ...]  #: numbers, best first, at most RANKED
    scores: tuple[float, ...]  #: of each, 0..1
    signal: float  #: how sure the first one is: its score and its lead over the second

    @classmethod
    def of(cls, scores: Scores, *, margin: float, substance: float) -> "Ranking":
        """Return the ranking by `scores`, one for each article.

        Args:
            scores: of all articles.
            margin: what the lead of the first article adds.
            substance: 0..1, how much the question says at all.
        """
        order = np.argsort(-scores, kind="stable")[:RANKED]
        best = [float(scores[number]) for number in order]
        lead = best[0] - (best[1] if len(best) > 1 else 0.0)
        return cls(tuple(map(int, order)), tuple(best), (best[0] + margin * lead) * substance)


class LanguageIndex:
    """All articles of one language that one audience may read; immutable once built.

    Args:
        articles: of one language and audience, each with at least one passage.
        vectors: for each text of `texts_to_encode` its vector, or None without an encoder.
    """

    def __init__(self, articles: Sequence[Article], vectors: Mapping[str, Vectors] | None) -> None:
        self.articles = tuple(articles)
        self.weights = WORDS_ONLY if vectors is None else WORDS_AND_MEANING
        self.passages: list[Passage] = []
        self.wordings: list[str] = []
        self._exact: dict[str, int] = {}
        wording_owner: list[int] = []
        passage_owner: list[int] = []
        for number, article in enumerate(self.articles):
            parts = split_passages(article)
            self.passages += parts
            passage_owner += [number] * len(parts)
            for wording in article.wordings:
                if (key := question_key(wording)) not in self._exact:
                    self._exact[key] = number
                    self.wordings.append(wording)
                    wording_owner.append(number)
        self.wording_owner = np.array(wording_owner, dtype=np.intp)
        self.passage_owner = np.array(passage_owner, dtype=np.intp)
        self._wording_starts = np.searchsorted(self.wording_owner, range(len(self.articles)))
        self._passage_starts = np.searchsorted(self.passage_owner, range(len(self.articles)))
        self._wording_counts = np.bincount(self.wording_owner).astype(np.float32)
        self._index_words()
        # "Bicycle", in a bicycle shop, names a subject, not a question: what says less than the
        # wordings do in the middle makes the search less sure.
        said = [sum(self._worth(terms(wording)).values()) for wording in self.wordings]
        self._enough = statistics.median(said) or 1.0
        self._wording_vectors = _rows(vectors, self.wordings)
        self._index_lines(vectors)

    def exact(self, text: str) -> int | None:
        """Return the number of the article that is asked for in just these words."""
        return self._exact.get(question_key(text))

    def passages_of(self, article: int) -> range:
        """Return the numbers of an article's passages."""
        start = int(self._passage_starts[article])
        return range(start, start + int(np.count_nonzero(self.passage_owner == article)))

    def rank(self, query: Query) -> Ranking:
        """Return the articles that have most to do with the question."""
        return self.rank_alike(query, self.likeness(query))

    def rank_alike(self, query: Query, alike: Likeness) -> Ranking:
        """Return the same as `rank`, given the question's likeness."""
        return self.ranking(alike, self._weigh(query, alike, None))

    def ranking(self, alike: Likeness, scores: Scores) -> Ranking:
        """Return the ranking by `scores` of a question with this likeness."""
        substance = min(1.0, alike.worth / self._enough)
        return Ranking.of(scores, margin=self.weights.margin, substance=substance)

    def score(self, query: Query, *, without: int | None = None) -> Scores:
        """Return a score of 0..1 for each article.

        Args:
            query: what was asked.
            without: number of a wording that is treated as if its article did not have it.
        """
        return self._weigh(query, self.likeness(query, without=without), without)

    def score_by_words(self, alike: Likeness) -> Scores:
        """Return the scores of a question whose vector is not known."""
        return _by_words(alike, WORDS_ONLY)

    def likeness(self, query: Query, *, without: int | None = None) -> Likeness:
        """Return what the question's words have to do with each article; see `score`."""
        worth = self._worth(query.terms)
        found = self._postings.sum(worth)
        first, second = self._parts
        wordings, passages, coverage = found[:first], found[first:second], found[second:]
        if without is not None:
            lost = int(self.wording_owner[without])
            for term in terms(self.wordings[without]):
                # Where the left-out wording is the article's only text with the term.
                if term in worth and self._texts_with[lost][term] == 1:
                    coverage[lost] -= np.float32(worth[term])
        return Likeness(
            wordings=wordings,
            best_wordings=self._gather(wordings, without),
            passages=np.maximum.reduceat(passages, self._passage_starts),
            coverage=coverage,
            worth=sum(worth.values()),
            norm=math.sqrt(sum(value * value for value in worth.values())) or 1.0,
        )

    def nearest_wording(self, alike: Likeness, article: int) -> Vectors | None:
        """Return the vector of the article's wording that shares most words with the question."""
        if self._wording_vectors is None:
            return None
        first = int(self._wording_starts[article])
        last = first + int(self._wording_counts[article])
        vector: Vectors = self._wording_vectors[first + int(alike.wordings[first:last].argmax())]
        return vector

    def excerpt(self, query: Query, passage: int) -> str:
        """Return the part of a passage that answers the question best, as Markdown."""
        whole = self.passages[passage]
        if is_short(whole):
            return whole.markdown
        return shorten(whole, self.unit_scores(query, passage))

    def passage_scores(self, query: Query, passages: range) -> Scores:
        """Return for some passages in a row how much each has to do with the question, 0..1."""
        worth = self._worth(query.terms)
        first = self._parts[0]
        found = self._postings.sum(worth)[first + passages.start : first + passages.stop]
        words: Scores = found / np.float32(sum(worth.values()) or 1.0)
        if self._line_vectors is None or query.vector is None:
            return words
        starts = self._passage_line_starts[passages.start : passages.stop]
        last = self._passage_line_starts[passages.stop : passages.stop + 1]
        lines = slice(int(starts[0]), int(last[0]) if len(last) else None)
        meant = np.maximum.reduceat(self._line_meaning(query, lines), starts - starts[0])
        scores: Scores = np.float32(0.5) * (words + meant)
        return scores

    def unit_scores(self, query: Query, passage: int) -> Scores:
        """Return for each unit of a passage how much it has to do with the question, 0..1."""
        worth = self._worth(query.terms)
        total = sum(worth.values()) or 1.0
        sizes, words = _unit_words(self.passages[passage])
        scores = np.array(
            [sum(worth[term] for term in worth if term in found) / total for found in words],
            dtype=np.float32,
        )
        if self._line_vectors is not None:
            at = int(self._passage_line_starts[passage])
            meant = self._line_meaning(query, slice(at, at + sum(sizes)))
            scores += np.maximum.reduceat(meant, np.cumsum([0, *sizes[:-1]]))
        return scores

    def _weigh(self, query: Query, alike: Likeness, without: int | None) -> Scores:
        scores = _by_words(alike, self.weights)
        if self._wording_vectors is not None:
            meant = self._gather(self._meaning(query), without)
            scores += np.float32(self.weights.wording_meaning) * meant
            lines = self._line_meaning(query, slice(None))
            best = np.maximum.reduceat(lines, self._article_line_starts)
            scores += np.float32(self.weights.passage_meaning) * best
        return scores

    def _worth(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Return what each term tells: high when few articles are asked for with it.

        Only wordings are counted: a product named in most texts still tells one question from
        another.
        """
        idf, rarest = self._idf, self._rarest
        return {term: weight * idf.get(term, rarest) for term, weight in weights.items()}

    def _line_meaning(self, query: Query, lines: slice) -> Scores:
        if self._line_vectors is None or query.vector is None:
            return np.zeros(len(range(*lines.indices(self._line_count))), dtype=np.float32)
        cosines: Scores = self._line_vectors[lines] @ query.vector
        return np.maximum(cosines, np.float32(0))

    def _meaning(self, query: Query) -> Scores:
        if self._wording_vectors is None or query.vector is None:
            return np.zeros(len(self.wordings), dtype=np.float32)
        cosines: Scores = self._wording_vectors @ query.vector
        return np.maximum(cosines, np.float32(0))

    def _gather(self, scores: Scores, without: int | None) -> Scores:
        """Return for each article what its wordings' scores come to."""
        counts = self._wording_counts
        if without is not None:
            scores[without] = 0.0
            counts = counts.copy()
            counts[self.wording_owner[without]] -= 1
        best = np.maximum.reduceat(scores, self._wording_starts)
        others = np.where(scores == best[self.wording_owner], np.float32(0), scores)
        second = np.maximum.reduceat(others, self._wording_starts)
        average = np.add.reduceat(scores, self._wording_starts) / np.maximum(counts, 1)
        gathered: Scores = (_BEST * best + _SECOND * second + _AVERAGE * average).astype(
            np.float32
        )
        return gathered

    def _index_words(self) -> None:
        wordings = [terms(wording) for wording in self.wordings]
        passages = [self._passage_terms(passage) for passage in self.passages]
        texts_with: list[Counter[str]] = [Counter() for _ in self.articles]
        for owners, documents in (
            (self.wording_owner, wordings),
            (self.passage_owner, passages),
        ):
            for owner, document in zip(owners, documents, strict=True):
                texts_with[owner].update(document.keys())
        asked: list[set[str]] = [set() for _ in self.articles]
        for owner, document in zip(self.wording_owner, wordings, strict=True):
            asked[owner] |= document.keys()
        asked_with = Counter(term for words in asked for term in words)
        count = len(self.articles)
        self._rarest = math.log1p((count + 0.5) / 0.5)
        self._idf = {
            term: math.log1p((count - have + 0.5) / (have + 0.5))
            for term, have in asked_with.items()
        }
        self._texts_with = texts_with
        average = sum(sum(d.values()) for d in passages) / max(1, len(passages)) or 1.0
        # One list of documents and one look at each term: wordings, passages, whole articles.
        documents = [self._unit(d) for d in wordings]
        documents += [_saturate(d, average) for d in passages]
        documents += [dict.fromkeys(words, 1.0) for words in texts_with]
        self._postings = Postings(documents)
        self._parts = (len(wordings), len(wordings) + len(passages))

    def _index_lines(self, vectors: Mapping[str, Vectors] | None) -> None:
        lines: list[str] = []
        starts: list[int] = []
        for passage in self.passages:
            starts.append(len(lines))
            lines += [line for unit in units_of(passage) for line in unit.lines]
        self._line_count = len(lines)
        self._passage_line_starts = np.array(starts, dtype=np.intp)
        self._article_line_starts = self._passage_line_starts[self._passage_starts]
        self._line_vectors = _rows(vectors, lines)

    def _passage_terms(self, passage: Passage) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for heading in passage.headings:
            for term, weight in terms(heading).items():
                found[term] += weight * _HEADING_WEIGHT
        for term, weight in terms(passage.plain).items():
            found[term] += weight
        return dict(found)

    def _unit(self, document: Mapping[str, float]) -> dict[str, float]:
        worth = self._worth(document)
        norm = math.sqrt(sum(value * value for value in worth.values())) or 1.0
        return {term: value / norm for term, value in worth.items()}


def texts_to_encode(articles: Sequence[Article]) -> list[str]:
    """Return the texts of `articles` an encoder has to turn into vectors, each once."""
    texts: dict[str, None] = {}
    for article in articles:
        texts.update(dict.fromkeys(article.wordings))
        for passage in split_passages(article):
            for unit in units_of(passage):
                texts.update(dict.fromkeys(unit.lines))
    return list(texts)


def _saturate(document: Mapping[str, float], average: float) -> dict[str, float]:
    """Return the BM25 weight of each term without its idf, scaled to at most 1."""
    length = sum(document.values()) / average
    return {
        term: count / (count + _K1 * (1 - _B + _B * length)) for term, count in document.items()
    }


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


def _rows(vectors: Mapping[str, Vectors] | None, texts: Sequence[str]) -> Vectors | None:
    if vectors is None:
        return None
    return np.stack([vectors[text] for text in texts]).astype(np.float32)
