"""Postings: which documents have a term, in arrays that are touched only where a question's are.

Terms stand as 64-bit keys, sorted, so that a file mapped into memory is searched as it lies and
several processes share its pages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Keys = NDArray[np.uint64]
Numbers = NDArray[np.int32]


@lru_cache(maxsize=65536)
def key_of(text: str) -> int:
    """Return the 64-bit key of a text; two texts with one key are not to be expected."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def keys_of(texts: Iterable[str]) -> Keys:
    """Return the keys of texts, in order."""
    return np.array([key_of(text) for text in texts], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term the documents that have it, and what it counts there."""

    size: int  #: documents
    keys: Keys  #: of the terms, ascending
    starts: NDArray[np.int64]  #: of each term's documents, and the end
    documents: Numbers
    counts: Scores | None  #: None: every term counts one

    @classmethod
    def of(cls, documents: Sequence[Mapping[str, float]], *, counted: bool = True) -> "Postings":
        """Return the postings of documents given by the counts of their terms.

        Args:
            documents: for each its terms with what they count.
            counted: whether the counts are kept.
        """
        places: dict[str, int] = {}
        place = places.setdefault
        terms = np.array(
            [place(term, len(places)) for each in documents for term in each], dtype=np.int64
        )
        keys = keys_of(places)
        ranks = np.empty(len(keys), dtype=np.int64)
        ranks[np.argsort(keys)] = np.arange(len(keys))
        numbers = np.repeat(
            np.arange(len(documents), dtype=np.int32), [len(each) for each in documents]
        )
        counts = None
        if counted:
            found = [count for each in documents for count in each.values()]
            counts = np.array(found, dtype=np.float32)
        return _sorted(len(documents), np.sort(keys), ranks[terms], numbers, counts)

    @classmethod
    def merge(cls, parts: Sequence[tuple["Postings", NDArray[np.int64]]]) -> "Postings":
        """Return the postings of several as of one.

        Args:
            parts: of each the new number of every document, -1 for one to leave out; the new
                numbers of all parts are 0, 1, 2 and so on.
        """
        size = sum(int(np.count_nonzero(numbers >= 0)) for _, numbers in parts)
        keys = np.concatenate([part.terms() for part, _ in parts])
        documents = np.concatenate([numbers[part.documents] for part, numbers in parts])
        kept = documents >= 0
        counts = None
        if all(part.counts is not None for part, _ in parts):
            counted = [part.counts for part, _ in parts if part.counts is not None]
            counts = np.concatenate(counted)[kept]
        known, ranks = np.unique(keys[kept], return_inverse=True)
        return _sorted(size, known, ranks, documents[kept].astype(np.int32), counts)

    def terms(self) -> Keys:
        """Return the key of the term of each posting."""
        return np.repeat(self.keys, np.diff(self.starts))

    def touch(self, keys: Keys, worth: Scores) -> tuple[Numbers, Scores, Scores | None]:
        """Return the postings of some terms.

        Args:
            keys: of the terms, each once.
            worth: of each term.

        Returns:
            of each posting its document, its term's worth and its count.
        """
        places = np.searchsorted(self.keys, keys)
        places[places == len(self.keys)] = 0
        known = self.keys[places] == keys if len(self.keys) else np.zeros(len(keys), np.bool_)
        places = places[known]
        firsts = self.starts[places]
        counts = self.starts[places + 1] - firsts
        ends = counts.cumsum()
        total = int(ends[-1]) if len(ends) else 0
        at = np.arange(total) + (firsts - ends + counts).repeat(counts)
        values: Scores = worth[known].repeat(counts)
        counted = None if self.counts is None else self.counts.take(at)
        return self.documents.take(at), values, counted

    def sum(self, keys: Keys, worth: Scores) -> Scores:
        """Return for each document the sum over its terms of worth times count."""
        documents, values, counts = self.touch(keys, worth)
        return self.add(documents, values if counts is None else values * counts)

    def add(self, documents: Numbers, values: Scores) -> Scores:
        """Return for each document the sum of the values of its postings."""
        found: Scores = np.bincount(documents, weights=values, minlength=self.size).astype(
            np.float32
        )
        return found


def _sorted(
    size: int,
    keys: Keys,
    ranks: NDArray[np.int64],
    documents: Numbers,
    counts: Scores | None,
) -> Postings:
    """Return the postings of (rank of the term, document) pairs in any order."""
    order = np.argsort(ranks, kind="stable")
    starts = np.zeros(len(keys) + 1, dtype=np.int64)
    np.cumsum(np.bincount(ranks, minlength=len(keys)), out=starts[1:])
    ordered = None if counts is None else counts[order]
    return Postings(size, keys, starts, documents[order], ordered)
