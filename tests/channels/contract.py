"""What holds for every channel: one class of tests, run for each by a subclass with its wire."""

import random
from abc import abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import BODY_MAX, Accepted, Channel, Received, WebhookRequest
from channels.messages import (
    Address,
    Card,
    Choices,
    Link,
    Option,
    OutboundContent,
    OutboundMessage,
    Text,
)
from channels.rendering import render

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

CONTENTS: tuple[OutboundContent, ...] = (
    Text(text="Hello **there**, 您好 😀"),
    Text(text="一二三四五。" * 600),
    Choices(text="?", options=tuple(Option(value=f"v{n}", label=f"L{n}") for n in range(13))),
    Card(title="T", text="t", link=Link(label="L", url="https://shop.example/")),
)


def outbound(address: Address, content: OutboundContent, *, number: int = 1) -> OutboundMessage:
    """Return a message to a peer."""
    return OutboundMessage(id=UUID(int=number), address=address, content=content)


class ChannelContract:
    """The promises; a subclass says how its provider speaks."""

    #: Whether the provider's proof says when it was made.
    dated = True

    @abstractmethod
    def make(self) -> Channel:
        """Return a channel that believes `genuine`."""

    @abstractmethod
    def genuine(self, *, at: datetime, peer: str = "oPeer") -> WebhookRequest:
        """Return a request that says "hello", as the provider makes it at that time."""

    @cached_property
    def channel(self) -> Channel:
        """One channel for many requests of a test."""
        return self.make()

    def received(self, request: WebhookRequest, *, now: datetime = NOW) -> Received:
        """Return what the channel makes of a request."""
        return self.channel.receive(request, now=now)

    def test_what_the_provider_says_is_taken(self) -> None:
        """A genuine request is one message, of this account, from whom it says."""
        channel = self.make()

        received = channel.receive(self.genuine(at=NOW), now=NOW)

        (message,) = received.messages
        assert 200 <= received.status < 300
        assert not received.reason
        assert message.content == Text(text="hello")
        assert (message.address.channel, message.address.account) == (
            channel.name,
            channel.account,
        )
        assert message.sent_at == NOW

    def test_a_repeated_delivery_has_the_same_key(self) -> None:
        """A request that comes again, here or after a restart, is the same message."""
        first = self.received(self.genuine(at=NOW))
        again = self.make().receive(self.genuine(at=NOW), now=NOW)

        assert first.messages[0].external_id == again.messages[0].external_id
        assert first.messages[0].address == again.messages[0].address

    def test_peers_are_told_apart(self) -> None:
        """Two senders have two conversations."""
        one, other = (self.received(self.genuine(at=NOW, peer=peer)) for peer in ("a", "b"))

        assert one.messages[0].address.conversation_id != other.messages[0].address.conversation_id

    def test_what_is_refused_stores_nothing_and_says_why(self) -> None:
        """Without one part of its proof a request is refused, with a reason and no message."""
        request = self.genuine(at=NOW)
        stripped = [replace(request, query={}, headers={}), replace(request, body=b"")]

        for bad in stripped:
            received = self.received(bad)
            assert received.status in {400, 401}
            assert received.reason
            assert received.messages == ()

    def test_old_requests_are_refused(self) -> None:
        """A recorded request is worth nothing later, where requests are dated at all."""
        if not self.dated:
            return
        received = self.received(self.genuine(at=NOW), now=NOW + timedelta(days=400))

        assert received.status == 401
        assert received.messages == ()

    def test_large_bodies_are_refused(self) -> None:
        """A body beyond the limit is refused before it is read."""
        received = self.received(replace(self.genuine(at=NOW), body=b"x" * (BODY_MAX + 1)))

        assert received.status in {400, 401, 413}
        assert received.messages == ()

    def test_other_methods_are_refused(self) -> None:
        """What no provider does gets a clean answer."""
        for method in ("PUT", "DELETE", "get", ""):
            received = self.received(
                WebhookRequest(method, {}, {}, b""),
            )
            assert 400 <= received.status < 500
            assert received.messages == ()

    def test_no_mutated_request_is_accepted(self) -> None:
        """Of a thousand requests with one bit of proof or signed body changed none is accepted."""
        rng = random.Random(3)
        request = self.genuine(at=NOW)
        accepted = [
            changed
            for changed in (self.mutated(request, rng) for _ in range(1_000))
            if self.received(changed).messages
        ]

        assert accepted == []

    @abstractmethod
    def mutated(self, request: WebhookRequest, rng: random.Random) -> WebhookRequest:
        """Return the request with something changed that its signature covers."""

    def test_nothing_hostile_raises(self) -> None:
        """Whatever the bytes, headers and parameters, there is an answer and no message."""
        request = self.genuine(at=NOW)

        @given(st.binary(max_size=300), st.text(max_size=30), st.text(max_size=30))
        def check(body: bytes, name: str, value: str) -> None:
            for hostile in (
                replace(request, body=body),
                WebhookRequest("POST", {name: value}, {name: value}, body),
                replace(request, query={**request.query, name: value}, body=body),
            ):
                received = self.received(hostile)
                assert received.status in {400, 401, 413}
                assert received.messages == ()

        check()

    def test_everything_fits_what_the_channel_can_show(self) -> None:
        """Contents degrade and split to what the capabilities declare."""
        capabilities = self.make().capabilities()
        sizes: dict[str, Any] = {
            "utf8_bytes": lambda text: len(text.encode()),
            "utf16_units": lambda text: len(text.encode("utf-16-le")) // 2,
            "code_points": len,
        }

        for content in CONTENTS:
            rendered = render(content, capabilities)
            assert rendered.texts
            for text in rendered.texts:
                assert sizes[capabilities.text_unit](text) <= capabilities.text_max
            assert rendered.numbered or len(rendered.options) <= capabilities.choices_max

    async def test_sending_says_what_came_of_it(self) -> None:
        """Each content is accepted by the provider, piece by piece, in one attempt each."""
        channel = self.make()
        try:
            (message,) = channel.receive(self.genuine(at=NOW), now=NOW).messages
            for number, content in enumerate(CONTENTS, start=1):
                whole = outbound(message.address, content, number=number)
                for part in range(20):
                    result = await channel.send(whole.model_copy(update={"part": part}))
                    assert isinstance(result, Accepted), result
                    if not result.more:
                        break
                else:
                    pytest.fail("a message never ends")
        finally:
            await channel.close()
