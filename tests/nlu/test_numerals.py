"""Numerals: their values in digits and words, and what only looks like one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.numerals import numerals
from nlu.text import normalise

_SAID = (
    "200 ２００ 1,500 1.5 -3 3/4 ½ 1½ 3-5 two dozen and a half hundred twenty-fifth million point "
    "third of minus one 两百 三千五 万 亿 半 一 十 零 点 五 分之 又 负 第 打 俩 廿 几 多 "
    "\ud800 over"
)
MIXED = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.lists(st.sampled_from(_SAID.split(" ")), max_size=14).map(" ".join),
    st.lists(st.sampled_from(_SAID.split(" ")), max_size=14).map("".join),
)


def values(text: str) -> list[float]:
    """Return the values of the numerals in `text`."""
    normal = normalise(text)
    return [round(each.value, 4) for each in numerals(normal.folded, normal.plain)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("we ordered 1,500 of them", 1500),
        ("it says 1.234.567", 1234567),
        ("about 2.345,50 in all", 2345.5),
        ("40 000 visitors", 40000),
        ("12,34,567 rupees", 1234567),
        ("roughly 1.5k", 1500),
        ("3M downloads", 3000000),
        ("two hundred and fifty", 250),
        ("twenty-five", 25),
        ("a dozen", 12),
        ("two dozen", 24),
        ("half a million", 500000),
        ("one and a half", 1.5),
        ("two and a half million", 2500000),
        ("two thirds of the parcel", 0.6667),
        ("1½ spoons", 1.5),
        ("2 3/4 spoons", 2.75),
        ("minus ten", -10),
        ("five point two five", 5.25),
        ("one hundred and three quarters", 100.75),
        ("三千五", 3500),
        ("三千零五", 3005),
        ("一万零十二", 10012),
        ("二百十五", 215),
        ("10万万", 10**9),
        ("一万五千亿", 15 * 10**11),
        ("五亿二万", 500020000),
        ("3万4千", 34000),
        ("1.5万", 15000),
        ("壹万贰仟叁佰", 12300),
        ("兩萬三", 23000),
        ("二〇二六", 2026),
        ("廿五", 25),
        ("三分之二", 0.6667),
        ("二又三分之一", 2.3333),
        ("一百点零五", 100.05),
        ("负三十", -30),
        ("三打", 36),
        ("预算30w", 300000),
        ("两万一", 21000),
        ("一百多万", 10**6),
    ],
)
def test_a_numeral_has_one_value(text: str, value: float) -> None:
    """Separators of both styles, fractions, words, Chinese scales, plain and financial."""
    assert values(text) == [value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between one hundred and two hundred", [100, 200]),
        ("three hundred and two hundred", [300, 200]),
        ("one two three", [1, 2, 3]),
        ("pages 3,5,8", [3, 5, 8]),
        ("3-5 boxes", [3, 5]),
        ("5到10个", [5, 10]),
        ("二十五，三十", [25, 30]),
        ("15，16岁都有", [15, 16]),
        ("三百一斤", [300, 1]),
    ],
)
def test_lists_and_ranges_are_several_numbers(text: str, expected: list[float]) -> None:
    """What stands side by side is joined only where one would say it as one number."""
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "no one answered",
        "someone called",
        "this one is better",
        "the other one",
        "one another",
        "MK-20394",
        "AB12C",
        "v2.0.1",
        "12:30",
        "2026-09-01",
        "3/4/2026",
        "万一坏了怎么办",
        "统一发票",
        "请等一下",
        "一起买",
        "千万别寄错了",
        "十分感谢",
        "两三个就够了",
        "七八十块",
        "几百个",
        "几十元",
        "三十五六岁",
        "看了一两场",
        "珠三角包邮吗",
        "pair with my phone",
        "四川可以送吗",
        "二维码打不开",
        "手機登陸不了",
        "收拾一下",
    ],
)
def test_what_only_holds_a_numeral_is_none(text: str) -> None:
    """Pronouns, codes, dates, idioms, guesses and names."""
    assert values(text) == []


@given(MIXED)
def test_numerals_do_not_overlap(text: str) -> None:
    """They come in order, each once."""
    found = list(numerals(normalise(text).folded))

    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= each.start < each.end for each in found)
