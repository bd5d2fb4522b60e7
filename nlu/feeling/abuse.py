"""Whether a text insults or threatens people, 0 .. 1: by lists, through common disguises.

Coarse words about things weigh less than the same words about people, and blame of the work less
than an insult. Written to keep staff from harm and to count, not to silence anybody.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from nlu.feeling import lists
from nlu.feeling.phrases import words_of
from nlu.text import HAN

#: What a plain insult weighs; from 0.5 on a text counts as abusive.
_INSULT, _BLAME, _COARSE = 0.7, 0.4, 0.45
#: So many words may stand between "you" and the insult.
_REACH = 6
_SPACED = re.compile(r"(?<![a-z])[a-z](?:[ .*_-][a-z]){2,11}(?![a-z])")
_SIGNED = re.compile(r"[a-z0-9@$!*#]{3,16}")
_SIGNS = re.compile(r"[0-9@$!*#]")
_LETTERS = str.maketrans("013457@$!", "oieastasi")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_HAN_SPACED = re.compile(f"(?<=[{HAN}])[\\s.*_·\\-]{{1,3}}(?=[{HAN}a-z](?![a-z]))")
_LATIN = re.compile(r"(?<![a-z0-9])[a-z0-9]{2,8}(?![a-z0-9-])")


def abuse(folded: str, words: Sequence[str], *, chinese: bool) -> float:
    """Return how abusive a text is, 0 .. 1.

    Args:
        folded: the text, folded.
        words: its English words, without apostrophes.
        chinese: whether it has Chinese characters.
    """
    english = _english(words)
    clear = _undisguised(folded)
    if clear is not None:
        english = max(english, _english(words_of(clear)))
    if not chinese:
        return 0.8 if folded.strip(" .!?") in _words("initials") - {"cao"} else english
    return max(english, _chinese(folded))


def _words(kind: str) -> frozenset[str]:
    return lists.words("abuse", kind)


def _english(words: Sequence[str]) -> float:
    worst, coarse = 0.0, 0.0
    for hit in lists.phrases("abuse").english.find(words):
        if hit.weight >= 0.5:
            if hit.weight >= 0.9 or not _of_oneself(words, hit.start):
                worst = max(worst, hit.weight)
        else:
            coarse = max(coarse, hit.weight)
    for at, word in enumerate(words):
        if word not in _words("aimed") and word not in _words("blame"):
            continue
        if _aimed(words, at):
            worst = max(worst, _INSULT if word in _words("aimed") else _BLAME)
    if coarse and worst == _BLAME:
        return _INSULT
    return max(worst, coarse)


def _aimed(words: Sequence[str], at: int) -> bool:
    """Tell whether the insult `words[at]` is said of the reader or of a person."""
    for place in range(at - 1, max(-1, at - 1 - _REACH), -1):
        word = words[place]
        if word in _words("you") or word in _words("others"):
            return place == 0 or words[place - 1] not in _words("self")
        if word not in _words("links"):
            return False
    return False


def _of_oneself(words: Sequence[str], at: int) -> bool:
    return any(word in _words("self") for word in words[max(0, at - 5) : at]) and not any(
        word in _words("you") for word in words[max(0, at - 3) : at]
    )


def _undisguised(folded: str) -> str | None:
    """Return a text without the disguises of its insults, or None when it has none."""
    clear = folded
    if _SPACED.search(clear):
        clear = _SPACED.sub(lambda match: re.sub("[^a-z]", "", match[0]), clear)
    if _STRETCHED.search(clear):
        clear = _STRETCHED.sub(r"\1", clear)
    if _SIGNS.search(clear):
        clear = _SIGNED.sub(_unmasked, clear)
    return None if clear == folded else clear


def _unmasked(match: re.Match[str]) -> str:
    written = match[0]
    if not _SIGNS.search(written) or written.isdigit():
        return written
    found = _masks().get(written.rstrip("!"))
    if found is not None:
        return found
    plain = written.rstrip("!").translate(_LETTERS)
    return plain if plain in _words("masked") else written


@lru_cache(maxsize=1)
def _masks() -> dict[str, str]:
    """Return each way to write a word with some inner letters starred, and the word."""
    found: dict[str, str] = {}
    for word in sorted(_words("masked")):
        inner = range(1, min(len(word), 8) - 1)
        for stars in product((False, True), repeat=len(inner)):
            letters = list(word)
            for at, star in zip(inner, stars, strict=True):
                if star:
                    letters[at] = "*"
            if any(stars) and sum(c == "*" for c in letters) <= len(word) - 2:
                found.setdefault("".join(letters), word)
    return found


def _chinese(folded: str) -> float:
    close = _HAN_SPACED.sub("", folded)
    worst = max((hit.weight for hit in lists.phrases("abuse").chinese.find(close)), default=0.0)
    if worst < 0.5 and any(word in _words("initials") for word in _LATIN.findall(folded)):
        return 0.8
    return worst
