"""What tells a typing error from a word: English words, and Chinese characters that sound alike.

The lists are made by `scripts/word_lists.py`; each is read when it is asked for the first time
(20 ms and about 5 MB for the words, 5 ms and 2 MB for the characters).
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_LETTERS_MIN = 4
#: Endings and what stands there in the word itself.
_ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    ("es", ""),
    ("s", ""),
    ("ed", "e"),
    ("ed", ""),
    ("ing", "e"),
    ("ing", ""),
    ("er", "e"),
    ("er", ""),
    ("est", ""),
    ("ly", ""),
    ("ness", ""),
)


@lru_cache(maxsize=4096)
def is_english_word(token: str) -> bool:
    """Tell whether a token in small letters is an English word, inflected or not."""
    words = _words()
    if len(token) < _LETTERS_MIN or token in words:
        return True
    for ending, instead in _ENDINGS:
        if token.endswith(ending):
            stem = token.removesuffix(ending) + instead
            if stem in words or (
                len(stem) > _LETTERS_MIN and stem[-1] == stem[-2] and stem[:-1] in words
            ):
                return True
    return False


def sound_alike(one: str, other: str) -> bool:
    """Tell whether two Simplified characters may sound the same, tones and dialects aside."""
    sounds = _sounds()
    return bool(sounds.get(one, frozenset()) & sounds.get(other, frozenset()))


def _lines(name: str) -> Iterator[str]:
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return frozenset(_lines("english_words.txt"))


@lru_cache(maxsize=1)
def _sounds() -> dict[str, frozenset[int]]:
    sounds: dict[str, set[int]] = {}
    for number, characters in enumerate(_lines("homophones.txt")):
        for character in characters:
            sounds.setdefault(character, set()).add(number)
    return {character: frozenset(numbers) for character, numbers in sounds.items()}
