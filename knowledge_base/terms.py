"""What a text is compared by: keys for equal questions and weighted terms for similar ones.

The form of a text decides, not its declared language: Chinese characters give single characters
and bigrams, everything else gives stemmed words, so "AirPods 怎么退" needs no special way.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from nlu.text import HAN, comparable, han_count, matter, normalise, tokens

#: Words that say that something is asked rather than what; half a sentence of them is no evidence.
_EMPTY_WORDS: Final = frozenset(
    """
    a an and any are at be been but by can can't could couldn't did do does doesn't don't for from
    get had has have hello hi how i i'd i'm i've if in is it it's its just may me my need of on or
    our please so some that that's the their them there these they this those to us want was we
    were what what's which will with would you your
    """.split()  # noqa: SIM905 - a list of eighty quoted words does not read
)
_EMPTY_HAN: Final = frozenset(
    """
    的 了 吗 呢 啊 吧 呀 嘛 我 你 您 们 是 有 在 和 就 都 也 要 能 会 请 问 一 个 这 那 想 给 么
    我们 你们 您们 请问 怎么 什么 可以 是否 能不 不能 有没 没有 一下 我想 我要 想问 你好 您好
    如何 怎样 哪些 这个 那个 一个 需要 我的 你的
    """.split()  # noqa: SIM905 - as above
)
#: What a term without content counts, compared with 1 for one with content.
_EMPTY_WEIGHT: Final = 0.2

_HAN_RUN: Final = re.compile(f"[{HAN}]+")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return `text` in its comparable form without an opening courtesy."""
    return matter(normalise(text).folded)


@lru_cache(maxsize=4096)
def question_key(text: str) -> str:
    """Return what two wordings share when they are the same question but for form."""
    return comparable(fold(text)).replace(" ", "")


def has_han(text: str) -> bool:
    """Tell whether `text` contains Chinese characters."""
    return han_count(text) > 0


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return an English word without its common endings.

    Lighter than Porter's stemmer on purpose: it joins forms of one word and hardly ever two words.
    """
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3 and re.search(r"[aeiouy]", root):
            doubled = root[-1] == root[-2] and root[-1] not in "lsz"
            return root[:-1] if doubled else root
    return word.removesuffix("e") if len(word) > 4 else word


@lru_cache(maxsize=8192)
def terms(text: str) -> Mapping[str, float]:
    """Return the terms of `text` with their weights, repeated terms added up."""
    folded = fold(text)
    found: defaultdict[str, float] = defaultdict(float)
    for token in tokens(folded):
        if han_count(token):
            found[token] += _EMPTY_WEIGHT if token in _EMPTY_HAN else 1.0
        else:
            found[stem(token)] += _EMPTY_WEIGHT if token in _EMPTY_WORDS else 1.0
    for run in _HAN_RUN.findall(folded):
        for start in range(len(run) - 1):
            pair = run[start : start + 2]
            empty = pair in _EMPTY_HAN or (pair[0] in _EMPTY_HAN and pair[1] in _EMPTY_HAN)
            found[pair] += _EMPTY_WEIGHT if empty else 1.0
    return MappingProxyType(dict(found))


def content(text: str) -> Mapping[str, float]:
    """Return the terms of `text` that say what is asked, without those that only ask."""
    return {term: weight for term, weight in terms(text).items() if not is_empty(term)}


def is_empty(term: str) -> bool:
    """Tell whether a term, or a Chinese character, only says that something is asked."""
    if len(term) == 2 and term not in _EMPTY_HAN and has_han(term):
        return term[0] in _EMPTY_HAN and term[1] in _EMPTY_HAN
    return term in _EMPTY_HAN or term in _EMPTY_WORDS


def size(text: str) -> int:
    """Return the length of `text` in words; five Chinese characters count as three words."""
    found = tokens(text)
    han = han_count(text)
    return len(found) - han + (han * 3 + 4) // 5
