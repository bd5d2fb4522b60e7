"""Errors of typing are mended and synonyms understood, when the words as written find nothing."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search import Knowledge, Question
from knowledge_base.synonyms import VARIANTS_MAX, Synonyms, read_synonyms
from nlu.yaml_file import FaultyFileError
from tests.knowledge_base.test_search import ARTICLES, prepare

SYNONYMS = """\
en:
  - [postage, shipping fee]
  - [guarantee, warranty, assurance]
zh:
  - [邮资, 运费]
"""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Return the bicycle shop's knowledge with synonyms."""
    folder = tmp_path_factory.mktemp("shop") / "knowledge"
    shutil.copytree(ARTICLES, folder)
    (folder / "synonyms.yml").write_text(SYNONYMS, encoding="utf-8")
    return prepare(tmp_path_factory.mktemp("cache"), folder=folder)


@pytest.mark.parametrize(
    ("text", "article", "read_as"),
    [
        ("how do I retrun a bicylce", "returns", "how do I return a bicycle"),
        ("waranty period", "warranty", "warranty period"),
        ("frmae size", "frame_size", "frame size"),
        ("test rdie?", "test_ride", "test ride?"),
        ("shippingcost", "shipping_cost", "shipping cost"),
        ("引业", "opening_hours", "营业"),
        ("包修多久", "warranty", "保修多久"),
        ("運廢", "shipping_cost", "运费"),
    ],
)
def test_errors_of_typing_are_mended(
    knowledge: Knowledge, text: str, article: str, read_as: str
) -> None:
    """The mended question is answered, and the result tells as what it was read."""
    language = "en" if text.isascii() else "zh"
    (result,) = knowledge.search([Question(text, language)])

    assert result.answer is not None
    assert result.answer.article_id == article
    assert (result.read_as, result.ways) == (read_as, ("spelling",))


@pytest.mark.parametrize(
    "text", ["how do I return a bicycle", "return policy", "营业时间", "运费"]
)
def test_what_is_written_right_is_left_alone(knowledge: Knowledge, text: str) -> None:
    """A question that finds its answer is not read as another one."""
    (result,) = knowledge.search([Question(text, "en" if text.isascii() else "zh")])

    assert result.answer is not None
    assert (result.read_as, result.ways) == ("", ())


@pytest.mark.parametrize(
    ("text", "language", "article"),
    [("postage?", "en", "shipping_cost"), ("邮资", "zh", "shipping_cost")],
)
def test_synonyms_find_what_the_article_says_otherwise(
    knowledge: Knowledge, text: str, language: str, article: str
) -> None:
    """Words of the bot's file stand for each other, a little less surely than themselves."""
    (result,) = knowledge.search([Question(text, language)])

    assert result.answer is not None
    assert result.answer.article_id == article
    assert "synonym" in result.ways
    assert result.answer.score < 1.0


def test_synonyms_alone_answer_nothing(knowledge: Knowledge) -> None:
    """A question about something else is not answered because one word has a synonym."""
    asked = ["does the postage museum open on the moon", "assurance against dragons and floods"]
    for result in knowledge.search([Question(text, "en") for text in asked]):
        assert result.answer is None


def test_words_of_staff_articles_mend_nothing(knowledge: Knowledge) -> None:
    """A customer who nearly types a word that only staff may read is not told it."""
    (result,) = knowledge.search([Question("kingfishr", "en")])

    assert result.outcome == "declined"
    assert result.read_as == ""
    vocabulary = knowledge.vocabulary("en")
    assert vocabulary is not None
    assert "kingfisher" not in vocabulary.words
    staff = knowledge.vocabulary("en", audience="staff")
    assert staff is not None
    assert "kingfisher" in staff.words


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("en: [[postage]]\n", 1, "at least 2"),
        ("fr:\n  - [port, frais]\n", 1, "is not a language of this bot (en, zh)"),
        ("en:\n  - [postage, Postage]\n", 2, "'Postage' is given twice"),
        ("en:\n  - [a b, c]\n  - [d, A B]\n", 3, "'A B' is also in group 0; join the two groups"),
        ("en:\n  - ['?!', c]\n", 2, "'?!' has no words"),
        ("en:\n  - postage\n", 2, "valid list"),
        ("- [a, b]\n", 1, "valid dictionary"),
    ],
)
def test_faults_of_the_file_are_named_with_their_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    """Each fault says where it stands and how to mend it."""
    (tmp_path / "synonyms.yml").write_text(text, encoding="utf-8")

    with pytest.raises(FaultyFileError) as caught:
        read_synonyms(tmp_path, ("en", "zh"))

    assert caught.value.faults[0].line == line
    assert message in str(caught.value.faults[0])


def test_no_file_and_an_empty_one_hold_no_synonyms(tmp_path: Path) -> None:
    """Synonyms are optional."""
    assert read_synonyms(tmp_path, ("en",)).variants("postage") == []
    (tmp_path / "synonyms.yml").write_text("# none yet\n", encoding="utf-8")
    assert read_synonyms(tmp_path, ("en",)) == Synonyms()


def test_a_question_has_few_wordings() -> None:
    """However many synonyms there are, only a few are tried, the least changed first."""
    groups = {"en": (tuple("abcdefgh"), tuple("ijklmnop"))}
    variants = Synonyms(groups).variants("a and i")

    assert len(variants) == VARIANTS_MAX
    assert all(v.text.count("a") + v.text.count("i") >= 2 for v in variants)


@given(st.text(max_size=300))
def test_any_text_is_mended_or_left(knowledge: Knowledge, text: str) -> None:
    """No text breaks the search, and no text brings a staff article."""
    (result,) = knowledge.search([Question(text, "en")])

    ids = {near.article_id for near in result.near}
    ids |= {result.answer.article_id} if result.answer is not None else set()
    assert "dealer_discount" not in ids
