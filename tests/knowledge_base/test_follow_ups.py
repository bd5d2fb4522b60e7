"""What lacks a subject of its own leans on the question before; what has one stands for itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.follow_ups import combined, follow_up

#: Text, how it leans, and what it says itself.
LEANING = [
    ("and for business accounts?", "case", "business accounts"),
    ("what about Canada", "case", "canada"),
    ("How about Hong Kong?", "case", "hong kong"),
    ("for the Kettle Pro?", "case", "kettle pro"),
    ("and to London?", "case", "london"),
    ("and on weekends?", "case", "weekends"),
    ("what if it is broken?", "case", "broken"),
    ("same for gift cards?", "case", "gift cards"),
    ("does that apply to pods?", "case", "pods"),
    ("and without a receipt?", "case", "without receipt"),
    ("what about opened boxes?", "case", "opened boxes"),
    ("does it work in Canada?", "case", "canada"),
    ("and if I live in Taiwan?", "case", "live taiwan"),
    ("ok, and in the UK?", "case", "uk"),
    ("only Hong Kong?", "case", "hong kong"),
    ("how long does that take?", "bare", ""),
    ("is it free?", "bare", ""),
    ("and how much?", "bare", ""),
    ("how much does it cost?", "bare", ""),
    ("why?", "bare", ""),
    ("when?", "bare", ""),
    ("how often should I do that?", "bare", ""),
    ("ok and how long is it valid?", "bare", ""),
    ("How much would that be?", "bare", ""),
    ("where can I get one?", "bare", ""),
    ("how do I do that", "bare", ""),
    ("can I put it in the dishwasher?", "pronoun", "put dishwasher"),
    ("who pays for it?", "pronoun", "pays"),
    ("can they be recycled", "pronoun", "recycled"),
    ("is that also true for pods?", "pronoun", "true pods"),
    ("Kettle Pro?", "piece", "kettle pro"),
    ("how long to London?", "piece", "london"),
    ("那企业客户呢？", "case", "企业客户"),
    ("那海外呢", "case", "海外"),
    ("香港呢？", "case", "香港"),
    ("那周末呢？", "case", "周末"),
    ("周末也可以吗", "case", "周末"),
    ("伦敦也一样吗？", "case", "伦敦"),
    ("换成茶包呢", "case", "茶包"),
    ("那如果是公司买呢", "case", "公司买"),
    ("要多久？", "bare", ""),
    ("那要多久", "bare", ""),
    ("多少钱？", "bare", ""),
    ("这个多少钱", "bare", ""),
    ("怎么弄？", "bare", ""),
    ("要收费吗", "bare", ""),
    ("那怎么办理？", "bare", ""),
    ("为什么？", "bare", ""),
    ("什么时候？", "bare", ""),
    ("这个保修吗", "pronoun", "保修吗"),
    ("它可以进洗碗机吗", "pronoun", "可以进洗碗机吗"),
    ("寄到香港多久", "piece", "香港"),
    ("壶专业版？", "piece", "壶专业版"),
    # Traditional characters are compared in Simplified ones.
    ("那企業客戶呢？", "case", "企业客户"),
    ("那海外呢？", "case", "海外"),
    ("要多久？", "bare", ""),
    ("這個多少錢？", "bare", ""),
    ("什麼時候？", "bare", ""),
    ("週末也可以嗎", "case", "週末"),
    ("寄到倫敦多久", "piece", "伦敦"),
    ("為什麼？", "bare", ""),
]
STANDING = [
    *("how do I return a product?", "how do I clean the kettle?", "opening hours"),
    *("and how do I clean the kettle?", "where is my order?", "do you ship to Canada?"),
    *("is it possible to return a product?", "how long does it take to descale the kettle?"),
    *("can you help me", "what can you do?", "my kettle is leaking, can you fix it?"),
    *("is there a warranty on the kettle?", "are there any discounts", "what is the warranty"),
    *("I want a quote", "who are you", "what payment methods do you take?", "goodbye", "thanks"),
    *("can I return a kettle after using it?", "how much is the Kettle Pro?"),
    *(
        "do you have gift cards?",
        "what about how to descale my kettle?",
        "Tell me about Green Leaf",
    ),
    *("how much does express delivery cost?", "Is the kettle that I bought covered?"),
    *("and what is the minimum order for companies?", "so how do I become a reseller?"),
    *("does the Kettle One work in Canada?", "how long is the warranty on the grinder?"),
    *(
        "怎么退货？",
        "那怎么退货？",
        "绿茶用多少度的水",
        "支持支付宝吗",
        "营业时间",
        "快递费多少钱",
    ),
    *("保修多久", "你是谁", "我要报修", "我的壶漏水了", "壶专业版多少钱", "送到香港要多少运费"),
    *(
        "如何申请发票",
        "退款多久到账",
        "你好",
        "谢谢",
        "可以开发票吗",
        "有优惠吗",
        "茶包可以回收吗",
    ),
    *(
        "那企业账户怎么开？",
        "請問怎麼退貨？",
        "保固多久？",
        "運費多少錢",
        "可以用支付寶嗎",
        "營業時間",
    ),
    *("退款要多久", "訂單多久會到", "那發票怎麼開？"),
]


@pytest.mark.parametrize(("text", "lean", "own"), LEANING)
def test_what_lacks_a_subject_leans_on_the_question_before(text: str, lean: str, own: str) -> None:
    """Openings, pronouns, cases and bare questions are told with what they say themselves."""
    found = follow_up(text)

    assert found is not None
    assert (found.lean, found.own.replace("週", "周")) == (lean, own.replace("週", "周"))


@pytest.mark.parametrize("text", STANDING)
def test_what_has_a_subject_stands_for_itself(text: str) -> None:
    """A whole question leans on nothing, however it begins."""
    assert follow_up(text) is None


def test_what_it_says_is_joined_to_the_question_before() -> None:
    """The question before, without its mark, and then what the follow-up adds."""
    case = follow_up("what about Canada?")
    bare = follow_up("要多久？")
    assert case is not None
    assert bare is not None

    assert combined("Do you deliver?", case, "what about Canada?") == "Do you deliver canada"
    assert combined("怎么退货？", bare, "要多久？") == "怎么退货要多久?"


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    """No text makes the reading fail, and long ones never lean."""
    found = follow_up(text)

    assert found is None or len(text) <= 400
