"""Articles come, change and go while the bot runs, and it finds what a fresh start would find."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.articles import Article, read_articles
from knowledge_base.index import LanguageIndex
from knowledge_base.prepare import build_knowledge, refresh_knowledge
from knowledge_base.ranking import Query
from knowledge_base.search import Knowledge, Question
from knowledge_base.segments import make_segment
from knowledge_base.shelving import Shelving
from tests.knowledge_base.test_search import ARTICLES, OUT_OF_SCOPE, WordEncoder, page_of

QUESTIONS = (
    *("what does delivery of a bicycle cost", "can I bring it back", "battery", "who repairs it"),
    *("自行车运费多少", "可以退货吗", "电池能用多久", "保修期限"),
)


def build(articles: Sequence[Article], cache: Path, *, encoder: WordEncoder) -> Knowledge:
    """Build the knowledge in `articles`."""
    return build_knowledge(
        articles,
        encoder=encoder,
        cache_dir=cache,
        out_of_scope=OUT_OF_SCOPE,
        public_url_of=page_of,
    )


@pytest.fixture(scope="module")
def shop() -> list[Article]:
    """Return the bicycle shop's articles."""
    return read_articles(ARTICLES, ("en", "zh"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one cache for all builds: what is encoded once stays encoded."""
    return tmp_path_factory.mktemp("cache")


def rankings(knowledge: Knowledge) -> Iterable[tuple[object, list[str], list[float], float]]:
    """Yield for each shelf and question the articles found, their scores and the signal."""
    encoder = WordEncoder()
    for key, shelf in sorted(knowledge.shelves.items()):
        for text in QUESTIONS:
            vector = encoder.encode([text])[0] if shelf.dense else None
            found = shelf.index.rank(Query.of(text, vector))
            ids = [shelf.index.articles[number].id for number in found.articles]
            yield key, ids, list(found.scores), found.signal


def assert_same(one: Knowledge, other: Knowledge) -> None:
    """Assert that both find the same articles with the same scores."""
    assert one.shelves.keys() == other.shelves.keys()
    for (_, ids, scores, signal), (_, others, theirs, sign) in zip(
        rankings(one), rankings(other), strict=True
    ):
        assert ids == others
        assert scores == pytest.approx(theirs, abs=1e-5)
        assert signal == pytest.approx(sign, abs=1e-5)
    asked = [Question(text, "en") for text in QUESTIONS]
    mine, yours = one.search(asked, audience="staff"), other.search(asked, audience="staff")
    for a, b in zip(mine, yours, strict=True):
        assert a.outcome == b.outcome
        assert (a.answer and a.answer.text) == (b.answer and b.answer.text)


CHANGES = st.lists(
    st.tuples(st.integers(0, 1000), st.sampled_from(["remove", "restore", "reword", "hide"])),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(steps=st.lists(CHANGES, min_size=1, max_size=4))
def test_any_sequence_of_changes_finds_what_a_fresh_build_finds(
    steps: list[list[tuple[int, str]]], shop: list[Article], cache: Path
) -> None:
    """Adding, changing, hiding and removing articles leaves no trace in any score."""
    encoder = WordEncoder()
    present = {(article.id, article.language): article for article in shop[: len(shop) // 2]}
    knowledge = build(list(present.values()), cache, encoder=encoder)
    for number, changes in enumerate(steps):
        for at, what in changes:
            article = shop[at % len(shop)]
            place = (article.id, article.language)
            if what == "remove" and len(present) > 2:
                present.pop(place, None)
            elif what == "restore":
                present[place] = article
            elif what == "reword":
                body = f"{article.body}\n\nBicycle batteries cost {number + at} euros 电池。"
                questions = (*article.questions, f"battery offer {at % 5} 电池优惠")
                present[place] = replace(article, body=body, questions=questions)
            elif what == "hide":
                present[place] = replace(article, audience="staff")
        articles = [present[place] for place in sorted(present)]
        knowledge = refresh_knowledge(knowledge, articles)

        assert_same(knowledge, build(articles, cache, encoder=encoder))


def test_many_small_changes_do_not_pile_up(shop: list[Article], cache: Path) -> None:
    """Segments are merged, and merging changes nothing that is found."""
    encoder = WordEncoder()
    english = [article for article in shop if article.language == "en"]
    knowledge = build(english[:4], cache, encoder=encoder)
    for count in range(5, len(english) + 1):
        knowledge = refresh_knowledge(knowledge, english[:count])
        assert len(knowledge.shelves["staff", "en"].index.segments) <= 10

    assert_same(knowledge, build(english, cache, encoder=encoder))


def test_only_what_changed_is_encoded(shop: list[Article], tmp_path: Path) -> None:
    """A new sentence in one article is the one text the encoder is given, beside its probe."""
    encoder = WordEncoder()
    knowledge = build(shop, tmp_path, encoder=encoder)
    encoder.batches.clear()
    changed = [
        replace(a, body=f"{a.body}\n\nPumps are free on Sundays.")
        if (a.id, a.language) == ("refund", "en")
        else a
        for a in shop
    ]
    knowledge = refresh_knowledge(knowledge, changed)

    assert sorted(text for batch in encoder.batches for text in batch) == [
        "Pumps are free on Sundays.",
        "What does it cost?",
    ]
    (result,) = knowledge.search([Question("refund status", "en")])
    assert result.answer is not None
    assert "Pumps are free" in result.answer.text


def test_an_article_that_becomes_internal_leaves_the_public_at_once(
    shop: list[Article], cache: Path
) -> None:
    """After a refresh no public question reaches what is for staff only from now on."""
    knowledge = build(shop, cache, encoder=WordEncoder())
    hidden = [replace(a, audience="staff") if a.id == "returns" else a for a in shop]
    refreshed = refresh_knowledge(knowledge, hidden)
    asked = [Question("return policy", "en"), Question("退货政策", "zh")]

    assert [r.answer and r.answer.article_id for r in knowledge.search(asked)] == ["returns"] * 2
    for result in refreshed.search(asked):
        assert result.answer is None or result.answer.article_id != "returns"
        assert all(near.article_id != "returns" for near in result.near)
    for segment in refreshed.shelves["public", "en"].index.segments:
        assert len(segment) >= 1
    assert refreshed.article("returns", "en") is None
    staff = refreshed.search(asked, audience="staff")
    assert [r.answer and r.answer.article_id for r in staff] == ["returns"] * 2


def test_only_what_was_built_here_is_refreshed() -> None:
    """Knowledge put together by hand cannot be refreshed, and says so."""
    with pytest.raises(ValueError, match="build_knowledge"):
        refresh_knowledge(Knowledge({}, urls={}, encoder=None), [])


def small_articles(count: int) -> list[Article]:
    """Return `count` short articles."""
    return [
        Article(
            id=f"part_{number}",
            language="en",
            title=f"Price of part {number}",
            questions=(f"what does part {number} cost", f"part {number} price"),
            body=f"Part {number} costs {number} euros.",
            audience="public",
            updated=date(2026, 1, 1),
            tags=(),
            url=None,
            version=str(number),
        )
        for number in range(count)
    ]


def test_a_large_index_is_read_from_its_files(tmp_path: Path) -> None:
    """A second process maps the counts of unchanged articles; a torn file is counted again."""
    articles = small_articles(2100)
    shelving = Shelving(7, None, tmp_path / "segments")
    (first,) = shelving.shelve(articles, [])
    (folder,) = (tmp_path / "segments").glob("*/*")
    mapped, fresh = shelving.shelve([*articles, *small_articles(2101)[-1:]], [])

    assert isinstance(mapped.passages.documents, np.memmap)
    assert len(fresh) == 1
    query = Query.of("how much is part 777")
    both = [LanguageIndex(articles, [each]).rank(query) for each in (first, mapped)]
    assert both[0] == both[1]
    assert articles[both[0].articles[0]].id == "part_777"

    (folder / "passages-documents.npy").write_bytes(b"torn")
    (again,) = shelving.shelve(articles, [])
    assert not isinstance(again.passages.documents, np.memmap)
    assert LanguageIndex(articles, [again]).rank(query) == both[0]
    (healed,) = shelving.shelve(articles, [])
    assert isinstance(healed.passages.documents, np.memmap)


def test_segments_of_another_kind_are_not_mixed(tmp_path: Path) -> None:
    """What another encoder made is left alone: its vectors mean nothing here."""
    articles = small_articles(3)
    old = make_segment(articles, None, kind=1)
    (segment,) = Shelving(2, None, tmp_path).shelve(articles, [old])

    assert segment is not old
    assert segment.kind[0] == 2
