"""Texts made comparable: normal form with the way back to the original, words and character grams.

Nothing here raises on any string: customers' text may hold lone surrogates, bidirectional marks
and half of an emoji.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import opencc

#: Characters that show nothing but break comparison: zero-width, bidirectional and other controls.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f"
    "\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
#: CJK ideographs, the iteration mark and the ideographic zero: one character, one "word".
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN_RUN = re.compile(f"[{HAN}]+")
_TOKEN = re.compile(f"[{HAN}]|[^\\W_{HAN}]+(?:['’][^\\W_{HAN}]+)*")
_NOT_WORD = re.compile(r"[\W_]+")
#: Words that open a message and ask nothing.
_COURTESY = re.compile(
    r"(?:(?:请问|你好|您好|我?想问一?下?|麻烦问?一?下?|打扰一?下?|"
    r"(?:(?:hi|hello|hey)(?: there)?|please|excuse me|"
    r"(?:can|could) you (?:please )?tell me|do you know)\b)\W*)+"
)
#: Words, labels and patterns are short and come again and again.
_SHORT = 200
#: A combining mark composes with what stands before it; more marks than this are no language.
_CLUSTER_MAX = 32


@dataclass(frozen=True, slots=True)
class NormalText:
    """A text in normal form; `plain` and `folded` have equal length, character by character."""

    original: str
    plain: str  #: NFKC without invisible characters; letters' case and script as written
    folded: str  #: `plain` in lower case and Simplified Chinese, for comparing
    #: for each character of `plain` the half-open span of `original` it came from; None: the same
    origins: tuple[tuple[int, int], ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of `original` that became `plain[start:end]`."""
        if self.origins is None:
            return start, end
        if start >= end:
            at = self.origins[start][0] if start < len(self.origins) else len(self.original)
            return at, at
        return self.origins[start][0], self.origins[end - 1][1]


def normalise(text: str) -> NormalText:
    """Return `text` in normal form (NFKC, visible characters only) with its folded shadow."""
    return _normalise_short(text) if len(text) <= _SHORT else _normalise(text)


def _normalise(text: str) -> NormalText:
    if text.isascii() and not _INVISIBLE.search(text):
        return NormalText(text, text, text.lower())
    clean = _SURROGATE.sub(_REPLACEMENT, text)
    if not _INVISIBLE.search(clean) and unicodedata.is_normalized("NFKC", clean):
        return NormalText(text, clean, fold(clean))
    plain: list[str] = []
    origins: list[tuple[int, int]] = []
    for start, end in _clusters(clean):
        part = _INVISIBLE.sub("", unicodedata.normalize("NFKC", clean[start:end]))
        plain.append(part)
        origins.extend([(start, end)] * len(part))
    joined = "".join(plain)
    return NormalText(text, joined, fold(joined), tuple(origins))


_normalise_short = lru_cache(maxsize=4096)(_normalise)


def fold(text: str) -> str:
    """Return `text` in lower case and Simplified Chinese, of the same length."""
    lower = text.lower()
    if len(lower) != len(text):  # e.g. U+0130 becomes two characters
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lower if lower.isascii() else lower.translate(_simplified())


def simplified(text: str) -> str:
    """Return `text` in Simplified Chinese, character by character."""
    return text if text.isascii() else text.translate(_simplified())


def comparable(text: str) -> str:
    """Return what is left of `text` when only words count: folded, no punctuation, one blank."""
    return comparable_folded(normalise(text).folded)


def comparable_folded(folded: str) -> str:
    """Return the same for a text that is folded already."""
    return _comparable_short(folded) if len(folded) <= _SHORT else _comparable(folded)


def _comparable(folded: str) -> str:
    return _NOT_WORD.sub(" ", folded).strip()


_comparable_short = lru_cache(maxsize=4096)(_comparable)


def matter(folded: str) -> str:
    """Return a folded text without the courtesy it opens with, unless that is all it says.

    The form in which a text is encoded: the interpreter and the knowledge base ask for the same
    one, so it is encoded once.
    """
    text = folded.replace("’", "'").strip()
    return text[opening.end() :] or text if (opening := _COURTESY.match(text)) else text


def tokens(folded: str) -> list[str]:
    """Return the words of a folded text in order; every Chinese character is one of its own."""
    return _TOKEN.findall(folded)


def token_spans(folded: str) -> Iterator[tuple[str, int, int]]:
    """Yield each token of a folded text with its half-open span."""
    for match in _TOKEN.finditer(folded):
        yield match[0], match.start(), match.end()


def han_bigrams(folded: str) -> list[str]:
    """Return all pairs of neighbouring Chinese characters; a lone character stands for itself."""
    grams: list[str] = []
    for run in _HAN_RUN.findall(folded):
        if len(run) == 1:
            grams.append(run)
        else:
            grams.extend(run[i : i + 2] for i in range(len(run) - 1))
    return grams


def index_terms(text: str) -> list[str]:
    """Return the terms a lexical index stores for `text`: words, and bigrams for Chinese."""
    folded = normalise(text).folded
    words = [t for t in tokens(folded) if not is_han(t)]
    return words + han_bigrams(folded)


def is_han(text: str) -> bool:
    """Tell whether `text` is Chinese characters only (and at least one)."""
    return _HAN_RUN.fullmatch(text) is not None


def han_count(text: str) -> int:
    """Return how many Chinese characters `text` has."""
    return 0 if text.isascii() else sum(map(len, _HAN_RUN.findall(text)))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Split `text` where NFKC cannot compose across: before every character but marks and jamo."""
    start = 0
    for at in range(1, len(text)):
        if at - start >= _CLUSTER_MAX or not _joins(text[at]):
            yield start, at
            start = at
    if text:
        yield start, len(text)


@lru_cache(maxsize=4096)
def _joins(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc"} or (
        "\u1160" <= character <= "\u11ff" or character in "\uff9e\uff9f"
    )


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Return OpenCC's Traditional to Simplified conversion of single characters.

    Character by character, because it keeps the length (spans stay valid) and costs 2 us a
    message; the few words in which the choice depends on the neighbours do not matter.
    """
    characters = [chr(i) for i in range(0x3400, 0xA000)]
    # Line breaks between them keep OpenCC's phrase table out.
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {
        ord(a): b for a, b in zip(characters, converted, strict=True) if a != b and len(b) == 1
    }
