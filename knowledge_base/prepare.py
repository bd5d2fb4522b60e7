"""Prepare a bot's knowledge: read, index, encode and calibrate; kept by content, so once only."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from knowledge_base.articles import Article, Audience, read_articles
from knowledge_base.calibration import Calibration, calibrate
from knowledge_base.index import LanguageIndex
from knowledge_base.ranking import Query
from knowledge_base.recipe import Recipe
from knowledge_base.search import Knowledge, Shelf
from knowledge_base.segments import Segment, TextVectors, fingerprint
from knowledge_base.shelving import LINES_MAX, Shelving, kind_of
from knowledge_base.synonyms import Synonyms, read_synonyms
from knowledge_base.terms import fold, has_han
from knowledge_base.trials import trial_wordings
from knowledge_base.vectors import Progress, VectorStore
from nlu.interpreter import Encoder

#: Part of every key; raised when the same articles would be searched or calibrated differently.
_EDITION: Final = 7
#: Articles up to which every change is calibrated at once; asking a larger index its own questions
#: takes seconds, so there the figures stand until enough articles changed.
_CALIBRATED_AT_ONCE: Final = 100
#: Share of the articles that may come or go before.
_STALE: Final = 0.1

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
        synonyms=read_synonyms(folder, languages),
    )


def build_knowledge(
    articles: Sequence[Article],
    *,
    encoder: Encoder | None,
    cache_dir: Path,
    out_of_scope: Sequence[str],
    public_url_of: Callable[[Article], str],
    answer_at: float | None = None,
    misses: Sequence[str] = (),
    progress: Progress | None = None,
    synonyms: Synonyms | None = None,
) -> Knowledge:
    """Return the knowledge in `articles`; see `prepare_knowledge`.

    Args:
        articles: in any languages, each id once in each.
        encoder: see `prepare_knowledge`, as for what is not named here.
        cache_dir: where vectors, large indexes and calibrations are kept.
        out_of_scope: texts in any of the languages the bot must not answer.
        public_url_of: gives the page of an article.
        answer_at: replaces the calibrated probability.
        misses: questions no article answers, in any of the languages, as customers put them.
        progress: told what takes long.
        synonyms: words of questions that stand for words of articles.
    """
    recipe = Recipe(
        encoder=encoder,
        cache_dir=cache_dir,
        out_of_scope=tuple(out_of_scope),
        misses=tuple(misses),
        public_url_of=public_url_of,
        answer_at=answer_at,
        synonyms=synonyms or Synonyms(),
    )
    return _build(articles, recipe, None, progress)


def refresh_knowledge(
    old: Knowledge,
    articles: Sequence[Article],
    *,
    misses: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Knowledge:
    """Return the knowledge in `articles`, made of `old` where an article did not change.

    `old` stays as it is and may be searched meanwhile. The new one finds what `build_knowledge`
    of the same articles would find; it takes less than a second for one article among 100,000.

    Args:
        old: made by `build_knowledge` or by this function.
        articles: all that is to be known from now on.
        misses: replaces the questions no article answers; None: those of `old`.
        progress: told what takes long.

    Raises:
        ValueError: `old` was not made by either.
    """
    recipe = old.recipe
    if recipe is None:
        message = "only knowledge made by build_knowledge can be refreshed"
        raise ValueError(message)
    if misses is not None:
        recipe = replace(recipe, misses=tuple(misses))
    return _build(articles, recipe, old, progress)


def _build(
    articles: Sequence[Article],
    recipe: Recipe,
    old: Knowledge | None,
    progress: Progress | None,
) -> Knowledge:
    sets = _sets(articles)
    encoder = recipe.encoder
    dense = {language for _, language in sets if encoder is not None and encoder.reads(language)}
    store = None
    if encoder is not None and dense:
        store = VectorStore(recipe.cache_dir / "knowledge", encoder, progress=progress)
    shelves: dict[_Key, Shelf] = {}
    for language in dict.fromkeys(language for _, language in sets):
        read = store if language in dense else None
        making = _Making(recipe, read, _shelving(articles, language, recipe, read), old)
        public = sets.get(("public", language), [])
        everything = sets["staff", language]
        segments = making.segments(public, language)
        if public:
            shelves["public", language] = making.shelf(("public", language), public, segments)
        if len(public) == len(everything):
            shelves["staff", language] = shelves["public", language]
            continue
        staff = [article for article in everything if article.audience == "staff"]
        segments = [*segments, *making.segments(staff, language)]
        shelves["staff", language] = making.shelf(("staff", language), everything, segments)
    return Knowledge(
        shelves,
        urls={(a.id, a.language): urljoin(recipe.public_url_of(a), a.url or "") for a in articles},
        encoder=encoder,
        answer_at=recipe.answer_at,
        recipe=recipe,
    )


@dataclass(frozen=True, slots=True)
class _Making:
    """How the shelves of one language are made."""

    recipe: Recipe
    store: VectorStore | None  #: None: words only
    shelving: Shelving
    old: Knowledge | None

    def segments(self, articles: Sequence[Article], language: str) -> list[Segment]:
        """Return segments that hold articles of one audience and no article of another."""
        present: Iterable[Segment] = ()
        if self.old is not None and (shelf := self.old.shelves.get(("staff", language))):
            present = shelf.index.segments
        return self.shelving.shelve(articles, present) if articles else []

    def shelf(self, key: _Key, articles: Sequence[Article], segments: Sequence[Segment]) -> Shelf:
        index = LanguageIndex(articles, segments)
        foreign = _in_script(self.recipe.out_of_scope, key[1])
        misses = _in_script(self.recipe.misses, key[1])
        path = self._calibration_path(key, articles, foreign, misses)
        found = _load(path) or self._still_good(key, index)
        if found is None:
            trials = trial_wordings(index)
            asked = self._queries([index.wordings[number] for number in trials])
            found = calibrate(
                index,
                dict(zip(trials, asked, strict=True)),
                foreign=self._queries(foreign),
                misses=self._queries(misses),
            )
            _keep(path, found)
        return Shelf(index, found, dense=self.store is not None)

    def _still_good(self, key: _Key, index: LanguageIndex) -> Calibration | None:
        before = self.old.shelves.get(key) if self.old is not None else None
        if before is None or len(index.articles) <= _CALIBRATED_AT_ONCE:
            return None
        learnt_from = before.calibration.articles
        near = abs(len(index.articles) - learnt_from) <= _STALE * learnt_from
        return before.calibration if near else None

    def _queries(self, texts: Sequence[str]) -> list[Query]:
        if self.store is None:
            return [Query.of(text) for text in texts]
        vectors = self.store.of_messages([fold(text) for text in texts])
        return [Query.of(text, row) for text, row in zip(texts, vectors, strict=True)]

    def _calibration_path(
        self,
        key: _Key,
        articles: Sequence[Article],
        foreign: Sequence[str],
        misses: Sequence[str],
    ) -> Path:
        """Return where the calibration for these very articles is kept."""
        facts = {
            "edition": _EDITION,
            "audience": key[0],
            "language": key[1],
            "kind": self.shelving.kind,
            "articles": [fingerprint(article) for article in articles],
            "out_of_scope": list(foreign),
            "misses": list(misses),
        }
        digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
        return self.recipe.cache_dir / "knowledge" / f"calibration-{digest}.json"


def _shelving(
    articles: Sequence[Article], language: str, recipe: Recipe, store: VectorStore | None
) -> Shelving:
    size = sum(len(article.body) for article in articles if article.language == language)
    vectors = None
    if store is not None:
        lines = size <= LINES_MAX
        rows = store.of_messages if lines else store.of_passages
        vectors = TextVectors(store.of_messages, rows, lines=lines)
    kind = kind_of(_EDITION, store.identity if store else None, vectors)
    return Shelving(kind, vectors, recipe.cache_dir / "knowledge" / "segments")


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


def _load(path: Path) -> Calibration | None:
    """Return what was kept; None when nothing was or the file is damaged."""
    try:
        found = Calibration(**json.loads(path.read_bytes()))
        return replace(found, sign_weights=tuple(found.sign_weights))
    except (OSError, ValueError, TypeError):
        return None


def _keep(path: Path, calibration: Calibration) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed: several processes may prepare the same bot at once.
    number, aside = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(asdict(calibration), file)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
