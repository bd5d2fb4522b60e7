"""Odd texts and huge articles cost bounded time, and what says the same is shown once."""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.articles import Article
from knowledge_base.duplicates import say_the_same
from knowledge_base.prepare import build_knowledge
from knowledge_base.search import Knowledge, Question
from tests.knowledge_base.test_search import OUT_OF_SCOPE, page_of, prepare

PIECES = (
    *("' OR 1=1 --", '"; DROP TABLE articles; --', "NEAR(a b) AND NOT *", "title:x^2~", "%_[]"),
    *("(a+)+$", "\\1 [z-a] {9999999}", "(?R)*", "\x00\u202e\ufeff", "\ud800", "𝔽𝕦𝕝𝕝", "🙂" * 30),
    *(
        "退货 return 返品 возврат استرجاع",
        "the of and a to",
        "的 了 吗 呢",
        "１２３",
        "a\u0301" * 50,
    ),
    *("return policy", "电池 battery 充电", "\t\r\n ", "refund" * 40),
)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Return the bicycle shop's knowledge in words only."""
    return prepare(tmp_path_factory.mktemp("cache"))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    parts=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=40)), max_size=12),
    times=st.sampled_from([1, 1, 1, 500]),
    language=st.sampled_from(["en", "zh", "zh-TW", "xx", ""]),
)
def test_any_text_is_a_question(
    knowledge: Knowledge, parts: list[str], times: int, language: str
) -> None:
    """No syntax of queries, patterns or scripts breaks a search; there are three outcomes."""
    (result,) = knowledge.search([Question(" ".join(parts) * times, language)])

    assert result.outcome in {"answered", "offered", "declined"}
    assert len(result.near) <= 3


@pytest.mark.parametrize("piece", ["a ", "退", "return policy ", "('\"*%", "a\u0301", "🙂 x1 "])
def test_fifty_thousand_characters_take_no_longer_than_a_second(
    knowledge: Knowledge, piece: str
) -> None:
    """The ends of a long text count, and what is between costs next to nothing."""
    text = (piece * 50_000)[:50_000]
    started = time.process_time()
    knowledge.search([Question(text, "en")])

    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("text", ["the of and a to is", "的了吗呢啊我你", "a", "吗"])
def test_words_without_content_are_not_answered(knowledge: Knowledge, text: str) -> None:
    """A question of stop words alone asks nothing."""
    (result,) = knowledge.search([Question(text, "en")])

    assert result.answer is None


def an_article(name: str, body: str) -> Article:
    """Return an article with two questions of its own."""
    return Article(
        id=name,
        language="en",
        title=f"What is {name}?",
        questions=(f"tell me about {name}", f"{name} explained"),
        body=body,
        audience="public",
        updated=date(2026, 1, 1),
        tags=(),
        url=None,
        version="1",
    )


@pytest.mark.parametrize("piece", ["word ", "退货", "x"])
def test_five_megabytes_on_one_line_are_indexed(tmp_path: Path, piece: str) -> None:
    """A huge article without a line break is cut, found and shortened in bounded time."""
    body = (piece * (5_000_000 // len(piece.encode())))[:5_000_000]
    articles = [an_article("monolith", body), an_article("pebble", "A pebble is small.")]
    started = time.process_time()
    found = build_knowledge(
        articles,
        encoder=None,
        cache_dir=tmp_path,
        out_of_scope=OUT_OF_SCOPE,
        public_url_of=page_of,
    )
    (result,) = found.search([Question("tell me about pebble", "en")])

    assert result.answer is not None
    assert result.answer.text == "A pebble is small."
    assert time.process_time() - started < 60.0


def test_articles_that_say_the_same_are_offered_once(knowledge: Knowledge, tmp_path: Path) -> None:
    """Of two copies the better one is found, and the other is no choice beside it."""
    articles = knowledge.articles("en")
    original = next(article for article in articles if article.id == "shipping_cost")
    copy = replace(original, id="shipping_cost_copy", title="Fees for delivery of a bicycle")
    found = build_knowledge(
        [*articles, copy],
        encoder=None,
        cache_dir=tmp_path,
        out_of_scope=OUT_OF_SCOPE,
        public_url_of=page_of,
    )
    asked = ("how much does the delivery cost", "delivery fees", "cost of shipping")
    for result in found.search([Question(text, "en") for text in asked]):
        ids = {near.article_id for near in result.near}
        if result.answer is not None:
            ids.add(result.answer.article_id)
        assert len(ids & {"shipping_cost", "shipping_cost_copy"}) == 1


def test_a_price_more_or_less_makes_another_article() -> None:
    """Texts that differ in a number or in much else are not the same; markup makes none."""
    body = "Delivery of a bicycle within the country costs 29 euros and takes three days."
    one = an_article("one", body)

    assert say_the_same(one, an_article("two", body.replace("a bicycle", "**a bicycle**")))
    assert not say_the_same(one, an_article("two", body.replace("29", "39")))
    assert not say_the_same(one, an_article("two", f"{body} Ask us about parcels, too."))
    assert not say_the_same(one, an_article("two", "The shop opens at nine and closes at six."))
