"""Entities a bot was shown in examples, found by how they look and what surrounds them.

A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): learnt in
`nlu/slot_training.py`, read by the arithmetic here. Own arithmetic rather than the library's
tagger: no native code reads a file, threads share it, and the probability of a whole span (not
of single tokens) comes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlu.features import FloatArray
from nlu.slot_features import Classes, Token, shared_features, slot_tokens, token_features
from nlu.text import NormalText, comparable
from nlu.understanding import Entity

#: Between person and company, which guess too, and the bot's own words.
SPECIFICITY = 45
#: Least probability of a whole span, by cross-validation: see `tests/bench/slots.py`.
SURE_LEAST = 0.45
#: Logit of what cannot be: a second token of an entity without a first.
_NEVER = -1e4
#: Logits further below the best one make no difference.
_FLOOR = 200.0

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, order=True)
class SlotLabel:
    """What a tagger can call a span."""

    name: str
    role: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class SlotModel:
    """What training leaves behind.

    Tags are numbers: 0 is outside, 1 + 2 i begins an entity of label i, 2 + 2 i continues it.
    """

    labels: tuple[SlotLabel, ...]
    features: Mapping[str, int]  #: feature -> its row in `weights`
    weights: FloatArray  #: features x tags
    transitions: FloatArray  #: tag x the tag after it
    classes: Classes
    values: Mapping[str, Mapping[str, str]]  #: entity -> comparable words -> the value they mean
    facts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse parts that do not fit each other.

        Raises:
            ValueError: shapes differ, rows are missing, or a weight is not finite.
        """
        tags = 1 + 2 * len(self.labels)
        if self.weights.shape != (len(self.features), tags):
            raise ValueError("weights do not fit features and labels")
        if self.transitions.shape != (tags, tags):
            raise ValueError("transitions do not fit the labels")
        if sorted(self.features.values()) != list(range(len(self.features))):
            raise ValueError("features are not numbered from 0")
        if not (np.isfinite(self.weights).all() and np.isfinite(self.transitions).all()):
            raise ValueError("a weight is not a number")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A span found: tokens first .. last (inclusive) and how probable it is, 0..1."""

    label: int
    first: int
    last: int
    probability: float


@dataclass(frozen=True, slots=True)
class Sums:
    """Forward and backward sums over all ways to tag a text, scaled to 1 at each token."""

    forward: Array
    backward: Array
    weights: Array
    scales: Array


class SlotTagger:
    """Finds the entities of a SlotModel in normal texts; thread-safe."""

    def __init__(self, model: SlotModel, *, least: float = SURE_LEAST) -> None:
        self.model = model
        self.least = least
        tags = len(model.transitions)
        self._weights = np.vstack([model.weights, np.zeros((1, tags), dtype=np.float32)])
        before = np.arange(tags)
        self._transitions = model.transitions.astype(np.float64)
        inside = np.arange(2, tags, 2)
        forbidden = np.ones((tags, len(inside)), dtype=bool)
        for column, tag in enumerate(inside):
            forbidden[(before == tag) | (before == tag - 1), column] = False
        self._transitions[:, inside] = np.where(forbidden, _NEVER, self._transitions[:, inside])
        self._start = np.zeros(tags)
        self._start[inside] = _NEVER
        self.steps = np.exp(self._transitions)
        # Tag x the tag before it: the best way into each tag is sought along rows.
        self._into = np.ascontiguousarray(self._transitions.T)

    def find(self, normal: NormalText, known: Sequence[Entity] = ()) -> list[Entity]:
        """Return the entities in a text, with spans of `normal.plain`, in order.

        Args:
            normal: the text; its first 200 tokens are read.
            known: entities found otherwise, with spans of `normal.plain`.
        """
        return self.read(normal, known).entities()

    def read(self, normal: NormalText, known: Sequence[Entity] = ()) -> "Reading":
        """Return all the tagger sees in a text; see `find`."""
        tokens = slot_tokens(normal)
        scores = self._scores(normal, tokens, known)
        return Reading(self, normal, tokens, scores, self.best(scores))

    def _scores(
        self, normal: NormalText, tokens: Sequence[Token], known: Sequence[Entity]
    ) -> Array:
        """Return tokens x tags: how well each tag suits the features of each token."""
        if not tokens:
            return np.empty((0, len(self._transitions)))
        rows = token_features(normal, tokens, known, self.model.classes)
        place, unknown = self.model.features.get, len(self._weights) - 1
        ids: list[int] = []
        starts: list[int] = []
        for row in (shared_features(tokens), *rows):
            starts.append(len(ids))
            ids.append(unknown)  # no segment is empty
            ids.extend([i for i in map(place, row) if i is not None])
        sums = np.add.reduceat(self._weights.take(ids, axis=0), starts, axis=0)
        scores: Array = (sums[1:] + sums[0]).astype(np.float64)
        scores[0] += self._start
        return scores

    def best(self, scores: Array) -> list[int]:
        """Return the most probable tags (Viterbi 1967)."""
        count = len(scores)
        if not count:
            return []
        came = np.zeros(scores.shape, dtype=np.int64)
        best = scores[0]
        every = np.arange(len(best))
        for at in range(1, count):
            paths = best + self._into
            came[at] = paths.argmax(axis=1)
            best = paths[every, came[at]] + scores[at]
        tags = [int(best.argmax())]
        for at in range(count - 1, 0, -1):
            tags.append(int(came[at, tags[-1]]))
        return tags[::-1]

    def sums(self, scores: Array) -> Sums:
        """Return the forward and backward sums, scaled to 1 at each token (Rabiner 1989, V.A)."""
        # Never quite 0, so that no sum is.
        weights = np.exp(np.maximum(scores - scores.max(axis=1, keepdims=True), -_FLOOR))
        forward, backward = np.empty_like(weights), np.ones_like(weights)
        scales = np.empty(len(weights))
        row = weights[0]
        for at, weight in enumerate(weights):
            if at:
                row = (row @ self.steps) * weight
            scales[at] = scale = row.sum()
            forward[at] = row = row / scale
        scaled = weights / scales[:, None]
        for at in range(len(weights) - 1, 0, -1):
            backward[at - 1] = self.steps @ (scaled[at] * backward[at])
        return Sums(forward, backward, weights, scales)


class Reading:
    """One text as a tagger sees it."""

    def __init__(
        self,
        tagger: SlotTagger,
        normal: NormalText,
        tokens: Sequence[Token],
        scores: Array,
        tags: Sequence[int],
    ) -> None:
        self._tagger = tagger
        self._normal = normal
        self._tokens = tokens
        self._scores = scores
        self._tags = tags
        self._sums: Sums | None = None

    def entities(self) -> list[Entity]:
        """Return the entities that are probable enough, in order."""
        model = self._tagger.model
        found = []
        for span in self.spans():
            if span.probability < self._tagger.least:
                continue
            label = model.labels[span.label]
            start, end = self._tokens[span.first].start, self._tokens[span.last].end
            said = self._normal.plain[start:end]
            value = model.values.get(label.name, {}).get(comparable(said), said)
            role, group = label.role or None, label.group or None
            found.append(Entity(label.name, start, end, value, role=role, group=group))
        return found

    def spans(self) -> list[Tagged]:
        """Return the most probable spans of the tokens, however improbable."""
        found = []
        at = 0
        while at < len(self._tags):
            first, tag = at, self._tags[at] + 1
            at += 1
            if tag == 1:
                continue
            while at < len(self._tags) and self._tags[at] == tag:
                at += 1
            chance = self._chance(first, at - 1, tag)
            found.append(Tagged((tag - 2) // 2, first, at - 1, min(max(chance, 0.0), 1.0)))
        return found

    def outside(self, start: int, end: int) -> float:
        """Return how probable it is, 0..1, that `plain[start:end]` is no entity.

        0 where the tagger does not read.
        """
        inside = [at for at, t in enumerate(self._tokens) if t.start < end and t.end > start]
        if not inside:
            return 0.0
        sums = self._summed()
        return float((sums.forward[inside, 0] * sums.backward[inside, 0]).min())

    def _chance(self, first: int, last: int, tag: int) -> float:
        """Return the probability of tag - 1, tag, ..., tag at first .. last and nothing more."""
        sums, steps = self._summed(), self._tagger.steps
        chance = sums.forward[first, tag - 1]
        for at in range(first + 1, last + 1):
            left = tag - 1 if at == first + 1 else tag
            chance *= steps[left, tag] * sums.weights[at, tag] / sums.scales[at]
        if last + 1 < len(self._tags):
            after = sums.weights[last + 1] * sums.backward[last + 1] / sums.scales[last + 1]
            following = steps[tag - 1 if last == first else tag]
            chance *= float(following @ after) - following[tag] * after[tag]
        return float(chance)

    def _summed(self) -> Sums:
        if self._sums is None:
            self._sums = self._tagger.sums(self._scores)
        return self._sums


def said_values(pairs: Sequence[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    """Return entity -> comparable words -> value; of two values for the same words the first."""
    found: dict[str, dict[str, str]] = {}
    for name, said, value in pairs:
        words = comparable(said)
        if words and value != said:
            found.setdefault(name, {}).setdefault(words, value)
    return found
