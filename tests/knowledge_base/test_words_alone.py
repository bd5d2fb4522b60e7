"""A question worded as an article words it is answered without being encoded."""

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from knowledge_base.articles import read_articles
from knowledge_base.index import LanguageIndex
from knowledge_base.prepare import prepare_knowledge
from knowledge_base.ranking import Query
from knowledge_base.search import Knowledge, Question
from knowledge_base.segments import texts_to_encode
from knowledge_base.terms import terms
from nlu.interpreter import Vectors

ARTICLES = Path(__file__).parent / "articles"
OUT_OF_SCOPE = ("What is the weather like tomorrow?", "Who won the world cup?", "Tell me a joke")


class CountingEncoder:
    """An Encoder of English that hashes words into vectors and keeps what it was asked."""

    def __init__(self) -> None:
        self.name = "words"
        self.dimension = 1024
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors in which texts with common words lie close."""
        self.asked += texts
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for term, weight in terms(text).items():
                vectors[row, crc32(term.encode()) % self.dimension] += weight
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def reads(self, language: str) -> bool:
        """Tell that only English is read."""
        return language == "en"


@pytest.fixture(scope="module")
def encoder() -> CountingEncoder:
    """Return the encoder the shop's knowledge was prepared with."""
    return CountingEncoder()


@pytest.fixture(scope="module")
def knowledge(encoder: CountingEncoder, tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Return the bicycle shop's knowledge with vectors."""
    cache = tmp_path_factory.mktemp("cache")
    return prepare_knowledge(
        ARTICLES, ("en", "zh"), encoder, cache, OUT_OF_SCOPE, lambda a: f"https://x.example/{a.id}"
    )


def test_the_least_signal_is_learnt_where_an_encoder_reads(knowledge: Knowledge) -> None:
    """English words may answer alone from a learnt signal on; Chinese has no vectors to spare."""
    english = knowledge.calibrations["public", "en"]
    chinese = knowledge.calibrations["public", "zh"]

    assert 0 < english.words_at < 2
    assert 0 < english.words_alone < 1
    assert chinese.words_alone == 0


def test_a_question_worded_like_an_article_is_not_encoded(
    knowledge: Knowledge, encoder: CountingEncoder
) -> None:
    """Its article answers, sure enough to be acted on, and the encoder is not asked."""
    encoder.asked.clear()
    near_wordings = [
        (f"{article.questions[0]} thanks", article.id) for article in knowledge.articles("en")
    ]
    results = knowledge.search([Question(text, "en") for text, _ in near_wordings])
    encoded = set(encoder.asked)
    alone = 0
    for (text, article_id), result in zip(near_wordings, results, strict=True):
        if text.lower() not in encoded:
            alone += 1
            assert result.answer is not None
            assert result.answer.article_id == article_id
            least = knowledge.calibrations["public", "en"].answer_at
            assert least <= result.answer.score <= 1

    assert alone >= len(near_wordings) // 3


def test_words_alone_never_pass_the_bot_s_own_threshold(
    encoder: CountingEncoder, tmp_path: Path
) -> None:
    """A bot that demands more certainty than words can give has every question encoded."""
    strict = prepare_knowledge(
        ARTICLES,
        ("en", "zh"),
        encoder,
        tmp_path,
        OUT_OF_SCOPE,
        lambda a: f"https://x.example/{a.id}",
        answer_at=1.0,
    )
    encoder.asked.clear()
    strict.search([Question(f"{strict.articles('en')[0].questions[0]} thanks", "en")])

    assert len(encoder.asked) == 1


def test_leaving_a_wording_out_is_not_having_it() -> None:
    """The trials of the calibration see what an index without the wording would see."""
    articles = [a for a in read_articles(ARTICLES, ("en", "zh")) if a.language == "en"]
    encoder = CountingEncoder()
    texts = texts_to_encode(articles)
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    index = LanguageIndex.of(articles, vectors)
    for number in range(0, len(index.wordings), 7):
        query = Query.of(index.wordings[number], vectors[index.wordings[number]])
        own = int(index.wording_owner[number])
        whole, without = index.score(query), index.score(query, without=number)

        assert without[own] < whole[own]
        others = np.arange(len(articles)) != own
        assert np.allclose(without[others], whole[others])


def test_what_the_encoder_does_not_read_is_never_encoded(
    knowledge: Knowledge, encoder: CountingEncoder
) -> None:
    """A Chinese question in a conversation held in English is still a Chinese question."""
    asked = [f"{article.questions[0]}，谢谢" for article in knowledge.articles("zh")]
    encoder.asked.clear()
    found = knowledge.search([Question(text, "en") for text in asked])

    assert encoder.asked == []
    assert sum(result.answer is not None for result in found) >= len(asked) // 2
