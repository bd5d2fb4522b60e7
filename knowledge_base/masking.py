"""Masking: what identifies a customer is taken out of a question before it is kept.

Questions are kept for those who write the articles; who asked is kept beside them, as an id, and
nothing in the words themselves should tell.
"""

import re
from collections.abc import Iterable
from typing import Final

from nlu.understanding import Entity

#: Entities that are always somebody's own.
_PERSONAL: Final = frozenset({"email", "phone"})
#: Digits from which on a company's own pattern, such as an order number, names one thing of one
#: customer; fewer make a size or a model.
_TELLING_DIGITS: Final = 4

#: What stands in a question for what was taken out.
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
)
#: Seven digits or more, however they are grouped: a phone, card, order or identity number.
_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9_.])\+?\d(?:[ ().-]{0,2}\d){6,}")
#: Days and spans of years have as many digits and are nobody's.
_DAYS: Final = re.compile(
    r"(?:(?:19|20)\d\d[.-][01]?\d[.-][0-3]?\d|[0-3]?\d[.-][01]?\d[.-](?:19|20)\d\d)(?: [0-2]?\d)?"
    r"|(?:19|20)\d\d ?- ?(?:19|20)\d\d"
)


def private_words(
    text: str, entities: Iterable[Entity], *, patterns: Iterable[str]
) -> list[tuple[str, str]]:
    """Return the words of `text` that identify somebody, each with the name of what it is.

    Args:
        text: what was understood.
        entities: of `text`.
        patterns: names of the entities that the bot's own expressions find.
    """
    own = frozenset(patterns)
    words = [
        (text[entity.start : entity.end], entity.name)
        for entity in entities
        if entity.name in _PERSONAL or (entity.name in own and _tells(text, entity))
    ]
    # Longest first: a number may be a part of another.
    return sorted({word for word in words if word[0].strip()}, key=lambda word: -len(word[0]))


def masked(question: str, words: Iterable[tuple[str, str]] = ()) -> str:
    """Return `question` with a placeholder for all that identifies somebody.

    Args:
        question: as it was asked.
        words: what is known to identify, with its name, longest first; e-mail addresses and long
            numbers are found even when they are not among them.
    """
    for word, name in words:
        question = question.replace(word, f"[{name}]")
    if "@" in question:
        question = _EMAIL.sub("[email]", question)
    return _NUMBER.sub(_numbered, question)


def _numbered(match: re.Match[str]) -> str:
    return match[0] if _DAYS.fullmatch(match[0]) else "[number]"


def _tells(text: str, entity: Entity) -> bool:
    return sum(c.isdigit() for c in text[entity.start : entity.end]) >= _TELLING_DIGITS
