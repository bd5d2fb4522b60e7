"""The search declines when an answer was taken away, and learns how sure it must be."""

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.articles import Article, read_articles
from knowledge_base.prepare import build_knowledge
from knowledge_base.ranking import Query
from knowledge_base.search import Knowledge, Question
from tests.knowledge_base.test_search import ARTICLES, OUT_OF_SCOPE, page_of

#: Articles that are taken away, with what belongs to them.
GONE = ("theft", "warranty", "battery_charge", "battery_range", "invoice", "opening_hours")


def build(articles: list[Article], cache: Path, *, misses: tuple[str, ...] = ()) -> Knowledge:
    """Build the knowledge in `articles`, in words only."""
    return build_knowledge(
        articles,
        encoder=None,
        cache_dir=cache,
        out_of_scope=OUT_OF_SCOPE,
        public_url_of=page_of,
        misses=misses,
    )


@pytest.fixture(scope="module")
def shop() -> list[Article]:
    """Return the bicycle shop's articles."""
    return read_articles(ARTICLES, ("en", "zh"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_questions_whose_answer_was_taken_away_are_declined(
    shop: list[Article], tmp_path: Path, language: str
) -> None:
    """Of what the rest of the articles cannot answer nearly nothing is answered."""
    knowledge = build([article for article in shop if article.id not in GONE], tmp_path)
    asked = [
        Question(wording, language)
        for article in shop
        if article.id in GONE and article.language == language
        for wording in article.wordings
    ]
    answered = [result.answer for result in knowledge.search(asked) if result.answer]

    assert len(asked) > 25
    assert len(answered) <= 0.1 * len(asked)


def test_misses_make_the_search_stricter(shop: list[Article], tmp_path: Path) -> None:
    """What customers asked in vain is learnt from: it is counted, and is not answered."""
    few = [article for article in shop if article.id not in GONE]
    misses = tuple(
        wording
        for article in shop
        if article.id in GONE and article.language == "en"
        for wording in article.wordings
    )
    before = build(few, tmp_path).calibrations["public", "en"]
    after = build(few, tmp_path, misses=misses)
    figures = after.calibrations["public", "en"]

    assert (before.misses, figures.misses) == (0, len(misses))
    assert figures.near_answered <= 0.05
    answered = [r for r in after.search([Question(text, "en") for text in misses]) if r.answer]
    assert len(answered) <= 0.05 * len(misses)
    assert after.calibrations["public", "zh"].misses == 0


def test_articles_with_titles_alone_are_searched_carefully(
    shop: list[Article], tmp_path: Path
) -> None:
    """Imported pages list no questions: the threshold comes from what happens without them."""
    titles = [
        replace(article, id=f"{article.id}_{number}", title=wording, questions=())
        for article in shop
        for number, wording in enumerate(article.wordings)
    ]
    kept = [article for number, article in enumerate(titles) if number % 2]
    knowledge = build(kept, tmp_path)
    figures = knowledge.calibrations["public", "en"]

    assert figures.near_answered <= 0.05
    assert figures.answer_at >= 0.64
    (result,) = knowledge.search([Question(kept[0].title, kept[0].language)])
    assert result.answer is not None


def test_a_bare_subject_is_no_sure_question(shop: list[Article], tmp_path: Path) -> None:
    """What says less than a question usually does is judged less sure, signs and all."""
    index = build(shop, tmp_path).shelves["public", "en"].index
    whole = index.rank(Query.of("how long does charging the battery take"))
    bare = index.rank(Query.of("battery"))

    assert bare.signs[2] < whole.signs[2] == 1.0


def test_the_calibration_tells_how_good_the_search_is(shop: list[Article], tmp_path: Path) -> None:
    """Asking every wording without itself: below these floors a change made search worse."""
    calibrations = build(shop, tmp_path).calibrations

    assert set(calibrations) == {(a, x) for a in ("public", "staff") for x in ("en", "zh")}
    for language in ("en", "zh"):
        figures = calibrations["public", language]
        assert figures.wordings == 84
        assert figures.foreign == 6
        assert figures.first >= 0.78
        assert figures.offered >= 0.8
        assert figures.answered >= 0.45
        assert figures.wrong <= 0.12
        assert figures.near_answered <= 0.05
        assert figures.foreign_answered == 0.0
        assert 0.0 < figures.offer_at < 1.0
        assert 0.0 < figures.answer_at < 1.0
