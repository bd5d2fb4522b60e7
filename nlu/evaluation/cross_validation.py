"""Which texts are taught and which tested: folds, and samples of a few examples an intent."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.text import comparable
from nlu.training_data import Example


@dataclass(frozen=True, slots=True)
class Part:
    """One model's lessons and exam; no text of the one is in the other."""

    taught: tuple[Example, ...]
    tested: tuple[Example, ...]
    seed: int = 0


def folds(examples: Sequence[Example], *, count: int, seed: int = 0) -> list[Part]:
    """Return `count` parts, in which every example is tested once.

    Examples that are equal when only words count (`nlu.text.comparable`) stay together. Groups are
    dealt in turn within each intent and language, so every fold has its share of both; their order
    is by a hash of text and `seed`, so the same data gives the same folds.
    """
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[comparable(example.text) or example.text].append(example)
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, group in groups.items():
        kinds[(group[0].intent, group[0].language)].append(key)
    fold: dict[str, int] = {}
    dealt = 0  # goes on from kind to kind, so that small intents do not all land in the first
    for kind in sorted(kinds):
        for key in sorted(kinds[kind], key=lambda each: _hash(each, seed)):
            fold[key] = dealt % count
            dealt += 1
    tested: list[list[Example]] = [[] for _ in range(count)]
    for key, group in groups.items():
        tested[fold[key]].extend(group)
    return [
        Part(
            tuple(e for other in range(count) if other != at for e in tested[other]),
            tuple(tested[at]),
            seed,
        )
        for at in range(count)
        if tested[at]
    ]


def few(examples: Sequence[Example], *, count: int, seed: int) -> tuple[Example, ...]:
    """Return `count` examples of each intent and language, chosen by a hash of text and `seed`."""
    kinds: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        kinds[(example.intent, example.language)].append(example)
    return tuple(
        example
        for kind in sorted(kinds)
        for example in sorted(kinds[kind], key=lambda each: _hash(each.text, seed))[:count]
    )


def without_tested(
    taught: Sequence[Example], tested: Sequence[Example]
) -> tuple[tuple[Example, ...], int]:
    """Return the examples that are not also tested, and how many were left out."""
    keys = {comparable(each.text) for each in tested}
    kept = tuple(each for each in taught if comparable(each.text) not in keys)
    return kept, len(taught) - len(kept)


def _hash(text: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\n{text}".encode(errors="replace")).digest()
