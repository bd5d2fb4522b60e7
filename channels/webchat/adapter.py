"""The adapter of web chat: the visitor reads our own store, so sending is committing."""

from datetime import datetime
from typing import Final

import orjson

from channels.contract import (
    Accepted,
    Capabilities,
    ChannelError,
    ChannelSettings,
    Received,
    SendResult,
    WebhookRequest,
)
from channels.messages import (
    TEXT_MAX,
    Address,
    Choice,
    InboundMessage,
    Notice,
    OutboundMessage,
    Sender,
    Text,
)
from channels.webchat.frames import FrameError, load_object, parse_message
from channels.webchat.tokens import Visitor, read_visitor_token, visitor_key

NAME: Final = "webchat"

CAPABILITIES: Final = Capabilities(
    text_max=TEXT_MAX,
    choices_max=13,
    cards=True,
    markdown=True,
    media=frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"}),
    proactive=frozenset({"reply", "staff", "survey", "campaign"}),
    delivered_by_commit=True,
)


def address_of(account: str, visitor: Visitor) -> Address:
    """Return the address of a visitor's conversation."""
    return Address(channel=NAME, account=account, peer=visitor.id)


def inbound(
    visitor: Visitor,
    content: Text | Choice | Notice,
    *,
    account: str,
    external_id: str,
    now: datetime,
) -> InboundMessage:
    """Return what an authenticated visitor said, or what became known of them, as a message."""
    return InboundMessage(
        external_id=external_id,
        address=address_of(account, visitor),
        sender=Sender(id=visitor.id, language=visitor.language),
        content=content,
        sent_at=now,
    )


def _refused(status: int, code: str, message: str) -> Received:
    body = orjson.dumps({"error": {"code": code, "message": message}})
    return Received(status=status, body=body, reason=code)


_OPTIONS: Final = frozenset({"widget_key", "secret_key", "origins", "identity"})


class WebchatChannel:
    """One widget's account; it has no connections of its own."""

    name: str = NAME

    def __init__(self, settings: ChannelSettings) -> None:
        self.account = settings.account
        self._widget_key = settings.options.get("widget_key", settings.account)
        secret = settings.options.get("secret_key")
        self._key = visitor_key(secret) if secret else None

    def capabilities(self) -> Capabilities:
        """Return what the widget shows."""
        return CAPABILITIES

    def receive(self, request: WebhookRequest, *, now: datetime) -> Received:
        """Verify the visitor token and normalise the body of `POST messages`."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        visitor = None
        if self._key is not None and scheme.lower() == "bearer":
            visitor = read_visitor_token(token.strip(), key=self._key, now=now)
        if visitor is None or visitor.widget_key != self._widget_key:
            return _refused(401, "unauthorized", "open a session and send its visitor token")
        try:
            said = parse_message(load_object(request.body))
        except FrameError as error:
            return _refused(400, error.code, error.message)
        message = inbound(
            visitor, said.content, account=self.account, external_id=said.client_msg_id, now=now
        )
        body = orjson.dumps({"client_msg_id": said.client_msg_id})
        return Received(messages=(message,), status=202, body=body)

    async def send(self, message: OutboundMessage) -> SendResult:
        """Accept: what is in the outbox is already where the visitor reads it."""
        return Accepted((str(message.id),))

    async def close(self) -> None:
        """Release nothing: there are no connections."""


def create(settings: ChannelSettings) -> WebchatChannel:
    """Return the adapter of one account.

    Args:
        settings: options `widget_key` (default: the account) and `secret_key`, without which
            `receive` refuses everything; `origins` and `identity` are for the web application.

    Raises:
        ChannelError: an option is unknown.
    """
    if unknown := settings.options.keys() - _OPTIONS:
        message = (
            f"webchat account {settings.account}: unknown options {sorted(unknown)}; "
            f"there are {sorted(_OPTIONS)}"
        )
        raise ChannelError(message)
    return WebchatChannel(settings)
