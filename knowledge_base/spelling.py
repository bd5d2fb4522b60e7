"""Spelling: mends words of a question that are none, by the words the articles use.

English words are compared letter by letter; Chinese characters are exchanged for ones that sound
alike, as an input method offers them. Words that exist are left alone, whatever was meant.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.articles import Article
from knowledge_base.terms import is_empty, stem
from nlu.spelling import is_english_word, sound_alike
from nlu.text import HAN, normalise, token_spans

#: Words of a question that are mended at most; a text with more errors is something else.
MENDED_MAX: Final = 3
#: Shorter words are too like each other.
_LETTERS_MIN: Final = 4
#: From so many letters on a word may have two errors.
_TWO_ERRORS: Final = 6
#: From so many letters on two words written together are taken apart.
_SPLIT_MIN: Final = 8
_PART_MIN: Final = 4
#: Shorter words of articles are no words to mend to.
_KEPT_MIN: Final = 3

_LATIN: Final = re.compile(r"[a-z]+")
_HAN_RUN: Final = re.compile(f"[{HAN}]+")


@lru_cache(maxsize=65536)
def _words_of(article: Article) -> Counter[str]:
    """Return the words and the pairs of Chinese characters of an article; wordings count more."""
    found: Counter[str] = Counter()
    for text, weight in ((" \n ".join(article.wordings), 4), (article.body, 1)):
        folded = normalise(text).folded
        for token, _, _ in token_spans(folded):
            if _LATIN.fullmatch(token) and len(token) >= _KEPT_MIN:
                found[token] += weight
        for run in _HAN_RUN.findall(folded):
            for start in range(len(run) - 1):
                found[run[start : start + 2]] += weight
    return found


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that the articles of one shelf use, with how often."""

    words: Counter[str]
    pairs: Counter[str]
    stems: frozenset[str]
    #: pairs by their first and by their second character
    by_first: dict[str, list[str]] = field(default_factory=dict)
    by_second: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, articles: Iterable[Article]) -> "Vocabulary":
        """Return the words of `articles`."""
        every: Counter[str] = Counter()
        for article in articles:
            every.update(_words_of(article))
        words = Counter({word: n for word, n in every.items() if word.isascii()})
        pairs = Counter({pair: n for pair, n in every.items() if not pair.isascii()})
        first: defaultdict[str, list[str]] = defaultdict(list)
        second: defaultdict[str, list[str]] = defaultdict(list)
        for pair in pairs:
            first[pair[0]].append(pair)
            second[pair[1]].append(pair)
        stems = frozenset(map(stem, words))
        return cls(words, pairs, stems, dict(first), dict(second))

    def mended(self, text: str) -> str | None:
        """Return `text` with its errors mended; None when it has none, or more than are mended."""
        normal = normalise(text)
        mended, errors = self._mend_words(normal.plain, normal.folded)
        folded, more = self._mend_characters(normalise(mended).folded)
        if more:
            mended = folded
        if not errors + more or errors + more > MENDED_MAX:
            return None
        return mended

    def _mend_words(self, plain: str, folded: str) -> tuple[str, int]:
        errors, spans = 0, list(token_spans(folded))
        for token, start, end in reversed(spans):
            if len(token) < _LETTERS_MIN or not _LATIN.fullmatch(token) or self._is_known(token):
                continue
            named = start > 0 and plain[start].isupper() and not plain[start:end].isupper()
            better = self._nearest(token, certain=named)
            if better is not None:
                errors += 1
                plain = plain[:start] + better + plain[end:]
        return plain, errors

    def _is_known(self, token: str) -> bool:
        return token in self.words or stem(token) in self.stems or is_english_word(token)

    def _nearest(self, token: str, *, certain: bool) -> str | None:
        """Return the word that was meant; `certain`: a name, which may differ in a letter only."""
        most = 2 if len(token) >= _TWO_ERRORS and not certain else 1
        near = process.extract(
            token, self.words.keys(), scorer=OSA.distance, score_cutoff=most, limit=8
        )
        found = [
            (distance, word[0] != token[0], -self.words[word], word)
            for word, distance, _ in near
            if len(word) >= _LETTERS_MIN and (distance <= 1 or word[0] == token[0])
        ]
        if found:
            return min(found)[3]
        return self._taken_apart(token)

    def _taken_apart(self, token: str) -> str | None:
        if len(token) < _SPLIT_MIN:
            return None
        cuts = range(_PART_MIN, len(token) - _PART_MIN + 1)
        parts = [(token[:cut], token[cut:]) for cut in cuts]
        known = [pair for pair in parts if all(part in self.words for part in pair)]
        return " ".join(max(known, key=lambda p: min(map(len, p)))) if known else None

    def _mend_characters(self, folded: str) -> tuple[str, int]:
        """Exchange characters for ones that sound alike where that makes a pair that is known."""
        errors = 0
        for run in list(_HAN_RUN.finditer(folded)):
            characters = list(run[0])
            at = 0
            while at < len(characters) - 1:
                one, other = characters[at], characters[at + 1]
                meant = None
                if one + other not in self.pairs and not (is_empty(one) and is_empty(other)):
                    meant = self._sounding(characters, at)
                if meant is not None:
                    errors += (meant[0] != one) + (meant[1] != other)
                    characters[at : at + 2] = meant
                at += 1
            folded = folded[: run.start()] + "".join(characters) + folded[run.end() :]
        return folded, errors

    def _sounding(self, characters: list[str], at: int) -> str | None:
        """Return the known pair that sounds like the one at `at`, rather one that fits beside."""
        one, other = characters[at], characters[at + 1]
        before = characters[at - 1] if at else ""
        after = characters[at + 2] if at + 2 < len(characters) else ""
        found: list[tuple[int, int, str]] = []
        # What already makes a known pair with its neighbour is no error.
        if not (after and other + after in self.pairs) or is_empty(other):
            found += [
                ((pair[1] + after) in self.pairs, self.pairs[pair], pair)
                for pair in self.by_first.get(one, ())
                if sound_alike(pair[1], other)
            ]
        if not (before and before + one in self.pairs) or is_empty(one):
            found += [
                ((before + pair[0]) in self.pairs, self.pairs[pair], pair)
                for pair in self.by_second.get(other, ())
                if sound_alike(pair[0], one)
            ]
        return max(found)[2] if found else None
