"""Figures in answers: the numbers a text names, and positions such as "the second one"."""

import re
from typing import Final

from nlu.numerals import numerals
from nlu.text import normalise

_ORDINALS: Final = {
    word: position
    for position, words in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th"), start=1
    )
    for word in words.split()
} | {"last": -1}
_HAN: Final = {character: value for value, character in enumerate("一二三四五六七八九十", start=1)}
_ORDINAL: Final = re.compile(
    r"(?:(?:the|option|number|no|nr|choose|选择?|我选) ?)*"
    r"(?P<word>"
    + "|".join(_ORDINALS)
    + r"|第?(?:[一二三四五六七八九十两]|最后一|\d{1,2})(?:个|项|条)?)"
    r"(?: (?:one|option|please))*"
)


def find_numbers(text: str) -> list[float]:
    """Return the numbers in `text`, in order: digits, English words and Chinese numerals."""
    return [numeral.value for numeral in numerals(normalise(text).folded)]


def ordinal(words: str) -> int | None:
    """Return the position that `words` (comparable) name and nothing more; -1 is the last."""
    match = _ORDINAL.fullmatch(words)
    if match is None:
        return None
    word = match["word"]
    if word in _ORDINALS:
        return _ORDINALS[word]
    core = word.strip("第个项条")
    if core.startswith("最后"):
        return -1
    return int(core) if core.isdigit() else {**_HAN, "两": 2}.get(core)
