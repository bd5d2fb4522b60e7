"""What examples teach about feelings that no list of phrases has: a small linear model a language.

It is taught from the examples beside this file when first asked, in 0.1 s and always to the same
numbers, by ridge regression in its dual form (Hoerl and Kennard 1970): w = X' (X X' + l I)^-1 y.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

import numpy as np

from nlu.feeling import lists
from nlu.feeling.phrases import words_of
from nlu.text import normalise

_LABELS = ("bad", "neutral", "good", "frustrated")
_RIDGE = 0.3
#: What speaks for bad, neutral and good in a text of which nothing is known: most are neutral.
_UNKNOWN = (-0.3, -0.2, -0.3)
#: Bad or good must be ahead of neutral by so much.
_MARGIN = 0.2
#: Scores of frustration from which it is a doubtful and a sure witness, so that 15 % and 2 % of
#: questions to voice assistants and banks reach them.
_DOUBTFUL = {"en": 0.0, "zh": -0.14}
_SURE = {"en": 0.29, "zh": 0.18}
#: What a doubtful, a sure and the surest witness weighs.
_WEAK, _STRONG, _MOST = 0.3, 0.5, 0.85
#: Words of a text that are read.
_WORDS_MAX = 200


class _Feature(NamedTuple):
    """A feature's weight in a text (inverse document frequency), and times its teaching."""

    weight: float
    bad: float
    neutral: float
    good: float
    frustrated: float


@dataclass(frozen=True, slots=True)
class Taught:
    """The linear model of one language."""

    features: Mapping[str, _Feature]
    unknown_weight: float
    frustration_bias: float
    doubtful: float
    sure: float

    def read(self, words: Sequence[str]) -> tuple[float, float]:
        """Return a text's sentiment, -1 .. 1, and what it witnesses of frustration, 0 .. 1."""
        square = bad = neutral = good = frustrated = 0.0
        unknown = 0
        for name in _names(words):
            feature = self.features.get(name)
            if feature is None:
                unknown += 1
                continue
            square += feature.weight * feature.weight
            bad += feature.bad
            neutral += feature.neutral
            good += feature.good
            frustrated += feature.frustrated
        if not square:
            return 0.0, 0.0
        norm = sqrt(square + unknown * self.unknown_weight**2)
        calm = neutral / norm + _UNKNOWN[1] + _MARGIN
        worse, better = bad / norm + _UNKNOWN[0] - calm, good / norm + _UNKNOWN[2] - calm
        tone = 0.0
        if max(worse, better) > 0.0:
            tone = -min(0.5, 0.2 + 0.3 * worse) if worse > better else min(0.5, 0.2 + 0.3 * better)
        return tone, self._witness(frustrated / norm + self.frustration_bias)

    def _witness(self, score: float) -> float:
        if score <= self.doubtful:
            return 0.0
        if score < self.sure:
            share = (score - self.doubtful) / (self.sure - self.doubtful)
            return _WEAK + (_STRONG - 0.01 - _WEAK) * share
        return min(_MOST, _STRONG + 0.5 * (score - self.sure))


def _names(words: Sequence[str]) -> list[str]:
    """Return a text's words, pairs of neighbours, and how it opens and ends, each once."""
    read = words[:_WORDS_MAX]
    if not read:
        return []
    # In order, not as a set: sums must come out the same in every process.
    pairs = [f"{a} {b}" for a, b in pairwise(read)]
    return list(dict.fromkeys([*read, *pairs, "^" + read[0], "$" + read[-1]]))


@lru_cache(maxsize=4)
def taught(language: str) -> Taught:
    """Return the model of `language`, "en" or "zh"."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no types

    texts: list[list[str]] = []
    labels: list[int] = []
    for label, block in lists.read(f"examples_{language}").items():
        for line in block.splitlines():
            texts.append(_names(words_of(normalise(line.removeprefix("- ")).folded)))
            labels.append(_LABELS.index(label))
    frequency = Counter(name for text in texts for name in text)
    place = {name: at for at, name in enumerate(sorted(frequency))}
    counts = np.array([frequency[name] for name in place], dtype=np.float64)
    weights = np.log((1 + len(texts)) / (1 + counts)) + 1.0
    matrix = np.zeros((len(texts), len(place)))
    truth = np.full((len(texts), len(_LABELS)), -1.0)
    for row, (text, kind) in enumerate(zip(texts, labels, strict=True)):
        has = sorted(place[name] for name in text)
        matrix[row, has] = weights[has] / np.sqrt(weights[has] @ weights[has])
        truth[row, kind] = 1.0
        if _LABELS[kind] == "frustrated":
            truth[row, _LABELS.index("bad")] = 1.0
    bias = truth.mean(axis=0)
    with threadpool_limits(limits=1):  # more threads add in another order
        kernel = matrix @ matrix.T + _RIDGE * np.eye(len(texts))
        learnt = (matrix.T @ np.linalg.solve(kernel, truth - bias)) * weights[:, None]
    return Taught(
        {
            name: _Feature(float(weights[at]), *map(float, learnt[at]))
            for name, at in place.items()
        },
        float(np.median(weights)),
        float(bias[_LABELS.index("frustrated")]),
        _DOUBTFUL[language],
        _SURE[language],
    )
