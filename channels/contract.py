"""What a channel adapter is: a pure receive, a one-attempt send, capabilities as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from channels.messages import InboundMessage, OutboundContent, OutboundMessage
from channels.tokens import TokenStore

#: Largest webhook body that is read at all, in bytes.
BODY_MAX = 256 * 1024


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an account can show and when it may speak; data, which may shrink at run time."""

    text_max: int  #: longest text of one message, in `text_unit`
    text_unit: Literal["utf8_bytes", "utf16_units", "code_points"] = "code_points"
    choices_max: int = 0  #: buttons one message can carry; 0: degraded to numbered text
    label_max: int = 200  #: longest button label, in code points
    cards: bool = False
    markdown: bool = False
    media: frozenset[str] = frozenset()  #: MIME types it can send
    reply_window_seconds: int | None = None  #: None: replies are always free
    proactive: frozenset[str] = frozenset()  #: purposes that may be sent outside the window
    rate_per_second: float | None = None  #: per account; None: no limit of its own
    #: True where committing the message is delivering it (the peer reads our own store), so
    #: delivery is exactly once and no network call is made.
    delivered_by_commit: bool = False


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One HTTP request, raw, before anything about it is believed."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  #: lower-case names
    body: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """What a request turned out to be: messages to store, and how to answer once they are."""

    messages: tuple[InboundMessage, ...] = ()
    status: int = 200  #: 401 bad signature, 400 malformed; neither stores anything
    body: bytes = b"{}"
    media_type: str = "application/json"
    reason: str = ""  #: why it was refused, without payload, for the log and the caller


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message, or one of the pieces it is cut into."""

    ids: tuple[str, ...] = ()
    more: bool = False  #: whether a further piece is to be sent


@dataclass(frozen=True, slots=True)
class Retryable:
    """Nothing was sent; the same attempt may be made later."""

    cause: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It may or may not have been sent; replies are tried again, campaigns are not."""

    cause: str


@dataclass(frozen=True, slots=True)
class RateLimited:
    """The provider wants silence for so many seconds, for this chat or the whole account."""

    after_seconds: float
    scope: Literal["chat", "account"] = "chat"


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """The reply window is over; only what is named reopens it."""

    reopens_by: str
    holds: bool = False  #: whether the message may wait for that, whatever rights there are


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The peer cannot be reached until something happens on their side."""

    until: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refuses this content for ever; `fix` names what would help."""

    fix: Literal["split", "plain", "reupload", "none"]
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """Our account or secret is wrong; nobody's messages will pass until staff mend it."""

    cause: str


SendResult = (
    Accepted
    | Retryable
    | Ambiguous
    | RateLimited
    | WindowClosed
    | Unreachable
    | Rejected
    | Misconfigured
)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a provider that is read, rather than delivering, had."""

    messages: tuple[tuple[InboundMessage, str], ...] = ()  #: each with its raw payload
    #: where to read on, once these are stored; None: from the beginning
    cursor: str | None = None
    receipts: tuple[str, ...] = ()  #: what the provider wants acknowledged, in its own terms
    failure: "SendResult | None" = None  #: why nothing could be read
    more: bool = False  #: whether to read on at once


class ChannelError(Exception):
    """A channel account cannot work as configured."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One account of one channel as `bot.yml` names it, secrets already read."""

    channel: str
    account: str
    options: Mapping[str, str] = field(default_factory=dict)
    #: Where lent access tokens are shared by all processes; None: each has its own.
    tokens: TokenStore | None = None


class Channel(Protocol):
    """An adapter to one account of one messaging service."""

    name: str
    account: str

    def capabilities(self) -> Capabilities:
        """Return what this account can do now."""
        ...

    def receive(self, request: WebhookRequest, *, now: datetime) -> Received:
        """Verify and normalise one request; no network, no database, never raises on any bytes."""
        ...

    async def send(self, message: OutboundMessage) -> SendResult:
        """Make one attempt to deliver `message`, without hidden retries."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


@runtime_checkable
class CountedChannel(Protocol):
    """An adapter whose provider lets a customer's message be answered by so many, and no more."""

    def pieces(self, content: OutboundContent) -> int:
        """Return how many messages `content` is; pure."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a delivery that says something to the peer."""

    body: bytes
    media_type: str
    said: tuple[int, ...] = ()  #: pieces it says of each of the messages that waited


@runtime_checkable
class PassiveChannel(Protocol):
    """An adapter whose account may have the right to speak in answers to deliveries only."""

    passive: bool  #: False where this account sends by itself

    def pieces(self, content: OutboundContent) -> int:
        """Return how many messages `content` is; pure."""
        ...

    def answer(
        self, request: WebhookRequest, waiting: Sequence[OutboundMessage], *, now: datetime
    ) -> Answer:
        """Return the answer that says as much as it can of what waits; pure.

        Args:
            request: the delivery, which was received before.
            waiting: in order, each from its `part` on; at least one.
            now: of receipt, UTC.
        """
        ...

    def soon(self, request: WebhookRequest, language: str | None, *, now: datetime) -> Answer:
        """Return the answer that asks for a moment's patience; pure."""
        ...


class PulledChannel(Channel, Protocol):
    """An adapter whose provider is read: nothing is dropped there before it is stored here."""

    pulls: bool  #: False where the account's messages are delivered instead

    async def pull(self, cursor: str | None, *, now: datetime) -> Pulled:
        """Wait a while for messages after `cursor`; never raises."""
        ...

    async def acknowledge(self, pulled: Pulled) -> None:
        """Tell the provider that these are stored, where it wants to hear more than a cursor."""
        ...
