"""Telegram's updates: what is believed, and what each becomes."""

import json
from typing import Any

import pytest
from aiogram.types import Update
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.button_values import button_value, resolve
from channels.contract import BODY_MAX, Received, WebhookRequest
from channels.fetcher import guarded_client
from channels.messages import (
    Choice,
    Contact,
    InboundMessage,
    Location,
    Media,
    Notice,
    Text,
    Unsupported,
)
from channels.telegram.adapter import TelegramChannel
from channels.telegram.api import open_bot
from tests.channels.telegram.conftest import NOW, SECRET, TOKEN

ADA = {"id": 4711, "is_bot": False, "first_name": "Ada", "last_name": "L", "language_code": "en"}
BOT = {"id": 123456789, "is_bot": True, "first_name": "Kettle", "username": "kettle_bot"}
PRIVATE = {"id": 4711, "type": "private", "first_name": "Ada"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Tea"}


@pytest.fixture(scope="module")
def account() -> TelegramChannel:
    """An account that is never asked to send."""
    bot = open_bot(TOKEN, guarded_client())
    return TelegramChannel("kettle", bot=bot, secret=SECRET, polls=False, username="kettle_bot")


def deliver(account: TelegramChannel, update: object, *, secret: str = SECRET) -> Received:
    """Return what the account makes of a delivered update."""
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"x-telegram-bot-api-secret-token": secret}
    return account.receive(WebhookRequest("POST", {}, headers, body), now=NOW)


def message(content: dict[str, Any], **more: object) -> dict[str, Any]:
    """Return an update with a private message."""
    base = {"message_id": 7, "date": 1764000000, "chat": PRIVATE, "from": ADA}
    return {"update_id": 900, "message": base | content | more}


def only(received: Received) -> InboundMessage:
    """Return the one message of a delivery."""
    assert (received.status, len(received.messages)) == (200, 1)
    return received.messages[0]


def test_a_text_is_a_text_from_somebody_somewhere(account: TelegramChannel) -> None:
    """Who wrote it, where, when, and the number that tells it from others."""
    received = only(deliver(account, message({"text": "怎么退货？"})))

    assert received.content == Text(text="怎么退货？")
    assert received.external_id == "900"
    assert str(received.address) == "telegram:kettle:4711"
    assert (received.sender.id, received.sender.name) == ("4711", "Ada L")
    assert received.sender.language == "en"
    assert received.sent_at.timestamp() == 1764000000


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x", "ü" * 24])
def test_nobody_else_can_deliver(account: TelegramChannel, secret: str) -> None:
    """Without the secret token nothing is read."""
    received = deliver(account, message({"text": "hi"}), secret=secret)

    assert (received.status, received.messages) == (401, ())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"update_id": 1, "update_id": 2}',
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b'{"update_id": NaN}',
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
        b'{"update_id": ' + b"9" * 5000 + b"}",
    ],
    ids=range(10),
)
def test_what_is_no_update_is_refused(account: TelegramChannel, body: bytes) -> None:
    """Malformed bodies are refused with a reason that does not repeat them."""
    received = deliver(account, body)

    assert received.status == 400
    assert received.reason
    assert received.messages == ()


def test_large_bodies_and_other_methods_are_refused(account: TelegramChannel) -> None:
    """No more than the limit is read, and only what is posted."""
    assert deliver(account, b" " * (BODY_MAX + 1)).status == 413
    assert account.receive(WebhookRequest("GET", {}, {}, b""), now=NOW).status == 405


FILE = {"file_id": "F1", "file_unique_id": "u", "file_size": 99}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"text": "/start"}, Notice(name="opened")),
        ({"text": "/start spring-25"}, Notice(name="opened", data={"start": "spring-25"})),
        ({"text": "/order_status MK-1"}, Text(text="order status MK-1")),
        ({"text": "/"}, Text(text="/")),
        (
            {"photo": [FILE | {"width": 1, "height": 1}], "caption": "broken"},
            Media(url="telegram-file:F1", mime="image/jpeg", size=99, caption="broken"),
        ),
        (
            {"voice": FILE | {"duration": 2}},
            Media(url="telegram-file:F1", mime="audio/ogg", size=99),
        ),
        (
            {"document": FILE | {"mime_type": "application/pdf"}},
            Media(url="telegram-file:F1", mime="application/pdf", size=99),
        ),
        (
            {"location": {"latitude": 31.2, "longitude": 121.5}},
            Location(latitude=31.2, longitude=121.5),
        ),
        (
            {"contact": {"phone_number": "+86138", "first_name": "Ada", "user_id": 4711}},
            Contact(phone="+86138", verified=True, name="Ada"),
        ),
        (
            {"contact": {"phone_number": "+86138", "first_name": "Bob", "user_id": 4712}},
            Contact(phone="+86138", verified=False, name="Bob"),
        ),
        (
            {"contact": {"phone_number": "+86138", "first_name": "Bob"}},
            Contact(phone="+86138", verified=False, name="Bob"),
        ),
        ({"dice": {"emoji": "🎲", "value": 3}}, Unsupported(what="dice")),
        (
            {"pinned_message": None, "group_chat_created": True},
            Notice(name="other", data={"what": "group_chat_created"}),
        ),
        ({"hologram": {"size": 3}}, Unsupported(what="hologram")),
    ],
)
def test_every_kind_of_message(
    account: TelegramChannel, content: dict[str, Any], expected: object
) -> None:
    """Each kind of message becomes what it is; another's phone number is never verified."""
    assert only(deliver(account, message(content))).content == expected


def test_a_text_longer_than_ours_comes_in_parts(account: TelegramChannel) -> None:
    """Nothing of a long message is lost, and each part has a number of its own."""
    received = deliver(account, message({"text": "word " * 818 + "end."}))

    assert [m.external_id for m in received.messages] == ["900", "900.1"]
    said = [m.content.text for m in received.messages if isinstance(m.content, Text)]
    assert " ".join(said).split() == ["word"] * 818 + ["end."]


def test_a_pressed_button_is_a_choice(account: TelegramChannel) -> None:
    """Its value comes back exactly, with the label that was seen, and the clock is stopped."""
    data = button_value("kb:helpful:returns", most=64)
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]}
    shown = {
        "message_id": 3,
        "date": 1,
        "chat": PRIVATE,
        "from": BOT,
        "text": "?",
        "reply_markup": keyboard,
    }
    query = {"id": "55", "from": ADA, "chat_instance": "1", "data": data, "message": shown}

    received = deliver(account, {"update_id": 901, "callback_query": query})

    assert only(received).content == Choice(value="kb:helpful:returns", label="Yes")
    assert json.loads(received.body) == {
        "method": "answerCallbackQuery",
        "callback_query_id": "55",
    }


def test_long_values_come_back_whole() -> None:
    """A value that does not fit on a button is found again among those offered."""
    value = "退货原因：" + "很长" * 40
    carried = button_value(value, most=64)

    assert len(carried.encode()) <= 64
    assert resolve(Choice(value=carried), ["other", value]).value == value
    assert resolve(Choice(value=carried), ["other"]).value == carried
    assert resolve(Choice(value="#plain"), ["#plain", value]).value == "#plain"


def test_edits_and_blocks_are_told(account: TelegramChannel) -> None:
    """An edited text is recorded with its new words; blocking and coming back are notices."""
    edited = message({"text": "two kettles", "edit_date": 1764000009})
    member = {"chat": PRIVATE, "from": ADA, "date": 1764000000}
    states = [
        {"user": BOT, "status": "member"},
        {"user": BOT, "status": "kicked", "until_date": 0},
    ]
    blocked = member | {"old_chat_member": states[0], "new_chat_member": states[1]}
    back = member | {"old_chat_member": states[1], "new_chat_member": states[0]}

    assert only(
        deliver(account, {"update_id": 1, "edited_message": edited["message"]})
    ).content == Notice(name="edited", data={"message": "7", "text": "two kettles"})
    for changed, name in ((blocked, "unfollowed"), (back, "followed")):
        content = only(deliver(account, {"update_id": 2, "my_chat_member": changed})).content
        assert isinstance(content, Notice)
        assert content.name == name


@pytest.mark.parametrize(
    ("content", "meant"),
    [
        ({"text": "shall we have tea?"}, None),
        ({"text": "@kettle_bot where is my order"}, "where is my order"),
        ({"text": "hello @Kettle_Bot"}, "hello"),
        ({"text": "/order"}, "order"),
        ({"text": "/order@kettle_bot"}, "order"),
        ({"text": "/order@other_bot"}, None),
        (
            {
                "text": "yes",
                "reply_to_message": {"message_id": 1, "date": 1, "chat": GROUP, "from": BOT},
            },
            "yes",
        ),
        (
            {
                "text": "yes",
                "reply_to_message": {"message_id": 1, "date": 1, "chat": GROUP, "from": ADA},
            },
            None,
        ),
    ],
)
def test_in_a_group_only_what_is_said_to_the_bot(
    account: TelegramChannel, content: dict[str, Any], meant: str | None
) -> None:
    """What people say to each other is neither answered nor kept."""
    received = deliver(account, message(content, chat=GROUP))

    said = [m.content.text for m in received.messages if isinstance(m.content, Text)]
    assert said == ([meant] if meant else [])


def test_topics_and_business_chats_are_places_of_their_own(account: TelegramChannel) -> None:
    """A topic and a business connection are threads; the latter may be answered for a day."""
    topic = only(
        deliver(account, message({"text": "hi"}, message_thread_id=9, is_topic_message=True))
    )
    update = message({"text": "hi", "business_connection_id": "BC1"})
    business = only(deliver(account, {"update_id": 3, "business_message": update["message"]}))

    assert topic.address.thread == "9"
    assert business.address.thread == "business.BC1"
    assert (business.window_grants[0].until - NOW).total_seconds() == 24 * 3600


def test_news_of_telegram_are_recorded_and_never_sent_again(account: TelegramChannel) -> None:
    """An update of an unknown kind or shape is acknowledged; one with a chat is recorded."""
    unknown = deliver(account, {"update_id": 5, "telepathy": {"chat": {"id": 4711}, "x": 1}})
    broken = deliver(account, {"update_id": 6, "message": {"chat": {"id": 4711}, "date": "?"}})
    nobody = deliver(account, {"update_id": 7, "poll": {"id": "1"}})

    assert only(unknown).content == Notice(name="other", data={"what": "telepathy"})
    assert only(broken).content == Notice(name="other", data={"what": "message"})
    assert (nobody.status, nobody.messages) == (200, ())


@settings(max_examples=1000, deadline=None)
@given(data=st.data())
def test_mutated_deliveries_never_raise(account: TelegramChannel, data: st.DataObject) -> None:
    """Flipped bits and swapped pieces are refused or read; a wrong secret is never accepted."""
    body = bytearray(json.dumps(message({"text": "I want 3 kettles 茶"})).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at] = data.draw(st.integers(0, 255))
    secret = data.draw(st.sampled_from([SECRET, SECRET[::-1], "", SECRET.upper()]))

    received = deliver(account, bytes(body), secret=secret)

    assert received.status in ({200, 400} if secret == SECRET else {401})
    assert received.messages == () or received.status == 200


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(sorted(Update.model_fields))
                | st.sampled_from(["chat", "id", "from", "text", "date", "message_id", "data"]),
                inner,
            )
        ),
        max_leaves=30,
    )
)
def test_any_json_is_answered(account: TelegramChannel, value: object) -> None:
    """Whatever JSON arrives under the secret has an answer that is no fault of ours."""
    update = {"update_id": 1, "message": value, "callback_query": value}

    assert deliver(account, update).status in {200, 400}
