"""Question texts: which part of a text asks, and what of it is said when it is asked once more."""

import re
from typing import Final

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
