"""How people introduce themselves and their company, in English and Chinese.

Only introductions are read ("I'm Anna Li from Acme Ltd", "我是华星公司的王芳"): a name merely
mentioned is not the customer's.
"""

from functools import lru_cache

from nlu.chinese_names import chinese_introductions
from nlu.english_names import english_introductions
from nlu.introduction import Introduction
from nlu.text import fold

#: Introductions stand in the first so many characters.
_TEXT_MAX = 500


def introductions(text: str) -> tuple[Introduction, ...]:
    """Return who a text says its writer is, and of which company; each span once."""
    return _introductions(text[:_TEXT_MAX])


@lru_cache(maxsize=256)
def _introductions(text: str) -> tuple[Introduction, ...]:
    """Return the same; remembered, because persons and companies both ask."""
    found = list(english_introductions(text))
    if not text.isascii():
        found += chinese_introductions(text, fold(text))
    kept: list[Introduction] = []
    # Persons first: "Anna Li of Li Ltd" is no company; of one kind the longer.
    for each in sorted(found, key=lambda i: (i.kind == "company", i.start - i.end, i.start)):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda i: (i.start, i.end)))
