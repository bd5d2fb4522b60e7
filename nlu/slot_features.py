"""What a tagger sees of each token: itself, its neighbours, and what is already known of them."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlu.han_words import han_words
from nlu.text import HAN, NormalText, is_han
from nlu.understanding import Entity

#: Tokens of a text that are looked at; an entity that matters comes early.
TOKENS_MAX = 200
#: Characters of a text that are looked at.
CHARACTERS_MAX = 2000
#: Of a longer token only the beginning counts.
_TOKEN_MAX = 24
_AFFIX_MAX = 4
#: Digits and letters part ("7pm" is two), every Han character and every sign stands alone.
_TOKEN = re.compile(f"[{HAN}]|[0-9]{{1,100}}|[^\\W\\d_{HAN}]+|\\S")
_REPEATED = re.compile(r"(.)\1+")
_BEFORE, _AFTER = "<", ">"

#: word -> its classes, one of each granularity; see `nlu/word_classes.py`
Classes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a text in normal form: `folded[start:end]`."""

    text: str
    start: int
    end: int


def slot_tokens(normal: NormalText) -> list[Token]:
    """Return the tokens a tagger labels: words, numbers, single Han characters and signs."""
    found = []
    for match in _TOKEN.finditer(normal.folded, 0, CHARACTERS_MAX):
        found.append(Token(match[0][:_TOKEN_MAX], match.start(), match.end()))
        if len(found) == TOKENS_MAX:
            break
    return found


def shared_features(tokens: Sequence[Token]) -> list[str]:
    """Return the features that all tokens of a text have: its words, which tell what it is about.

    They do the work of the intent: with the true one added on top, F1 rose by 0.01 or less.
    """
    return ["bias", *{f"has={token.text}": None for token in tokens}]


def token_features(
    normal: NormalText, tokens: Sequence[Token], known: Sequence[Entity], classes: Classes
) -> list[list[str]]:
    """Return the features of each token besides the shared ones.

    Args:
        normal: the text.
        tokens: what `slot_tokens` returned for it.
        known: entities with spans of `normal.plain` that are found without the tagger.
        classes: of English words.
    """
    words = [_BEFORE, _BEFORE, *(token.text for token in tokens), _AFTER, _AFTER]
    rows = [
        [
            f"a={words[at - 2]}",
            f"b={words[at - 1]}",
            f"c={words[at]}",
            f"d={words[at + 1]}",
            f"e={words[at + 2]}",
            f"bc={words[at - 1]} {words[at]}",
            f"cd={words[at]} {words[at + 1]}",
        ]
        for at in range(2, len(words) - 2)
    ]
    if not rows:
        return rows
    rows[0].append("first")
    rows[-1].append("last")
    _spread(rows, [[f"shape={_shape(normal.plain[t.start : t.end])}"] for t in tokens])
    for row, token in zip(rows, tokens, strict=True):
        row.extend(_affixes(token.text))
    if classes:
        _spread(rows, [_classes(token.text, classes) for token in tokens])
    if known:
        _add_known(rows, tokens, known)
    if not normal.folded.isascii() and any(is_han(token.text) for token in tokens):
        _add_han_words(rows, normal.folded, tokens)
    return rows


def _spread(rows: Sequence[list[str]], own: Sequence[Sequence[str]]) -> None:
    """Give each token `own` features of it and of the tokens beside it."""
    last = len(rows) - 1
    for at, row in enumerate(rows):
        row.extend(own[at])
        if at:
            row.extend(["-" + each for each in own[at - 1]])
        if at < last:
            row.extend(["+" + each for each in own[at + 1]])


def _shape(written: str) -> str:
    kinds = [
        "X"
        if c.isupper()
        else "x"
        if c.islower()
        else "0"
        if c.isdigit()
        else "h"
        if c.isalpha()
        else c
        for c in written[:_TOKEN_MAX]
    ]
    return _REPEATED.sub(r"\1", "".join(kinds))


def _affixes(word: str) -> list[str]:
    if is_han(word):
        return []
    longest = min(_AFFIX_MAX, len(word) - 1)
    found = [f"pre={word[:length]}" for length in range(1, longest + 1)]
    found += [f"suf={word[-length:]}" for length in range(1, longest + 1)]
    if word.isdigit():
        found.append(f"digits={len(word)}")
    return found


def _classes(word: str, classes: Classes) -> list[str]:
    own = classes.get(word)
    if own is None:
        return ["class=none"]
    return [f"class{at}={each}" for at, each in enumerate(own)]


def _add_known(
    rows: Sequence[list[str]], tokens: Sequence[Token], known: Sequence[Entity]
) -> None:
    own: list[list[str]] = [[] for _ in rows]
    starts = [token.start for token in tokens]
    for entity in known:
        first, after = bisect_left(starts, entity.start), bisect_left(starts, entity.end)
        for at in range(first, after):
            own[at].append(f"is={entity.name}")
        if first < after and starts[first] == entity.start:
            own[first].append(f"opens={entity.name}")
    _spread(rows, own)
    for at, row in enumerate(rows):
        before = tokens[at - 1].text if at else _BEFORE
        row.extend([f"{each} {before}" for each in own[at]])


def _add_han_words(rows: Sequence[list[str]], folded: str, tokens: Sequence[Token]) -> None:
    """Add the Chinese word around each token, its part of speech, and the words beside it."""
    words = list(_placed(folded[: tokens[-1].end]))
    own: list[list[str]] = []
    at = 0
    for row, token in zip(rows, tokens, strict=True):
        while at + 1 < len(words) and words[at + 1][1] <= token.start:
            at += 1
        word, start, part = words[at]
        place = ("B" if start == token.start else "I") + (
            "E" if start + len(word) <= token.end else "I"
        )
        own.append([f"place={place}", f"part={part}", f"part={part} {place}", f"word={word}"])
        before, _, before_part = words[at - 1] if at else (_BEFORE, 0, _BEFORE)
        after, _, after_part = words[at + 1] if at + 1 < len(words) else (_AFTER, 0, _AFTER)
        row += [
            f"-word={before}",
            f"+word={after}",
            f"-part={before_part}",
            f"+part={after_part}",
            f"words={before} {word}",
            f"words={word} {after}",
        ]
    # With a mark of its own: "-word" is the word before, "*" the word of the character before.
    _spread(rows, [["*" + each for each in features] for features in own])


def _placed(folded: str) -> Iterator[tuple[str, int, str]]:
    start = 0
    for word, part in han_words(folded):
        yield word[:_TOKEN_MAX], start, part
        start += len(word)
