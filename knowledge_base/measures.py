"""Measures: what all articles of an index together make of the raw counts of each segment.

How rare a term is and how long a passage is on average depend on every article that is searched,
and change with each that comes or goes; they are small next to the counts and quickly made anew.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.postings import Keys, Scores, keys_of
from knowledge_base.segments import Segment

#: Saturation and length normalisation of BM25 (Robertson and Zaragoza 2009, section 3.4.5).
_K1: Final = 1.2
_B: Final = 0.75

#: Which articles of a segment are searched.
Alive = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rarity:
    """What each term tells: high when few articles are asked for with it.

    Only wordings are counted: a product named in most texts still tells one question from another.
    """

    keys: Keys  #: of the terms articles are asked for with, ascending
    idf: Scores  #: of each
    rarest: float  #: of all other terms

    @classmethod
    def among(cls, segments: Sequence[Segment], alive: Sequence[Alive]) -> "Rarity":
        """Return the rarity of terms in the articles that are searched."""
        keys: list[Keys] = []
        having: list[NDArray[np.int64]] = []
        for segment, searched in zip(segments, alive, strict=True):
            asked = segment.asked
            terms = np.repeat(np.arange(len(asked.keys)), np.diff(asked.starts))
            counts = np.bincount(
                terms[searched[asked.documents]], minlength=len(asked.keys)
            ).astype(np.int64)
            keys.append(asked.keys[counts > 0])
            having.append(counts[counts > 0])
        known, places = np.unique(np.concatenate(keys), return_inverse=True)
        have = np.bincount(places, weights=np.concatenate(having), minlength=len(known))
        count = sum(int(np.count_nonzero(searched)) for searched in alive)
        idf = np.log1p((count - have + 0.5) / (have + 0.5))
        return cls(known, idf.astype(np.float32), math.log1p((count + 0.5) / 0.5))

    def of(self, keys: Keys) -> Scores:
        """Return the rarity of the terms with these keys."""
        found = np.full(len(keys), self.rarest, dtype=np.float32)
        if len(self.keys):
            places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            known = self.keys[places] == keys
            found[known] = self.idf[places[known]]
        return found

    def worth(self, weights: Mapping[str, float]) -> dict[str, float]:
        """Return what each term of a text tells."""
        found = self.of(keys_of(weights))
        return {term: weights[term] * float(idf) for term, idf in zip(weights, found, strict=True)}


@dataclass(frozen=True, slots=True)
class MeasuredSegment:
    """A segment with what the index as a whole makes of it."""

    segment: Segment
    wording_starts: NDArray[np.int64]  #: of each article
    passage_starts: NDArray[np.int64]  #: of each article
    row_starts: NDArray[np.int64]  #: of each passage
    article_row_starts: NDArray[np.int64]
    wording_owner: NDArray[np.int64]
    wording_norms: Scores  #: length of each wording's vector
    said: Scores  #: how much each wording says
    length_weights: Scores  #: of each passage, what BM25 adds to a count for its length


def measure_segments(
    segments: Sequence[Segment], alive: Sequence[Alive], rarity: Rarity
) -> tuple[MeasuredSegment, ...]:
    """Return the segments of an index, measured."""
    passages = [
        np.repeat(searched, segment.passage_counts)
        for segment, searched in zip(segments, alive, strict=True)
    ]
    total = sum(
        float(segment.passage_lengths[kept].sum(dtype=np.float64))
        for segment, kept in zip(segments, passages, strict=True)
    )
    average = total / sum(int(np.count_nonzero(kept)) for kept in passages) or 1.0
    return tuple(_measure(segment, rarity, average) for segment in segments)


def _measure(segment: Segment, rarity: Rarity, average: float) -> MeasuredSegment:
    wordings = segment.wordings
    idf = np.repeat(rarity.of(wordings.keys), np.diff(wordings.starts))
    worth = idf if wordings.counts is None else idf * wordings.counts
    norms = np.sqrt(wordings.add(wordings.documents, worth * worth))
    norms[norms == 0] = 1.0
    row_starts = segment.row_starts
    passage_starts = segment.passage_starts
    lengths = segment.passage_lengths / np.float32(average)
    return MeasuredSegment(
        segment=segment,
        wording_starts=segment.wording_starts,
        passage_starts=passage_starts,
        row_starts=row_starts,
        article_row_starts=row_starts[passage_starts],
        wording_owner=np.repeat(np.arange(len(segment)), segment.wording_counts),
        wording_norms=norms,
        said=wordings.add(wordings.documents, worth),
        length_weights=(_K1 * (1 - _B + _B * lengths)).astype(np.float32),
    )
