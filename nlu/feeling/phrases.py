"""Lists of phrases and a search for them that takes the same time for every text of a length."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from nlu.text import tokens

_NUMBERS = frozenset(
    [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "twelve",
        "twenty",
        "several",
        "many",
        "countless",
        "multiple",
        "few",
        "couple",
        "hundred",
    ]
)
#: A wildcard stands for any number, or for up to so many words.
_NUMBER, _GAP = "#", "~"
_APOSTROPHE = re.compile("['’]")
#: Endings of which the apostrophe may be left out without making another word.
_SHORT_FORMS = ("n't", "'ve", "'m", "'s", "'d")


class Hit(NamedTuple):
    """A phrase found: `words[start:end]` or `text[start:end]`, half-open, and what it weighs."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Part:
    """One place of a phrase."""

    words: frozenset[str]
    number: bool = False
    gap: int = 0  #: so many words may stand before


@dataclass(frozen=True, slots=True)
class WordPhrases:
    """English phrases by their first word.

    A phrase is written as words; `a/b` is either, `#` any number, `~2` up to two words between.
    """

    _by_first: dict[str, list[tuple[tuple[_Part, ...], float]]] = field(default_factory=dict)

    @classmethod
    def read(cls, lists: Mapping[float, str]) -> "WordPhrases":
        """Return the phrases of `lists`, weight -> phrases between commas."""
        found = cls()
        for weight, text in lists.items():
            for phrase in text.split(","):
                if parts := _parts(phrase):
                    for first in parts[0].words | (_NUMBERS if parts[0].number else set()):
                        found._by_first.setdefault(first, []).append((parts, weight))
                    if parts[0].number:
                        found._by_first.setdefault(_NUMBER, []).append((parts, weight))
        return found

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Return the phrases in `words`, the longest at each place, none over another."""
        hits, at = [], 0
        while at < len(words):
            word = words[at]
            candidates = self._by_first.get(word)
            if candidates is None and word[0] <= "9":
                candidates = self._by_first.get(_NUMBER)
            best: Hit | None = None
            for parts, weight in candidates or ():
                end = _match(parts, words, at)
                if end is not None and (best is None or end > best.end):
                    best = Hit(at, end, weight)
            if best is not None:
                hits.append(best)
                at = best.end
            else:
                at += 1
        return hits


@dataclass(frozen=True, slots=True)
class HanPhrases:
    """Chinese phrases by first character; each is a regular expression without `*` or `+`."""

    _by_first: dict[str, list[tuple[re.Pattern[str], float]]] = field(default_factory=dict)

    @classmethod
    def read(cls, lists: Mapping[float, str]) -> "HanPhrases":
        """Return the phrases of `lists`, weight -> phrases between blanks.

        A phrase starts with a character or with a class of them.
        """
        found = cls()
        for weight, text in lists.items():
            for phrase in text.split():
                pattern = re.compile(phrase)
                firsts = phrase[1 : phrase.index("]")] if phrase[0] == "[" else phrase[0]
                for first in firsts:
                    found._by_first.setdefault(first, []).append((pattern, weight))
        return found

    def find(self, folded: str) -> list[Hit]:
        """Return the phrases in `folded`, the longest at each place, none over another."""
        hits, free = [], 0
        for at, character in enumerate(folded):
            candidates = self._by_first.get(character)
            if candidates is None or at < free:
                continue
            best: Hit | None = None
            for pattern, weight in candidates:
                match = pattern.match(folded, at)
                if match is not None and (best is None or match.end() > best.end):
                    best = Hit(at, match.end(), weight)
            if best is not None:
                hits.append(best)
                free = best.end
        return hits


def words_of(folded: str) -> list[str]:
    """Return the words of a folded text, short forms without their apostrophe (dont, ive)."""
    return [_plain_word(word) if len(word) > 2 else word for word in tokens(folded)]


@lru_cache(maxsize=4096)
def _plain_word(word: str) -> str:
    word = word.replace("’", "'")
    return word.replace("'", "") if word.endswith(_SHORT_FORMS) else word


def _parts(phrase: str) -> tuple[_Part, ...]:
    parts, gap = [], 0
    for piece in phrase.split():
        if piece[0] == _GAP:
            gap = int(piece[1:])
            continue
        words = frozenset(_plain_word(word) for word in piece.split("/"))
        parts.append(_Part(words - {_NUMBER}, _NUMBER in words, gap))
        gap = 0
    return tuple(parts)


def _match(parts: Sequence[_Part], words: Sequence[str], at: int) -> int | None:
    """Return where the phrase that starts at `words[at]` ends, or None."""
    at += 1
    for part in parts[1:]:
        place = next(_places(part, words, at), None)
        if place is None:
            return None
        at = place + 1
    return at


def _places(part: _Part, words: Sequence[str], at: int) -> Iterator[int]:
    for place in range(at, min(at + part.gap + 1, len(words))):
        word = words[place]
        if word in part.words or (part.number and (word in _NUMBERS or word[0] <= "9")):
            yield place
