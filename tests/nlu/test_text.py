"""Normal forms: spans lead back to the original, and no string is too hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language import identify
from nlu.text import comparable, fold, han_bigrams, index_terms, matter, normalise, tokens

#: Every code point, lone surrogates too.
HOSTILE = st.text(st.characters(codec=None), max_size=120)


@given(HOSTILE)
def test_normal_forms_have_equal_length_and_spans_inside_the_original(text: str) -> None:
    """Both forms run in parallel, and each character knows where it came from."""
    normal = normalise(text)

    assert len(normal.plain) == len(normal.folded)
    for at in range(len(normal.plain)):
        start, end = normal.span(at, at + 1)
        assert 0 <= start < end <= len(text)


@given(HOSTILE)
def test_origins_run_forward(text: str) -> None:
    """A later character never comes from an earlier place."""
    normal = normalise(text)
    starts = [normal.span(at, at + 1)[0] for at in range(len(normal.plain))]

    assert starts == sorted(starts)


@given(HOSTILE)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """What is compared is stable: a comparable text is its own comparable text."""
    once = comparable(text)

    assert comparable(once) == once


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ＡＢＣ　１２３", "ABC 123"),
        ("a\u200bb\u202ec\ufeff", "abc"),
        ("cafe\u0301", "café"),
        ("x\ud800y", "x\ufffdy"),
        ("①", "1"),
        ("ﬁne", "fine"),
    ],
)
def test_full_width_invisible_and_broken_characters_are_made_plain(text: str, plain: str) -> None:
    """NFKC without what cannot be seen."""
    assert normalise(text).plain == plain


def test_a_span_covers_all_that_became_it() -> None:
    """A character made of several, or several made of one, keep the whole original span."""
    accent = normalise("cafe\u0301!")
    ligature = normalise("ﬁne")

    assert accent.span(3, 4) == (3, 5)
    assert ligature.span(0, 2) == (0, 1)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [("訂單什麼時候到", "订单什么时候到"), ("發票", "发票"), ("İ", "İ"), ("MiXeD", "mixed")],
)
def test_folding_is_lower_case_and_simplified(traditional: str, simplified: str) -> None:
    """Traditional Chinese and capitals compare equal to Simplified and small letters."""
    assert fold(traditional) == simplified


def test_chinese_is_cut_into_characters_and_pairs() -> None:
    """Two-character words are found whatever their neighbours are."""
    assert tokens("我要refund") == ["我", "要", "refund"]
    assert han_bigrams("退货流程 壶") == ["退货", "货流", "流程", "壶"]
    assert index_terms("Kettle 退貨") == ["kettle", "退货"]


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("where is my order", None, "en"),
        ("where is my order please", "zh", "en"),
        ("我的订单在哪里", "en", "zh"),
        ("我的訂單在哪裡", "en", "zh"),
        ("200", "zh", "zh"),
        ("200", None, "en"),
        ("Acme Ltd", "zh", "zh"),
        ("anna@acme.com", "zh", "zh"),
        ("ok", "zh", "zh"),
        ("我想买 Kettle One Pro Max", None, "zh"),
        ("what does 壶一号 mean in English please", None, "en"),
        ("", "zh", "zh"),
        ("🙂", None, "en"),
    ],
)
def test_language_is_told_or_left_to_the_conversation(
    text: str, hint: str | None, language: str
) -> None:
    """Sentences tell their language; numbers, names and addresses keep the conversation's."""
    assert identify(normalise(text), languages=("en", "zh"), hint=hint) == language


def test_languages_of_one_script_are_told_apart_by_their_words() -> None:
    """German and English share letters; longer texts are told apart, a word alone is not."""
    languages = ("en", "de", "zh")

    assert identify(normalise("wo ist mein Paket geblieben"), languages=languages) == "de"
    assert identify(normalise("where has my parcel gone"), languages=languages) == "en"
    assert identify(normalise("Paket"), languages=languages, hint="de") == "de"


@given(HOSTILE, st.sampled_from([None, "en", "zh", "fr"]))
def test_any_text_gets_one_of_the_languages(text: str, hint: str | None) -> None:
    """Whatever is written, the bot answers in a language it has."""
    assert identify(normalise(text), languages=("en", "zh"), hint=hint) in {"en", "zh"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("hi there, where is my order", "where is my order"),
        ("hello! do you know what it costs", "what it costs"),
        ("请问多少钱", "多少钱"),
        ("您好！我想问一下保修多久", "保修多久"),
        ("hello", "hello"),
        ("hi, please!", "hi, please!"),
        ("history of tea", "history of tea"),
    ],
)
def test_an_opening_courtesy_does_not_matter(text: str, asked: str) -> None:
    """A text is encoded without the courtesy it opens with, unless it says nothing else."""
    assert matter(text) == asked
