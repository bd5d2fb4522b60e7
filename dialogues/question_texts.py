"""Question texts: which part of a text asks, and what of it is said when it is asked once more."""

import re
from collections.abc import Sequence
from typing import Final, TypeVar

Wording = TypeVar("Wording")

_SENTENCE: Final = re.compile(r".+?(?:[.!?](?=\s|$)|[。！？]|$)")
_ASKS: Final = re.compile(r"[?？]\s*$")
#: Courtesies before a Chinese question, said once.
_COURTESY: Final = re.compile(r"^(?:好的|好呀|好|没问题|可以|当然可以|当然|那)[，,]\s*")


def asking_part(text: str) -> str:
    """Return the sentence that asks, without those around it; all when none does."""
    found = [sentence for sentence in _SENTENCE.findall(text) if _ASKS.search(sentence)]
    return found[-1].strip() if found else text


def once_more(text: str) -> str:
    """Return a question as it is asked again: without the courtesies before it."""
    sentences = _SENTENCE.findall(text)
    asking = next((at for at, part in enumerate(sentences) if _ASKS.search(part)), 0)
    return _COURTESY.sub("", "".join(sentences[asking:]).strip()) or text


def other_words(
    last: str, texts: Sequence[tuple[Wording, str]], leads: Sequence[str], *, language: str
) -> tuple[Wording, str]:
    """Return a wording and its text that do not say again what was asked last, if there is one.

    Args:
        last: the text of the last question.
        texts: the wordings there are, with their texts.
        leads: what may come before a text, the best first; "" for nothing.
        language: of the texts, BCP-47.
    """
    gap = "" if language.startswith("zh") else " "
    asked = [(wording, once_more(text)) for wording, text in texts]
    ways = [
        (wording, f"{lead}{gap}{text}" if lead else text)
        for lead in leads
        for wording, text in asked
    ]
    return next((way for way in ways if not last.endswith(way[1])), ways[0])
