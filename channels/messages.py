"""Normalised messages: what came in, what goes out, and where to; pure data."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Literal, Self
from urllib.parse import quote, unquote
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

#: Longest text one inbound message may carry, in code points; longer input is refused at the edge.
TEXT_MAX = 4000

Name = Annotated[str, Field(min_length=1, max_length=64)]
#: Ids become keys and log fields, so they hold no control characters.
Identifier = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


@lru_cache(maxsize=100_000)
def _conversation_id(channel: str, account: str, peer: str, thread: str | None) -> UUID:
    return uuid5(NAMESPACE_URL, f"tributary:{_key(channel, account, peer, thread)}")


def _key(channel: str, account: str, peer: str, thread: str | None) -> str:
    parts = (channel, account, peer) if thread is None else (channel, account, peer, thread)
    return ":".join(quote(part, safe="") for part in parts)


class Value(BaseModel):
    """Base of all frozen message values; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(Value):
    """Where a message comes from and replies go; its string is the conversation key."""

    channel: Name  #: module name of the adapter, e.g. "webchat"
    account: Identifier  #: our own identity on that channel
    peer: Identifier  #: the chat on the other side
    thread: Identifier | None = None  #: sub-thread inside the chat, where a channel has them

    def __str__(self) -> str:
        return _key(self.channel, self.account, self.peer, self.thread)

    @classmethod
    def parse(cls, key: str) -> Self:
        """Return the address whose string is `key`.

        Raises:
            ValueError: `key` has not three or four colon-separated parts.
        """
        parts = [unquote(part) for part in key.split(":")]
        if len(parts) not in {3, 4}:
            message = f"an address has 3 or 4 parts, not {len(parts)}: {key!r}"
            raise ValueError(message)
        return cls(
            channel=parts[0],
            account=parts[1],
            peer=parts[2],
            thread=parts[3] if len(parts) == 4 else None,
        )

    @property
    def conversation_id(self) -> UUID:
        """The same id wherever and whenever it is computed, so no look-up is needed to store."""
        return _conversation_id(self.channel, self.account, self.peer, self.thread)


class Sender(Value):
    """Who wrote an inbound message, as far as the channel tells."""

    id: Identifier
    name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, max_length=35)  #: BCP-47, as the client states it


class Text(Value):
    """Plain text inbound; outbound the safe Markdown subset (bold, italic, code, lists, links)."""

    kind: Literal["text"] = "text"
    text: str = Field(min_length=1, max_length=TEXT_MAX)


class Media(Value):
    """A picture, recording or file kept elsewhere."""

    kind: Literal["media"] = "media"
    url: str = Field(max_length=2000)
    mime: str = Field(max_length=100)
    size: int | None = Field(default=None, ge=0)  #: bytes, when known
    caption: str | None = Field(default=None, max_length=TEXT_MAX)
    #: The provider's id of it, where it is fetched by that; `url` may then be empty.
    reference: str | None = Field(default=None, min_length=1, max_length=500)


class Choice(Value):
    """A button or quick reply the peer pressed."""

    kind: Literal["choice"] = "choice"
    value: str = Field(min_length=1, max_length=200)  #: the option's value, exact, needs no NLU
    label: str | None = Field(default=None, max_length=200)  #: what the peer saw on it
    message_id: UUID | None = None  #: the outbound message that offered it


class Location(Value):
    """A place the peer shared, in degrees (WGS 84)."""

    kind: Literal["location"] = "location"
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Contact(Value):
    """A phone number the peer shared; verified only when the channel vouches it is their own."""

    kind: Literal["contact"] = "contact"
    phone: str = Field(max_length=32)
    verified: bool = False
    name: str | None = Field(default=None, max_length=200)


class Notice(Value):
    """Something that happened on the channel or in the engine instead of a message.

    `edited` tells the new text of a message that was sent before, `other` anything else a channel
    tells that nobody waits for: both are recorded and answered by nothing.
    """

    kind: Literal["notice"] = "notice"
    name: Literal[
        "opened",
        "joined",
        "followed",
        "unfollowed",
        "identified",
        "edited",
        "other",
        "timer",
        "action_result",
        "told",
        "reported",  # what the channel tells of itself or of a message sent: recorded, no more
    ]
    data: dict[str, str] = Field(default_factory=dict)


class Unsupported(Value):
    """Known but not understood: acknowledged and recorded, never refused."""

    kind: Literal["unsupported"] = "unsupported"
    what: str = Field(max_length=200)


InboundContent = Annotated[
    Text | Media | Choice | Location | Contact | Notice | Unsupported, Field(discriminator="kind")
]


class WindowGrant(Value):
    """The right to send so many free messages until then, which an inbound message brought."""

    messages: int = Field(ge=1)
    until: AwareDatetime


class InboundMessage(Value):
    """One message or notice from a peer, as stored in the inbox before it is acknowledged."""

    external_id: Identifier  #: the provider's id; with channel and account the duplicate key
    address: Address
    sender: Sender
    content: InboundContent
    sent_at: AwareDatetime  #: UTC, as the provider states it, else the time of receipt
    window_grants: tuple[WindowGrant, ...] = ()


class Option(Value):
    """One thing to press: `value` comes back as a Choice, or `url` opens."""

    value: str = Field(min_length=1, max_length=200)
    label: str = Field(min_length=1, max_length=200)
    url: str | None = Field(default=None, max_length=2000)


class Choices(Value):
    """A text with options; quick replies vanish after use, buttons stay."""

    kind: Literal["choices"] = "choices"
    text: str = Field(min_length=1, max_length=TEXT_MAX)
    options: tuple[Option, ...] = Field(min_length=1, max_length=13)
    style: Literal["quick_replies", "buttons"] = "quick_replies"


class Link(Value):
    """A web address with the words that stand for it."""

    label: str = Field(min_length=1, max_length=200)
    url: str = Field(min_length=1, max_length=2000)


class Card(Value):
    """A titled text with a link, a picture and options; also how a cited answer is shown."""

    kind: Literal["card"] = "card"
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(default="", max_length=TEXT_MAX)
    link: Link | None = None  #: the source of an answer, or where the card leads
    image_url: str | None = Field(default=None, max_length=2000)
    options: tuple[Option, ...] = Field(default=(), max_length=13)


OutboundContent = Annotated[Text | Media | Choices | Card, Field(discriminator="kind")]

Purpose = Literal["reply", "staff", "survey", "campaign"]


class OutboundMessage(Value):
    """One message to a peer; its id is the idempotency key all the way out."""

    id: UUID
    address: Address
    content: OutboundContent
    purpose: Purpose = "reply"
    in_reply_to: int | None = None  #: sequence number of the inbound item it answers
    owner_epoch: int = 0  #: conversation ownership it was computed under; older ones are refused
    expires_at: datetime | None = None  #: UTC; refused, not sent, when later than this
    #: Which of the pieces the channel cuts it into is to be sent now, from 0.
    part: int = Field(default=0, ge=0)


def fallback_text(content: OutboundContent) -> str:
    """Return `content` as plain text, for channels, exports and readers that show nothing else."""
    match content:
        case Text():
            return content.text
        case Media():
            return " ".join(part for part in (content.caption, content.url) if part)
        case Choices():
            return "\n".join([content.text, *_option_lines(content.options)])
        case Card():
            lines = [content.title, content.text]
            if content.link is not None:
                lines.append(f"{content.link.label}: {content.link.url}")
            lines += _option_lines(content.options)
            return "\n".join(line for line in lines if line)


def _option_lines(options: tuple[Option, ...]) -> list[str]:
    """Return what can be chosen with numbers, then what opens a page with its address."""
    chosen = [option for option in options if option.url is None]
    lines = [f"{number}. {option.label}" for number, option in enumerate(chosen, start=1)]
    return lines + [f"{o.label}: {o.url}" for o in options if o.url is not None]
