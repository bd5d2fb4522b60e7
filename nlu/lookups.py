"""Entities by word list: canonical values, what customers call them, typing errors forgiven."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from nlu.text import is_han, normalise, token_spans
from nlu.understanding import Entity

SPECIFICITY = 50
#: Shorter words are too like each other to forgive an error.
_FORGIVEN_LENGTH = 5
_FORGIVEN_TWICE_LENGTH = 9
#: Words of one phrase at most; longer ones are compared by their first.
_WORDS_MAX = 12
#: Tokens of a text that are looked at.
_TOKENS_MAX = 400

_Token = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class _Phrase:
    entity: str
    value: str


class Lookups:
    """All word lists of a bot, ready to be found in folded texts."""

    def __init__(self, lists: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """Index `lists`: entity -> canonical value -> words for it, besides the value itself."""
        self._phrases: dict[tuple[str, ...], _Phrase] = {}
        self._longest: dict[str, int] = {}
        self._forgiving: dict[tuple[int, str], list[tuple[str, tuple[str, ...]]]] = {}
        for entity, values in lists.items():
            for value, words in values.items():
                for word in [*words, value, value.replace("_", " ")]:
                    self._add(word, _Phrase(entity, value))
        self._forgiving_letters = {letter for _, letter in self._forgiving}

    def find(self, folded: str) -> Iterator[Entity]:
        """Yield the phrases in a folded text, the longest at each place."""
        if not self._phrases:
            return
        words = [t for _, t in zip(range(_TOKENS_MAX), token_spans(folded), strict=False)]
        at = 0
        while at < len(words):
            token = words[at][0]
            taken = self._longest_at(words, at, folded) if token in self._longest else None
            if taken is None and token[0] in self._forgiving_letters:
                taken = self._forgiven_at(words, at, folded)
            if taken is None:
                at += 1
                continue
            phrase, count = taken
            start, end = words[at][1], words[at + count - 1][2]
            yield Entity(phrase.entity, start, end, phrase.value)
            at += count

    def _add(self, written: str, phrase: _Phrase) -> None:
        folded = normalise(written).folded
        key = tuple(token for token, _, _ in token_spans(folded))[:_WORDS_MAX]
        if not key:
            return
        self._phrases.setdefault(key, phrase)
        self._longest[key[0]] = max(self._longest.get(key[0], 0), len(key))
        joined = " ".join(key)
        plain_words = not any(is_han(t) or any(c.isdigit() for c in t) for t in key)
        if plain_words and len(joined) >= _FORGIVEN_LENGTH:
            self._forgiving.setdefault((len(key), joined[0]), []).append((joined, key))

    def _longest_at(
        self, words: Sequence[_Token], at: int, folded: str
    ) -> tuple[_Phrase, int] | None:
        longest = min(self._longest[words[at][0]], len(words) - at)
        for count in range(longest, 0, -1):
            window = words[at : at + count]
            phrase = self._phrases.get(tuple(token for token, _, _ in window))
            if phrase is not None and _touching(window, folded):
                return phrase, count
        return None

    def _forgiven_at(
        self, words: Sequence[_Token], at: int, folded: str
    ) -> tuple[_Phrase, int] | None:
        """Return the phrase of as many words that differs in one letter, two in long ones.

        The first letter must be right: people seldom err there, and it keeps this cheap.
        """
        best: tuple[int, _Phrase, int] | None = None
        for count in range(min(3, len(words) - at), 0, -1):
            candidates = self._forgiving.get((count, words[at][0][0]))
            if not candidates:
                continue
            window = words[at : at + count]
            said = " ".join(token for token, _, _ in window)
            if len(said) < _FORGIVEN_LENGTH or not _touching(window, folded):
                continue
            for joined, key in candidates:
                allowed = 2 if len(joined) >= _FORGIVEN_TWICE_LENGTH else 1
                distance = OSA.distance(said, joined, score_cutoff=allowed)
                if distance <= allowed and (best is None or distance < best[0]):
                    best = (distance, self._phrases[key], count)
            if best is not None:
                return best[1], best[2]
        return None


def _touching(window: Sequence[_Token], folded: str) -> bool:
    """Tell whether only blanks and hyphens separate the tokens."""
    return all(not folded[left[2] : right[1]].strip(" -‐–_\t") for left, right in pairwise(window))
