"""What the account sends arrives as it should look, and every refusal is understood."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import (
    Accepted,
    Ambiguous,
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    SendResult,
    Unreachable,
    WindowClosed,
)
from channels.messages import (
    Address,
    Card,
    Choices,
    Link,
    Media,
    Option,
    OutboundContent,
    OutboundMessage,
    Text,
)
from channels.simulators.faults import Fault, FaultKind
from channels.simulators.telegram.people import Phone
from channels.simulators.telegram.server import TelegramSimulator
from channels.simulators.telegram.state import BotAccount, Chat, Person
from channels.telegram.adapter import TelegramChannel, create
from tests.channels.telegram.conftest import NOW, options


def outbound(
    content: OutboundContent, *, peer: str = "4711", thread: str | None = None, part: int = 0
) -> OutboundMessage:
    """Return a message to somebody."""
    address = Address(channel="telegram", account="kettle", peer=peer, thread=thread)
    return OutboundMessage(id=uuid4(), address=address, content=content, part=part)


async def send_all(channel: TelegramChannel, content: OutboundContent) -> list[SendResult]:
    """Send every piece of a content."""
    results: list[SendResult] = []
    while not results or (isinstance(results[-1], Accepted) and results[-1].more):
        results.append(await channel.send(outbound(content, part=len(results))))
    return results


async def test_styles_buttons_and_links(channel: TelegramChannel, ada: Phone) -> None:
    """A cited answer is a bold title, its text, its source and its buttons."""
    card = Card(
        title="Returns & refunds",
        text="Within **30 days** if 1 < 2. *Really.* `RMA`",
        link=Link(label="Source", url="https://shop.example/r?a=1&b=2"),
        options=(
            Option(value="kb:helpful:returns", label="That helped"),
            Option(value="kb:not_helpful:returns", label="No"),
            Option(value="human", label="I would rather talk to a person"),
            Option(value="shop", label="Shop", url="https://shop.example/"),
        ),
    )

    (result,) = await send_all(channel, card)

    (seen,) = ada.seen()
    assert result == Accepted((str(seen["message_id"]),))
    assert seen["text"] == "Returns & refunds\nWithin 30 days if 1 < 2. Really. RMA\nSource"
    assert [(e["type"], e.get("url")) for e in seen["entities"]] == [
        ("bold", None),
        ("bold", None),
        ("italic", None),
        ("code", None),
        ("text_link", "https://shop.example/r?a=1&b=2"),
    ]
    rows = seen["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [
        ["That helped", "No"],
        ["I would rather talk to a person"],
        ["Shop"],
    ]
    assert rows[0][0]["callback_data"] == "=kb:helpful:returns"


async def test_long_texts_come_in_pieces_with_buttons_at_the_end(
    channel: TelegramChannel, ada: Phone
) -> None:
    """Each call shows one piece; what was accepted is not sent again."""
    text = "壶🫖" * 1990
    content = Choices(text=text, options=(Option(value="y", label="好"),))

    results = await send_all(channel, content)

    assert [isinstance(r, Accepted) and r.more for r in results] == [True, False]
    first, last = ada.seen()
    assert first["text"] + last["text"] == text
    assert "reply_markup" not in first
    assert last["reply_markup"]["inline_keyboard"][0][0]["text"] == "好"


@pytest.mark.parametrize(
    ("mime", "field"),
    [("image/png", "photo"), ("video/mp4", "video"), ("application/pdf", "document")],
)
async def test_files_and_what_cannot_be_shown(
    channel: TelegramChannel, ada: Phone, mime: str, field: str
) -> None:
    """A file is sent as what it is; one of another kind is its address."""
    url = "https://shop.example/file"

    await send_all(channel, Media(url=url, mime=mime, caption="Our *file*"))
    await send_all(channel, Media(url=url, mime="audio/midi", caption="Our *file*"))

    shown, linked = ada.seen()
    assert field in shown
    assert shown["caption"] == "Our file"
    assert linked["text"] == f"Our file\n{url}"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(text=st.text(min_size=1, max_size=400), label=st.text(min_size=1, max_size=80))
async def test_nothing_we_send_is_refused(
    channel: TelegramChannel, ada: Phone, text: str, label: str
) -> None:
    """Whatever the text, its pieces and buttons are within what Telegram takes."""
    content = Choices(text=text, options=(Option(value=label, label=label),))

    for result in await send_all(channel, content):
        assert isinstance(result, Accepted), text


FAULTS: list[tuple[FaultKind, type[SendResult]]] = [
    ("too_many", RateLimited),
    ("bad_gateway", Ambiguous),
    ("server_error", Retryable),
    ("reset", Ambiguous),
    ("revoked", Misconfigured),
]


@pytest.mark.parametrize(("kind", "expected"), FAULTS)
async def test_every_fault_has_its_outcome(
    simulator: TelegramSimulator,
    channel: TelegramChannel,
    ada: Phone,
    kind: FaultKind,
    expected: type[SendResult],
) -> None:
    """A fault is told as what it is, and one call is one attempt."""
    simulator.faults.add("sendMessage", Fault(kind, seconds=7))

    result = await channel.send(outbound(Text(text="hi")))
    again = await channel.send(outbound(Text(text="hi")))

    assert isinstance(result, expected)
    assert not isinstance(result, RateLimited) or (result.after_seconds, result.scope) == (
        7,
        "chat",
    )
    assert isinstance(again, Accepted)
    assert [name for name, _ in simulator.calls] == ["sendMessage", "sendMessage"]


async def test_who_cannot_be_reached(
    simulator: TelegramSimulator, bot: BotAccount, channel: TelegramChannel, ada: Phone
) -> None:
    """Blocked, never met, unknown, kicked: each says what would change it."""
    await ada.block()
    simulator.add_person(Person(4712))
    group = Phone(simulator, bot, Person(4713), chat=Chat(-100, "supergroup", "Tea", kicked=True))

    told = {
        peer: await channel.send(outbound(Text(text="hi"), peer=peer))
        for peer in ("4711", "4712", "999", str(group.chat.id))
    }

    assert told == {
        "4711": Unreachable("the customer unblocks the bot"),
        "4712": Unreachable("the customer writes to the bot first"),
        "999": Unreachable("the customer writes to the bot first"),
        "-100": Unreachable("the bot is added to the chat again"),
    }
    await ada.block(blocked=False)
    assert isinstance(await channel.send(outbound(Text(text="hi"))), Accepted)


async def test_a_group_that_moved_is_followed(
    simulator: TelegramSimulator, bot: BotAccount, channel: TelegramChannel
) -> None:
    """A group that became a supergroup gets the next attempt there."""
    Phone(simulator, bot, Person(1), chat=Chat(-5, "group", "Tea", moved_to=-1005))
    new = Phone(simulator, bot, Person(1), chat=Chat(-1005, "supergroup", "Tea"))

    first = await channel.send(outbound(Text(text="hi"), peer="-5"))
    second = await channel.send(outbound(Text(text="hi"), peer="-5"))

    assert isinstance(first, Retryable)
    assert isinstance(second, Accepted)
    assert [m["text"] for m in new.seen()] == ["hi"]


async def test_business_chats(
    simulator: TelegramSimulator, channel: TelegramChannel, ada: Phone
) -> None:
    """A reply goes through the connection; one that is gone closes the window."""
    simulator.world.connections["BC1"] = {"id": "BC1"}

    sent = await channel.send(outbound(Text(text="hi"), thread="business.BC1"))
    gone = await channel.send(outbound(Text(text="hi"), thread="business.BC2"))

    assert isinstance(sent, Accepted)
    assert ada.seen()[0]["business_connection_id"] == "BC1"
    assert isinstance(gone, WindowClosed)


async def test_refused_markup_is_tried_as_plain_text(
    channel: TelegramChannel, ada: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When Telegram cannot read our markup the words still arrive."""
    monkeypatch.setattr("channels.simulators.telegram.markup._TAGS", {})

    result = await channel.send(outbound(Text(text="a **b** & <c>")))

    assert isinstance(result, Accepted)
    assert [m["text"] for m in ada.seen()] == ["a b & <c>"]


async def test_the_token_is_never_told(simulator: TelegramSimulator, bot: BotAccount) -> None:
    """Neither a refused connection nor an address that may not be reached names the token."""
    for more in ({"api_url": "http://127.0.0.1:9"}, {"allow_networks": ""}):
        channel = create(options(simulator, **more))
        result = await channel.send(outbound(Text(text="hi")))
        await channel.close()
        assert isinstance(result, Retryable | Misconfigured)
        assert bot.token[:9] not in str(result)


async def test_a_peer_that_is_no_chat_is_refused(channel: TelegramChannel) -> None:
    """An address that cannot be a Telegram chat never reaches the network."""
    result = await channel.send(outbound(Text(text="hi"), peer="ada@example.com"))

    assert isinstance(result, Rejected)


async def test_polling_moves_on_only_by_its_cursor(
    simulator: TelegramSimulator, channel: TelegramChannel, ada: Phone
) -> None:
    """What was read stays at Telegram until the next one is asked for."""
    await ada.say("one")
    await ada.say("two")

    first = await channel.pull(None, now=NOW)
    again = await channel.pull(None, now=NOW)
    waiting = asyncio.create_task(channel.pull(first.cursor, now=NOW))
    await ada.say("three")
    third = await waiting

    def said(pulled: object) -> list[str]:
        messages = getattr(pulled, "messages", ())
        return [m.content.text for m, _ in messages]

    assert said(first) == said(again) == ["one", "two"]
    assert said(third) == ["three"]
    assert first.failure is None


async def test_polled_buttons_are_acknowledged(
    simulator: TelegramSimulator, channel: TelegramChannel, ada: Phone
) -> None:
    """The clock on a pressed button stops once the press is stored."""
    await send_all(channel, Choices(text="?", options=(Option(value="y", label="Yes"),)))
    question = await ada.press("Yes")

    pulled = await channel.pull(None, now=NOW)
    before = simulator.world.questions[question]
    await channel.acknowledge(pulled)

    assert (before, simulator.world.questions[question]) == (False, True)


async def test_failures_of_polling_are_told(
    simulator: TelegramSimulator, channel: TelegramChannel
) -> None:
    """A poll that fails says why and loses no place."""
    simulator.faults.add("getUpdates", Fault("revoked"))

    pulled = await channel.pull("5", now=NOW)

    assert isinstance(pulled.failure, Misconfigured)
    assert pulled.messages == ()
