"""Which of the bot's languages a text is in; short texts, numbers and names prove nothing."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from nlu.text import NormalText, han_count, tokens

#: So many characters tell a language; the rest is not read for it.
_READ_MAX = 400
#: A text in a script shared by languages must have this many words to be identified by them.
_WORDS_MIN = 3
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af\u1100-\u11ff]")
_LETTER = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"[^\s@]{0,64}@\S{1,255}|\bhttps?://\S+|\bwww\.\S+|\b\w*\d\w*\b")


class _Classifier(Protocol):
    def set_languages(self, langs: list[str]) -> None: ...
    def classify(self, instance: str) -> tuple[str, float]: ...


def identify(text: NormalText, *, languages: Sequence[str], hint: str | None = None) -> str:
    """Return the language of `text`.

    Args:
        text: the message.
        languages: the bot's languages (BCP-47), the first is the default.
        hint: the language the conversation is held in, if known; decides when `text` does not.
    """
    fallback = hint if hint in languages else None
    if len(languages) == 1:
        return languages[0]
    folded = text.folded
    han = han_count(folded)
    chinese = _of(languages, "zh")
    if han and not _KANA.search(folded):
        # Capitalised words amid Chinese are names of products and people.
        words = sum(
            1 for t in tokens(text.plain) if t.isascii() and t.isalpha() and t[0].islower()
        )
        if chinese is not None and han >= words:
            return chinese
    for pattern, code in ((_KANA, "ja"), (_HANGUL, "ko")):
        match = _of(languages, code)
        if match is not None and pattern.search(folded):
            return match
    words = _proving_words(text)
    alphabetic = [each for each in languages if _primary(each) not in {"zh", "ja", "ko"}]
    if not words or not alphabetic:
        return fallback or languages[0]
    if fallback is not None and words < _WORDS_MIN:
        return fallback
    if len(alphabetic) == 1:
        return alphabetic[0]
    if words < _WORDS_MIN:
        return fallback if fallback in alphabetic else alphabetic[0]
    return _by_model(folded, tuple(alphabetic))


def written_in(text: NormalText, *, languages: Sequence[str]) -> str:
    """Return the language whose script `text` itself shows, whatever the conversation's is."""
    return identify(text, languages=languages)


def is_known(language: str) -> bool:
    """Tell whether `language` (BCP-47) is one whose texts can be told from others."""
    primary = _primary(language)
    return primary in {"en", "zh"} or primary in _known_codes()


def _proving_words(text: NormalText) -> int:
    """Count words that may tell a language: not addresses, codes or numbers.

    A message of capitalised words only ("Acme Ltd", "Anna Li") is taken for a name.
    """
    words = [w for w in _ADDRESS.sub(" ", text.plain[:_READ_MAX]).split() if _LETTER.search(w)]
    if len(words) > 1 and all(w[:1].isupper() for w in words) and len(words) <= 4:
        return 1
    return len(words)


def _of(languages: Sequence[str], code: str) -> str | None:
    return next((each for each in languages if _primary(each) == code), None)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


def _by_model(folded: str, languages: tuple[str, ...]) -> str:
    found, _ = _classifier(languages).classify(folded[:_READ_MAX])
    return _of(languages, found) or languages[0]


@lru_cache(maxsize=1)
def _known_codes() -> frozenset[str]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return frozenset(LanguageIdentifier.from_model_file(MODEL_FILE).labels)


@lru_cache(maxsize=8)
def _classifier(languages: tuple[str, ...]) -> _Classifier:
    """Load py3langid restricted to `languages`; only bots with two alphabetic languages pay."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classifier: _Classifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    classifier.set_languages([_primary(each) for each in languages])
    return classifier
