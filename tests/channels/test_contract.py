"""Every channel keeps the contract: verified in, one attempt out."""

import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
import pytest

from channels import callback, webchat, wechat
from channels.contract import Channel, ChannelSettings, WebhookRequest
from channels.simulators.slack.server import SlackSimulator
from channels.simulators.slack.state import Workspace
from channels.simulators.telegram.people import Phone
from channels.simulators.telegram.server import TelegramSimulator
from channels.simulators.telegram.state import Person
from channels.simulators.wechat import WechatSimulator
from channels.simulators.wechat.account import Account
from channels.slack import adapter as slack
from channels.telegram import adapter as telegram
from channels.webchat.tokens import (
    VISITOR_LIFETIME,
    Visitor,
    issue_visitor_token,
    new_visitor,
    visitor_key,
)
from tests.bots.partner import Partner
from tests.channels.contract import NOW, ChannelContract
from tests.channels.slack import wire as slack_wire
from tests.channels.slack.conftest import options as slack_options
from tests.channels.telegram import conftest as telegram_wire
from tests.channels.wechat import wire
from tests.channels.wechat.conftest import options_of
from tests.channels.wechat.samples import PEER, SECONDS, Sample, xml_of

SECRET = "a secret of 16 characters or more"


def flipped(text: str, rng: random.Random) -> str:
    """Return `text` with one bit of one character changed."""
    at = rng.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ (1 << rng.randrange(7))) + text[at + 1 :]


class TestCallback(ChannelContract):
    """Signed JSON both ways."""

    @pytest.fixture(autouse=True)
    def _partner(self) -> Iterator[None]:
        self.partner = Partner()
        yield
        self.partner.close()

    def make(self) -> Channel:
        """Return an account of a partner on this machine."""
        options = {"secret": SECRET, "url": self.partner.url, "allow_networks": "127.0.0.0/8"}
        return callback.create(ChannelSettings("callback", "partner", options))

    def genuine(self, *, at: datetime, peer: str = "oPeer") -> WebhookRequest:
        """Return a signed message."""
        content = {"kind": "text", "text": "hello"}
        body = orjson.dumps({"id": "1", "peer": peer, "content": content})
        headers = {"x-tributary-signature": callback.sign(SECRET, body, now=at)}
        return WebhookRequest("POST", {}, headers, body)

    def mutated(self, request: WebhookRequest, rng: random.Random) -> WebhookRequest:
        """Change the body or the signature."""
        if rng.random() < 0.5:
            body = bytearray(request.body)
            body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
            return replace(request, body=bytes(body))
        name = "x-tributary-signature"
        return replace(request, headers={name: flipped(request.headers[name], rng)})


class TestTelegram(ChannelContract):
    """Updates with a shared secret, which no date goes with."""

    dated = False

    @pytest.fixture(autouse=True)
    async def _simulator(self) -> AsyncIterator[None]:
        self.simulator = TelegramSimulator(pace=0.01)
        await self.simulator.start()
        bot = self.simulator.add_bot(telegram_wire.TOKEN, "kettle_bot")
        await Phone(self.simulator, bot, Person(4711, "Ada", started=True)).say("hi")
        yield
        await self.simulator.close()

    def make(self) -> Channel:
        """Return the account at the simulator."""
        return telegram.create(telegram_wire.options(self.simulator))

    def genuine(self, *, at: datetime, peer: str = "4711") -> WebhookRequest:
        """Return an update with a private message."""
        number = int(peer) if peer.isdecimal() else ord(peer[0])
        who = {"id": number, "is_bot": False, "first_name": "Ada"}
        said = {
            "message_id": 7,
            "date": int(at.timestamp()),
            "chat": {"id": number, "type": "private", "first_name": "Ada"},
            "from": who,
            "text": "hello",
        }
        body = orjson.dumps({"update_id": 900, "message": said})
        headers = {"x-telegram-bot-api-secret-token": telegram_wire.SECRET}
        return WebhookRequest("POST", {}, headers, body)

    def mutated(self, request: WebhookRequest, rng: random.Random) -> WebhookRequest:
        """Change the secret; nothing else is proof of anything."""
        (name,) = request.headers
        return replace(request, headers={name: flipped(request.headers[name], rng)})


class TestWebchat(ChannelContract):
    """Visitors with tokens of ours, who read our own store."""

    @pytest.fixture(autouse=True)
    def _visitors(self) -> None:
        self.visitors: dict[str, Visitor] = {}

    def make(self) -> Channel:
        """Return the account of a widget."""
        return webchat.create(ChannelSettings("webchat", "demo", {"secret_key": SECRET * 2}))

    def genuine(self, *, at: datetime, peer: str = "oPeer") -> WebhookRequest:
        """Return a visitor's message."""
        visitor = self.visitors.setdefault(peer, new_visitor("demo", now=at))
        token = issue_visitor_token(
            visitor, key=visitor_key(SECRET * 2), lifetime=VISITOR_LIFETIME, now=at
        )
        body = orjson.dumps({"client_msg_id": "1", "content": {"kind": "text", "text": "hello"}})
        return WebhookRequest("POST", {}, {"authorization": f"Bearer {token}"}, body)

    def mutated(self, request: WebhookRequest, rng: random.Random) -> WebhookRequest:
        """Change the token."""
        scheme, _, token = request.headers["authorization"].partition(" ")
        return replace(request, headers={"authorization": f"{scheme} {flipped(token, rng)}"})


class TestWechat(ChannelContract):
    """Signed and encrypted callbacks, customer-service messages."""

    @pytest.fixture(autouse=True)
    async def _simulator(self) -> AsyncIterator[None]:
        account = Account(wire.APP_ID, token=wire.TOKEN, encoding_aes_key=wire.KEY)
        self.simulator = WechatSimulator(account)
        await self.simulator.start()
        self.simulator.rules.note("oPeer", "message", now=NOW + timedelta(days=10_000))
        self.simulator.rules.peers["oPeer"].left = 100
        yield
        await self.simulator.stop()

    def make(self) -> Channel:
        """Return the simulated account's adapter."""
        return wechat.create(ChannelSettings("wechat", "shop", options_of(self.simulator)))

    def genuine(self, *, at: datetime, peer: str = "oPeer") -> WebhookRequest:
        """Return an encrypted message, made by an implementation that is not ours."""
        sample = Sample("text", "<Content>hello</Content>", None)  # type: ignore[arg-type] # unused
        body = xml_of(sample, peer=peer).replace(str(SECONDS), str(int(at.timestamp())))
        assert PEER not in body
        return wire.callback(body, "safe", at=at)

    def mutated(self, request: WebhookRequest, rng: random.Random) -> WebhookRequest:
        """Change the encrypted part, the signature or what it covers."""
        return wire.mutated(request, rng)


class TestSlack(ChannelContract):
    """Signed notifications, read by Bolt."""

    @pytest.fixture(autouse=True)
    async def _simulator(self) -> AsyncIterator[None]:
        workspace = Workspace(slack_wire.SIGNING_SECRET, slack_wire.BOT_TOKEN)
        self.simulator = SlackSimulator(workspace)
        await self.simulator.start()
        workspace.direct("UoPeer")
        yield
        await self.simulator.close()

    def make(self) -> Channel:
        """Return an app's account in the simulated workspace."""
        return slack.create(slack_options(self.simulator))

    def genuine(self, *, at: datetime, peer: str = "oPeer") -> WebhookRequest:
        """Return a direct message, signed by Slack's own library."""
        said = slack_wire.direct("hello", at=at, channel=f"D{peer}", user=f"U{peer}")
        return slack_wire.notification(said, at=at)

    def mutated(self, request: WebhookRequest, rng: random.Random) -> WebhookRequest:
        """Change the body, the time or the signature."""
        if rng.random() < 0.5:
            body = bytearray(request.body)
            body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
            return replace(request, body=bytes(body))
        name = rng.choice(["x-slack-signature", "x-slack-request-timestamp"])
        changed = flipped(request.headers[name], rng)
        return replace(request, headers={**request.headers, name: changed})
