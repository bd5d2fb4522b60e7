"""Slack's deliveries: what is believed, and what each becomes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import ChannelError, ChannelSettings, Received, WebhookRequest
from channels.messages import Choice, InboundMessage, Media, Notice, Text
from channels.slack.adapter import SlackChannel, create
from tests.channels.contract import NOW
from tests.channels.slack.wire import (
    ADA,
    BOT,
    BOT_TOKEN,
    SIGNING_SECRET,
    command,
    direct,
    interaction,
    notification,
    signed,
)


@pytest.fixture(scope="module")
def channel() -> SlackChannel:
    """An account that is never asked to send."""
    options = {"signing_secret": SIGNING_SECRET, "bot_token": BOT_TOKEN}
    return create(ChannelSettings("slack", "support", options))


def contents(received: Received) -> list[object]:
    """Return what the messages of a delivery say."""
    assert received.status == 200
    return [message.content for message in received.messages]


def only(received: Received) -> InboundMessage:
    """Return the one message of a delivery."""
    assert (received.status, len(received.messages)) == (200, 1)
    return received.messages[0]


def test_a_direct_message(channel: SlackChannel) -> None:
    """Who wrote it, where, when, by which id; Slack's marks read as people see them."""
    text = "Is <https://a.example/x|this> &lt;b&gt; for <@U2> in <#C3|tea>? <!here>"
    received = channel.receive(notification(direct(text, at=NOW), at=NOW), now=NOW)

    message = only(received)
    assert message.content == Text(text="Is this (https://a.example/x) <b> for @U2 in #tea? @here")
    assert message.external_id == "Ev1"
    assert str(message.address) == "slack:support:D1"
    assert (message.sender.id, message.sent_at) == (ADA, NOW)
    assert received.body == b""


def test_the_address_is_verified_by_its_challenge(channel: SlackChannel) -> None:
    """Slack's question for the address is answered."""
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee", "token": "x"}).encode()

    received = channel.receive(signed(body, "application/json", at=NOW), now=NOW)

    assert json.loads(received.body) == {"challenge": "c0ffee"}
    assert received.messages == ()


def test_mentions_begin_a_thread(channel: SlackChannel) -> None:
    """What names the bot in a channel is answered in a thread, and follow-ups stay in it."""
    first = {
        "type": "app_mention",
        "channel": "C1",
        "user": ADA,
        "text": f"<@{BOT}> prices?",
        "ts": "5.1",
    }
    answer = {
        "type": "message",
        "channel": "C1",
        "channel_type": "channel",
        "user": ADA,
        "text": "and abroad?",
        "ts": "6.1",
        "thread_ts": "5.1",
        "parent_user_id": BOT,
    }
    begun = only(channel.receive(notification(first, at=NOW), now=NOW))
    followed = only(channel.receive(notification(answer, at=NOW, key="Ev2"), now=NOW))

    assert begun.content == Text(text="prices?")
    assert (begun.address.peer, begun.address.thread) == ("C1", "5.1")
    assert followed.address == begun.address


@pytest.mark.parametrize(
    "event",
    [
        direct("x", at=NOW, bot_id="B1"),
        direct("x", at=NOW, user=BOT),
        direct("x", at=NOW, subtype="bot_message"),
        direct("x", at=NOW, subtype="channel_join"),
        direct("x", at=NOW, channel="C1", channel_type="channel"),
        direct(
            "x", at=NOW, channel="C1", channel_type="channel", thread_ts="1.1", parent_user_id=ADA
        ),
        {"type": "user_change", "user": {"id": ADA}},
        {"type": "unheard_of"},
        {"type": "message"},
        {},
    ],
)
def test_what_is_not_meant_for_the_bot(channel: SlackChannel, event: dict[str, Any]) -> None:
    """The bot's own words, other bots' and other people's talk are acknowledged and left alone."""
    received = channel.receive(notification(event, at=NOW), now=NOW)

    assert (received.status, received.messages) == (200, ())


def test_files_edits_and_news(channel: SlackChannel) -> None:
    """A file is media with its words before it; an edit is recorded; an open tab is a greeting."""
    file = {
        "id": "F1",
        "url_private": "https://files.example/F1",
        "mimetype": "image/png",
        "size": 9,
        "title": "kettle.png",
    }
    shared = direct("look", at=NOW, subtype="file_share", files=[file])
    edited = {
        "type": "message",
        "subtype": "message_changed",
        "channel": "D1",
        "channel_type": "im",
        "message": {"user": ADA, "text": "two", "ts": "1.1"},
        "previous_message": {"user": ADA, "text": "one", "ts": "1.1"},
    }
    unfolded = edited | {"previous_message": edited["message"]}
    opened = {"type": "app_home_opened", "user": ADA, "channel": "D1", "tab": "messages"}

    assert contents(channel.receive(notification(shared, at=NOW), now=NOW)) == [
        Text(text="look"),
        Media(
            url="slack-file:F1:https://files.example/F1",
            mime="image/png",
            size=9,
            caption="kettle.png",
        ),
    ]
    assert contents(channel.receive(notification(edited, at=NOW), now=NOW)) == [
        Notice(name="edited", data={"message": "1.1", "text": "two"})
    ]
    assert contents(channel.receive(notification(unfolded, at=NOW), now=NOW)) == []
    assert contents(channel.receive(notification(opened, at=NOW), now=NOW)) == [
        Notice(name="opened")
    ]


def test_buttons_and_commands(channel: SlackChannel) -> None:
    """A pressed button is its option's exact value; two presses are two, one repeated is one."""
    action = {
        "type": "button",
        "action_id": "option.0",
        "action_ts": "9.1",
        "value": "=kb:helpful:returns",
        "text": {"type": "plain_text", "text": "Yes"},
    }
    link = {
        "type": "button",
        "action_id": "option.1",
        "action_ts": "9.1",
        "url": "https://a.example",
    }

    pressed = only(channel.receive(interaction([action, link], at=NOW), now=NOW))
    again = only(channel.receive(interaction([action], at=NOW), now=NOW))
    later = only(channel.receive(interaction([action | {"action_ts": "9.2"}], at=NOW), now=NOW))
    asked = only(channel.receive(command("where is MK-1?", at=NOW), now=NOW))

    assert pressed.content == Choice(value="kb:helpful:returns", label="Yes")
    assert pressed.sender.name == "ada"
    assert pressed.external_id == again.external_id != later.external_id
    assert asked.content == Text(text="where is MK-1?")


def test_a_retried_delivery_is_the_same_message(channel: SlackChannel) -> None:
    """Slack's retries are known by the notification's id, never dropped for being retries."""
    first = notification(direct("hi", at=NOW), at=NOW)
    retried = WebhookRequest(
        first.method,
        first.query,
        {**first.headers, "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"},
        first.body,
    )

    assert (
        only(channel.receive(retried, now=NOW)).external_id
        == only(channel.receive(first, now=NOW)).external_id
    )


def hostile() -> Iterator[WebhookRequest]:
    """Yield deliveries that are signed and yet not Slack's."""
    bodies = [
        b"",
        b"{",
        b"[]",
        b'{"event": 1, "event": 2}',
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"type": "event_callback", "event_id": 5, "event": []}',
        json.dumps(
            {
                "type": "event_callback",
                "event_id": "E",
                "event": {"type": "message", "channel": {}, "user": [], "channel_type": "im"},
            }
        ).encode(),
    ]
    for body in bodies:
        yield signed(body, "application/json", at=NOW)
    for body in (b"payload={", b"payload=[]", b"a=1&" * 500, b"payload=%7B%7D", b"command=%2Fx"):
        yield signed(body, "application/x-www-form-urlencoded", at=NOW)
    yield signed(b'{"type": "event_callback"}', "text/plain", at=NOW)


@pytest.mark.parametrize("request_", list(hostile()))
def test_signed_nonsense_is_answered(channel: SlackChannel, request_: WebhookRequest) -> None:
    """A body that is not Slack's, under a true signature, raises nothing and says nothing."""
    received = channel.receive(request_, now=NOW)

    assert received.status in {200, 400}
    assert received.messages == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-request-timestamp": "now"},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "9" * 400},
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": "v1=abc"},
        {"x-slack-signature": "ü"},
    ],
)
def test_what_bolt_stumbles_over_is_refused(
    channel: SlackChannel, headers: dict[str, str]
) -> None:
    """Timestamps that are no numbers, and signatures of another form, are refused with 401."""
    genuine = notification(direct("hi", at=NOW), at=NOW)
    request = WebhookRequest("POST", {}, {**genuine.headers, **headers}, genuine.body)

    assert channel.receive(request, now=NOW).status == 401


def test_bytes_that_are_no_text_are_refused(channel: SlackChannel) -> None:
    """A body that is not UTF-8 is refused, where Bolt's adapter fails."""
    genuine = notification(direct("hi", at=NOW), at=NOW)

    assert (
        channel.receive(
            WebhookRequest("POST", {}, genuine.headers, b"\xff\xfe" + genuine.body), now=NOW
        ).status
        == 401
    )


def test_an_app_that_was_removed_says_so(channel: SlackChannel) -> None:
    """After the app was taken out of the workspace nothing is tried any more."""
    options = {"signing_secret": SIGNING_SECRET, "bot_token": BOT_TOKEN}
    account = create(ChannelSettings("slack", "support", options))

    received = account.receive(notification({"type": "app_uninstalled"}, at=NOW), now=NOW)

    assert (received.status, received.messages) == (200, ())
    assert account._removed


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "type",
                        "channel",
                        "user",
                        "text",
                        "ts",
                        "files",
                        "message",
                        "item",
                        "tab",
                        "actions",
                        "container",
                        "team",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=25,
    )
)
def test_any_notification_is_answered(channel: SlackChannel, value: object) -> None:
    """Whatever Slack would notify of, there is an answer and no exception."""
    for kind in ("message", "app_mention", "app_home_opened", "reaction_added"):
        event = (value if isinstance(value, dict) else {}) | {"type": kind, "channel_type": "im"}
        assert channel.receive(notification(event, at=NOW), now=NOW).status in {200, 400}
    assert channel.receive(interaction(value, at=NOW), now=NOW).status in {200, 400}


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"signing_secret": "short"}, "signing_secret"),
        ({"bot_token": "xoxp-1"}, "bot_token"),
        ({"colour": "red"}, "colour"),
        ({"api_url": "ftp://x"}, "api_url"),
        ({"allow_networks": "x"}, "allow_networks"),
    ],
)
def test_a_wrong_option_stops_the_start(more: dict[str, str], named: str) -> None:
    """The account and the option are named, the secret's value is not."""
    options = {"signing_secret": SIGNING_SECRET, "bot_token": BOT_TOKEN, **more}
    with pytest.raises(ChannelError, match=named) as raised:
        create(ChannelSettings("slack", "support", options))
    assert SIGNING_SECRET not in str(raised.value)
