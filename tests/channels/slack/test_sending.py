"""What the account posts looks as it should, and every refusal is understood."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.contract import (
    Accepted,
    Ambiguous,
    Misconfigured,
    RateLimited,
    Retryable,
    SendResult,
    Unreachable,
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
from channels.simulators.slack.people import Member
from channels.simulators.slack.server import SlackSimulator
from channels.simulators.slack.state import Place
from channels.slack.adapter import SlackChannel, create
from tests.channels.contract import NOW
from tests.channels.slack.conftest import options


def outbound(
    content: OutboundContent, *, peer: str = "D0ADA", thread: str | None = None, part: int = 0
) -> OutboundMessage:
    """Return a message to a place."""
    address = Address(channel="slack", account="support", peer=peer, thread=thread)
    return OutboundMessage(id=uuid4(), address=address, content=content, part=part)


async def send_all(channel: SlackChannel, content: OutboundContent) -> list[SendResult]:
    """Send every piece of a content."""
    results: list[SendResult] = []
    while not results or (isinstance(results[-1], Accepted) and results[-1].more):
        results.append(await channel.send(outbound(content, part=len(results))))
    return results


async def test_a_cited_answer(channel: SlackChannel, ada: Member) -> None:
    """Title, styles, source and buttons; what looks like Slack's markup stays words."""
    card = Card(
        title="Returns",
        text="**30 days**, <!channel> & <@U1>. `RMA`",
        link=Link(label="Source", url="https://shop.example/r"),
        options=tuple(Option(value=f"v{n}", label=f"Option {n}") for n in range(7)),
    )

    (result,) = await send_all(channel, card)

    (seen,) = ada.seen()
    assert result == Accepted((seen["ts"],))
    section = seen["blocks"][0]["elements"][0]["elements"]
    assert section == [
        {"type": "text", "text": "Returns", "style": {"bold": True}},
        {"type": "text", "text": "\n"},
        {"type": "text", "text": "30 days", "style": {"bold": True}},
        {"type": "text", "text": ", <!channel> & <@U1>. "},
        {"type": "text", "text": "RMA", "style": {"code": True}},
        {"type": "text", "text": "\n"},
        {"type": "link", "url": "https://shop.example/r", "text": "Source"},
    ]
    assert "&lt;!channel&gt; &amp; &lt;@U1&gt;" in seen["text"]
    assert [len(block["elements"]) for block in seen["blocks"][1:]] == [5, 2]
    assert seen["metadata"]["event_payload"]["part"] == 0


async def test_pictures_long_texts_and_threads(
    simulator: SlackSimulator, channel: SlackChannel, ada: Member
) -> None:
    """A picture is shown, a long text comes in pieces, a thread is answered in the thread."""
    await send_all(channel, Media(url="https://shop.example/a.png", mime="image/png"))
    results = await send_all(channel, Text(text="Nice tea. " * 350))
    place = Place("C1", "channel", members={simulator.workspace.bot_member})
    simulator.workspace.channels["C1"] = place
    await channel.send(outbound(Text(text="hi"), peer="C1", thread="5.1"))

    picture, first, second = ada.seen()
    assert picture["blocks"][0]["type"] == "image"
    assert [isinstance(r, Accepted) and r.more for r in results] == [True, False]
    assert f"{first['text']} {second['text']}".split() == ["Nice", "tea."] * 350
    assert place.messages[0]["thread_ts"] == "5.1"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(text=st.text(min_size=1, max_size=400), label=st.text(min_size=1, max_size=100))
async def test_nothing_we_send_is_refused(
    channel: SlackChannel, ada: Member, text: str, label: str
) -> None:
    """Whatever the text, its blocks are valid for Slack's own library."""
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
    simulator: SlackSimulator,
    channel: SlackChannel,
    ada: Member,
    kind: FaultKind,
    expected: type[SendResult],
) -> None:
    """A fault is told as what it is, and one call is one attempt."""
    simulator.faults.add("chat.postMessage", Fault(kind, seconds=7))

    result = await channel.send(outbound(Text(text="hi")))
    again = await channel.send(outbound(Text(text="hi")))

    assert isinstance(result, expected)
    assert not isinstance(result, RateLimited) or result.after_seconds == 7
    assert isinstance(again, Accepted)
    assert len(simulator.calls) == 2


async def test_where_the_app_cannot_write(
    simulator: SlackSimulator, channel: SlackChannel
) -> None:
    """Unknown, not invited, archived, without a scope, removed: each says what would mend it."""
    own = simulator.workspace.bot_member
    simulator.workspace.channels |= {
        "C1": Place("C1", "channel"),
        "C2": Place("C2", "channel", members={own}, archived=True),
        "C3": Place("C3", "channel", members={own}),
    }
    told = [await channel.send(outbound(Text(text="hi"), peer=p)) for p in ("C9", "C1", "C2")]
    simulator.workspace.scopes = frozenset()
    told.append(await channel.send(outbound(Text(text="hi"), peer="C3")))
    simulator.workspace.installed = False
    told.append(await channel.send(outbound(Text(text="hi"), peer="C3")))

    assert told[0] == told[1] == Unreachable("the app is invited to the channel")
    assert told[2] == Unreachable("the channel is opened again")
    assert [type(result) for result in told[3:]] == [Misconfigured, Misconfigured]
    assert "scope" in str(told[3])


@pytest.fixture
async def other(simulator: SlackSimulator) -> AsyncWebClient:
    """Slack's own client library."""
    token = simulator.workspace.bot_token
    return AsyncWebClient(token, base_url=f"{simulator.url}/api/")


async def test_slacks_own_client_is_content(other: AsyncWebClient, ada: Member) -> None:
    """The simulated Web API answers as Slack's library expects."""
    who = await other.auth_test()
    opened = await other.conversations_open(users=[ada.id])
    sent = await other.chat_postMessage(channel=opened["channel"]["id"], text="hi")
    await other.chat_update(channel=sent["channel"], ts=sent["ts"], text="hello")
    person = await other.users_info(user=ada.id)

    assert who["user_id"] == "U0BOT"
    assert [m["text"] for m in ada.seen()] == ["hello"]
    assert person["user"]["profile"]["real_name"] == "Ada"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await other.chat_postMessage(channel="C404", text="hi")
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await other.chat_postMessage(
            channel=sent["channel"],
            text="x",
            blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        )


async def test_socket_mode(simulator: SlackSimulator, ada: Member) -> None:
    """Deliveries come over a socket, are acknowledged once stored, and survive its breaking."""
    channel = create(options(simulator, signing_secret="", app_token="xapp-simulated"))
    looking = asyncio.create_task(channel.pull(None, now=NOW))
    await simulator.linked.wait()
    ada.say("over the socket")
    first = await looking
    again = await channel.pull(None, now=NOW)  # not acknowledged: it comes once more
    await channel.acknowledge(again)
    await simulator.settled()
    await simulator.drop_sockets()
    ada.say("after it broke")
    second = await channel.pull(None, now=NOW)
    await channel.acknowledge(second)
    await simulator.settled()
    await channel.close()

    assert [m.content for m, _ in first.messages] == [Text(text="over the socket")]
    assert first.messages[0][0].external_id == again.messages[0][0].external_id
    assert [m.content for m, _ in second.messages] == [Text(text="after it broke")]


async def test_a_wrong_app_token_is_told(simulator: SlackSimulator) -> None:
    """A token that Slack does not take is named, and nothing is tried in a loop."""
    channel = create(options(simulator, app_token="xapp-other"))

    pulled = await channel.pull(None, now=NOW)
    await channel.close()

    assert isinstance(pulled.failure, Misconfigured)
    assert "app_token" in pulled.failure.cause


async def test_how_an_account_stands(simulator: SlackSimulator, channel: SlackChannel) -> None:
    """Whose token it is, where Slack has to deliver, and what is to mend."""
    nowhere = await channel.examine(None)
    plain = await channel.examine("http://bot.example")
    known = await channel.examine("https://bot.example")
    simulator.faults.add("auth.test", Fault("revoked"))
    revoked = await channel.examine("https://bot.example")
    simulator.faults.add("auth.test", Fault("bad_gateway"))
    away = await channel.examine("https://bot.example")

    assert nowhere[0].what == "the token is that of kettle in Simulated"
    assert [found[1].state for found in (nowhere, plain, known)] == ["fault", "fault", "note"]
    assert "https://bot.example/webhooks/slack/support" in known[1].what
    assert [found[0].state for found in (revoked, away)] == ["fault", "fault"]
