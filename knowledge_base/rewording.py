"""Rewordings: what else a question may have meant, and how far an article speaks of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from knowledge_base.answer import Way
from knowledge_base.articles import Article
from knowledge_base.spelling import Vocabulary
from knowledge_base.synonyms import Synonyms
from knowledge_base.terms import content, terms


@dataclass(frozen=True, slots=True)
class Rewording:
    """A question in other words than it was written."""

    text: str
    ways: tuple[Way, ...]
    shown: str  #: as the customer is told that it was understood: mended, without synonyms
    kept: str  #: what no synonym stands for


def rewordings(
    text: str, vocabulary: Vocabulary | None, synonyms: Synonyms
) -> Iterator[Rewording]:
    """Yield what `text` may have meant, likeliest first: mended, then with synonyms as well."""
    mended = vocabulary.mended(text) if vocabulary is not None else None
    ways: tuple[Way, ...] = ()
    if mended is not None:
        ways = ("spelling",)
        yield Rewording(mended, ways, mended, mended)
    shown = mended or text
    for variant in synonyms.variants(shown):
        yield Rewording(variant.text, (*ways, "synonym"), shown, variant.kept)


@lru_cache(maxsize=8192)
def _terms_of(article: Article) -> frozenset[str]:
    """Return every term of an article's wordings and text."""
    return frozenset(term for text in (*article.wordings, article.body) for term in terms(text))


def covers(article: Article, words: str) -> float:
    """Return the share, 0..1, of what `words` say that the article says too; 1 for nothing."""
    wanted = content(words)
    if not wanted:
        return 1.0
    there = _terms_of(article)
    return sum(w for term, w in wanted.items() if term in there) / sum(wanted.values())
