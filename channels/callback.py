"""The callback channel: signed JSON both ways, for any system that has no adapter of its own.

A partner posts messages to our webhook and takes replies at a URL of theirs. Both sides sign the
raw body: `x-tributary-signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Annotated, Final

import httpx
import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from channels.contract import (
    Accepted,
    Ambiguous,
    Capabilities,
    ChannelSettings,
    Misconfigured,
    RateLimited,
    Received,
    Rejected,
    Retryable,
    SendResult,
    Unreachable,
    WebhookRequest,
)
from channels.fetcher import SSRFProtectionError
from channels.messages import (
    Address,
    Choice,
    Contact,
    Identifier,
    InboundMessage,
    Location,
    Media,
    OutboundMessage,
    Sender,
    Text,
    Unsupported,
    fallback_text,
)
from channels.options import Options
from channels.refusals import refused, unreadable

#: How old or how far ahead a signature may be, seconds.
FRESH_SECONDS: Final = 300
#: Shortest secret that is accepted, characters.
SECRET_MIN: Final = 16
#: Longest pause a partner may ask for, seconds.
RETRY_AFTER_MAX: Final = 3600.0

#: Everything can be shown; the partner degrades what it cannot.
CAPABILITIES: Final = Capabilities(text_max=4000, choices_max=13, cards=True, markdown=True)

_SIGNATURE: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_SECRET: Final = re.compile(f".{{{SECRET_MIN},}}", re.DOTALL)
_KINDS: Final = {"text", "media", "choice", "location", "contact"}


class CallbackMessage(BaseModel):
    """What a partner posts."""

    model_config = ConfigDict(extra="forbid")

    id: Identifier  #: unique per peer; a repeated one has no second effect
    peer: Identifier
    name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, max_length=35)
    sent_at: AwareDatetime | None = None
    content: Annotated[
        Text | Media | Choice | Location | Contact | Unsupported, Field(discriminator="kind")
    ]


def sign(secret: str, body: bytes, *, now: datetime) -> str:
    """Return the signature header for `body`."""
    stamp = int(now.timestamp())
    digest = hmac.new(secret.encode(), b"%d.%b" % (stamp, body), hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def is_signed(secret: str, body: bytes, header: str, *, now: datetime) -> bool:
    """Tell whether `header` is a fresh signature of `body`; takes the same time for any answer."""
    found = _SIGNATURE.fullmatch(header)
    if found is None:
        return False
    stamp = int(found[1])
    expected = hmac.new(secret.encode(), b"%d.%b" % (stamp, body), hashlib.sha256).hexdigest()
    fresh = abs(now.timestamp() - stamp) <= FRESH_SECONDS
    return hmac.compare_digest(expected, found[2]) and fresh


class CallbackChannel:
    """One partner's account."""

    name = "callback"

    def __init__(self, account: str, *, secret: str, url: str, client: httpx.AsyncClient) -> None:
        self.account = account
        self._secret = secret
        self._url = url
        self._client = client

    def capabilities(self) -> Capabilities:
        """Return that everything can be shown; the partner degrades what it cannot."""
        return CAPABILITIES

    def receive(self, request: WebhookRequest, *, now: datetime) -> Received:
        """Verify and normalise one posted message."""
        if (answer := unreadable(request)) is not None:
            return answer
        header = request.headers.get("x-tributary-signature", "")
        if not is_signed(self._secret, request.body, header, now=now):
            return refused(401, "x-tributary-signature is missing, wrong or older than 5 minutes")
        try:
            data = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            return refused(400, f"the body is not JSON: line {error.lineno}, column {error.colno}")
        content = data.get("content") if isinstance(data, dict) else None
        if isinstance(content, dict) and content.get("kind") not in _KINDS:
            what = content.get("kind")
            data["content"] = {"kind": "unsupported", "what": str(what)[:200]}
        try:
            message = CallbackMessage.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return refused(400, f"{where or 'body'}: {first['msg']}")
        inbound = InboundMessage(
            external_id=message.id,
            address=Address(channel=self.name, account=self.account, peer=message.peer),
            sender=Sender(id=message.peer, name=message.name, language=message.language),
            content=message.content,
            sent_at=message.sent_at or now,
        )
        return Received(messages=(inbound,), status=202, body=b'{"stored":true}')

    async def send(self, message: OutboundMessage) -> SendResult:
        """Post one message to the partner; its id is the idempotency key."""
        data = message.model_dump(mode="json", exclude={"owner_epoch", "expires_at"})
        body = orjson.dumps(data | {"fallback_text": fallback_text(message.content)})
        headers = {
            "content-type": "application/json",
            "idempotency-key": str(message.id),
            "x-tributary-signature": sign(self._secret, body, now=datetime.now(UTC)),
        }
        try:
            response = await self._client.post(self._url, content=body, headers=headers)
        except SSRFProtectionError as error:
            return Misconfigured(f"the callback URL may not be reached: {error}"[:200])
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Retryable(type(error).__name__)
        except httpx.HTTPError as error:
            return Ambiguous(type(error).__name__)
        return _result(response)

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()


def _result(response: httpx.Response) -> SendResult:
    status = response.status_code
    if status < 300:
        return Accepted((response.headers.get("x-message-id", ""),))
    if status == 429:
        try:
            after = float(response.headers.get("retry-after", "1"))
        except ValueError:
            after = 1.0
        return RateLimited(min(max(after, 0.0), RETRY_AFTER_MAX))
    if status in {401, 403}:
        return Misconfigured(f"the partner answers {status}: check the secret")
    if status in {404, 410}:
        return Unreachable("the partner knows the peer again")
    if status >= 500 or status == 408:
        return Retryable(f"the partner answers {status}")
    return Rejected("none", f"the partner answers {status}")


def create(settings: ChannelSettings) -> CallbackChannel:
    """Make the channel of one account.

    Raises:
        ChannelError: an option is missing, unknown or weak.
    """
    options = Options(settings)
    secret = options.take_form("secret", _SECRET, f"needs {SECRET_MIN} characters")
    url = options.take_address("url")
    client = options.open_client()
    options.end()
    return CallbackChannel(settings.account, secret=secret, url=url, client=client)
