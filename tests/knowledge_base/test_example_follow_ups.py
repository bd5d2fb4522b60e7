"""The example company's articles, asked one question after the other: what goes on, what not."""

from pathlib import Path

import pytest

from knowledge_base.answer import Topic
from knowledge_base.articles import read_articles
from knowledge_base.prepare import build_knowledge
from knowledge_base.search import Knowledge, Question
from knowledge_base.synonyms import read_synonyms

FOLDER = Path(__file__).parents[2] / "bots" / "library" / "moss_and_kettle" / "knowledge"

#: Article shown, with the question it answered.
ASKED = {
    "returns": ("How do I return a product?", "怎么退货？"),
    "delivery_cost": ("How much is delivery?", "运费是多少？"),
    "delivery_times": ("How long does delivery take?", "多久能送到？"),
    "warranty": ("How long is the warranty?", "保修多久？"),
    "express_delivery": ("Do you offer next-day delivery?", "有次日达吗？"),
    "brewing_temperatures": ("How hot should water be for green tea?", "绿茶用多少度？"),
    "rental_and_trial": ("Can I rent a machine?", "可以租机器吗？"),
    "price_list": ("How much is the Kettle One?", "壶一号多少钱？"),
    "descaling": ("How often do I have to descale the kettle?", "多久除一次垢？"),
}
#: Article shown, follow-up, words of the answer, words that are not in it.
GOES_ON = [
    ("warranty", "Kettle Pro?", "3 years", "Leaf Grinder"),
    ("warranty", "and the grinder?", "2 years", "Kettle Pro"),
    ("warranty", "what about the Kettle One?", "2 years", "Leaf Grinder"),
    ("warranty", "does it cover drops?", "warranty", "renew"),
    ("returns", "is it free?", "showroom returns are free", "label"),
    ("returns", "and opened boxes of pods?", "Opened boxes", "label"),
    ("returns", "how long does that take?", "30 days", "courier"),
    ("delivery_cost", "for Hong Kong?", "HKD 40", "GBP"),
    ("delivery_cost", "what about the UK", "GBP 4.95", "HKD"),
    ("delivery_cost", "and mainland China?", "CNY 12", "GBP"),
    ("delivery_times", "and to Hong Kong?", "2-3 working days", "3-5"),
    ("delivery_times", "what about the United Kingdom?", "3-5 working days", "2-3"),
    ("express_delivery", "how much is it?", "CNY 25", "invoice"),
    ("express_delivery", "and to London?", "GBP 7.95", "HKD 60"),
    ("express_delivery", "for the Kettle Pro?", "not available for the Kettle Pro", "HKD 60"),
    ("brewing_temperatures", "and oolong?", "95 °C", "80 °C"),
    ("brewing_temperatures", "what about white tea?", "85 °C", "95 °C"),
    ("brewing_temperatures", "Coffee?", "90 °C", "80 °C; first"),
    ("price_list", "and the Kettle Pro?", "4,980", "899"),
    ("price_list", "what about the grinder?", "399", "899"),
    ("descaling", "how long does it take?", "40 minutes", "invoice"),
    ("warranty", "壶专业版呢？", "3 年", "研磨机"),
    ("warranty", "那研磨机呢", "2 年", "壶专业版"),
    ("warranty", "那壶一号呢？", "2 年", "研磨机"),
    ("returns", "免费吗", "不收费", "客服"),
    ("returns", "那茶包呢？", "没拆封的可以退", "客服"),
    ("returns", "要多久？", "30 天", "客服"),
    ("delivery_cost", "那香港呢", "40 港元", "英镑"),
    ("delivery_cost", "英国呢？", "4.95 英镑", "港元"),
    ("delivery_times", "香港呢？", "2–3 个工作日", "3–5"),
    ("delivery_times", "那英国呢？", "3–5 个工作日", "2–3"),
    ("brewing_temperatures", "乌龙茶呢？", "95 °C", "80 °C"),
    ("brewing_temperatures", "那普洱呢", "100 °C", "80 °C"),
    ("brewing_temperatures", "白茶？", "85 °C", "95 °C"),
    ("rental_and_trial", "多少钱？", "260 元", "899"),
    ("price_list", "那壶专业版呢？", "4980", "899"),
    ("warranty", "壺專業版呢？", "3 年", "研磨机"),
    ("delivery_times", "那英國呢？", "3–5 个工作日", "2–3"),
    ("brewing_temperatures", "烏龍茶呢？", "95 °C", "80 °C"),
    ("returns", "免費嗎", "不收费", "客服"),
]
#: Article shown, question of its own, article that answers it.
NEW = [
    ("returns", "and what is the minimum order for companies?", "business_accounts"),
    ("returns", "opening hours", "opening_hours"),
    ("returns", "what about gift cards?", "gift_cards"),
    ("returns", "how do I clean the kettle?", "cleaning"),
    ("returns", "can I pay with Alipay?", "payment_methods"),
    ("returns", "and how do I redeem a promo code?", "promo_codes"),
    ("delivery_cost", "and for business accounts?", "business_accounts"),
    ("delivery_cost", "does it work in Canada?", "voltage_abroad"),
    ("delivery_cost", "how long is the warranty?", "warranty"),
    ("delivery_times", "do you have gift cards?", "gift_cards"),
    ("warranty", "how often should I descale the kettle?", "descaling"),
    ("warranty", "what about opening hours?", "opening_hours"),
    ("warranty", "how do I return a product?", "returns"),
    ("price_list", "is there a discount for 50 machines?", "volume_discounts"),
    ("descaling", "how do I change the water filter?", "water_filter"),
    ("express_delivery", "how hot for oolong tea?", "brewing_temperatures"),
    ("returns", "那怎么开发票？", "invoices_fapiao"),
    ("returns", "礼品卡呢", "gift_cards"),
    ("returns", "支持支付宝吗", "payment_methods"),
    ("returns", "怎么清洗水壶？", "cleaning"),
    ("delivery_times", "那怎么退货？", "returns"),
    ("delivery_times", "保修多久？", "warranty"),
    ("warranty", "營業時間", "opening_hours"),
    ("warranty", "怎麼退貨？", "returns"),
    ("warranty", "绿茶用多少度的水", "brewing_temperatures"),
    ("price_list", "如何申请发票", "invoices_fapiao"),
    ("brewing_temperatures", "运费多少", "delivery_cost"),
    ("rental_and_trial", "多久除一次垢？", "descaling"),
    ("returns", "可以用支付寶付款嗎", "payment_methods"),
    ("delivery_cost", "那发票怎么开？", "invoices_fapiao"),
]
#: Article shown, and what no article says.
UNSAID = [
    ("delivery_cost", "what about penguins?"),
    ("warranty", "and for unicorns?"),
    ("returns", "what about the moon?"),
    ("delivery_cost", "那企鹅呢？"),
    ("warranty", "宇航员呢"),
    ("warranty", "那太空人呢？"),
]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """Return what the example company says, searched by words alone."""
    languages = ("en", "zh")
    return build_knowledge(
        read_articles(FOLDER, languages),
        encoder=None,
        cache_dir=tmp_path_factory.mktemp("cache"),
        out_of_scope=(),
        public_url_of=lambda article: f"https://shop.example/{article.id}",
        synonyms=read_synonyms(FOLDER, languages),
    )


def the_question(shown: str, text: str) -> Question:
    """Return `text` as it is asked after the article `shown`."""
    language = "en" if text.isascii() else "zh"
    asked = ASKED[shown][language == "zh"]
    return Question(text, language, Topic(asked, shown, f"{shown}.{language}#1"))


@pytest.mark.parametrize(("shown", "text", "words", "unwanted"), GOES_ON)
def test_what_leans_on_the_answer_is_answered_from_it(
    knowledge: Knowledge, shown: str, text: str, words: str, unwanted: str
) -> None:
    """The article that was shown answers the next case, and only that case of it."""
    (result,) = knowledge.search([the_question(shown, text)])

    assert result.answer is not None
    assert result.answer.article_id == shown
    assert result.ways == ("follow_up",)
    assert words in result.answer.text
    assert unwanted not in result.answer.text


@pytest.mark.parametrize(("shown", "text", "article"), NEW)
def test_a_new_question_is_not_swallowed_by_the_old_subject(
    knowledge: Knowledge, shown: str, text: str, article: str
) -> None:
    """What has a subject of its own finds what it finds without anything before it."""
    (result,) = knowledge.search([the_question(shown, text)])
    (alone,) = knowledge.search([Question(text, result_language(text))])

    found = result.answer.article_id if result.answer is not None else result.near[0].article_id
    assert found == article
    assert result.outcome == alone.outcome


def result_language(text: str) -> str:
    """Return the language a text of the tables is in."""
    return "en" if text.isascii() else "zh"


@pytest.mark.parametrize(("shown", "text"), UNSAID)
def test_what_no_article_says_is_not_answered(knowledge: Knowledge, shown: str, text: str) -> None:
    """A case that nothing speaks of gets no answer, whatever was asked before."""
    (result,) = knowledge.search([the_question(shown, text)])

    assert result.answer is None
