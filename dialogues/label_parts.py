"""Label parts: understands an option that is named by a part of its label, "Shanghai" or 售后."""

import re
from collections.abc import Mapping
from typing import Final

from nlu.text import comparable, han_count, tokens

#: Words beside the part that names an option: "in the London one, please".
_BESIDE: Final = re.compile(
    r"an?|the|in|at|by|for|to|on|of|and|or|my|our|your|its?|s|is|i|am|m|we|us|want|would|like|d|ll"
    r"|have|take|choose|need|one|option|please|thanks|thank|you|ok|okay|yes|well|just|that|this"
    r"|do|does|with|from"
)
_AROUND: Final = re.compile(
    r"^(?:我们?|就|要|选|想要?|去|在|是|那就?|请|用)*(?P<part>.*?)(?:吧|的|啦|啊|呀|哦|嘛|了|呗|那个|就行|就好|谢谢)*$"
)

#: Letters of the longest word of a part, at least.
_LETTERS_MIN: Final = 4


def by_part(labels: Mapping[str, str], text: str) -> str | None:
    """Return the value of the one option that `text` names by a part of its label.

    Args:
        labels: comparable label -> value.
        text: what the customer wrote; only a few words, all of them about the option.
    """
    words = comparable(text)
    if not words.isascii():
        part = _AROUND.sub(r"\g<part>", words)
        found = {v for label, v in labels.items() if part in label} if han_count(part) > 1 else ()
    else:
        said = {word for word in tokens(words) if _BESIDE.fullmatch(word) is None}
        if not said or max(map(len, said)) < _LETTERS_MIN:
            return None
        found = {v for label, v in labels.items() if said <= set(tokens(label))}
    return next(iter(found)) if len(found) == 1 else None
