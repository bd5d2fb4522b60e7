"""Phones, e-mails and web addresses: found as people write them; nothing that only looks so."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.circumstances import Circumstances
from nlu.entities import email, phone, url
from nlu.entity_finder import EntityModule
from nlu.text import normalise

MODULES: tuple[EntityModule, ...] = (phone, email, url)
_PIECES = (
    "+86 138 1234 5678 (650) 253-0000 x12 转 8 00 49 - / . , @ anna at example dot com https:// "
    "电话 手机 订单号 phone order # 2026-11-24 12:30 例子.中国 a@b.co \u0301 \u200b \ud800 \u202e "
    "www. 👍 ("
)
TEXTS = st.one_of(
    st.text(st.characters(codec=None), max_size=80),
    st.lists(st.sampled_from(_PIECES.split(" ")), max_size=14).map(" ".join),
    st.lists(st.sampled_from(_PIECES.split(" ")), max_size=14).map("".join),
)
HOSTILE = (
    "1" * 100_000,
    "+1 (650) " * 11_000,
    "1-" * 50_000,
    "phone 123456 " * 7_700,
    "a@" * 50_000,
    "a" * 100_000 + "@",
    "@" + "a." * 50_000,
    "anna at " * 12_500 + " dot ",
    "a." * 50_000,
    "http://" * 14_000,
    "http://a/" + "(" * 50_000 + ")" * 50_000,
    "例子." * 33_000,
    "👍\ud800\u202e" * 33_000,
)


def found(
    module: EntityModule, text: str, region: str | None = "CN", language: str = "en"
) -> list[tuple[str, object]]:
    """Return what a module finds, as it was written and with its value."""
    normal = normalise(text)
    spans = [
        (normal.span(e.start, e.end), e.value)
        for e in module.find(normal.plain, language, Circumstances(region))
    ]
    return [(text[start:end], value) for (start, end), value in spans]


@given(TEXTS)
def test_whatever_is_written_spans_lie_in_the_text(text: str) -> None:
    """Nothing raises; spans are in order and do not overlap."""
    for module in MODULES:
        end = 0
        for entity in module.find(normalise(text).plain, "zh", Circumstances("CN")):
            assert end <= entity.start < entity.end <= len(normalise(text).plain)
            end = entity.end


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_takes_no_time(text: str) -> None:
    """Of 100,000 characters only so many are read that it stays below 50 ms."""
    for module in MODULES:
        list(module.find("acme.com a@b.co +16502530000", "en", Circumstances("CN")))
        began = time.process_time()
        list(module.find(text, "zh", Circumstances("CN")))

        assert time.process_time() - began < 0.05


@pytest.mark.parametrize(
    ("text", "region", "span", "value"),
    [
        ("call 13812345678", "CN", "13812345678", "+8613812345678"),
        ("电话138 1234 5678，谢谢", None, "138 1234 5678", "+8613812345678"),
        ("手機0912-345-678", "CN", "0912-345-678", "+886912345678"),
        ("聯絡電話：02-2712-3456", None, "02-2712-3456", "+886227123456"),
        ("ring me on 020 7946 0018 after 5", "GB", "020 7946 0018", "+442079460018"),
        ("(650) 253-0000 ext. 12", None, "(650) 253-0000 ext. 12", "+16502530000"),
        ("座机0755-26881234转801", "CN", "0755-26881234转801", "+8675526881234"),
        ("0049 30 901820", "CN", "0049 30 901820", "+4930901820"),
        ("WhatsApp +852 9123 4567!", None, "+852 9123 4567", "+85291234567"),
        ("my number is(+45)32-34-56-78", None, "(+45)32-34-56-78", "+4532345678"),
        ("Tel.:+49 30 901820", None, "+49 30 901820", "+4930901820"),
        ("＋８６１３８１２３４５６７８", None, "＋８６１３８１２３４５６７８", "+8613812345678"),
        ("13812345678是我的手机", "GB", "13812345678", "+8613812345678"),
    ],
)
def test_phones_are_found_as_people_write_them(
    text: str, region: str | None, span: str, value: str
) -> None:
    """With or without a country code, with what is written around and inside them."""
    language = "en" if text.isascii() else "zh"
    assert found(phone, text, region, language) == [(span, value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("my phone number is 01234 567 890 12", "0123456789012"),
        ("phone: 123-4567", "1234567"),
        ("you can reach us at (123) 456-7890", "1234567890"),
    ],
)
def test_an_announced_phone_that_cannot_exist_keeps_its_digits(text: str, value: str) -> None:
    """No country is guessed; whoever needs a number to call validates it and asks again."""
    ((_, digits),) = found(phone, text, "DE")

    assert digits == value


def test_two_phones_are_two() -> None:
    """A slash, a blank, a comma or a word stands between them."""
    for text in (
        "13812345678/13912345678",
        "13812345678 13912345678",
        "电话13812345678，13912345678",
        "phone 13812345678 or 13912345678",
    ):
        assert [value for _, value in found(phone, text)] == ["+8613812345678", "+8613912345678"]


@pytest.mark.parametrize(
    "text",
    [
        "my order number is 4829103746",
        "order no. 13800138000",
        "call me about order 482910374",
        "IBAN DE89 3704 0044 0532 0130 00",
        "GB82 WEST 1234 5698 7654 32",
        "card 4111 1111 1111 1111",
        "3782 822463 10005",
        "it costs 12500000 yen",
        "the server is 192.168.100.200",
        "2026-11-24 12:30:45",
        "between 2019-2020 and 2021-2022",
        "20261124123045",
        "from 10 20 30 40 50 and up",
        "ISBN 978-3-16-148410-0",
        "my phone's IMEI is 356938035643809",
        "coordinates 48.856614 and 121.473701",
        "1,234,567,890",
        "45+31-339243873",
        "my SSN is 011-12-3456",
        "AB-13812345678",
        "订单号13812345678",
        "我的订单20231115001还没到",
        "身份证号110101199003071234",
        "卡号6222021234567890123",
        "一共13800138000元",
        "发票号码 12345678",
        "订单号码：12345678",
        "运单号SF1234567890123",
    ],
)
@pytest.mark.parametrize("region", ["CN", "US", "DE", "HK", None])
def test_other_numbers_are_no_phones(text: str, region: str | None) -> None:
    """Orders, accounts, cards, dates, sums, addresses, wherever the bot works."""
    assert found(phone, text, region, "zh") == []


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("我的邮箱anna.li@example.com，谢谢", "anna.li@example.com", "anna.li@example.com"),
        ("write to Bob+shop@Example.co.uk.", "Bob+shop@Example.co.uk", "bob+shop@example.co.uk"),
        ("<anna@x.com>", "anna@x.com", "anna@x.com"),
        ("邮箱=anna@x.com", "anna@x.com", "anna@x.com"),
        ("mailto:anna@x.com?subject=hi", "anna@x.com", "anna@x.com"),
        ("anna@example.com.Thanks", "anna@example.com", "anna@example.com"),
        ('"anna li"@x.com or "anna.li"@x.com', '"anna.li"@x.com', "anna.li@x.com"),
        ("j_9@[129.126.118.1] is mine", "j_9@[129.126.118.1]", "j_9@[129.126.118.1]"),
        ("info@例子.中国", "info@例子.中国", "info@例子.中国"),
        ("anna (at) example.com", "anna (at) example.com", "anna@example.com"),
        ("anna.li at example dot com", "anna.li at example dot com", "anna.li@example.com"),
        ("anna[at]example[dot]co.uk", "anna[at]example[dot]co.uk", "anna@example.co.uk"),
    ],
)
def test_emails_are_found_as_people_write_them(text: str, span: str, value: str) -> None:
    """In any text, with tags, quotes and brackets, and hidden from robots."""
    assert found(email, text) == [(span, value)]


@pytest.mark.parametrize(
    "text",
    [
        "anna@example",
        "anna@x.c",
        "a..b@x.com",
        ".anna@x.com",
        "anna@new_type.com",
        "anna@1.2.3.4",
        "follow @anna",
        "look at acme.com",
        "meet me at the dot",
        "a@b@c",
        "a@b.co@c.co",
    ],
)
def test_what_cannot_get_mail_is_no_email(text: str) -> None:
    """Half addresses and handles are left alone."""
    assert found(email, text) == []


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("see example.com/x, please", "example.com/x", "https://example.com/x"),
        ("网址是example.com哦", "example.com", "https://example.com"),
        ("请访问https://7.am以获取更多信息", "https://7.am", "https://7.am"),
        ("看www.Acme.com.cn/a?b=1。", "www.Acme.com.cn/a?b=1", "https://www.acme.com.cn/a?b=1"),
        ("http://localhost:8080/#/1", "http://localhost:8080/#/1", "http://localhost:8080/#/1"),
        ("http://10.0.0.1:8080/x", "http://10.0.0.1:8080/x", "http://10.0.0.1:8080/x"),
        ("open 10.0.0.1:8080", "10.0.0.1:8080", "https://10.0.0.1:8080"),
        ("ftp://acme.com/f", "ftp://acme.com/f", "ftp://acme.com/f"),
        ("(https://en.org/A_(b))", "https://en.org/A_(b)", "https://en.org/A_(b)"),
        ("请访问例子.中国", "例子.中国", "https://例子.中国"),
        ("http://百度.中国/路", "http://百度.中国/", "http://百度.中国/"),
        ("May 5th.https://t.co/YCU", "https://t.co/YCU", "https://t.co/YCU"),
        ("acme.com.Thanks", "acme.com", "https://acme.com"),
        ("our site is blue.academy", "blue.academy", "https://blue.academy"),
        ("visit shop.acme.is/now", "shop.acme.is/now", "https://shop.acme.is/now"),
    ],
)
def test_addresses_are_found_as_people_write_them(text: str, span: str, value: str) -> None:
    """Without a scheme, with Chinese or punctuation right behind, hosts in Chinese and digits."""
    assert found(url, text) == [(span, value)]


@pytest.mark.parametrize(
    "text",
    [
        "anna@acme.com",
        "the DNS server is 8.8.8.8",
        "https:// is nothing",
        "http://# neither",
        "http://362",
        "httt://acme.com",
        "at 7.am",
        "it arrived.It is broken",
        "no.it is not what i want",
        "Mr.Li called",
        "see readme.md and main.py",
        "e.g. this, i.e. that",
        "version 1.2.3",
        "78.中国",
        "wait...what",
    ],
)
def test_a_dot_makes_no_address(text: str) -> None:
    """Sentences without a blank, numbers, files and titles are none."""
    assert found(url, text) == []
