"""Duplicates: articles that say nearly the same, of which customers need to see one only."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from knowledge_base.articles import Article
from knowledge_base.passages import split_passages
from knowledge_base.terms import fold, terms

#: Share of the terms of both that both have, from which on two texts say the same.
_SHARED_MIN: Final = 0.9
#: Much longer texts have more to say.
_LENGTH_MAX: Final = 1.25

#: Pairs whose comparison is remembered; beyond, it starts afresh.
_PAIRS_MAX: Final = 200_000

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


class Twins:
    """Tells of two articles of a list whether they say nearly the same; each pair is read once.

    Every search asks it of its best articles, and so do thousands of trials of a calibration.
    """

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = articles
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, one: int, other: int) -> bool:
        """Compare the articles of these numbers."""
        pair = (one, other) if one < other else (other, one)
        found = self._known.get(pair)
        if found is None:
            if len(self._known) >= _PAIRS_MAX:
                self._known.clear()
            found = say_the_same(self._articles[one], self._articles[other])
            self._known[pair] = found
        return found


def say_the_same(one: Article, other: Article) -> bool:
    """Tell whether two articles say nearly the same, whatever they are asked for with.

    Texts that differ in a number differ: two price lists are not duplicates.
    """
    if one.body == other.body:
        return True
    lengths = sorted((len(one.body), len(other.body)))
    if lengths[1] > _LENGTH_MAX * lengths[0]:
        return False
    numbers, words = _content(one)
    others, theirs = _content(other)
    shared, together = len(words & theirs), len(words | theirs)
    return numbers == others and shared >= _SHARED_MIN * together


@lru_cache(maxsize=1024)
def _content(article: Article) -> tuple[frozenset[str], frozenset[str]]:
    """Return the numbers and the terms of an article's text."""
    plain = [passage.plain for passage in split_passages(article)]
    words = frozenset().union(*(terms(text) for text in plain))
    return frozenset(_NUMBER.findall(fold(" ".join(plain)))), words
