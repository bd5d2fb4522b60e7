"""Which of the bot's languages a text is in; short texts, numbers and names prove nothing."""

import re
from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from typing import Protocol

from nlu.scripts import HAN, KANA, LATIN, chinese_of, letters, script_of
from nlu.text import HAN as HAN_RANGE
from nlu.text import NormalText, tokens

#: So many characters tell a language; the rest is not read for it.
_READ_MAX = 400
#: Words in letters that several languages share prove one of these languages from this many on;
#: against the conversation's language one more is needed when none of them is a common word.
_WORDS_MIN = 3
#: A Chinese name or product amid words of another language has at most so many characters.
_HAN_NAME_MAX = 4
_HAN_START = re.compile(f"\\W?[{HAN_RANGE}]")
_LETTER = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"[^\s@]{0,64}@\S{1,255}|\bhttps?://\S+|\bwww\.\S+|\b\w*\d\w*\b")

#: Characters no Chinese sentence is without, but names and products are.
_HAN_COMMON = frozenset(
    "的了是在我你您吗呢吧啊有不这那要能会怎什么几多请没和就都也给把被让还到想买退将为个中来去看听找用帮"
)
#: Forms of characters that only Japanese has.
_HAN_JAPANESE = frozenset("円駅気対発売読県図広変帰払込働価届営弁権桜歳歩桟渋覚髪黒続絵仏伝転軽")
_COMMON = {
    "en": (
        "the is are was were be been am i i'm i've i'd you your my me we our us it its it's "
        "this that these those what what's where where's when why how who which can could "
        "would should do does did don't doesn't didn't can't have has had not and or but "
        "with for from of to in on at please thanks thank want need help order get got "
        "there here any some much many hello hey refund cancel show tell give send make set "
        "turn off all play add delete find book"
    ),
    "de": (
        "der die das den dem des ein eine einen ist sind war bin ich du sie wir ihr mein "
        "meine meinen mir mich und oder aber nicht kein keine mit für von zu zum zur im auf "
        "bei wo wann wie wer warum welche kann können möchte habe hat haben bitte danke "
        "guten tag morgen hallo noch schon auch bestellung es wurde wird gibt"
    ),
    "fr": (
        "le la les un une des du de est sont suis je tu il elle nous vous mon ma mes votre "
        "vos ce cette et ou mais pas ne avec pour dans sur où quand comment pourquoi quel "
        "quelle combien puis peux peut avez bonjour merci salut oui s'il plaît plait "
        "commande j'ai c'est qu'est-ce que qui bonsoir moi demain heures"
    ),
    "es": (
        "el la los las un una unos del de es son está estoy soy yo tú usted nosotros mi mis "
        "su sus este esta y o pero no con para por en dónde donde cuándo cuando cómo como "
        "qué cuánto puedo puede quiero tengo hola gracias sí buenos buenas días favor "
        "pedido hay ha he lo se me mañana"
    ),
    "it": (
        "il lo la gli una sono è non con per dove quando come perché vorrei ciao grazie mio mia ho"
    ),
    "pt": (
        "o os as um uma é são não com para onde quando como quero olá obrigado meu minha você eu"
    ),
    "nl": (
        "de het een is zijn ik je wij mijn niet met voor waar wanneer hoe graag dank hallo en heb"
    ),
}
#: Word -> the languages it is common in.
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _COMMON.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_language)


class _Classifier(Protocol):
    labels: list[str]

    def set_languages(self, langs: list[str]) -> None: ...
    def classify(self, instance: str) -> tuple[str, float]: ...


def identify(text: NormalText, *, languages: Sequence[str], hint: str | None = None) -> str:
    """Return the language of `text`.

    A text in a language the bot lacks gets one in the same script, else the conversation's.

    Args:
        text: the message.
        languages: the bot's languages (BCP-47), the first is the default.
        hint: the language the conversation is held in, if known; decides when `text` does not.
    """
    if len(languages) == 1:
        return languages[0]
    known = hint if hint in languages else None
    plain, folded = text.plain[:_READ_MAX], text.folded[:_READ_MAX]
    if not plain.isascii():
        counts = letters(plain)
        if any(script != LATIN for script in counts):
            script = _told_by(plain, folded, counts)
            if script != LATIN:
                return _in_script(text, script, languages=languages, known=known)
    return _in_latin(plain, folded, languages=languages, known=known)


def written_in(text: NormalText, *, languages: Sequence[str]) -> str:
    """Return the language whose script `text` itself shows, whatever the conversation's is."""
    return identify(text, languages=languages)


def is_known(language: str) -> bool:
    """Tell whether `language` (BCP-47) is one whose texts can be told from others."""
    primary = _primary(language)
    return primary in {"en", "zh"} or primary in _known_codes()


def _told_by(plain: str, folded: str, counts: "dict[str, int]") -> str:
    """Return the script that tells the language of a text: of several, whose sentence it is."""
    han, kana = counts.get(HAN, 0), counts.get(KANA, 0)
    if kana:
        # A lone kana amid a Chinese sentence is an ornament of a brand.
        if kana * 4 <= han and not _HAN_COMMON.isdisjoint(folded):
            return HAN
        return KANA
    others = {script: count for script, count in counts.items() if script not in (HAN, LATIN)}
    if others and max(others.values()) >= max(counts.get(LATIN, 0), han):
        return max(others, key=others.__getitem__)
    if not han:
        return LATIN
    # Common words are the sentence's own; what is amid them may be a name in the other script.
    words = [word for word in tokens(plain) if word.isascii() and word.isalpha()]
    # Capitalised words are names of products and people, but for the first.
    foreign = sum(
        word.lower() in _LANGUAGES_OF and (not at or word[0].islower() or word == "I")
        for at, word in enumerate(words)
    )
    own = sum(character in _HAN_COMMON for character in folded)
    named = han <= _HAN_NAME_MAX and (not own or not _HAN_START.match(folded))
    if foreign > own * 2 and named:
        return LATIN
    return HAN if own or han * 2 > len(words) else LATIN


def _in_script(
    text: NormalText, script: str, *, languages: Sequence[str], known: str | None
) -> str:
    fitting = [each for each in languages if script_of(each) == script]
    if script == HAN:
        fitting = _han_languages(text, fitting, languages=languages, known=known)
    if not fitting:
        return known or languages[0]
    if len(fitting) == 1:
        return fitting[0]
    if script == HAN:
        return chinese_of(text, languages=fitting, hint=known)
    if len({_primary(each) for each in fitting}) > 1:
        found = _by_model(text.folded, tuple(fitting))
        fitting = [each for each in fitting if _primary(each) == _primary(found)]
    return known if known in fitting else fitting[0]


def _han_languages(
    text: NormalText, chinese: list[str], *, languages: Sequence[str], known: str | None
) -> list[str]:
    """Return the languages a text in Chinese characters only may be in; Japanese has such too."""
    japanese = [each for each in languages if _primary(each) == "ja"]
    if not japanese or not chinese:
        return chinese or japanese
    read = text.plain[:_READ_MAX]
    if not _HAN_JAPANESE.isdisjoint(read):
        return japanese
    proved = not _HAN_COMMON.isdisjoint(read)
    return japanese if known in japanese and not proved else chinese


def _in_latin(plain: str, folded: str, *, languages: Sequence[str], known: str | None) -> str:
    words = _proving_words(plain)
    fitting = [each for each in languages if script_of(each) == LATIN]
    if not words or not fitting:
        return known or languages[0]
    common = _common_words(folded, fitting, names=words == 1)
    if len(fitting) == 1:
        if known is None or known in fitting:
            return fitting[0]
        count = sum(common.values())
        enough = words >= 2 if count else words > _WORDS_MIN
        return fitting[0] if enough else known
    return _among(fitting, words, common, folded=folded, known=known)


def _among(
    fitting: list[str], words: int, common: dict[str, int], *, folded: str, known: str | None
) -> str:
    """Return which of several languages in Latin letters a text is in."""
    most = max(common.values(), default=0)
    best = [language for language, count in common.items() if count == most]
    if most and len(best) == 1:
        primary = best[0]
    elif words >= _WORDS_MIN or known is None:
        primary = _primary(_by_model(folded, tuple(fitting)))
    else:
        return known
    same = [each for each in fitting if _primary(each) == primary]
    return known if known in same else same[0]


def _common_words(folded: str, fitting: Sequence[str], *, names: bool) -> dict[str, int]:
    """Return for each language how many of its common words a text has.

    In what may be a name only longer words count.
    """
    primaries = {_primary(each) for each in fitting}
    found: dict[str, int] = {}
    for word in tokens(folded):
        if names and len(word) < 4:
            continue
        for language in _LANGUAGES_OF.get(word.replace("’", "'"), ()):
            if language in primaries:
                found[language] = found.get(language, 0) + 1
    return found


def _proving_words(plain: str) -> int:
    """Count words that may tell a language: not addresses, codes or numbers.

    A message of capitalised words only ("Acme Ltd", "Anna Li") is taken for a name.
    """
    words = [w for w in _ADDRESS.sub(" ", plain).split() if _LETTER.search(w)]
    if len(words) > 1 and all(w[:1].isupper() for w in words) and len(words) <= 4:
        return 1
    return len(words)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


def _by_model(folded: str, languages: tuple[str, ...]) -> str:
    if not _known_codes().issuperset(map(_primary, languages)):
        return languages[0]
    found, _ = _classifier(languages).classify(folded[:_READ_MAX])
    return next((each for each in languages if _primary(each) == found), languages[0])


@lru_cache(maxsize=1)
def _known_codes() -> frozenset[str]:
    return frozenset(_all_languages().labels)


@lru_cache(maxsize=1)
def _all_languages() -> _Classifier:
    """Load py3langid, in half a second; only bots with two languages in one script pay."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classifier: _Classifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return classifier


@lru_cache(maxsize=8)
def _classifier(languages: tuple[str, ...]) -> _Classifier:
    """Return py3langid restricted to `languages`; the copy shares the tables."""
    classifier = copy(_all_languages())
    classifier.set_languages([_primary(each) for each in languages])
    return classifier
