"""Entities by word list: canonical values, what customers call them, typing errors forgiven.

Forgiven are: singular for plural and the other way round, a blank too many or too few, in English
one wrong, missing, doubled or swapped letter (two in long phrases), in Chinese one character of
four or more that sounds like the right one. Whoever writes an English word meant that word.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.places import without_marks
from nlu.spelling import is_english_word, sound_alike
from nlu.text import is_han, normalise, token_spans
from nlu.understanding import Entity

SPECIFICITY = 50
#: Shorter words are too like each other to forgive an error.
_FORGIVEN_LENGTH = 5
_FORGIVEN_TWICE_LENGTH = 9
_JOINED_LENGTH = 6
#: Chinese phrases: fewer characters are forgiven nothing, and the length of the longest.
_HAN_MIN, _HAN_MAX = 4, 16
#: Words of one phrase at most; longer ones are compared by their first.
_WORDS_MAX = 12
#: Words of a phrase whose blanks or letters are forgiven.
_FORGIVEN_WORDS_MAX = 4
#: Tokens of a text that are looked at, and unknown words that are compared letter by letter.
_TOKENS_MAX = 400
_UNKNOWN_MAX = 20
_PLURAL_MIN = 3


@dataclass(frozen=True, slots=True)
class _Phrase:
    entity: str
    value: str


_Halves = dict[str, dict[tuple[int, str], str]]
_Taken = tuple[_Phrase, int]  #: a phrase and how many tokens of the text it is


class Lookups:
    """All word lists of a bot, ready to be found in folded texts."""

    def __init__(self, lists: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """Index `lists`: entity -> canonical value -> words for it, besides the value itself."""
        self._phrases: dict[tuple[str, ...], _Phrase] = {}
        self._longest: dict[str, int] = {}
        self._joined: dict[str, _Phrase] = {}
        #: by number of words and first letter, then by length: the phrases as one text
        self._forgiving: dict[tuple[int, str], dict[int, list[str]]] = {}
        #: Chinese phrases by length, by their first or their second half, then by the other half
        #: with one character left out
        self._halves: dict[int, tuple[_Halves, _Halves]] = {}
        self._vocabulary: set[str] = set()
        for entity, values in lists.items():
            for value, words in values.items():
                for word in [*words, value, value.replace("_", " ")]:
                    self._add(word, _Phrase(entity, value))
        self._add_variants()
        self._forgiving_letters = {letter for _, letter in self._forgiving}
        self._halves = dict(sorted(self._halves.items(), reverse=True))

    def find(self, folded: str) -> Iterator[Entity]:
        """Yield the phrases in a folded text, the longest at each place."""
        if not self._phrases:
            return
        words = _Words(folded)
        at, unknown = 0, 0
        while at < len(words.texts):
            token = words.texts[at]
            taken = self._longest_at(words, at) if token in self._longest else None
            if taken is None and token.isascii():
                taken = self._joined_at(words, at)
                if (
                    taken is None
                    and unknown < _UNKNOWN_MAX
                    and token[0] in self._forgiving_letters
                ):
                    windows = self._windows(words, at)
                    unknown += bool(windows)
                    taken = self._forgiven_at(windows)
            elif taken is None and self._halves:
                taken = self._misheard_at(words, at)
            if taken is None:
                at += 1
                continue
            phrase, count = taken
            start, end = words.spans[at][0], words.spans[at + count - 1][1]
            yield Entity(phrase.entity, start, end, phrase.value)
            at += count

    def _add(self, written: str, phrase: _Phrase) -> None:
        folded = normalise(written).folded
        key = tuple(_plain_token(token) for token, _, _ in token_spans(folded))[:_WORDS_MAX]
        if not key:
            return
        self._phrases.setdefault(key, phrase)
        self._longest[key[0]] = max(self._longest.get(key[0], 0), len(key))
        joined = "".join(key)
        if _HAN_MIN <= len(joined) <= _HAN_MAX and len(key) == len(joined) and is_han(joined):
            self._add_halves(joined)

    def _add_halves(self, phrase: str) -> None:
        half = len(phrase) // 2
        first, second = phrase[:half], phrase[half:]
        by_first, by_second = self._halves.setdefault(len(phrase), ({}, {}))
        for halves, right, other in ((by_first, first, second), (by_second, second, first)):
            gaps = halves.setdefault(right, {})
            for at in range(len(other)):
                gaps.setdefault((at, other[:at] + other[at + 1 :]), phrase)

    def _add_variants(self) -> None:
        """Add plurals and singulars that are no phrases themselves, and what is forgiven."""
        for key, phrase in list(self._phrases.items()):
            if any(map(is_han, key)):
                continue
            for last in _other_number(key[-1]):
                variant = (*key[:-1], last)
                if variant not in self._phrases:
                    self._phrases[variant] = phrase
                    self._longest[variant[0]] = max(self._longest.get(variant[0], 0), len(key))
        for key, phrase in self._phrases.items():
            if any(map(is_han, key)) or len(key) > _FORGIVEN_WORDS_MAX:
                continue
            self._vocabulary.update(key)
            if len("".join(key)) >= _JOINED_LENGTH:
                self._joined.setdefault("".join(key), phrase)
            joined = " ".join(key)
            if len(joined) >= _FORGIVEN_LENGTH and not any(c.isdigit() for c in joined):
                bucket = self._forgiving.setdefault((len(key), joined[0]), {})
                bucket.setdefault(len(joined), []).append(joined)

    def _longest_at(self, words: "_Words", at: int) -> _Taken | None:
        longest = min(self._longest[words.texts[at]], words.touching(at))
        for count in range(longest, 0, -1):
            phrase = self._phrases.get(tuple(words.texts[at : at + count]))
            if phrase is not None:
                return phrase, count
        return None

    def _joined_at(self, words: "_Words", at: int) -> _Taken | None:
        """Return the phrase that is written here with other blanks: "teapot" for "tea pot"."""
        joined, best = "", None
        for count in range(1, min(_FORGIVEN_WORDS_MAX + 1, words.touching(at)) + 1):
            joined += words.texts[at + count - 1]
            phrase = self._joined.get(joined)
            if phrase is not None:
                best = phrase, count
        return best

    def _windows(self, words: "_Words", at: int) -> list[str]:
        """Return the texts that begin here and hold a word that neither English nor a list has.

        A text without such a word is empty.
        """
        windows: list[str] = []
        said, unknown = "", False
        for count in range(min(_FORGIVEN_WORDS_MAX, words.touching(at))):
            token = words.texts[at + count]
            unknown = unknown or not (token in self._vocabulary or is_english_word(token))
            said = f"{said} {token}" if said else token
            windows.append(said if unknown and len(said) >= _FORGIVEN_LENGTH else "")
        return windows if unknown else []

    def _forgiven_at(self, windows: Sequence[str]) -> _Taken | None:
        """Return the phrase of as many words that differs in one letter, two in long ones.

        The first letter must be right: people seldom err there, and it keeps this cheap.
        """
        for count in range(len(windows), 0, -1):
            said = windows[count - 1]
            lengths = self._forgiving.get((count, said[0])) if said else None
            if not lengths:
                continue
            best: tuple[float, str] | None = None
            for length in range(len(said) - 2, len(said) + 3):
                allowed = 2 if length >= _FORGIVEN_TWICE_LENGTH else 1
                if length not in lengths or abs(length - len(said)) > allowed:
                    continue
                near = process.extractOne(
                    said, lengths[length], scorer=OSA.distance, score_cutoff=allowed
                )
                if near is not None and (best is None or near[1] < best[0]):
                    best = near[1], near[0]
            if best is not None:
                return self._phrases[tuple(best[1].split(" "))], count
        return None

    def _misheard_at(self, words: "_Words", at: int) -> _Taken | None:
        """Return the Chinese phrase that differs in one character which sounds alike."""
        start, left = words.spans[at][0], len(words.texts) - at
        for length, (by_first, by_second) in self._halves.items():
            if length > left:
                continue
            said = words.folded[start : start + length]
            first, second = said[: length // 2], said[length // 2 :]
            for halves, right, other in ((by_first, first, second), (by_second, second, first)):
                gaps = halves.get(right)
                if gaps is None:
                    continue
                for gap in range(len(other)):
                    phrase = gaps.get((gap, other[:gap] + other[gap + 1 :]))
                    if phrase is not None and len(said) == length and _sounds_like(said, phrase):
                        return self._phrases[tuple(phrase)], length
        return None


class _Words:
    """The words of a text."""

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self.texts: list[str] = []
        self.spans: list[tuple[int, int]] = []
        for _, (token, start, end) in zip(range(_TOKENS_MAX), token_spans(folded), strict=False):
            text = _plain_token(token)
            self.texts.append(text)
            cut = 2 if token.endswith(("'s", "’s")) else 0
            self.spans.append((start, end - cut))
        self._joints = [
            left[1] == right[0] or not folded[left[1] : right[0]].strip(" -‐–_\t")
            for left, right in pairwise(self.spans)
        ]

    def touching(self, at: int) -> int:
        """Return of how many words from here on only blanks and hyphens separate them."""
        for count, joint in enumerate(self._joints[at : at + _WORDS_MAX], start=1):
            if not joint:
                return count
        return min(_WORDS_MAX, len(self.texts) - at)


def _plain_token(token: str) -> str:
    """Return a token without accents and without the "'s" of a possessive."""
    text = token[:-2] if token.endswith(("'s", "’s")) else token
    return text if text.isascii() else without_marks(text)


def _other_number(word: str) -> Iterator[str]:
    """Yield the plural of a word that is a singular, or the singular of a plural."""
    if len(word) < _PLURAL_MIN or not word.isascii() or not word.isalpha():
        return
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        yield word[:-2]
    elif word.endswith("ies") and len(word) > _PLURAL_MIN + 1:
        yield word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _PLURAL_MIN:
        yield word[:-1]
    elif word.endswith(("ss", "sh", "ch", "x", "z")):
        yield word + "es"
    elif word.endswith("y") and word[-2] not in "aeiou":
        yield word[:-1] + "ies"
    else:
        yield word + "s"


def _sounds_like(said: str, phrase: str) -> bool:
    return all(a == b or sound_alike(a, b) for a, b in zip(said, phrase, strict=True))
