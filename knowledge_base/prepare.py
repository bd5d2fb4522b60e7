"""Prepare a bot's knowledge: read, index, encode and calibrate; kept by content, so once only."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final
from urllib.parse import urljoin
from zipfile import BadZipFile

import numpy as np

from knowledge_base.articles import Article, Audience, read_articles
from knowledge_base.calibration import Calibration, calibrate
from knowledge_base.index import LanguageIndex, Query, texts_to_encode
from knowledge_base.search import Knowledge, Shelf
from knowledge_base.terms import fold, has_han
from nlu.interpreter import Encoder, Vectors

#: Part of every key; raised when the same articles would be searched or calibrated differently.
_EDITION: Final = 2

_Key = tuple[Audience, str]


def prepare_knowledge(
    folder: Path,
    languages: Sequence[str],
    encoder: Encoder | None,
    cache_dir: Path,
    out_of_scope: Sequence[str],
    public_url_of: Callable[[Article], str],
    *,
    answer_at: float | None = None,
) -> Knowledge:
    """Return the knowledge of a bot, from the cache when nothing has changed.

    Args:
        folder: the bot's `knowledge` folder.
        languages: the bot's languages.
        encoder: adds meaning to words for the languages it reads; None: words only.
        cache_dir: where vectors and calibrations are kept, one file per content.
        out_of_scope: texts in any of the languages the bot must not answer.
        public_url_of: gives the page of an article; an article's own `url` is resolved against it.
        answer_at: replaces the calibrated probability at which an answer is given, 0..1.

    Raises:
        FaultyFileError: with all faults of all articles.
    """
    articles = read_articles(folder, languages)
    return build_knowledge(
        articles,
        encoder=encoder,
        cache_dir=cache_dir,
        out_of_scope=out_of_scope,
        public_url_of=public_url_of,
        answer_at=answer_at,
    )


def build_knowledge(
    articles: Sequence[Article],
    *,
    encoder: Encoder | None,
    cache_dir: Path,
    out_of_scope: Sequence[str],
    public_url_of: Callable[[Article], str],
    answer_at: float | None = None,
) -> Knowledge:
    """Return the knowledge in `articles`; see `prepare_knowledge`."""
    sets = _sets(articles)
    dense = {language for _, language in sets if encoder is not None and encoder.reads(language)}
    foreign = {language: _in_script(out_of_scope, language) for _, language in sets}
    texts = _texts(articles, dense, foreign)
    path = cache_dir / "knowledge" / f"{_digest(articles, encoder, texts, out_of_scope)}.npz"
    kept = _load(path, len(texts))
    vectors = kept[0] if kept else _encode(encoder, texts)
    by_text = dict(zip(texts, vectors, strict=True))
    indexes = {
        key: LanguageIndex(members, by_text if key[1] in dense else None)
        for key, members in sets.items()
    }
    calibrations = kept[1] if kept else {}
    if calibrations.keys() != indexes.keys():
        calibrations = {
            key: calibrate(index, foreign[key[1]], _query_maker(by_text, key[1] in dense))
            for key, index in indexes.items()
        }
        _keep(path, vectors, calibrations)
    return Knowledge(
        {
            key: Shelf(index, calibrations[key], dense=key[1] in dense)
            for key, index in indexes.items()
        },
        urls={(a.id, a.language): urljoin(public_url_of(a), a.url or "") for a in articles},
        encoder=encoder,
        answer_at=answer_at,
    )


def _sets(articles: Sequence[Article]) -> dict[_Key, list[Article]]:
    """Return what goes on each shelf: the public shelves never hold a staff article."""
    sets: dict[_Key, list[Article]] = {}
    for article in articles:
        if article.audience == "public":
            sets.setdefault(("public", article.language), []).append(article)
        sets.setdefault(("staff", article.language), []).append(article)
    return sets


def _in_script(texts: Sequence[str], language: str) -> list[str]:
    chinese = language.partition("-")[0].lower() == "zh"
    return [text for text in dict.fromkeys(texts) if text.strip() and has_han(text) == chinese]


def _texts(
    articles: Sequence[Article], dense: set[str], foreign: Mapping[str, Sequence[str]]
) -> list[str]:
    texts: dict[str, None] = {}
    for language in sorted(dense):
        members = [article for article in articles if article.language == language]
        texts.update(dict.fromkeys(texts_to_encode(members)))
        texts.update((fold(text), None) for text in foreign[language])
        # As a question a wording is folded; in the index it stands as written.
        texts.update((fold(w), None) for article in members for w in article.wordings)
    return list(texts)


def _query_maker(
    by_text: Mapping[str, Vectors], dense: bool
) -> Callable[[Sequence[str]], list[Query]]:
    def make(texts: Sequence[str]) -> list[Query]:
        return [Query.of(text, by_text[fold(text)] if dense else None) for text in texts]

    return make


def _encode(encoder: Encoder | None, texts: Sequence[str]) -> Vectors:
    if encoder is None or not texts:
        return np.zeros((len(texts), 0), dtype=np.float32)
    return encoder.encode(texts)


def _digest(
    articles: Sequence[Article],
    encoder: Encoder | None,
    texts: Sequence[str],
    out_of_scope: Sequence[str],
) -> str:
    """Return a key of everything the vectors and calibrations depend on."""
    # A model may change under its name, so what it makes of a text stands for it.
    probe = encoder.encode(["What does it cost?"])[0] if encoder is not None and texts else None
    facts = {
        "edition": _EDITION,
        "articles": [(a.id, a.language, a.audience, a.version) for a in articles],
        "encoder": None if probe is None else [round(float(value), 2) for value in probe[:32]],
        "texts": list(texts),
        "out_of_scope": list(out_of_scope),
    }
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def _load(path: Path, count: int) -> tuple[Vectors, dict[_Key, Calibration]] | None:
    """Return what was kept; None when nothing was or the file is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            vectors = np.asarray(kept["vectors"], dtype=np.float32)
            rows = json.loads(kept["calibrations"].tobytes())
        calibrations: dict[_Key, Calibration] = {
            (row["audience"], row["language"]): Calibration(**row["figures"]) for row in rows
        }
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None
    return (vectors, calibrations) if len(vectors) == count else None


def _keep(path: Path, vectors: Vectors, calibrations: Mapping[_Key, Calibration]) -> None:
    rows = [
        {"audience": audience, "language": language, "figures": asdict(calibration)}
        for (audience, language), calibration in calibrations.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed: several processes may prepare the same bot at once.
    handle, aside = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            figures = np.frombuffer(json.dumps(rows).encode(), dtype=np.uint8)
            np.savez(file, vectors=vectors, calibrations=figures)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
