"""An extract of a document as an article: its id for ever, its language, and what is not said."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from knowledge_base.articles import Article, Audience, content_version
from knowledge_base.document import (
    BODY_CHARS_MAX,
    QUESTIONS_MAX,
    TAGS_MAX,
    URL_CHARS_MAX,
    Document,
    Extract,
    UnreadableError,
    shorten,
)
from knowledge_base.paragraphs import fit_paragraphs
from knowledge_base.passages import plain_text
from knowledge_base.terms import question_key
from nlu.language import identify
from nlu.scripts import HAN, letters, script_of
from nlu.text import normalise

#: Longest readable part of an id that is made, in characters.
_SLUG_MAX: Final = 48
#: Hexadecimal digits that tell ids with one readable part apart.
_DIGITS: Final = 8
#: Characters of a text that are looked at for its language: at the beginning, middle and end.
_SAMPLE: Final = 400
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_URL: Final = re.compile(r"https?://[^\s/]+\S*|/(?![/\\])\S*")
_HEADING: Final = re.compile(r"^#{1,6} (.+?)\s*$", re.M)
_MARKUP: Final = re.compile(r"\]\([^)]*\)|https?://\S+|[#*`|\[\]>-]+")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for the articles of a source that do not say it themselves."""

    languages: tuple[str, ...]  #: of the bot
    language: str | None = None  #: of all documents; None: as each says or is found to be
    audience: Audience = "public"
    tags: tuple[str, ...] = ()


def to_article(
    extract: Extract, document: Document, *, source: str, defaults: Defaults
) -> Article:
    """Return the article an extract amounts to.

    Raises:
        UnreadableError: it cannot be an article; the message says why.
    """
    key, named = split_language(document.key, defaults.languages)
    language = _language(extract, named, defaults)
    title = shorten(extract.title)
    if not question_key(title):
        message = f"its title {title[:60]!r} has no words"
        raise UnreadableError(message)
    if len(extract.body) > BODY_CHARS_MAX:
        message = f"has more than {BODY_CHARS_MAX:,} characters; divide it"
        raise UnreadableError(message)
    if extract.valid_from and extract.valid_to and extract.valid_to < extract.valid_from:
        message = f"is valid to {extract.valid_to}, before it is valid from {extract.valid_from}"
        raise UnreadableError(message)
    url = extract.url if extract.url and _is_url(extract.url) else document.url
    audience = extract.audience or defaults.audience
    article = Article(
        id=_article_id(extract, key, source),
        language=language,
        title=title,
        questions=_questions(extract, title),
        body=fit_paragraphs(extract.body).strip(),
        # What a whole source keeps from customers no document of it can give to them.
        audience="staff" if defaults.audience == "staff" else audience,
        updated=extract.updated or document.modified,
        tags=tuple(dict.fromkeys(map(shorten, (*defaults.tags, *extract.tags))))[:TAGS_MAX],
        url=url if url and len(url) <= URL_CHARS_MAX else None,
        version="",
        answer_kind=extract.answer_kind,
        valid_from=extract.valid_from,
        valid_to=extract.valid_to,
    )
    return replace(article, version=content_version(article))


def split_language(key: str, languages: Sequence[str]) -> tuple[str, str | None]:
    """Return the key of a document without the language in it, and that language.

    `guide.zh.md`, `guide_zh.md` and `zh/guide.md` are the Chinese text of `guide.md`.
    """
    prefix = ""
    path = key
    if re.match(r"https?://", key):
        parts = urlsplit(key)
        prefix, path = f"{parts.scheme}://{parts.netloc}", key[len(parts.scheme) + 3 :]
        path = path[len(parts.netloc) :]
    pure = PurePosixPath(path)
    found = re.fullmatch(r"(.+)[._]([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)", pure.stem)
    if found and (language := fit_language(found[2], languages)):
        return prefix + str(pure.with_name(found[1] + pure.suffix)), language
    for index, part in enumerate(pure.parts[:-1]):
        is_tag = re.fullmatch(r"[A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?", part)
        if is_tag and (language := fit_language(part, languages)):
            rest = (*pure.parts[:index], *pure.parts[index + 1 :])
            return prefix + str(PurePosixPath(*rest)), language
    return key, None


def fit_language(tag: str, languages: Sequence[str]) -> str | None:
    """Return which of the bot's languages a tag (`zh-CN`, `en_US`, `Chinese`) means, or None."""
    wanted = _NAMES.get(tag.strip().lower(), tag.strip().lower().replace("_", "-"))
    by_lower = {language.lower(): language for language in languages}
    if wanted in by_lower:
        return by_lower[wanted]
    primary, _, rest = wanted.partition("-")
    same = [language for lower, language in by_lower.items() if lower.partition("-")[0] == primary]
    if primary == "zh" and len(same) > 1:
        traditional = not {"hant", "tw", "hk", "mo"}.isdisjoint(rest.split("-"))
        return next((each for each in same if _is_hant(each) == traditional), same[0])
    return same[0] if same else None


def detect_language(text: str, languages: Sequence[str]) -> str:
    """Return which of the bot's languages most of a text is in."""
    plain = " ".join(_MARKUP.sub(" ", text[:200_000]).split())
    middle = max(0, (len(plain) - _SAMPLE) // 2)
    samples = [plain[:_SAMPLE], plain[middle : middle + _SAMPLE], plain[-_SAMPLE:]]
    votes = Counter(identify(normalise(each), languages=languages) for each in samples)
    return votes.most_common(1)[0][0]


_NAMES: Final = {
    "english": "en", "英文": "en", "英语": "en", "英語": "en", "chinese": "zh", "中文": "zh",
    "汉语": "zh", "简体": "zh", "简体中文": "zh-hans", "simplified chinese": "zh-hans",
    "繁體": "zh-hant", "繁体": "zh-hant", "繁體中文": "zh-hant", "繁体中文": "zh-hant",
    "traditional chinese": "zh-hant", "cn": "zh", "tw": "zh-hant", "hk": "zh-hant",
}  # fmt: skip


def _is_hant(language: str) -> bool:
    return not {"hant", "tw", "hk", "mo"}.isdisjoint(language.lower().split("-")[1:])


def _language(extract: Extract, named: str | None, defaults: Defaults) -> str:
    if defaults.language is not None:
        return defaults.language
    if extract.language is not None:
        if (fitting := fit_language(extract.language, defaults.languages)) is None:
            raise UnreadableError(_foreign(extract.language, defaults.languages))
        return fitting
    if named is not None:
        return named
    text = f"{extract.title}\n{extract.body}"
    hint = extract.language_hint
    fitting = fit_language(hint, defaults.languages) if hint else None
    if hint and fitting is None and script_of(hint) == _script(text):
        raise UnreadableError(_foreign(hint, defaults.languages))
    found = detect_language(text, defaults.languages)
    # A page's own word is often its template's; between scripts its text knows better.
    return fitting if fitting and script_of(fitting) == script_of(found) else found


def _script(text: str) -> str:
    counts = letters(text[:2000])
    han = counts.get(HAN, 0)
    # A Chinese character is worth some letters of a word.
    return (
        HAN if han * 4 > counts.total() - han else max(counts, key=counts.__getitem__, default="")
    )


def _foreign(tag: str, languages: Sequence[str]) -> str:
    known = ", ".join(languages)
    named = shorten(tag, 20)
    return f"is in {named!r}, which the bot does not speak ({known}); --language overrules it"


def _article_id(extract: Extract, key: str, source: str) -> str:
    """Return the id of the article: the document's own, else made of its place for ever."""
    if extract.id is not None:
        if not _ID.fullmatch(extract.id):
            message = (
                f"its id {extract.id[:60]!r} must be up to 100 of a-z, 0-9, _, - and ., "
                "beginning with a letter or digit"
            )
            raise UnreadableError(message)
        return extract.id
    digest = hashlib.sha256(f"{source}\n{key}\n{extract.key}".encode()).hexdigest()[:_DIGITS]
    words = extract.key or PurePosixPath(urlsplit(key).path or key).stem or key
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain)[:_SLUG_MAX].strip("_")
    return f"{slug or 'article'}_{digest}"


def _questions(extract: Extract, title: str) -> tuple[str, ...]:
    """Return the ways to ask for an article: its questions, and headings that are questions."""
    asked = [match[1] for match in _HEADING.finditer(extract.body) if match[1][-1:] in "?？"]
    kept = {question_key(title): title}
    for wording in (*extract.questions, *map(plain_text, asked)):
        line = shorten(wording)
        if (key := question_key(line)) and key not in kept:
            kept[key] = line
    return tuple(list(kept.values())[1 : QUESTIONS_MAX + 1])


def _is_url(url: str) -> bool:
    return len(url) <= URL_CHARS_MAX and _URL.fullmatch(url) is not None
