"""Bodies of messages and options of accounts: what fits, and what ends the start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import wechat
from channels.contract import (
    Capabilities,
    ChannelError,
    ChannelSettings,
)
from channels.messages import (
    Card,
    Choices,
    Link,
    Option,
    Text,
)
from channels.simulators.wechat import WechatSimulator
from channels.wechat.adapter import CAPABILITIES
from channels.wechat.bodies import Upload, bodies
from tests.channels.wechat.conftest import options_of

YES_NO = (Option(value="confirm:yes", label="好的"), Option(value="confirm:no", label="不要"))


def test_bodies_never_smuggle_a_link() -> None:
    """What customers wrote cannot show one address and lead to another."""
    (body,) = bodies(Text(text="<a href='https://evil.example'>bank</a> < A b"), CAPABILITIES)

    assert isinstance(body, dict)
    assert body["text"] == {
        "content": "＜a href='https://evil.example'>bank＜/a> ＜ A b",
    }


def test_a_picture_with_a_link_is_an_article() -> None:
    """A short card with picture and link is one article; one with options is text."""
    card = Card(
        title="Tea",
        text="New",
        link=Link(label="See", url="https://shop.example/t"),
        image_url="https://shop.example/t.jpg",
    )

    (article,) = bodies(card, CAPABILITIES)
    (text,) = bodies(card.model_copy(update={"options": YES_NO}), CAPABILITIES)

    assert isinstance(article, dict)
    assert article["news"] == {
        "articles": [
            {
                "title": "Tea",
                "description": "New",
                "url": "https://shop.example/t",
                "picurl": "https://shop.example/t.jpg",
            }
        ]
    }
    assert isinstance(text, dict)
    assert text["text"] == {"content": "Tea\nNew\nSee: https://shop.example/t\n1. 好的\n2. 不要"}


MENUS = Capabilities(text_max=2048, text_unit="utf8_bytes", choices_max=10)


@given(
    st.text(min_size=1, max_size=1_500),
    st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=13),
    st.booleans(),
)
def test_every_body_fits(text: str, labels: list[str], menus: bool) -> None:
    """Whatever is said, no message is longer than WeChat takes, nor has characters it refuses."""
    options = tuple(Option(value=label, label=label) for label in labels)
    for body in bodies(Choices(text=text, options=options), MENUS if menus else CAPABILITIES):
        assert not isinstance(body, Upload)
        match body:
            case {"text": {"content": str(content)}}:
                assert len(content.encode()) <= 2048
            case {"msgmenu": {"head_content": str(head), "list": list(lines)}}:
                assert len(head.encode()) <= 1024
                assert 0 < len(lines) <= 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"app_id": ""}, "app_id is missing"),
        ({"app_secret": ""}, "app_secret is missing"),
        ({"token": ""}, "token is missing"),
        ({"token": "ab"}, "token needs 3"),
        ({"encoding_aes_key": ""}, "mode safe needs encoding_aes_key"),
        ({"encoding_aes_key": "short"}, "43 letters"),
        ({"mode": "plain"}, "use safe"),
        ({"mode": "open"}, "mode must be one of"),
        ({"kind": "other"}, "kind must be one of"),
        ({"kind": "mini_program", "choices": "menu"}, "official accounts only"),
        ({"replies": "passive", "choices": "menu"}, "without menus"),
        ({"replies": "never"}, "replies must be one of"),
        ({"api_base": "ftp://x"}, "http"),
        ({"allow_networks": "x"}, "allow_networks"),
        ({"colour": "blue"}, "unknown options"),
    ],
)
def test_wrong_options_end_the_start(
    simulator: WechatSimulator, change: dict[str, str], words: str
) -> None:
    """An account that cannot work says which option is wrong, without its secrets."""
    with pytest.raises(ChannelError, match=words) as caught:
        wechat.create(ChannelSettings("wechat", "shop", options_of(simulator, **change)))

    assert "wechat account shop" in str(caught.value)
    assert simulator.account.app_secret not in str(caught.value)
