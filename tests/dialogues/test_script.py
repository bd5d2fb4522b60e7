"""Who writes Traditional characters reads them, where the bot says so."""

from dataclasses import replace

from channels.messages import Card, Choices, Link, Media, Option, Text
from dialogues.script import in_traditional
from tests.dialogues.talks import Talk, corner_shop


def test_replies_follow_the_script_of_the_customer() -> None:
    """Texts and labels change with what the customer writes, values do not."""
    bot = corner_shop()
    shown = replace(bot, file=bot.file.model_copy(update={"traditional": "tw"}))
    talk = Talk(bot=shown)
    talk.say("如何退貨？")

    assert talk.last is not None
    card = talk.last.replies[0].content
    assert isinstance(card, Card)
    assert card.link is not None
    assert (card.link.label, card.options[1].label) == ("來源", "沒幫助")
    assert card.options[1].value == "kb:not_helpful:returns"

    assert talk.say("沒幫助") == ["answer_not_helpful"]
    talk.say("你好")  # the same in both scripts
    assert talk.state["traditional"] is True
    talk.say("如何退货？")
    assert "traditional" not in talk.state


def test_without_the_setting_texts_stay_as_they_are() -> None:
    """A bot that does not say so answers in the characters of its texts."""
    talk = Talk()
    talk.say("如何退貨？")

    assert talk.last is not None
    card = talk.last.replies[0].content
    assert isinstance(card, Card)
    assert card.options[1].label == "没帮助"


def test_every_kind_of_content_is_shown() -> None:
    """What is read changes; addresses and values stay."""
    option = Option(value="slot:a:图", label="图")
    link = Link(label="来源", url="https://a.example/图")
    card = in_traditional(Card(title="图", text="图", link=link, options=(option,)), "tw")
    choices = in_traditional(Choices(text="图", options=(option,)), "tw")
    media = in_traditional(Media(url="https://a.example/图", mime="image/png", caption="图"), "tw")

    assert isinstance(card, Card)
    assert (card.title, card.text) == ("圖", "圖")
    assert card.link == Link(label="來源", url="https://a.example/图")
    assert card.options == (Option(value="slot:a:图", label="圖"),)
    assert isinstance(choices, Choices)
    assert (choices.text, choices.options[0].label) == ("圖", "圖")
    assert isinstance(media, Media)
    assert (media.caption, media.url) == ("圖", "https://a.example/图")
    assert in_traditional(Text(text="图"), "tw") == Text(text="圖")
