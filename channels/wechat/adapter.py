"""The adapter of one WeChat account: signed callbacks in, customer-service messages out."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Final, cast, get_args

import httpx

from channels.contract import (
    Accepted,
    Answer,
    Capabilities,
    ChannelError,
    ChannelSettings,
    Received,
    Rejected,
    Retryable,
    SendResult,
    WebhookRequest,
    WindowClosed,
)
from channels.examination import Finding
from channels.fetcher import (
    AnswerTooLargeError,
    SSRFProtectionError,
    fetch,
    guarded_client,
    parse_networks,
)
from channels.messages import OutboundContent, OutboundMessage
from channels.refusals import refused
from channels.tokens import MemoryTokens, TokenStore
from channels.wechat.api import BASE, Api, CallError, File
from channels.wechat.bodies import KINDS, TEXT_BYTES, Body, Upload, bodies
from channels.wechat.crypto import MessageKey
from channels.wechat.examining import examine
from channels.wechat.opening import Mode, RefusedError, Secrets, open_echo, open_payload
from channels.wechat.outcomes import KIND_NOT_GRANTED, MEDIA_CODES, REOPENED_BY
from channels.wechat.parsing import NAME, parse
from channels.wechat.passive import compose, soon
from channels.wechat.payloads import PayloadError, text_of
from channels.wechat.replies import Ends, sealed_reply
from channels.wechat.windows import WINDOW_SECONDS, AccountKind

#: Options of a menu in a message.
MENU_MAX: Final = 10
CAPABILITIES: Final = Capabilities(
    text_max=TEXT_BYTES,
    text_unit="utf8_bytes",
    media=frozenset(KINDS),
    reply_window_seconds=WINDOW_SECONDS,
)
#: Mini-programs show texts, pictures, links and cards.
MINI_PROGRAM: Final = replace(
    CAPABILITIES, media=frozenset(mime for mime, kind in KINDS.items() if kind == "image")
)

#: Largest file that is uploaded, bytes: WeChat takes pictures and videos of 10 MB.
UPLOAD_MAX: Final = 10 * 1024 * 1024
#: How long an uploaded file is used; WeChat keeps it for three days.
_UPLOADED: Final = timedelta(hours=60)
#: Most uploads that are remembered.
_KEPT_MAX: Final = 1_000
#: Shortest token that is accepted; WeChat allows 3 to 32 letters and digits.
TOKEN_MIN: Final = 3

_OPTIONS: Final = frozenset(
    {
        *(
            "app_id",
            "app_secret",
            "token",
            "encoding_aes_key",
            "mode",
            "kind",
            "choices",
            "replies",
        ),
        *("api_base", "allow_networks"),
    }
)


class WechatChannel:
    """One official account, or the customer desk of one mini-program."""

    name = NAME

    def __init__(
        self,
        account: str,
        *,
        secrets: Secrets,
        api: Api,
        client: httpx.AsyncClient,
        kind: AccountKind = "official",
        menus: bool = False,
        passive: bool = False,
    ) -> None:
        self.account = account
        self.passive = passive
        self._secrets = secrets
        self._api = api
        self._client = client
        self._kind: AccountKind = kind
        base = CAPABILITIES if kind == "official" else MINI_PROGRAM
        self._capabilities = replace(base, choices_max=MENU_MAX) if menus else base
        self._media: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def capabilities(self) -> Capabilities:
        """Return what the account can show; it shrinks when WeChat refuses a kind of message."""
        return self._capabilities

    def receive(self, request: WebhookRequest, *, now: datetime) -> Received:
        """Verify a callback or an address check and say what it is."""
        try:
            if request.method == "GET":
                echo = open_echo(request, self._secrets, now=now)
                return Received(body=echo, media_type="text/plain")
            if request.method != "POST":
                return refused(405, "WeChat posts callbacks here")
            payload = open_payload(request, self._secrets, now=now)
            messages = parse(payload, account=self.account, kind=self._kind, now=now)
            if self.passive:
                # Rights are to messages the account sends by itself; an answer needs none.
                messages = tuple(m.model_copy(update={"window_grants": ()}) for m in messages)
        except RefusedError as error:
            return refused(error.status, error.reason)
        except PayloadError as error:
            return refused(400, str(error))
        # WeChat tells the customer that the account is broken when it reads anything else.
        return Received(messages=messages, body=b"success", media_type="text/plain")

    def pieces(self, content: OutboundContent) -> int:
        """Return how many of the few messages an account may send `content` is."""
        return len(bodies(content, self._capabilities))

    async def send(self, message: OutboundMessage) -> SendResult:
        """Send one piece of a message by the customer-service interface."""
        if self.passive:
            return WindowClosed(REOPENED_BY, holds=True)
        pieces = bodies(message.content, self._capabilities)
        if message.part >= len(pieces):
            return Accepted()
        try:
            sent = await self._send_one(message.address.peer, pieces[message.part])
        except CallError as error:
            return self._result(error)
        ids = (sent,) if sent else ()
        return Accepted(ids, more=message.part + 1 < len(pieces))

    def answer(
        self, request: WebhookRequest, waiting: Sequence[OutboundMessage], *, now: datetime
    ) -> Answer:
        """Return the reply to a callback that says what waits, see `PassiveChannel`."""
        reply, said = compose(self._ends(request, now), waiting, self._capabilities)
        return replace(self._answer(reply, now), said=tuple(said))

    def soon(self, request: WebhookRequest, language: str | None, *, now: datetime) -> Answer:
        """Return the reply that asks for a moment's patience."""
        return self._answer(soon(self._ends(request, now), language), now)

    def _ends(self, request: WebhookRequest, now: datetime) -> Ends:
        payload = open_payload(request, self._secrets, now=now)
        return Ends(text_of(payload, "FromUserName"), text_of(payload, "ToUserName"), now)

    def _answer(self, reply: str, now: datetime) -> Answer:
        if self._secrets.key is not None:
            stamp, nonce = str(int(now.timestamp())), token_hex(8)
            reply = sealed_reply(
                reply, self._secrets.key, token=self._secrets.token, timestamp=stamp, nonce=nonce
            )
        return Answer(reply.encode(), "text/xml")

    async def examine(self, public_url: str | None) -> list[Finding]:
        """Return how the account stands, see `Examinable`."""
        now = datetime.now(UTC)
        return await examine(
            self._api, self._secrets, account=self.account, public_url=public_url, now=now
        )

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    def _result(self, error: CallError) -> SendResult:
        if error.code == KIND_NOT_GRANTED and self._capabilities.choices_max:
            self._capabilities = replace(self._capabilities, choices_max=0)
            return Retryable("menus are not granted to the account: numbers are sent instead")
        return error.result

    async def _send_one(self, peer: str, body: Body | Upload) -> str:
        if isinstance(body, Upload):
            return await self._send_file(peer, body)
        answer = await self._api.post("/cgi-bin/message/custom/send", {"touser": peer, **body})
        return str(answer.get("msgid") or "")

    async def _send_file(self, peer: str, upload: Upload) -> str:
        """Upload a file, again if WeChat has lost it, and send it; else send where it is."""
        for _ in range(2):
            media_id = await self._media_id(upload)
            if media_id is None:
                break
            try:
                return await self._send_one(peer, upload.body(media_id))
            except CallError as error:
                if error.code not in MEDIA_CODES:
                    raise
                self._media.pop(upload.url, None)
        return await self._send_one(peer, upload.instead)

    async def _media_id(self, upload: Upload) -> str | None:
        """Return the id of an uploaded file, None where it cannot be had or uploaded."""
        now = datetime.now(UTC)
        media_id, until = self._media.get(upload.url, ("", now))
        if until > now:
            return media_id
        try:
            request = self._client.build_request("GET", upload.url)
            answer = await fetch(self._client, request, most=UPLOAD_MAX)
        except (httpx.HTTPError, httpx.InvalidURL, SSRFProtectionError, AnswerTooLargeError):
            return None
        if answer.status != 200:
            return None
        try:
            file = File(answer.body, upload.mime)
            media_id = await self._api.upload(file, kind=KINDS[upload.mime])
        except CallError as error:
            if isinstance(error.result, Rejected):
                return None
            raise
        self._media[upload.url] = (media_id, now + _UPLOADED)
        if len(self._media) > _KEPT_MAX:
            self._media.popitem(last=False)
        return media_id


def create(settings: ChannelSettings) -> WechatChannel:
    """Make the channel of one account.

    Args:
        settings: options `app_id`, `app_secret`, `token` and `encoding_aes_key` as WeChat's site
            shows them; `mode` safe (default), compatible or plain; `kind` official (default) or
            mini_program; `choices` numbers (default) or menu; `replies` interface (default) or
            passive, for accounts without the right to customer-service messages; `api_base` and
            `allow_networks` for a gateway of your own.

    Raises:
        ChannelError: an option is missing, unknown or wrong.
    """
    where = f"wechat account {settings.account}"
    options = dict(settings.options)
    if unknown := options.keys() - _OPTIONS:
        raise ChannelError(f"{where}: unknown options {sorted(unknown)}; {sorted(_OPTIONS)} exist")
    for name in ("app_id", "app_secret", "token"):
        if not options.get(name):
            raise ChannelError(f"{where}: {name} is missing: copy it from WeChat's site")
    kind = _one_of(options, "kind", get_args(AccountKind), where)
    menus = _one_of(options, "choices", ("numbers", "menu"), where) == "menu"
    if menus and kind != "official":
        raise ChannelError(f"{where}: choices: menus are shown by official accounts only")
    passive = _one_of(options, "replies", ("interface", "passive"), where) == "passive"
    if passive and (menus or kind != "official"):
        raise ChannelError(f"{where}: replies: passive ones are official accounts', without menus")
    base = options.get("api_base") or BASE
    if not base.startswith(("https://", "http://")):
        raise ChannelError(f"{where}: api_base must be an http(s) address")
    try:
        client = guarded_client(allow=parse_networks(options.get("allow_networks", "")))
    except ValueError as error:
        raise ChannelError(f"{where}: allow_networks: {error}") from error
    tokens: TokenStore = settings.tokens or MemoryTokens()
    api = Api(options["app_id"], options["app_secret"], client=client, tokens=tokens, base=base)
    return WechatChannel(
        settings.account,
        secrets=_secrets(options, where),
        api=api,
        client=client,
        kind=cast(AccountKind, kind),
        menus=menus,
        passive=passive,
    )


def _one_of(options: dict[str, str], name: str, values: tuple[str, ...], where: str) -> str:
    value = options.get(name) or values[0]
    if value not in values:
        raise ChannelError(f"{where}: {name} must be one of {', '.join(values)}, not {value!r}")
    return value


def _secrets(options: dict[str, str], where: str) -> Secrets:
    if len(options["token"]) < TOKEN_MIN:
        raise ChannelError(f"{where}: token needs {TOKEN_MIN} characters")
    mode: str = _one_of(options, "mode", ("safe", *get_args(Mode)), where)
    key = options.get("encoding_aes_key", "")
    if mode == "plain":
        if key:
            raise ChannelError(
                f"{where}: mode is plain but there is an encoding_aes_key; use safe"
            )
        return Secrets(options["token"])
    if not key:
        raise ChannelError(
            f"{where}: mode {mode} needs encoding_aes_key: copy it from WeChat's site"
        )
    try:
        return Secrets(options["token"], MessageKey(key, receive_id=options["app_id"]))
    except ValueError as error:
        raise ChannelError(f"{where}: encoding_aes_key: {error}") from error
