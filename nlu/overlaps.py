"""Intents that overlap, found from their examples' words alone, before anything is trained.

Quick enough for every check of a bot: some 0.3 s for 3,000 examples.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.features import learn_vocabulary, stack
from nlu.text import comparable_folded, is_han, matter, normalise, tokens
from nlu.training_data import OUT_OF_SCOPE, Example

#: Cosine of two examples from which they say nearly the same.
NEAR_COSINE = 0.8
#: Share of an intent's examples in a language that another must attract, and how many at least.
CONFUSED_SHARE = 0.3
CONFUSED_LEAST = 4
_FOLDS = 3
#: Examples of a language that are compared; more would take long and teach little.
_COMPARED_MAX = 3000
#: Regularisation, relative to the cosine 1 of an example with itself.
_RIDGE = 0.3
_SHOWN_MAX = 3
#: English plurals, and what is left without them.
_PLURALS = (
    (re.compile(r"(?<=[a-z]{2})ies$"), "y"),
    (re.compile(r"(x|z|ss|sh|ch)es$"), r"\1"),
    (re.compile(r"(?<=[a-z]{2})(?<![isu])s$"), ""),
)
_ARTICLES = frozenset({"a", "an", "the", "my", "our", "your"})


@dataclass(frozen=True, slots=True)
class Twins:
    """Two examples of different intents that say nearly the same."""

    first: Example
    second: Example
    cosine: float  #: 1 when only courtesy, articles and plurals differ


@dataclass(frozen=True, slots=True)
class Confusion:
    """An intent whose examples are taken for another's by a model that was not taught them."""

    intent: str
    other: str
    language: str
    taken: int  #: of its examples
    examples: int  #: it has
    pairs: tuple[
        tuple[Example, Example], ...
    ]  #: a few of them, each with the nearest of the other


def find_overlaps(examples: Sequence[Example]) -> tuple[list[Twins], list[Confusion]]:
    """Return near-duplicates across intents, and intents confused in cross-validation.

    Texts that mean nothing known are left out: they are meant to be near everything.
    """
    languages: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        if example.intent != OUT_OF_SCOPE:
            languages[example.language].append(example)
    twins: list[Twins] = []
    confusions: list[Confusion] = []
    for language, all_ in sorted(languages.items()):
        some = all_[:: -(-len(all_) // _COMPARED_MAX)]
        intents = sorted({example.intent for example in some})
        if len(intents) < 2:
            continue
        space = _Space(some, intents)
        twins += space.twins()
        confusions += space.confusions(language)
    return twins, confusions


def bare(text: str) -> str:
    """Return the words of a text that tell two questions apart: no courtesy, article or plural."""
    words = [
        word if is_han(word) else _singular(word)
        for word in tokens(comparable_folded(matter(normalise(text).folded)))
        if word not in _ARTICLES
    ]
    return " ".join(words)


def _singular(word: str) -> str:
    for ending, instead in _PLURALS:
        shorter = ending.sub(instead, word)
        if shorter != word:
            return shorter
    return word


class _Space:
    """The examples of one language as lexical vectors."""

    def __init__(self, examples: Sequence[Example], intents: Sequence[str]) -> None:
        from scipy.sparse import csr_matrix

        self._examples = examples
        self._intents = intents
        self._truth = np.array([intents.index(each.intent) for each in examples])
        folded = [normalise(each.text).folded for each in examples]
        vocabulary = learn_vocabulary(folded)
        starts, ids, values = stack(map(vocabulary.vector, folded))
        shape = (len(examples), len(vocabulary.weights))
        matrix: Any = csr_matrix((values, ids, starts), shape=shape)
        self._cosines: NDArray[np.float32] = (matrix @ matrix.T).toarray()

    def twins(self) -> Iterator[Twins]:
        """Yield the near-duplicates across intents, each pair once."""
        alike = (self._cosines >= NEAR_COSINE) & (self._truth[:, None] != self._truth[None, :])
        pairs = {(int(a), int(b)): float(self._cosines[a, b]) for a, b in np.argwhere(alike)}
        seen: dict[str, list[int]] = defaultdict(list)
        for at, example in enumerate(self._examples):
            if words := bare(example.text):
                seen[words].append(at)
        for same in seen.values():
            pairs |= {(a, b): 1.0 for a in same for b in same if self._truth[a] != self._truth[b]}
        for (a, b), cosine in sorted(pairs.items()):
            if a < b:
                yield Twins(self._examples[a], self._examples[b], min(cosine, 1.0))

    def confusions(self, language: str) -> Iterator[Confusion]:
        """Yield the intents of which a good part is taken for one other."""
        predicted = self._predict()
        support = Counter(self._truth.tolist())
        wrong: dict[tuple[int, int], list[int]] = defaultdict(list)
        for at, (truth, taken) in enumerate(zip(self._truth, predicted, strict=True)):
            if truth != taken:
                wrong[(int(truth), int(taken))].append(at)
        for (truth, taken), places in sorted(wrong.items(), key=lambda item: -len(item[1])):
            count = len(places)
            if count < CONFUSED_LEAST or count < CONFUSED_SHARE * support[truth]:
                continue
            rivals = np.flatnonzero(self._truth == taken)
            nearest = rivals[self._cosines[places][:, rivals].argmax(axis=1)]
            strength = self._cosines[places, nearest]
            worst = np.argsort(-strength, kind="stable")[:_SHOWN_MAX]
            yield Confusion(
                self._intents[truth],
                self._intents[taken],
                language,
                count,
                support[truth],
                tuple((self._examples[places[i]], self._examples[nearest[i]]) for i in worst),
            )

    def _predict(self) -> NDArray[np.int64]:
        """Return the intent of each example as seen by a model that was not taught it.

        Kernel ridge regression on the cosines: about as right as a linear machine, and its
        library need not be loaded (0.7 s) for a check.
        """
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no types

        count = len(self._truth)
        fold = np.arange(count) % _FOLDS
        targets = np.eye(len(self._intents), dtype=np.float32)[self._truth]
        predicted = self._truth.astype(np.int64)
        # Rarer intents count more, by the root of rarity, as in training.
        importance = 1.0 / np.sqrt(np.bincount(self._truth)[self._truth])
        importance /= importance.mean()
        with threadpool_limits(limits=1):
            for each in range(_FOLDS):
                taught, held = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
                if not len(taught) or not len(held):
                    continue
                kernel = self._cosines[np.ix_(taught, taught)]
                kernel[np.diag_indices(len(taught))] += _RIDGE / importance[taught]
                weights = np.linalg.solve(kernel, targets[taught])
                scores = self._cosines[np.ix_(held, taught)] @ weights
                predicted[held] = scores.argmax(axis=1)
        return predicted
