"""How much patience a customer has lost, 0 .. 1, by witnesses that add up.

Complaining once and politely is no frustration; asking again, threats, anger, shouting are.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from nlu.feeling import lists

_ANGRY_SIGNS = dict.fromkeys("😡🤬👿🖕💢😤😠", 0.7) | dict.fromkeys("🙄😒😑🤦💩👎", 0.4)
#: Threats and tools people ask about calmly; in a question they witness little.
_CALM_IN_QUESTIONS = 0.3
_RUN = re.compile("[!！?？]{3,}|[!！]{2}|[?？]{2}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CAPITALS = re.compile(r"[A-Z]{3,}")
#: The same sound or word again and again is shouting.
_REPEATED_HAN = re.compile(r"([\u4e00-\u9fff]{1,4})[,，!！?？ ]{0,3}\1[,，!！?？ ]{0,3}\1")
#: So many witnesses are heard, and so many of the weak among them.
_WITNESSES_MAX, _WEAK_MAX, _WEAK = 8, 2, 0.3
#: What a clear complaint adds, and how much of it clear praise leaves.
_COMPLAINT = 0.35
_PRAISED = 0.25
#: The least sentiment of clear praise.
_PLEASED = 0.3


def witnesses(folded: str, words: Sequence[str], *, chinese: bool) -> list[float]:
    """Return what the phrases of a text that show frustration weigh, 0 .. 1 each."""
    hits = lists.phrases("frustration").english.find(words)
    if chinese:
        hits += lists.phrases("frustration").chinese.find(folded)
    found = [hit.weight for hit in hits if hit.weight]
    # A long text has many weak ones by chance.
    weak = sum(weight <= _WEAK for weight in found)
    if weak > _WEAK_MAX or len(found) > _WITNESSES_MAX:
        found = sorted(found, reverse=True)[: min(len(found) - weak + _WEAK_MAX, _WITNESSES_MAX)]
    return found


def frustration(
    plain: str,
    folded: str,
    said: Sequence[float],
    doubt: float,
    *,
    chinese: bool,
    sentiment: float,
    asks: bool,
    ironic: bool,
) -> float:
    """Return how frustrated a text sounds, 0 .. 1.

    Witnesses are taken as independent: 1 - product of (1 - weight).

    Args:
        plain: the text with its capitals.
        folded: the same, folded.
        said: what `witnesses` found in it.
        doubt: what the taught model witnesses.
        chinese: whether it has Chinese characters.
        sentiment: how the text sounds, -1 .. 1.
        asks: whether it is a plain question.
        ironic: whether praise in it runs into a complaint.
    """
    weights = [weight * _CALM_IN_QUESTIONS for weight in said] if asks else list(said)
    if doubt and sentiment < _PLEASED:
        weights.append(doubt * _CALM_IN_QUESTIONS if asks else doubt)
    weights += _shouting(plain, folded, chinese=chinese)
    if not plain.isascii():
        weights += [_ANGRY_SIGNS[c] for c in plain if c in _ANGRY_SIGNS][:5]
    if ironic:
        weights.append(0.55)
    if sentiment <= -0.75:
        weights.append(_COMPLAINT)
    elif sentiment <= -0.3 and said:
        weights.append(_COMPLAINT / 2)
    calm = 1.0
    for weight in weights:
        calm *= 1.0 - weight
    return round((1.0 - calm) * (_PRAISED if sentiment >= _PLEASED else 1.0), 3)


def _shouting(plain: str, folded: str, *, chinese: bool) -> list[float]:
    weights = []
    runs = _RUN.findall(plain)
    if runs:
        weights.append(0.45 if len(runs[0]) > 2 or len(runs) > 1 else 0.3)
    acronyms = lists.words("frustration", "acronyms")
    capitals = [each for each in _CAPITALS.findall(plain) if each not in acronyms]
    if capitals:
        words = _WORD.findall(plain)
        loud = [word for word in words if word.isupper()]
        if (len(loud) >= 3 and len(loud) * 2 > len(words)) or (
            len(loud) < len(words) and _is_stressed(capitals)
        ):
            weights.append(0.35)
    if chinese and _REPEATED_HAN.search(folded):
        weights.append(0.5)
    return weights


def _is_stressed(capitals: Sequence[str]) -> bool:
    """Tell whether a word in capitals has vowels as words do, and codes mostly do not."""
    return any(
        len(word) <= 12 and any(a in "AEIOU" or b in "AEIOU" for a, b in pairwise(word))
        for word in capitals
    )
