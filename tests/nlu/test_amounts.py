"""Amounts: sums, percentages, places and measures in both languages and both scripts."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.amounts.units import dimension_of
from nlu.circumstances import Circumstances
from nlu.entities import money, number, ordinal, percentage, quantity
from nlu.entity_finder import EntityFinder
from nlu.text import normalise

_KINDS = (number, quantity, money, percentage, ordinal)
_SAID = (
    "200 ２００ 1,500 1.5 -3 3/4 ½ 1½ two dozen and a half hundred twenty-fifth million point "
    "third of minus one 两百 三千五 万 亿 半 一 十 零 点 五 分之 百分之 又 负 第 折 成 块 毛 元 "
    "角 分 $ € ¥ HK$ USD usd dollars pounds fifty cents kg m2 °C 度 摄氏 斤 公里 岁 "
    "years old % percent "
    "last next to - / , . : \ud800 \u200b 😀 壹 廿 俩 几 多 打 人民币 G p 3rd 1st from between "
    "100-200 020 7946"
)
_PIECES = _SAID.split(" ")
MIXED = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.lists(st.sampled_from(_PIECES), max_size=14).map(" ".join),
    st.lists(st.sampled_from(_PIECES), max_size=14).map("".join),
)


def read(text: str, name: str, region: str | None = None) -> list[tuple[str, object, str | None]]:
    """Return what of one kind is found in `text`: as written, value, unit."""
    language = "en" if text.isascii() or "£" in text or "€" in text else "zh"
    found = EntityFinder(phone_region=region).find(text, language)
    return [(text[e.start : e.end], e.value, e.unit) for e in found if e.name == name]


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("I paid $49.99 for it", None, [("$49.99", 49.99, "USD")]),
        ("it was $20 in the shop", "CA", [("$20", 20, "CAD")]),
        ("運費$50太貴", "HK", [("$50", 50, "HKD")]),
        ("NT$1,000 or HK$250", None, [("NT$1,000", 1000, "TWD"), ("HK$250", 250, "HKD")]),
        (
            "S$5, A$6, C$7, US$8",
            None,
            [("S$5", 5, "SGD"), ("A$6", 6, "AUD"), ("C$7", 7, "CAD"), ("US$8", 8, "USD")],
        ),
        ("somewhere around £5-£10", "GB", [("£5", 5, "GBP"), ("£10", 10, "GBP")]),
        ("two pounds fifty", "GB", [("two pounds fifty", 2.5, "GBP")]),
        ("it cost 20 euros", None, [("20 euros", 20, "EUR")]),
        ("€1.234,56 too much", None, [("€1.234,56", 1234.56, "EUR")]),
        ("five bucks", None, [("five bucks", 5, "USD")]),
        ("2.5 million dollars", None, [("2.5 million dollars", 2500000, "USD")]),
        ("only 50 cents", None, [("50 cents", 0.5, "USD")]),
        ("only 50 cents", "DE", [("50 cents", 0.5, "EUR")]),
        ("3 dollars 20 cents", None, [("3 dollars 20 cents", 3.2, "USD")]),
        ("USD 200 or 180 EUR", None, [("USD 200", 200, "USD"), ("180 EUR", 180, "EUR")]),
        ("1000 hong kong dollars", None, [("1000 hong kong dollars", 1000, "HKD")]),
        ("100 to 200 dollars", None, [("100", 100, "USD"), ("200 dollars", 200, "USD")]),
        ("一共三块五", "CN", [("三块五", 3.5, "CNY")]),
        ("5块2能卖吗", "CN", [("5块2", 5.2, "CNY")]),
        ("收了我12元5角", "CN", [("12元5角", 12.5, "CNY")]),
        ("三块零五分", "CN", [("三块零五分", 3.05, "CNY")]),
        ("才50欧分", None, [("50欧分", 0.5, "EUR")]),
        ("差五毛钱", "CN", [("五毛钱", 0.5, "CNY")]),
        ("五百块钱能退吗", "CN", [("五百块钱", 500, "CNY")]),
        ("5万美金", "CN", [("5万美金", 50000, "USD")]),
        ("人民币五十元", None, [("人民币五十元", 50, "CNY")]),
        ("八亿元人民币", None, [("八亿元人民币", 800000000, "CNY")]),
        ("￥300可以吗", None, [("￥300", 300, "CNY")]),
        ("¥300", "JP", [("¥300", 300, "JPY")]),
        ("300日圓", "JP", [("300日圓", 300, "JPY")]),
        ("一百港幣", None, [("一百港幣", 100, "HKD")]),
        ("新台幣兩千五百元", None, [("新台幣兩千五百元", 2500, "TWD")]),
        ("總共兩千五百元", "TW", [("兩千五百元", 2500, "TWD")]),
        ("三百塊", "TW", [("三百塊", 300, "TWD")]),
        ("1500泰铢", None, [("1500泰铢", 1500, "THB")]),
        ("两万韩元", None, [("两万韩元", 20000, "KRW")]),
        ("壹万贰仟叁佰元整", "CN", [("壹万贰仟叁佰元整", 12300, "CNY")]),
        ("每人100到200块", "CN", [("100", 100, "CNY"), ("200块", 200, "CNY")]),
    ],
)
def test_sums_have_a_currency(
    text: str, region: str | None, expected: list[tuple[str, float, str]]
) -> None:
    """Signs, codes, names and small coins; the region tells whose dollar or 元 it is."""
    assert read(text, "money", region) == expected
    assert not read(text, "number", region)
    assert not read(text, "quantity", region)


@pytest.mark.parametrize(
    "text",
    [
        "三块蛋糕",
        "我们一块去吧",
        "the parcel weighs 20 pounds",
        "call Bob 3 times",
        "ALL 5 are broken",
        "we won 5 times",
        "元旦放假吗",
        "五角星",
        "三把刀",
        "砍了一刀",
        "咱们坐一块聊聊",
        "how many dollars is that",
    ],
)
def test_what_only_looks_like_money_is_none(text: str) -> None:
    """Pieces, weights and names that currencies share their words with."""
    assert read(text, "money") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20% off", [("20%", 20, "%")]),
        ("twenty percent of them", [("twenty percent", 20, "%")]),
        ("20%-30%", [("20%", 20, "%"), ("30%", 30, "%")]),
        ("降价百分之二十", [("百分之二十", 20, "%")]),
        ("百分之百是坏的", [("百分之百", 100, "%")]),
        ("千分之三", [("千分之三", 0.3, "%")]),
        ("涨了五个百分点", [("五个百分点", 5, "%")]),
        ("漲了兩成", [("兩成", 20, "%")]),
        ("三成半", [("三成半", 35, "%")]),
        ("打八折", [("八折", 80, "折")]),
        ("打八五折後多少錢", [("八五折", 85, "折")]),
        ("全场五折起", [("五折", 50, "折")]),
        ("可以打对折吗", [("对折", 50, "折")]),
        ("有折扣吗", []),
        ("三成功了", []),
        ("八成是坏了", []),
    ],
)
def test_shares_are_percentages(text: str, expected: list[tuple[str, float, str]]) -> None:
    """折 is what remains to be paid, and says so in its unit."""
    assert read(text, "percentage") == expected
    assert not read(text, "number")
    assert not read(text, "quantity")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the third one", [("third", 3, None)]),
        ("my 21st order", [("21st", 21, None)]),
        ("one hundred twenty-fifth", [("one hundred twenty-fifth", 125, None)]),
        ("cancel my last order", [("last", -1, None)]),
        ("the second to last", [("the second to last", -2, None)]),
        ("the next one", [("next one", 1, "current")]),
        ("第三个", [("第三", 3, None)]),
        ("第一百名", [("第一百", 100, None)]),
        ("第２款", [("第２", 2, None)]),
        ("最後一個", [("最後一", -1, None)]),
        ("倒数第二个", [("倒数第二", -2, None)]),
        ("下一个", [("下一", 1, "current")]),
        ("first of all, thanks", []),
        ("my last name is Li", []),
        ("wait a second", []),
        ("at last", []),
        ("第三方支付", []),
    ],
)
def test_places_are_whole_numbers(text: str, expected: list[tuple[str, int, str | None]]) -> None:
    """Counted from 1, from the end below 0, or from what is being spoken of."""
    assert read(text, "ordinal") == expected
    assert not read(text, "quantity")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.5 kg of tea", [("2.5 kg", 2.5, "kg")]),
        ("half a kilo", [("half a kilo", 0.5, "kg")]),
        ("1/2 litre", [("1/2 litre", 0.5, "L")]),
        ("a 3-inch pipe", [("3-inch", 3, "in")]),
        ("30 square meters", [("30 square meters", 30, "m2")]),
        ("at 120 km/h", [("120 km/h", 120, "km/h")]),
        ("I'm 5 ft 6 in tall", [("5 ft 6 in", 5.5, "ft")]),
        ("64G and 16GB", [("64G", 64, "GB"), ("16GB", 16, "GB")]),
        ("128GB的手机", [("128GB", 128, "GB")]),
        ("20°C outside", [("20°C", 20, "°C")]),
        ("98.6 degrees fahrenheit", [("98.6 degrees fahrenheit", 98.6, "°F")]),
        ("turn it by 90 degrees", [("90 degrees", 90, "deg")]),
        ("摄氏20度", [("摄氏20度", 20, "°C")]),
        ("零下五度", [("零下五度", -5, "°")]),
        ("25 years old", [("25 years old", 25, "year")]),
        ("aged 30", [("aged 30", 30, "year")]),
        ("孩子十个月大", [("十个月大", 10, "month")]),
        ("今年25歲", [("25歲", 25, "year")]),
        ("三斤半", [("三斤半", 3.5, "jin")]),
        ("半公斤茶葉", [("半公斤", 0.5, "kg")]),
        ("120平米的房子", [("120平米", 120, "m2")]),
        ("身高一米七五", [("一米七五", 1.75, "m")]),
        ("十多斤", [("十多斤", 10, "jin")]),
        ("来半箱", [("半箱", 0.5, "箱")]),
        ("要仨", [("仨", 3, None)]),
        ("三百來個", [("三百來個", 300, "个")]),
        ("3 to 5 boxes", [("3", 3, "boxes"), ("5 boxes", 5, "boxes")]),
        ("two 500 ml bottles", [("two", 2, None), ("500 ml", 500, "mL")]),
        ("5G手机有吗", []),
        ("a 3D printer", []),
        ("4K电视", []),
        ("call 020 7946 0018", []),
        ("my order number is 123456", []),
        ("订单号：123456", []),
        ("deliver by 3/4", []),
        ("24/7 support", []),
        ("half of my order is missing", []),
        ("half price", []),
        ("version 2", []),
        ("五楼", []),
        ("2楼客服", []),
        ("三天内", []),
        ("半小时", []),
        ("等了两个半小时", []),
    ],
)
def test_measures_have_a_short_unit(
    text: str, expected: list[tuple[str, float, str | None]]
) -> None:
    """Weights, lengths, storage, temperatures and ages; things keep the unit as it was said."""
    assert read(text, "quantity") == expected


def test_a_code_tells_what_is_measured() -> None:
    """Measures, temperatures and ages are told from the words of things."""
    kinds = {
        code: dimension_of(code) for code in ("kg", "km/h", "°C", "year", "boxes", "个", None)
    }

    assert kinds == {
        "kg": "measure",
        "km/h": "measure",
        "°C": "temperature",
        "year": "age",
        "boxes": None,
        "个": None,
        None: None,
    }


def test_a_number_may_lie_in_a_quantity_only() -> None:
    """What is a sum, a percentage or a place is not a number beside."""
    text = "I want 20 seats at $15 each, the third with 10% off"
    found = EntityFinder().find(text, "en")

    assert [(e.name, e.value) for e in found] == [
        ("number", 20),
        ("quantity", 20),
        ("money", 15),
        ("ordinal", 3),
        ("percentage", 10),
    ]


@given(MIXED)
def test_hostile_texts_have_sane_spans(text: str) -> None:
    """Nothing raises; spans are in the text, in order, and their values finite numbers."""
    plain = normalise(text).plain
    for region in (None, "GB"):
        for module in _KINDS:
            found = list(module.find(plain, "zh", Circumstances(region)))
            for entity in found:
                assert 0 <= entity.start < entity.end <= len(plain)
                assert isinstance(entity.value, int | float)
                assert abs(entity.value) < 10**17
            if module in {money, number}:
                assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "1,",
        "1-",
        "1/2 ",
        "$1",
        "一",
        "百",
        "一百",
        "万",
        "一 ",
        "点五",
        "分之",
        "三块",
        "八折",
        "半斤",
        "第一",
        "two ",
        "two hundred and ",
        "twenty-",
        "half a ",
        "a third of ",
        "the last ",
        "last ",
        "one point ",
        "5 ft ",
        "usd",
        "°",
        "\ud800",
        "😀",
        "\u202e",
        "又三分之一",
        "1 2 3-",
        "of and a ",
    ],
)
def test_hostile_floods_cost_little(piece: str) -> None:
    """A hundred thousand characters of anything take less than a twentieth of a second."""
    text = (piece * 100_000)[:100_000]
    list(money.find("$5", "en", Circumstances()))  # the names of currencies are read once
    began = time.process_time()
    for module in _KINDS:
        list(module.find(text, "zh", Circumstances("CN")))

    assert time.process_time() - began < 0.05
