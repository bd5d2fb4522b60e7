"""Introductions: who the writer is and of which company, and nobody where nobody is named."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.names import introductions

_PIECES = (
    "I'm Anna Li from Acme Ltd , Tom here Regards my name is jean-luc 我是 上海 晨光 公司 的 李雷 "
    "敝姓 王 Name: Company: \u0301 \u200b \ud800 👍 · 本人 想"
)
TEXTS = st.one_of(
    st.text(st.characters(codec=None), max_size=80),
    st.lists(st.sampled_from(_PIECES.split(" ")), max_size=14).map(" ".join),
    st.lists(st.sampled_from(_PIECES.split(" ")), max_size=14).map("".join),
)


def said(text: str) -> dict[str, list[str]]:
    """Return the persons and companies a text introduces."""
    names: dict[str, list[str]] = {}
    for each in introductions(text):
        names.setdefault(each.kind, []).append(text[each.start : each.end])
    return names


@given(TEXTS)
def test_whatever_is_written_spans_lie_in_the_text(text: str) -> None:
    """Nothing raises; persons do not overlap each other, nor companies."""
    ends = {"person": 0, "company": 0}
    for each in introductions(text):
        assert ends[each.kind] <= each.start < each.end <= len(text)
        ends[each.kind] = each.end


@pytest.mark.parametrize(
    "text",
    [
        "I'm Anna " * 11_000,
        "my name is " * 9_000,
        "A " * 50_000,
        "Acme & " * 14_000,
        "Regards, " * 11_000,
        "我是" * 50_000,
        "我是公司的" * 20_000,
        "我叫王" * 33_000,
        "a'" * 50_000,
        "👍\ud800\u202e" * 33_000,
    ],
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    """Of 100,000 characters only so many are read that it stays below 50 ms."""
    introductions("I'm Anna from Acme, 我是李雷")
    began = time.process_time()
    introductions(text)

    assert time.process_time() - began < 0.05


@pytest.mark.parametrize(
    ("text", "person", "company"),
    [
        ("I'm Anna Li from Acme Ltd", "Anna Li", "Acme Ltd"),
        ("this is Bob, Contoso", "Bob", "Contoso"),
        ("This is Lena calling from Vertex Systems", "Lena", "Vertex Systems"),
        ("my name is jean-luc", "jean-luc", None),
        ("Tom here", "Tom", None),
        ("Hi, Priya here from Zentech Labs", "Priya", "Zentech Labs"),
        ("John Miller speaking", "John Miller", None),
        ("Name: Anna; Company: X GmbH", "Anna", "X GmbH"),
        ("i'm dave from initech", "dave", "initech"),
        ("i am mohammed ali from dubai", "mohammed ali", None),
        ("I'm Anna from Germany", "Anna", None),
        ("I'm Ravi, CTO at Cloudnine", "Ravi", "Cloudnine"),
        ("I am Steve (Hooli Inc)", "Steve", "Hooli Inc"),
        ("I'm Dr. Alan Grant", "Alan Grant", None),
        ("I am Jean-Pierre de la Fontaine", "Jean-Pierre de la Fontaine", None),
        (
            "Where is it?\nBest regards,\nTom Hardy\nHardy Tools Ltd",
            "Tom Hardy",
            "Hardy Tools Ltd",
        ),
        ("Thanks, Nina", "Nina", None),
        ("my company is Fastlane", None, "Fastlane"),
        ("we run a small bakery called Golden Crust", None, "Golden Crust"),
        ("we are Stone & Sons Inc. and need chairs", None, "Stone & Sons Inc."),
        ("我是上海晨光文具公司的李雷", "李雷", "上海晨光文具公司"),
        ("這裡是台灣積體電路的陳先生", "陳先生", "台灣積體電路"),
        ("我是ABC Ltd的Tom", "Tom", "ABC Ltd"),
        ("敝姓王", "王", None),
        ("我叫欧阳娜娜", "欧阳娜娜", None),
        ("我们公司叫云杉科技", None, "云杉科技"),
        ("我是腾飞的工程师张强", "张强", "腾飞"),
        ("我是小李", "小李", None),
        ("叫我阿明就好", "阿明", None),
        ("收件人：高圆圆，电话稍后给", "高圆圆", None),
        ("我的英文名是Jenny", "Jenny", None),
        ("李雷，上海晨光文具公司", "李雷", "上海晨光文具公司"),
        ("我在长河物流上班", None, "长河物流"),
    ],
)
def test_an_introduction_names_a_person_a_company_or_both(
    text: str, person: str | None, company: str | None
) -> None:
    """In English, in Chinese of both scripts, and mixed; in small letters when it is sure."""
    expected = {kind: [name] for kind, name in (("person", person), ("company", company)) if name}
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I'm Sorry to bother you",
        "I'm American",
        "This is Urgent",
        "this is Not what I ordered",
        "call me tomorrow at ten",
        "Call me Monday",
        "call me a taxi",
        "my name is spelled wrong",
        "name of the product please",
        "Nobody here helps",
        "Is anybody here?",
        "I'm with you on that",
        "I work at home",
        "We are Open",
        "Delivery company is DHL?",
        "Thanks, bye",
        "Thanks, Support Team",
        "I'm tired from waiting",
        "I'm away from home",
        "it's from my wife",
        "book it under my name at 5pm",
        "我是新客户",
        "我是马上要用的",
        "我是高级会员",
        "我是上海人",
        "叫我怎么办",
        "我叫快递来取",
        "产品名字叫什么",
        "姓名填错了",
        "联系人怎么改",
        "我在学校",
        "我在上海工作",
        "我在外地上大学",
        "你们公司叫什么",
        "公司名称怎么填",
        "本人签收",
        "日本人友好",
        "单位换算",
        "我来自北京",
    ],
)
def test_who_is_not_introduced_is_nobody(text: str) -> None:
    """Moods, nations, times, questions, roles and places."""
    assert said(text) == {}
