"""What a response may be besides text: cards, and wordings of one channel."""

from pathlib import Path

from channels.messages import Card
from tests.dialogues.test_steps import texts_of

CARD = """\
slots:
  name: {type: name, ask: ask_name}
steps:
  - collect: name
  - say: shown
responses:
  ask_name: {en: "Name?", zh: "名字？"}
  shown:
    en:
      - {text: "For **{name}**", style: card, title: "Hello {name}", channel: webchat,
         link: {label: "Page of {name}", url: "https://shop.example/u?n={name}"},
         image: "https://shop.example/{name}.png", options: {human: A person}}
      - "Elsewhere, {name}."
    zh: "你好{name}"
"""


def test_a_card_carries_values_as_plain_text_and_encoded_addresses(tmp_path: Path) -> None:
    """What a customer wrote becomes neither markup nor another address."""
    talk = texts_of(tmp_path, CARD)
    talk.say("my name is An*na & Co")
    assert talk.last is not None
    card = talk.last.replies[-1].content
    assert isinstance(card, Card)
    assert card.title == "Hello An*na & Co"
    assert card.text == "For **An\\*na & Co**"
    assert card.link is not None
    assert card.link.url == "https://shop.example/u?n=An%2Ana%20%26%20Co"
    assert card.image_url == "https://shop.example/An%2Ana%20%26%20Co.png"
    assert [o.value for o in card.options] == ["human"]


def test_another_channel_gets_its_own_wording(tmp_path: Path) -> None:
    """Where a wording is for one channel, the others get the rest."""
    talk = texts_of(tmp_path, CARD)
    talk.address = talk.address.model_copy(update={"channel": "callback"})
    talk.say("my name is Anna")
    assert talk.texts == ["Elsewhere, Anna."]
