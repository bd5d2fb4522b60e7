"""Postings: which documents have a term, for sums over all documents in a few numpy calls."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


class Postings:
    """For each term the documents that have it and what it is worth there."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        self._size = len(documents)
        self._places: dict[str, int] = {}
        place = self._places.setdefault
        terms_of = [place(term, len(self._places)) for each in documents for term in each]
        order = np.argsort(np.array(terms_of, dtype=np.intp), kind="stable")
        numbers = np.repeat(np.arange(self._size), [len(each) for each in documents])
        weights = [weight for each in documents for weight in each.values()]
        self._documents = numbers[order]
        self._weights = np.array(weights, dtype=np.float32)[order]
        counts = np.bincount(np.array(terms_of, dtype=np.intp), minlength=len(self._places))
        self._starts = np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(counts)])

    def sum(self, query: Mapping[str, float]) -> Scores:
        """Return for each document the sum of query weight times document weight."""
        known = [term for term in query if term in self._places]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        places = np.array([self._places[term] for term in known], dtype=np.intp)
        firsts = self._starts[places]
        counts = self._starts[places + 1] - firsts
        ends = counts.cumsum()
        at = np.arange(int(ends[-1])) + (firsts - ends + counts).repeat(counts)
        worth = np.array([query[term] for term in known], dtype=np.float32).repeat(counts)
        worth *= self._weights.take(at)
        found = np.bincount(self._documents.take(at), weights=worth, minlength=self._size)
        scores: Scores = found.astype(np.float32)
        return scores
