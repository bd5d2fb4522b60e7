"""Sending through WeChat's own interfaces: every answer of theirs is one of the eight results."""

import logging

import pytest

from channels import wechat
from channels.contract import (
    Accepted,
    Ambiguous,
    ChannelSettings,
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    SendResult,
    Unreachable,
    WindowClosed,
)
from channels.messages import (
    Choices,
    Media,
    Option,
)
from channels.simulators.wechat import WechatSimulator
from channels.simulators.wechat.faults import Fault
from channels.tokens import MemoryTokens
from channels.wechat import WechatChannel
from channels.wechat.outcomes import REOPENED_BY
from tests.bots.partner import Partner, Reply
from tests.channels.wechat.conftest import options_of
from tests.channels.wechat.replies import PEER, SEND, TOKEN, calls, message, seen, wrote
from tests.webchat.harness import Clock

YES_NO = (Option(value="confirm:yes", label="好的"), Option(value="confirm:no", label="不要"))


async def test_a_text_arrives_as_it_was(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """Chinese, emoji and quotes reach the customer, in raw UTF-8, with one token for many."""
    wrote(simulator, clock)
    for text in ("您好 😀 \"'\\", "two\nlines"):
        assert await channel.send(message(text)) == Accepted()

    assert [body["text"]["content"] for body in seen(simulator)] == ["您好 😀 \"'\\", "two\nlines"]
    assert len(calls(simulator, TOKEN)) == 1


async def test_the_sixth_message_is_refused_until_the_customer_writes(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """Five answers to a message, then the window is closed; so it is after 48 hours."""
    wrote(simulator, clock)
    results = [await channel.send(message(str(n))) for n in range(6)]
    assert results == [Accepted()] * 5 + [WindowClosed(REOPENED_BY)]

    wrote(simulator, clock)
    assert await channel.send(message("again")) == Accepted()
    clock.pass_by(hours=49)
    assert isinstance(await channel.send(message("late")), WindowClosed | Misconfigured)


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (-1, Retryable),
        (40003, Unreachable),
        (43004, Unreachable),
        (50005, Unreachable),
        (43019, Unreachable),
        (48002, Unreachable),
        (45015, WindowClosed),
        (45047, WindowClosed),
        (45002, Rejected),
        (44004, Rejected),
        (40033, Rejected),
        (47001, Rejected),
        (45009, RateLimited),
        (45011, RateLimited),
        (45065, Accepted),
        (45066, RateLimited),
        (45081, Accepted),
        (48001, Misconfigured),
        (48004, Misconfigured),
        (50002, Misconfigured),
        (61004, Misconfigured),
        (40164, Misconfigured),
        (99999, Rejected),
    ],
)
async def test_each_error_code_is_one_result(
    channel: WechatChannel,
    simulator: WechatSimulator,
    clock: Clock,
    code: int,
    result: type[SendResult],
) -> None:
    """What WeChat answers decides what becomes of the message, after one call."""
    wrote(simulator, clock)
    simulator.faults.order(SEND, Fault("code", code))

    assert type(await channel.send(message("hello"))) is result
    assert len(calls(simulator, SEND)) == 1


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (Fault("http", 502), Ambiguous),
        (Fault("http", 500), Ambiguous),
        (Fault("http", 302), Ambiguous),
        (Fault("http", 429), RateLimited),
        (Fault("reset"), Ambiguous),
        (Fault("reset_after"), Ambiguous),
    ],
)
async def test_broken_answers_are_told_from_refusals(
    channel: WechatChannel,
    simulator: WechatSimulator,
    clock: Clock,
    fault: Fault,
    result: type[SendResult],
) -> None:
    """Where nobody knows whether it arrived, the result says so; nothing is tried again here."""
    wrote(simulator, clock)
    simulator.faults.order(SEND, fault)

    assert type(await channel.send(message("hello"))) is result
    assert len(calls(simulator, SEND)) == 1
    assert len(seen(simulator)) == (fault.kind == "reset_after")


async def test_a_server_that_is_away_is_tried_later(
    channel: WechatChannel, simulator: WechatSimulator
) -> None:
    """Nothing was sent where nothing listens, for a token as for a message."""
    await simulator.stop()

    assert await channel.send(message("hello")) == Retryable("ConnectError")


async def test_a_long_text_is_sent_in_pieces(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """Each attempt sends the piece it is told to, and says whether there are more."""
    wrote(simulator, clock)
    long = message("一二三四五六七八九。" * 180)

    results = [await channel.send(long.model_copy(update={"part": n})) for n in range(4)]

    assert results == [Accepted(more=True), Accepted(more=True), Accepted(), Accepted()]
    texts = [body["text"]["content"] for body in seen(simulator)]
    assert "".join(texts) == "一二三四五六七八九。" * 180
    assert all(len(text.encode()) <= 2048 for text in texts)


async def test_options_are_numbered_unless_menus_are_chosen(
    simulator: WechatSimulator, channel: WechatChannel, clock: Clock
) -> None:
    """Options are lines with numbers; an account may show them as a menu to tap on."""
    menus = wechat.create(ChannelSettings("wechat", "shop", options_of(simulator, choices="menu")))
    wrote(simulator, clock)
    content = Choices(text="**Sure?**", options=YES_NO)

    assert await channel.send(message(content)) == Accepted()
    assert await menus.send(message(content)) == Accepted()

    numbered, menu = seen(simulator)
    assert numbered["text"]["content"] == "Sure?\n1. 好的\n2. 不要"
    assert menu["msgmenu"] == {
        "head_content": "Sure?",
        "list": [
            {"id": "=confirm:yes", "content": "好的"},
            {"id": "=confirm:no", "content": "不要"},
        ],
        "tail_content": "",
    }
    await menus.close()


async def test_an_account_without_menus_falls_back_to_numbers(
    simulator: WechatSimulator, clock: Clock
) -> None:
    """When WeChat does not grant menus the next attempt numbers the options."""
    menus = wechat.create(ChannelSettings("wechat", "shop", options_of(simulator, choices="menu")))
    wrote(simulator, clock)
    simulator.faults.order(SEND, Fault("code", 48008))
    content = message(Choices(text="Sure?", options=YES_NO))

    assert isinstance(await menus.send(content), Retryable)
    assert menus.capabilities().choices_max == 0
    assert await menus.send(content) == Accepted()
    assert seen(simulator)[0]["text"]["content"] == "Sure?\n1. 好的\n2. 不要"
    await menus.close()


async def test_pictures_are_uploaded_once_and_again_when_lost(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """A picture is fetched and uploaded for several sends, and anew once WeChat has lost it."""
    partner = Partner()
    partner.answer = lambda _number, _seen: Reply(raw=b"\x89PNG picture")
    picture = Media(url=f"{partner.url}/p.png", mime="image/png", caption="Our *shop*")
    wrote(simulator, clock)
    try:
        first = message(picture)
        assert await channel.send(first) == Accepted(more=True)
        assert await channel.send(first.model_copy(update={"part": 1})) == Accepted()
        assert await channel.send(message(picture)) == Accepted(more=True)
        simulator.forget_media()
        assert await channel.send(message(picture)) == Accepted(more=True)
    finally:
        partner.close()

    kinds = [body["msgtype"] for body in seen(simulator)]
    assert kinds == ["image", "text", "image", "image"]
    assert seen(simulator)[1]["text"]["content"] == "Our shop"
    assert len(partner.seen) == 2


@pytest.mark.parametrize("status", [404, 200])
async def test_a_picture_that_cannot_be_had_is_its_address(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock, status: int
) -> None:
    """A missing picture, or one that WeChat refuses, is sent as a link instead of not at all."""
    partner = Partner()
    partner.answer = lambda _number, _seen: Reply(status=status, raw=b"x")
    simulator.faults.order("/cgi-bin/media/upload", Fault("code", 40004))
    url = f"{partner.url}/p.png"
    wrote(simulator, clock)
    try:
        assert await channel.send(message(Media(url=url, mime="image/png"))) == Accepted()
    finally:
        partner.close()

    assert seen(simulator) == [{"touser": PEER, "msgtype": "text", "text": {"content": url}}]


async def test_no_secret_is_logged(
    channel: WechatChannel,
    simulator: WechatSimulator,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At the level programs log, neither token nor secret nor words of a message are written."""
    wrote(simulator, clock)
    with caplog.at_level(logging.WARNING):
        await channel.send(message("my card is 4111"))
        simulator.faults.order(SEND, Fault("reset"))
        await channel.send(message("my card is 4111"))

    told = caplog.text + repr(channel) + repr(MemoryTokens())
    for secret in (simulator.account.app_secret, simulator.rules.tokens.current, "4111"):
        assert secret not in told
