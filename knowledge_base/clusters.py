"""Clusters of questions that mean one thing; groups that are there already only grow.

Work is bounded: questions are taken a block at a time, so time grows with their number times the
number of groups and memory hardly at all. Questions in Chinese and others are never compared by
their words; languages the encoder reads are compared by meaning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.terms import fold, has_han, terms
from nlu.interpreter import Vectors

#: Least cosine of two questions that mean one thing.
MEANING_MIN: Final = 0.75
#: Least share of the words, or Chinese characters and bigrams, that two such questions have in
#: common of all that either has.
WORDS_MIN: Final = 0.5
#: Questions that stand for a group when a new one is compared with it.
STANDING_MAX: Final = 8
#: Questions that are compared with each other at once.
BLOCK: Final = 500
#: Words of one script that are told apart, as hashes.
_HASHES: Final = 1 << 20
#: What counts as a word that says something, see `terms`.
_CONTENT_MIN: Final = 1.0

Scores = NDArray[np.float32]
#: Gives texts their vectors, one row each.
Encode = Callable[[Sequence[str]], Vectors]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How questions of one script are compared: by meaning, or by their words."""

    encode: Encode | None = None  #: None: by their words

    @property
    def least(self) -> float:
        """Least likeness of two questions that mean one thing."""
        return WORDS_MIN if self.encode is None else MEANING_MIN

    def features(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - an array, or a sparse one
        """Return one row per text."""
        if self.encode is not None:
            return self.encode([fold(text) for text in texts])
        return _words(texts)

    def likeness(self, one: Any, other: Any) -> Scores:  # noqa: ANN401 - features
        """Return how alike each row of one is with each row of the other, 0..1."""
        if self.encode is not None:
            cosines: Scores = one @ other.T
            return cosines
        return _shared(one, other)


def middle(texts: Sequence[str], counts: Sequence[int], comparison: Comparison) -> int:
    """Return the number of the text most like all others, each as often as it was asked."""
    if len(texts) < 3:
        return int(np.argmax(counts))
    features = comparison.features(texts)
    likeness = comparison.likeness(features, features)
    return int(np.argmax(likeness @ np.asarray(counts, dtype=np.float32)))


def join(
    texts: Sequence[str],
    present: Sequence[Sequence[str]],
    comparison: Comparison,
    *,
    progress: Progress | None = None,
) -> list[int]:
    """Return for each text the group it belongs to; numbers past `present` are new groups.

    Args:
        texts: distinct, those asked most often first.
        present: groups there are already, each as a few questions that stand for it.
        comparison: of texts of this script.
        progress: told how far it is.
    """
    if not texts:
        return []
    standing = _Standing(comparison, [list(group)[:STANDING_MAX] for group in present])
    groups: list[int] = []
    for start in range(0, len(texts), BLOCK):
        if progress is not None and len(texts) > BLOCK:
            progress(f"comparing questions: {start:,} of {len(texts):,}")
        block = texts[start : start + BLOCK]
        features = comparison.features(block)
        found = standing.find(features)
        left = np.flatnonzero(found < 0)
        if len(left):
            labels = _agglomerate(comparison.likeness(features[left], features[left]), comparison)
            found[left] = labels + standing.count
            members: dict[int, list[int]] = {}
            for row, label in zip(left, labels, strict=True):
                members.setdefault(int(label), []).append(int(row))
            for label in sorted(members):
                standing.add(features, members[label][:STANDING_MAX])
        groups += [int(group) for group in found]
    return groups


def by_script(texts: Sequence[str]) -> Mapping[bool, list[int]]:
    """Return the numbers of the texts with Chinese characters, and of those without."""
    found: dict[bool, list[int]] = {True: [], False: []}
    for number, text in enumerate(texts):
        found[has_han(text)].append(number)
    return found


class _Standing:
    """The questions that stand for the groups, by rows of features."""

    def __init__(self, comparison: Comparison, groups: Sequence[Sequence[str]]) -> None:
        self._comparison = comparison
        self._features: list[Any] = []
        self._owners: list[int] = []
        self.count = 0
        texts = [text for group in groups for text in group]
        for start in range(0, len(texts), BLOCK):
            self._features.append(comparison.features(texts[start : start + BLOCK]))
        for group in groups:
            self._owners += [self.count] * len(group)
            self.count += 1

    def add(self, features: Any, rows: Sequence[int]) -> None:  # noqa: ANN401 - features
        """Add a group that these rows stand for."""
        self._features.append(features[list(rows)])
        self._owners += [self.count] * len(rows)
        self.count += 1

    def find(self, features: Any) -> NDArray[np.int64]:  # noqa: ANN401 - features
        """Return for each row the group it is like on the average, -1 for none."""
        rows = features.shape[0]
        if not self._owners:
            return np.full(rows, -1, dtype=np.int64)
        self._features = [_stacked(self._features)]
        likeness = self._comparison.likeness(features, self._features[0])
        owners = np.asarray(self._owners)
        firsts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
        sums = np.add.reduceat(likeness, firsts, axis=1)
        sizes = np.diff(np.r_[firsts, len(owners)])
        means = sums / sizes
        best = np.argmax(means, axis=1)
        sure = means[np.arange(rows), best] >= self._comparison.least
        return np.where(sure, owners[firsts][best], -1)


def _agglomerate(likeness: Scores, comparison: Comparison) -> NDArray[np.int64]:
    """Return the group of each row, numbered in the order of their first rows."""
    from sklearn.cluster import AgglomerativeClustering

    if len(likeness) == 1:
        return np.zeros(1, dtype=np.int64)
    apart = np.clip(1.0 - (likeness + likeness.T) / 2, 0.0, None)
    labels = (
        AgglomerativeClustering(
            n_clusters=None,
            metric="precomputed",
            linkage="average",
            distance_threshold=1.0 - comparison.least + 1e-6,
        )
        .fit(apart)
        .labels_
    )
    order: dict[int, int] = {}
    return np.asarray([order.setdefault(int(label), len(order)) for label in labels])


def _words(texts: Sequence[str]) -> Any:  # noqa: ANN401 - a sparse array
    """Return the words of each text that say something, else all of them, as a row of ones."""
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(
        analyzer=_content, n_features=_HASHES, binary=True, norm=None, alternate_sign=False
    )
    return vectorizer.transform(texts).astype(np.float32)


def _content(text: str) -> list[str]:
    weights = terms(text)
    telling = [term for term, weight in weights.items() if weight >= _CONTENT_MIN]
    # A question of nothing else is like another of the same words only.
    return telling or list(weights) or [fold(text)]


def _shared(one: Any, other: Any) -> Scores:  # noqa: ANN401 - sparse arrays
    both = np.asarray((one @ other.T).todense(), dtype=np.float32)
    sizes = np.asarray(one.sum(axis=1)).reshape(-1, 1) + np.asarray(other.sum(axis=1)).reshape(
        1, -1
    )
    shared: Scores = both / np.maximum(sizes - both, 1.0)
    return shared


def _stacked(features: Sequence[Any]) -> Any:  # noqa: ANN401 - features
    from scipy.sparse import issparse, vstack

    if len(features) == 1:
        return features[0]
    if issparse(features[0]):
        return vstack(features, format="csr")
    return np.concatenate(features)
