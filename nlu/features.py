"""Lexical features of a text for the linear model: words and character grams.

The same code counts features when training and when serving, so the two cannot drift apart.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlu.text import is_han, tokens

#: Character grams inside a word with its borders, for typing mistakes and endings.
_GRAM_LENGTHS = range(2, 6)
#: Longer words are codes or pasted junk; their grams would drown the rest.
_WORD_MAX = 24
#: Tokens of one text that are looked at; customers' texts have up to 4,000 characters.
_TOKENS_MAX = 200
_SOME_NUMBER, _SOME_ADDRESS = "0", "zzaddress"
#: What a feature weighs that two intents have alike, where log-count ratios are weights.
_RATIO_LEAST = 0.3
#: Words whose features a vocabulary remembers, about 1 KB each.
_WORDS_REMEMBERED = 10_000
_PLACEHOLDERS = frozenset({_SOME_NUMBER, _SOME_ADDRESS})
#: Bounded, so that a text of nothing but "@" costs no seconds.
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{3,255}|https?://\S+|www\.\S+")
_DIGITS = re.compile(r"\d+(?:[.,:/-]\d+)*")

FloatArray = NDArray[np.float32]
#: Of the machine's own index type: numpy gathers with it three times as fast.
IntArray = NDArray[np.intp]


class Sparse(NamedTuple):
    """A sparse vector of unit norm, counting also what the vocabulary lacks."""

    ids: IntArray
    values: FloatArray
    known_words: int  #: words (or Chinese characters) of the text that the vocabulary has
    words: int  #: all of them


class _Word(NamedTuple):
    """What a vocabulary knows of one word."""

    ids: list[int]  #: of its features
    unknown: tuple[str, ...]  #: those it lacks
    known: bool  #: whether it has the word itself
    counts: bool  #: False for what only stands for numbers and addresses
    han: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features a model knows, with their weights (inverse document frequencies)."""

    ids: Mapping[str, int]
    weights: FloatArray
    unknown_weight: float  #: weight of a feature never seen in training
    _words: dict[str, _Word] = field(default_factory=dict, repr=False, compare=False)

    def vector(self, folded: str) -> Sparse:
        """Return the TF-IDF vector of a folded text: 1 + ln(count), times weight, unit norm.

        Unknown features have no place in it but count in its norm: a text of which little is
        known is near to nothing.
        """
        words = feature_words(folded)
        read = [self._words.get(word) or self._read(word) for word in words]
        ids: list[int] = []
        lacking: set[str] = set()
        for word in read:
            ids += word.ids
            if word.unknown:
                lacking.update(word.unknown)
        for feature in _order_features(words, [word.han for word in read]):
            at = self.ids.get(feature)
            if at is None:
                lacking.add(feature)
            else:
                ids.append(at)
        index, found = np.unique(np.array(ids, dtype=np.intp), return_counts=True)
        counts: FloatArray = found.astype(np.float32)
        values: FloatArray = (np.float32(1.0) + np.log(counts)) * self.weights[index]
        norm = float(np.sqrt(values @ values + len(lacking) * self.unknown_weight**2))
        counted = [word.known for word in read if word.counts]
        values /= np.float32(max(norm, 1e-12))
        return Sparse(index, values, sum(counted), len(counted))

    def _read(self, word: str) -> _Word:
        features = _word_features(word)
        found = _Word(
            [self.ids[feature] for feature in features if feature in self.ids],
            tuple(feature for feature in features if feature not in self.ids),
            _word_feature(word) in self.ids,
            word not in _PLACEHOLDERS,
            is_han_character(word),
        )
        if len(self._words) >= _WORDS_REMEMBERED:
            self._words.clear()
        self._words[word] = found
        return found


def learn_vocabulary(
    texts: Sequence[str], *, truth: Sequence[int] = (), features_max: int = 60_000
) -> Vocabulary:
    """Return the vocabulary of folded training texts, the most frequent features first.

    Features weigh by their rarity. Between two intents (`truth` is 0 or 1 throughout) they weigh
    by how unevenly these have them: log-count ratios (Wang and Manning 2012), which tell more.
    """
    frequency: Counter[str] = Counter()
    for text in texts:
        frequency.update(count_features(text)[0].keys())
    # Ties by name, so that training is deterministic.
    ranked = sorted(frequency.items(), key=lambda item: (-item[1], item[0]))[:features_max]
    total = len(texts)
    weights = np.array(
        [np.log((1 + total) / (1 + count)) + 1.0 for _, count in ranked], dtype=np.float32
    )
    if set(truth) == {0, 1}:
        weights = _ratios(texts, truth, {name: at for at, (name, _) in enumerate(ranked)})
    # Weighing unknown features like the median known one: rarer would let one odd word decide.
    unknown = float(np.median(weights)) if len(weights) else 1.0
    return Vocabulary({name: at for at, (name, _) in enumerate(ranked)}, weights, unknown)


def _ratios(texts: Sequence[str], truth: Sequence[int], ids: Mapping[str, int]) -> FloatArray:
    counts = np.ones((2, len(ids)))
    for text, side in zip(texts, truth, strict=True):
        counts[side, [ids[name] for name in count_features(text)[0] if name in ids]] += 1
    shares = counts / counts.sum(axis=1, keepdims=True)
    ratios: FloatArray = np.abs(np.log(shares[0] / shares[1])).astype(np.float32)
    return ratios + np.float32(_RATIO_LEAST)


def count_features(folded: str) -> tuple[dict[str, int], list[str]]:
    """Return how often each feature occurs in a folded text, and its words without numbers."""
    words = feature_words(folded)
    counts: Counter[str] = Counter()
    for word in words:
        counts.update(_word_features(word))
    counts.update(_order_features(words, [is_han_character(word) for word in words]))
    return counts, [word for word in words if word not in _PLACEHOLDERS]


def _order_features(words: Sequence[str], han: Sequence[bool]) -> list[str]:
    """Return the features of a text that tell how its words follow each other."""
    features = [
        words[at] + words[at + 1] if han[at] and han[at + 1] else f"p{words[at]} {words[at + 1]}"
        for at in range(len(words) - 1)
    ]
    if words:
        # How a text opens and ends tells a question from a statement.
        features += ["^" + words[0], "$" + words[-1]]
    return features


def feature_words(folded: str) -> list[str]:
    """Return the words features are made of; addresses and numbers are all alike."""
    text = folded
    if "@" in text or "www." in text or "://" in text:
        text = _ADDRESS.sub(f" {_SOME_ADDRESS} ", text)
    return tokens(_DIGITS.sub(f" {_SOME_NUMBER} ", text))[:_TOKENS_MAX]


@lru_cache(maxsize=20_000)
def _word_features(word: str) -> tuple[str, ...]:
    """Return a word and its character grams; cached, because language repeats itself."""
    if is_han(word):
        return (word,)
    features = [_word_feature(word)]
    if len(word) <= _WORD_MAX and word not in _PLACEHOLDERS:
        bordered = f" {word} "
        features.extend(
            "c" + bordered[at : at + length]
            for length in _GRAM_LENGTHS
            for at in range(len(bordered) - length + 1)
        )
    return tuple(features)


def _word_feature(word: str) -> str:
    return word if is_han_character(word) else "w" + word


def is_han_character(word: str) -> bool:
    """Tell whether a token is one Chinese character; tokens are never longer runs of them."""
    return len(word) == 1 and word >= "\u3005" and is_han(word)


def stack(vectors: Iterable[Sparse]) -> tuple[IntArray, IntArray, FloatArray]:
    """Return vectors as compressed rows: row starts, ids, values."""
    rows = list(vectors)
    starts = np.zeros(len(rows) + 1, dtype=np.intp)
    np.cumsum([len(row.ids) for row in rows], out=starts[1:])
    ids = np.concatenate([row.ids for row in rows]) if rows else np.zeros(0, np.intp)
    values = np.concatenate([row.values for row in rows]) if rows else np.zeros(0, np.float32)
    return starts, ids, values
