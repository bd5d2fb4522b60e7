"""A question is answered with its source, met with near questions, or honestly declined."""

import shutil
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.articles import Article
from knowledge_base.prepare import prepare_knowledge
from knowledge_base.search import Knowledge, Question
from knowledge_base.terms import terms
from nlu.interpreter import Encoder, Vectors

ARTICLES = Path(__file__).parent / "articles"
OUT_OF_SCOPE = (
    *("What is the weather like tomorrow?", "Who won the world cup?", "Tell me a joke"),
    *("Translate this into Spanish", "What is the capital of France?", "Write a spring poem"),
    *("明天天气怎么样", "世界杯谁赢了", "讲个笑话", "帮我写作业", "法国的首都是哪里", "写一首诗"),
)


class WordEncoder:
    """An Encoder that hashes words into vectors: deterministic, counted, English only."""

    def __init__(self) -> None:
        self.name = "words"
        self.dimension = 256
        self.batches: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors in which texts with common words lie close."""
        self.batches.append(list(texts))
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for term, weight in terms(text).items():
                vectors[row, sum(term.encode()) * 31 % self.dimension] += weight
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def reads(self, language: str) -> bool:
        """Tell that only English is read."""
        return language == "en"


def page_of(article: Article) -> str:
    """Return where the tests' articles are read."""
    return f"https://shop.example/articles/{article.id}?language={article.language}"


def prepare(cache: Path, *, folder: Path = ARTICLES, encoder: Encoder | None = None) -> Knowledge:
    """Prepare the bicycle shop's knowledge."""
    return prepare_knowledge(folder, ("en", "zh"), encoder, cache, OUT_OF_SCOPE, page_of)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Return the shop's knowledge without an encoder: words only."""
    return prepare(tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize(
    ("text", "language", "article"),
    [
        ("what is your return policy please", "en", "returns"),
        ("how much does delivery cost", "en", "shipping_cost"),
        ("how long is the warranty on the frame?", "en", "warranty"),
        ("what should I do if my bicycle was stolen", "en", "theft"),
        ("请问你们的营业时间是几点", "zh", "opening_hours"),
        ("电池充电要多久", "zh", "battery_charge"),
        ("自行车被偷了怎么办", "zh", "theft"),
        ("預約試騎", "zh", "test_ride"),
        ("請問保修期限多長", "zh", "warranty"),
        ("ＲＥＴＵＲＮ　ＰＯＬＩＣＹ！！", "en", "returns"),
    ],
)
def test_a_question_is_answered_with_its_source(
    knowledge: Knowledge, text: str, language: str, article: str
) -> None:
    """The answer names article, passage, version and page, whatever script the question is in."""
    (result,) = knowledge.search([Question(text, language)])

    assert result.answer is not None
    assert result.answer.article_id == article
    assert result.answer.language == language
    assert result.answer.passage_id.startswith(f"{article}.{language}#")
    assert result.answer.url.startswith("https://shop.example/")
    source = knowledge.article(article, language)
    assert source is not None
    assert (result.answer.title, result.answer.version) == (source.title, source.version)
    assert 0.0 < result.answer.score <= 1.0


def test_every_wording_of_an_article_finds_it(knowledge: Knowledge) -> None:
    """Each title and question, in any case, width or script, is answered by its article."""
    for language in ("en", "zh"):
        for article in knowledge.articles(language):
            asked = [Question(f" {w.upper()} ", language) for w in article.wordings]
            for result in knowledge.search(asked):
                assert result.answer is not None
                assert (result.answer.article_id, result.answer.score) == (article.id, 1.0)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("qwrtz", "en"),
        ("why is the sky blue", "en"),
        ("", "en"),
        ("??!", "zh"),
        ("🙂🙂", "zh"),
        ("哈哈哈哈", "zh"),
        ("\ud800\udfff\ud800", "en"),
        ("\u202e\u200b\u0000", "zh"),
    ],
)
def test_what_is_not_known_is_declined(knowledge: Knowledge, text: str, language: str) -> None:
    """Nonsense, foreign subjects and hostile texts find nothing, and nothing is made up."""
    (result,) = knowledge.search([Question(text, language)])

    assert result.outcome == "declined"


def test_an_unsure_search_offers_near_questions(knowledge: Knowledge) -> None:
    """A bare subject gets at most three titles, best first, in the asker's language."""
    for text, language in (("e-bike", "en"), ("电动车", "zh")):
        (result,) = knowledge.search([Question(text, language)])

        assert result.outcome == "offered"
        assert 1 <= len(result.near) <= 3
        assert len({near.article_id for near in result.near}) == len(result.near)
        scores = [near.score for near in result.near]
        assert scores == sorted(scores, reverse=True)
        for near in result.near:
            article = knowledge.article(near.article_id, language)
            assert article is not None
            assert near.question == article.title


def test_staff_text_never_reaches_the_public(knowledge: Knowledge) -> None:
    """Even its own questions do not bring a staff article to the public; staff do get it."""
    asked = [
        Question("What discount may staff give?", "en"),
        Question("staff discount limit kingfisher", "en"),
        Question("员工最多可以打几折？", "zh"),
        Question("收银口令是翠鸟", "zh"),
    ]
    for result in knowledge.search(asked):
        assert result.answer is None or result.answer.article_id != "dealer_discount"
        assert all(near.article_id != "dealer_discount" for near in result.near)
    assert knowledge.article("dealer_discount", "en") is None
    assert all(article.audience == "public" for article in knowledge.articles("zh"))

    (result, *_) = knowledge.search(asked, audience="staff")
    assert result.answer is not None
    assert "kingfisher" in result.answer.text
    (public,) = knowledge.search([Question("return policy", "en")], audience="staff")
    assert public.answer is not None


def test_a_question_in_another_language_is_answered_in_the_askers(knowledge: Knowledge) -> None:
    """English words in a Chinese conversation find the article, which answers in Chinese."""
    (result,) = knowledge.search([Question("return policy", "zh")])

    assert result.answer is not None
    assert (result.answer.article_id, result.answer.language) == ("returns", "zh")


def test_an_article_in_one_language_only_says_so(tmp_path: Path) -> None:
    """What exists only in English is answered in English, and the answer tells its language."""
    folder = tmp_path / "knowledge"
    shutil.copytree(ARTICLES, folder)
    for path in folder.glob("*.zh.md"):
        path.unlink()
    knowledge = prepare_knowledge(folder, ("en",), None, tmp_path, OUT_OF_SCOPE, page_of)
    (result,) = knowledge.search([Question("return policy", "zh")])

    assert result.answer is not None
    assert result.answer.language == "en"
    article = knowledge.article("returns", "zh")
    assert article is not None
    assert article.language == "en"


def test_regional_languages_find_their_shelf(knowledge: Knowledge) -> None:
    """A Taiwanese and an Australian locale are Chinese and English."""
    results = knowledge.search([Question("退貨政策", "zh-TW"), Question("Return policy", "en-AU")])

    assert [r.answer.language for r in results if r.answer] == ["zh", "en"]


def test_a_long_article_is_shortened_to_what_was_asked(knowledge: Knowledge) -> None:
    """A question about one paragraph gets its sentences, not the whole article."""
    asked = [
        Question("How long is the trade-in estimate of a ridden bicycle valid?", "en"),
        Question("退自行车时骑过的车折价金额怎么算", "zh"),
    ]
    english, chinese = knowledge.search(asked)

    assert english.answer is not None
    assert chinese.answer is not None
    assert english.answer.passage_id == "returns.en#2"
    assert "The estimate is valid for two weeks." in english.answer.text
    assert "child seat" not in english.answer.text
    assert "折价金额取决于车龄和磨损程度。" in chinese.answer.text
    assert "车锁" not in chinese.answer.text
    article = knowledge.article("returns", "en")
    assert article is not None
    assert english.answer.text in article.body


def test_answers_keep_lists_and_tables_whole(knowledge: Knowledge) -> None:
    """A price table is shown row by row and complete."""
    (result,) = knowledge.search([Question("shipping fee", "en")])

    assert result.answer is not None
    assert "- **Bicycle**: Standard: 29 euros; Express: 59 euros" in result.answer.text
    assert "- **Parts**: Standard: 5 euros; Express: 12 euros" in result.answer.text


def test_an_articles_own_page_is_cited(knowledge: Knowledge) -> None:
    """An article's `url` is resolved against the site; without one its page is cited."""
    returns, refund = knowledge.search(
        [Question("return policy", "en"), Question("refund status", "en")]
    )

    assert returns.answer is not None
    assert refund.answer is not None
    assert returns.answer.url == "https://shop.example/help/returns"
    assert refund.answer.url == "https://shop.example/articles/refund?language=en"


def test_a_batch_is_answered_in_order(knowledge: Knowledge) -> None:
    """Searching many questions gives what searching each would give."""
    texts = (("return policy", "en"), ("今天天气", "zh"), ("运费", "zh"), ("return policy", "en"))
    asked = [Question(text, language) for text, language in texts]

    assert knowledge.search(asked) == [knowledge.search([each])[0] for each in asked]
    assert knowledge.search([]) == []


def test_threads_do_not_disturb_each_other(knowledge: Knowledge) -> None:
    """Many threads at once get the same results as one."""
    asked = [Question(text, "en") for text in ("return policy", "e-bike", "qwrtz")]
    expected = knowledge.search(asked)
    results: list[object] = []

    def run() -> None:
        results.extend(knowledge.search(asked) == expected for _ in range(20))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == [True] * 160


def test_huge_questions_cost_no_more_than_long_ones(knowledge: Knowledge) -> None:
    """Four thousand hostile characters are searched in milliseconds."""
    texts = ["a " * 2000, "退" * 4000, "[(" * 2000, "return policy? " + "blah " * 700]
    started = time.process_time()
    knowledge.search([Question(text, "zh") for text in texts])

    assert time.process_time() - started < 1.0


def test_a_search_in_words_takes_less_than_a_few_milliseconds(knowledge: Knowledge) -> None:
    """The whole search, normalising and excerpt included, fits the budget of a message."""
    times: list[float] = []
    for number in range(60):
        text = f"how long does the delivery of order {number} take"
        started = time.process_time()
        knowledge.search([Question(text, "en")])
        times.append(time.process_time() - started)

    assert statistics.median(times) < 0.005


def test_the_encoder_is_asked_once_per_batch_and_only_for_its_languages(tmp_path: Path) -> None:
    """Chinese never reaches an English encoder, exact questions need none, repeats are joined."""
    encoder = WordEncoder()
    knowledge = prepare(tmp_path, encoder=encoder)
    encoder.batches.clear()
    knowledge.search(
        [
            Question("how do you ship bicycles", "en"),
            Question("退货的政策是什么", "zh"),
            Question("Return policy!", "en"),
            Question("How do you ship bicycles", "en"),
            Question("what about the range of a battery", "en"),
        ]
    )

    assert encoder.batches == [["how do you ship bicycles", "what about the range of a battery"]]


def test_meaning_is_part_of_the_score(tmp_path: Path) -> None:
    """With an encoder that reads the language the answers come from both legs."""
    knowledge = prepare(tmp_path, encoder=WordEncoder())
    (result,) = knowledge.search([Question("what does the delivery of a bicycle cost", "en")])

    assert result.answer is not None
    assert result.answer.article_id == "shipping_cost"


def test_the_second_start_reads_the_cache(tmp_path: Path) -> None:
    """Nothing is encoded or calibrated again, and it decides the same."""
    encoder = WordEncoder()
    first = prepare(tmp_path, encoder=encoder)
    encoded = sum(map(len, encoder.batches))
    encoder.batches.clear()
    started = time.process_time()
    second = prepare(tmp_path, encoder=encoder)
    took = time.process_time() - started

    assert encoded > 150
    assert sum(map(len, encoder.batches)) == 1  # the probe that recognises the model
    assert took < 0.5
    assert second.calibrations == first.calibrations
    asked = [Question("how much is sending a bicycle", "en"), Question("能用微信付款吗", "zh")]
    assert second.search(asked) == first.search(asked)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 torn", b"\x00" * 4096])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    """A torn file costs time, never a wrong answer or a failed start."""
    first = prepare(tmp_path, encoder=WordEncoder())
    kept = [path for path in (tmp_path / "knowledge").iterdir() if path.is_file()]
    for path in kept:
        path.write_bytes(damage)
    encoder = WordEncoder()
    again = prepare(tmp_path, encoder=encoder)

    assert again.calibrations == first.calibrations
    assert sum(map(len, encoder.batches)) > 150
    assert len(kept) > 3
    assert all(path.read_bytes() != damage for path in kept if path.exists())


def test_changed_articles_are_prepared_anew(tmp_path: Path) -> None:
    """The cache goes by content: an edited answer is the one that is given."""
    folder = tmp_path / "knowledge"
    shutil.copytree(ARTICLES, folder)
    prepare(tmp_path, folder=folder)
    path = folder / "refund.en.md"
    path.write_text(path.read_text(encoding="utf-8").replace("five", "seven"), encoding="utf-8")
    (result,) = prepare(tmp_path, folder=folder).search([Question("refund status", "en")])

    assert result.answer is not None
    assert "seven working days" in result.answer.text


def test_a_bot_without_articles_declines_everything(tmp_path: Path) -> None:
    """No knowledge is a valid knowledge base."""
    knowledge = prepare(tmp_path, folder=tmp_path / "none")
    (result,) = knowledge.search([Question("return policy", "en")])

    assert result.outcome == "declined"
    assert knowledge.article("returns", "en") is None
    assert knowledge.articles("en") == []


def test_a_bot_may_set_its_own_threshold(tmp_path: Path) -> None:
    """A threshold in the bot's file replaces the calibrated one."""
    strict = prepare_knowledge(
        ARTICLES, ("en", "zh"), None, tmp_path, OUT_OF_SCOPE, page_of, answer_at=1.0
    )
    (near,) = strict.search([Question("how much does delivery cost", "en")])
    (exact,) = strict.search([Question("shipping fee", "en")])

    assert near.outcome == "offered"
    assert exact.outcome == "answered"
