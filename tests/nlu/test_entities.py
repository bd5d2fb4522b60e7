"""Entities: right values, spans of the text as it was sent, and nothing found in hostile noise."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.entity_finder import EntityFinder, standard_entities
from nlu.patterns import PatternError, compile_pattern
from nlu.training_data import TrainingData

FINDER = EntityFinder.from_parts(
    patterns={"order_number": r"MK-\d{6}"},
    lookups={
        "product": {
            "kettle_one": ["Kettle One", "Kettle 1", "壶一号"],
            "leaf_grinder": ["Leaf Grinder", "研磨机"],
        }
    },
    phone_region="CN",
)
_SAID = (
    "200 ２００ two dozen 两百 台 seats a@b.com MK-123456 ＭＫ－１ +16502530000 13812345678 "
    "I'm Anna from Acme Ltd 我叫 李雷 我是 华星公司 的 王芳 www.x.com https:// Kettle One "
    "壺一號 ketle é \u0301 \u200b \ud800 ， "
)
FRAGMENTS = st.sampled_from(_SAID.split(" "))
MIXED = st.one_of(
    st.text(st.characters(codec=None), max_size=80),
    st.lists(FRAGMENTS, max_size=12).map(" ".join),
    st.lists(FRAGMENTS, max_size=12).map("".join),
)


def found(text: str, language: str = "en") -> dict[str, object]:
    """Return the values of the entities in `text` by name."""
    return {e.name: e.value for e in FINDER.find(text, language)}


@given(MIXED)
def test_spans_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    """Half-open, in order; only a number may lie in a quantity."""
    entities = FINDER.find(text, "en")

    for entity in entities:
        assert 0 <= entity.start < entity.end <= len(text)
    others = [e for e in entities if e.name != "number"]
    assert all(a.end <= b.start for a, b in pairwise(others))


def test_every_file_is_an_entity() -> None:
    """The file name is the name; there is no list to edit."""
    assert set(standard_entities()) == {
        "company",
        "date",
        "duration",
        "email",
        "money",
        "number",
        "ordinal",
        "percentage",
        "person",
        "phone",
        "place",
        "quantity",
        "recurrence",
        "time",
        "url",
    }


@pytest.mark.parametrize(
    ("text", "name", "value", "span"),
    [
        ("mail Anna.Li@Example.com.", "email", "anna.li@example.com", "Anna.Li@Example.com"),
        ("邮箱是anna@x.com谢谢", "email", "anna@x.com", "anna@x.com"),
        ("ａｎｎａ＠ｘ．ｃｏｍ", "email", "anna@x.com", "ａｎｎａ＠ｘ．ｃｏｍ"),
        ("电话13812345678谢谢", "phone", "+8613812345678", "13812345678"),
        ("call +1 650 253 0000 now", "phone", "+16502530000", "+1 650 253 0000"),
        (
            "see https://Acme.com/a?b=1, ok",
            "url",
            "https://acme.com/a?b=1",
            "https://Acme.com/a?b=1",
        ),
        ("acme.com is ours", "url", "https://acme.com", "acme.com"),
        ("where is mk-123456?", "order_number", "MK-123456", "mk-123456"),
        ("ＭＫ－１２３４５６到哪了", "order_number", "MK-123456", "ＭＫ－１２３４５６"),
        ("two Kettle-One please", "product", "kettle_one", "Kettle-One"),
        ("my ketle one broke", "product", "kettle_one", "ketle one"),
        ("壺一號壞了", "product", "kettle_one", "壺一號"),
        ("I'm Anna Li from Acme Ltd", "person", "Anna Li", "Anna Li"),
        ("I'm Anna Li from Acme Ltd", "company", "Acme Ltd", "Acme Ltd"),
        ("my name is bob", "person", "bob", "bob"),
        ("Acme & Sons Ltd", "company", "Acme & Sons Ltd", "Acme & Sons Ltd"),
        ("我叫李雷", "person", "李雷", "李雷"),
        ("我是华星公司的王芳", "person", "王芳", "王芳"),
        ("我是华星公司的王芳", "company", "华星公司", "华星公司"),
        (
            "公司名称：北京四方科技有限公司",
            "company",
            "北京四方科技有限公司",
            "北京四方科技有限公司",
        ),
    ],
)
def test_values_are_normalised_and_spans_original(
    text: str, name: str, value: object, span: str
) -> None:
    """E.164, lower-case addresses, canonical words; the span is what was written."""
    entity = next(e for e in FINDER.find(text, "en") if e.name == name)

    assert entity.value == value
    assert text[entity.start : entity.end] == span


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("I want 200 kettles", 200, None),
        ("50 seats please", 50, "seats"),
        ("1,500 units", 1500, "units"),
        ("two dozen", 24, None),
        ("a couple of hundred", 200, None),
        ("half a dozen", 6, None),
        ("twenty-five boxes", 25, "boxes"),
        ("one hundred and five", 105, None),
        ("3k", 3000, None),
        ("4 million", 4000000, None),
        ("２００台", 200, "台"),
        ("两百台", 200, "台"),
        ("兩萬三", 23000, None),
        ("三千五", 3500, None),
        ("三千零五", 3005, None),
        ("1.5万", 15000, None),
        ("2亿", 200000000, None),
        ("我要一个", 1, "个"),
        ("3个月内要50个", 50, "个"),
    ],
)
def test_quantities_in_digits_and_words(text: str, value: float, unit: str | None) -> None:
    """Full-width digits, thousands separators, English words, Chinese numerals; with the unit."""
    (entity,) = [e for e in FINDER.find(text, "en") if e.name == "quantity"]

    assert (entity.value, entity.unit) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "within 3 months",
        "$50",
        "100%",
        "MK-123456",
        "2026-09-01",
        "12:30",
        "founded in 1999",
        "this one",
        "我有一个问题",
        "十分感谢",
        "千万别忘了",
        "星期三",
        "第三个",
        "壶一号多少钱",
        "电话13812345678",
        "+1 650 253 0000",
        "bob23@x.com",
    ],
)
def test_what_only_looks_like_a_quantity_is_none(text: str) -> None:
    """Durations, sums, dates, codes, phones, ordinals and idioms count nothing."""
    assert "quantity" not in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm looking for help",
        "i'm Looking",
        "call me back",
        "我是想问一下",
        "贵公司在哪里",
        "MK-1234567",
    ],
)
def test_ordinary_sentences_name_nobody(text: str) -> None:
    """An introduction needs a name; a longer code is not an order number."""
    assert not {"person", "company", "order_number"} & set(found(text))


def test_one_sentence_carries_many_entities() -> None:
    """What a lead needs can come at once."""
    values = found("I'm Anna Li from Acme Ltd, I want 200 Kettle Ones, mail anna@acme.com")

    assert values == {
        "person": "Anna Li",
        "company": "Acme Ltd",
        "quantity": 200,
        "number": 200,
        "product": "kettle_one",
        "email": "anna@acme.com",
    }


def test_words_of_the_training_data_are_found(shop: TrainingData) -> None:
    """Rasa's lookups, regexes and annotated examples work without being written again."""
    finder = EntityFinder.from_parts(data=shop)
    entities = {e.name: e.value for e in finder.find("V1234 from 南京路 for leaf grinders", "en")}

    assert entities["voucher"] == "V1234"
    assert entities["branch"] == "南京路"
    assert "product" in entities


@pytest.mark.parametrize(
    "expression",
    [
        r"(a+)+",
        r"(\w*\s?)*x",
        r"(?:a|b+)*",
        r"(x)\1",
        r"(?=a)b",
        "(",
        "",
        "a" * 301,
        r"a*",
        r"\w+@\w+",
    ],
)
def test_a_dangerous_pattern_is_refused(expression: str) -> None:
    """Nested or many repetitions, back-references, look-around, the empty text: said at check."""
    with pytest.raises(PatternError, match="pattern code"):
        compile_pattern("code", expression)


@pytest.mark.parametrize("expression", [r"MK-\d{6}", r"[A-Z]{2,3}\d{4,8}", r"(?:INV|PO)-\d+"])
def test_ordinary_patterns_stay_fast(expression: str) -> None:
    """What passes the check takes milliseconds on the longest hostile text."""
    pattern = compile_pattern("code", expression)
    began = time.process_time()
    for text in ("AAA" * 1300, "1" * 4000, "MK-12345" * 500, "INV-" * 1000):
        list(pattern.find(text))

    assert time.process_time() - began < 0.5
