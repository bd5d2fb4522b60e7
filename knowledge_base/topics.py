"""Topics: whether a question goes on about the article that was shown last, or about another.

The article last shown keeps the question only where it speaks of what is asked: of the case that
is named, or with the kind of thing ("how long" wants a duration). An old subject never answers a
question that has its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from knowledge_base.articles import Article
from knowledge_base.aspects import Aspect, aspect_of, tells
from knowledge_base.excerpts import units_of
from knowledge_base.follow_ups import FollowUp
from knowledge_base.passages import split_passages
from knowledge_base.rewording import covers
from knowledge_base.shelves import Found

#: Least share of what a follow-up says itself that an article must say too.
COVERED_MIN: Final = 0.6
#: The article shown last is kept when another one is ahead by less than this, of 1.
TIE: Final = 0.12
#: Place up to which the article shown last must be among those that the joined question finds.
_PLACES: Final = 4


@lru_cache(maxsize=8192)
def tells_of(article: Article, aspect: Aspect) -> bool:
    """Tell whether any sentence of an article has what `aspect` names."""
    return any(
        tells(aspect, line)
        for passage in split_passages(article)
        for unit in units_of(passage)
        for line in (unit.markdown, *unit.lines)
    )


def choose(
    follow: FollowUp,
    text: str,
    *,
    topic: Article | None,
    own: Sequence[str],
    plain: Found | None,
    joined: Found | None,
    ranked: Sequence[Found],
) -> Found | None:
    """Return what answers a follow-up: the topic, another article, or None when nothing does.

    Args:
        follow: how it leans on the topic.
        text: as it was written.
        topic: the article that was shown last, in the asker's language.
        own: what it says itself, in each wording that means the same.
        plain: what answers the text by itself.
        joined: what answers it together with the question before.
        ranked: the articles the joined question found, best first, with their scores.
    """
    aspect = aspect_of(text)
    place = next(
        (n for n, each in enumerate(ranked) if topic is not None and each.article.id == topic.id),
        len(ranked),
    )
    kept = ranked[place] if place < _PLACES and place < len(ranked) else None
    if kept is not None and joined is not None:
        kept = replace(kept, score=max(kept.score, joined.score))
    speaks = topic is not None and _speaks(topic, follow, aspect, own)
    if follow.lean == "bare":
        return _bare(aspect, kept if speaks else None, joined, ranked)
    if follow.lean == "piece" and plain is not None:
        return plain
    other = joined is not None and topic is not None and joined.article.id != topic.id
    if speaks and kept is not None:
        # A case that the article names is a case of it; other questions may be for another one.
        ahead = ranked[0].score - ranked[place].score if follow.lean != "case" else 0.0
        better = other and ahead > TIE and _covered(ranked[0].article, own)
        if not better:
            return kept
    if plain is not None and _covered(plain.article, own):
        return plain
    if joined is not None and _covered(joined.article, own):
        return joined
    return plain


def _speaks(topic: Article, follow: FollowUp, aspect: Aspect | None, own: Sequence[str]) -> bool:
    """Tell whether the topic says something about what is asked."""
    if follow.lean == "bare":
        return aspect is None or tells_of(topic, aspect)
    return _covered(topic, own)


def _covered(article: Article, own: Sequence[str]) -> bool:
    return any(covers(article, words) >= COVERED_MIN for words in own)


def _bare(
    aspect: Aspect | None, kept: Found | None, joined: Found | None, ranked: Sequence[Found]
) -> Found | None:
    """Choose for a question that says nothing itself but what kind of thing it asks for."""
    if joined is not None and (kept is None or joined.article.id != kept.article.id):
        ahead = ranked[0].score - (kept.score if kept is not None else 0.0)
        tells_it = aspect is None or tells_of(joined.article, aspect)
        if kept is None or (tells_it and ahead > TIE):
            return joined if tells_it else None
    return kept
