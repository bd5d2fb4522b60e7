"""Which of a bot's languages a message is in, also when the bot speaks many or not this one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language import identify
from nlu.scripts import letters, script_of
from nlu.text import normalise

BOTH = ("en", "zh")
MANY = ("en", "de", "fr", "es", "ja", "ko", "zh-Hans", "zh-Hant")
HOSTILE = st.text(st.characters(codec=None), max_size=120)


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("My name is 王芳", "zh", "en"),
        ("壶一号 is broken", None, "en"),
        ("how do I say 你好 in Chinese", None, "en"),
        ("我的 order 在哪里", None, "zh"),
        ("please 帮我 cancel 订单", None, "zh"),
        ("thank you", "zh", "en"),
        ("refund please", "zh", "en"),
        ("iphone 15 pro max", "zh", "zh"),
        ("kettle one", "zh", "zh"),
        ("MK-204518", "zh", "zh"),
        ("Anna Li", "zh", "zh"),
        ("退款", "en", "zh"),
    ],
)
def test_names_codes_and_single_words_keep_the_language(
    text: str, hint: str | None, language: str
) -> None:
    """What amid a sentence of one language is a name in the other does not turn it."""
    assert identify(normalise(text), languages=BOTH, hint=hint) == language


@pytest.mark.parametrize("hint", [None, "en", "zh"])
@pytest.mark.parametrize(
    "text",
    [
        "где мой заказ",
        "제 주문은 어디에 있나요",
        "注文はどこですか",
        "أين طلبي",
        "où est ma commande",
    ],
)
def test_a_language_the_bot_lacks_gets_one_it_has(text: str, hint: str | None) -> None:
    """In letters the bot's languages share, theirs; in others the conversation's stays."""
    latin = text.startswith("où")

    assert identify(normalise(text), languages=BOTH, hint=hint) == (
        "en" if latin else hint or "en"
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("when does my parcel arrive", "en"),
        ("wann kommt mein Paket", "de"),
        ("Öffnungszeiten", "de"),
        ("quand arrive mon colis", "fr"),
        ("bonjour", "fr"),
        ("cuándo llega mi paquete", "es"),
        ("gracias", "es"),
        ("荷物はいつ届きますか", "ja"),
        ("キャンセル", "ja"),
        ("언제 도착해요", "ko"),
        ("什么时候到货", "zh-Hans"),
        ("什麼時候到貨", "zh-Hant"),
    ],
)
def test_eight_languages_are_told_apart(text: str, language: str) -> None:
    """By script first, then by common words, then by statistics."""
    assert identify(normalise(text), languages=MANY) == language


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("訂單", "zh-Hans", "zh-Hant"),
        ("订单", "zh-Hant", "zh-Hans"),
        ("好", "zh-Hant", "zh-Hant"),
        ("好", "zh-Hans", "zh-Hans"),
        ("好", None, "zh-Hans"),
        ("200", "zh-Hant", "zh-Hant"),
    ],
)
def test_traditional_and_simplified_are_told_where_characters_differ(
    text: str, hint: str | None, language: str
) -> None:
    """Characters both have decide nothing; the conversation's script stays."""
    assert identify(normalise(text), languages=("zh-Hans", "zh-Hant"), hint=hint) == language


def test_regions_name_scripts_and_variants() -> None:
    """Taiwan and Hong Kong write Traditional; a variant of the same language is kept."""
    traditional = normalise("這個多少錢")

    assert identify(traditional, languages=("zh", "zh-TW")) == "zh-TW"
    assert identify(traditional, languages=("en", "zh-CN", "zh-HK")) == "zh-HK"
    assert identify(traditional, languages=("en", "zh")) == "zh"
    english = normalise("where is the nearest branch")
    assert identify(english, languages=("en-US", "en-GB", "zh"), hint="en-GB") == "en-GB"


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("配送状況", "ja", "ja"),
        ("配送状况怎么样", "ja", "zh"),
        ("駅前店", None, "ja"),
        ("优の品这个怎么卖", None, "zh"),
    ],
)
def test_japanese_in_chinese_characters_only(text: str, hint: str | None, language: str) -> None:
    """A Japanese conversation stays Japanese until Chinese sentences come."""
    assert identify(normalise(text), languages=("zh", "ja"), hint=hint) == language


def test_a_bot_of_unknown_languages_still_answers_in_one() -> None:
    """A code no statistics know never raises."""
    assert identify(normalise("where is it now"), languages=("xx", "en"), hint="xx") in {
        "xx",
        "en",
    }


def test_letters_are_counted_by_script() -> None:
    """The table of blocks is in order, and what is no letter counts nothing."""
    assert letters("ab я 字 か 한 ไ 1 !") == {
        "Latn": 2, "Cyrl": 1, "Hani": 1, "Kana": 1, "Hang": 1, "Thai": 1,
    }  # fmt: skip
    assert script_of("pt-BR") == "Latn"
    assert script_of("zh-Hant") == "Hani"


@given(HOSTILE, st.sampled_from([None, *MANY, "xx"]))
def test_any_text_gets_one_of_many_languages(text: str, hint: str | None) -> None:
    """Nothing anybody writes leaves the bot's languages."""
    assert identify(normalise(text), languages=MANY, hint=hint) in MANY


@pytest.mark.parametrize("piece", ["a ", "字", "か字", "@", "a@b.", "😀", "\ud800", "\u202e", "1"])
def test_a_hundred_thousand_characters_take_no_longer_than_a_few_hundred(piece: str) -> None:
    """Only the beginning is read."""
    text = normalise((piece * 100_000)[:100_000])
    identify(text, languages=MANY, hint="en")
    start = time.process_time()
    identify(text, languages=MANY, hint="en")

    assert time.process_time() - start < 0.05
