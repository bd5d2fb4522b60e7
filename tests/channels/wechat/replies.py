"""What tests send to the simulated customer, and what that one saw."""

from typing import Any
from uuid import uuid4

from channels.messages import Address, OutboundContent, OutboundMessage, Text
from channels.simulators.wechat import WechatSimulator
from tests.webchat.harness import Clock

PEER = "oPeer"
SEND = "/cgi-bin/message/custom/send"
TOKEN = "/cgi-bin/stable_token"


def message(content: OutboundContent | str, *, peer: str = PEER) -> OutboundMessage:
    """Return a reply to the customer."""
    what = Text(text=content) if isinstance(content, str) else content
    address = Address(channel="wechat", account="shop", peer=peer)
    return OutboundMessage(id=uuid4(), address=address, content=what)


def wrote(simulator: WechatSimulator, clock: Clock, *, did: str = "message") -> None:
    """Let the customer have done something, so that they may be written to."""
    simulator.rules.note(PEER, did, now=clock())


def seen(simulator: WechatSimulator) -> list[Any]:
    """Return the bodies the customer saw."""
    return [shown.body for shown in simulator.recorded.shown]


def calls(simulator: WechatSimulator, path: str) -> list[Any]:
    """Return the bodies of the calls of one interface."""
    return [body for called, body in simulator.recorded.calls if called == path]
