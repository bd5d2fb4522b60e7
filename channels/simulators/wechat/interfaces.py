"""The interfaces an account calls, each with WeChat's limits and error codes."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from channels.simulators.wechat.account import Account
from channels.simulators.wechat.faults import Fault, Faults
from channels.simulators.wechat.rules import Rules

#: Longest text of one message, UTF-8 bytes.
_TEXT_MAX: Final = 2048

Answered = dict[str, Any] | web.Response
Endpoint = Callable[[web.Request, dict[str, Any]], Awaitable[Answered]]
#: Reports to the account what became of a message: peer, name of the event, fields.
Tell = Callable[[str, str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message a customer sees."""

    peer: str
    body: dict[str, Any]  #: as the account sent it, or the fields of a passive reply
    passive: bool
    at: datetime


@dataclass(slots=True)
class Recorded:
    """What happened, in order."""

    calls: list[tuple[str, Any]] = field(default_factory=list)  #: path and body of each call
    shown: list[Shown] = field(default_factory=list)
    banners: list[str] = field(default_factory=list)  #: peers who were told it is broken


class Interfaces:
    """All of an account's interfaces.

    Args:
        account: that calls them.
        clock: tells the time, UTC.
        tell: reports to the account.
    """

    def __init__(self, account: Account, *, clock: Callable[[], datetime], tell: Tell) -> None:
        self.account = account
        self.rules = Rules(account.kind)
        self.faults = Faults()
        self.recorded = Recorded()
        self.media: dict[str, tuple[bytes, str]] = {}
        self.changed = asyncio.Condition()
        self.numbers = iter(range(24_000_000_000, 2**63))
        self._clock = clock
        self._tell = tell
        self._mass: dict[str, int] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the interfaces as routes."""
        guarded = [
            web.route("*", path, self._guarded(path, endpoint))
            for path, endpoint in self._endpoints().items()
        ]
        return [web.post("/cgi-bin/stable_token", self._stable_token), *guarded]

    async def show(self, peer: str, body: dict[str, Any], *, passive: bool) -> None:
        """Let a customer see a message."""
        self.recorded.shown.append(Shown(peer, body, passive, self._clock()))
        async with self.changed:
            self.changed.notify_all()

    def _endpoints(self) -> dict[str, Endpoint]:
        return {
            "/cgi-bin/getcallbackip": self._callers,
            "/cgi-bin/message/custom/send": self._custom,
            "/cgi-bin/message/custom/typing": self._typing,
            "/cgi-bin/media/upload": self._upload,
            "/cgi-bin/media/get": self._download,
            "/cgi-bin/qrcode/create": self._code,
            "/cgi-bin/user/info": self._info,
            "/cgi-bin/message/template/send": self._template,
            "/cgi-bin/message/subscribe/bizsend": self._subscription,
            "/cgi-bin/message/mass/send": self._mass_send,
        }

    def _guarded(
        self, path: str, endpoint: Endpoint
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            raw = b"" if path.endswith("upload") else await request.read()
            if b"\\u" in raw:
                return _refusal(40033)
            try:
                body: dict[str, Any] = await request.json() if raw else {}
            except ValueError:
                return _refusal(47001)
            self.recorded.calls.append((path, body))
            code = self.rules.tokens.refusal(
                request.query.get("access_token", ""), now=self._clock()
            )
            if code is not None:
                return _refusal(code)
            fault = self.faults.take(path)
            if fault is not None and fault.kind != "reset_after":
                return await _go_wrong(request, fault)
            result = await endpoint(request, body)
            if fault is not None:
                return await _go_wrong(request, fault)
            if isinstance(result, web.Response):
                return result
            return web.json_response({"errcode": 0, "errmsg": "ok", **result})

        return answer

    async def _stable_token(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        path = "/cgi-bin/stable_token"
        self.recorded.calls.append((path, {**body, "secret": "…"}))
        if (fault := self.faults.take(path)) is not None:
            return await _go_wrong(request, fault)
        if body.get("appid") != self.account.app_id:
            return _refusal(40013)
        if body.get("secret") != self.account.app_secret:
            return _refusal(40125)
        value = self.rules.tokens.give(force=body.get("force_refresh") is True, now=self._clock())
        if value is None:
            return _refusal(45009)
        return web.json_response({"access_token": value, "expires_in": 7200})

    async def _custom(self, _: web.Request, body: dict[str, Any]) -> Answered:
        if not self.account.may_write:
            return _refusal(48001)
        kind = body.get("msgtype")
        inside = body.get(kind) if isinstance(kind, str) else None
        if not isinstance(inside, dict):
            return _refusal(40008)
        text = str(inside.get("content", "")) if kind == "text" else "-"
        if not text:
            return _refusal(44004)
        if len(text.encode()) > _TEXT_MAX:
            return _refusal(45002)
        if kind in {"image", "voice", "video"} and inside.get("media_id") not in self.media:
            return _refusal(40007)
        peer = str(body.get("touser", ""))
        code = self.rules.spend(peer, now=self._clock())
        if code is not None:
            return _refusal(code)
        await self.show(peer, body, passive=False)
        return {}

    async def _callers(self, _: web.Request, __: dict[str, Any]) -> Answered:
        return {"ip_list": ["127.0.0.1"]}

    async def _typing(self, _: web.Request, body: dict[str, Any]) -> Answered:
        if not self.account.may_write:
            return _refusal(48001)
        peer, command = str(body.get("touser", "")), str(body.get("command", ""))
        code = self.rules.type(peer, command, now=self._clock())
        return {} if code is None else _refusal(code)

    async def _upload(self, request: web.Request, _: dict[str, Any]) -> Answered:
        part = (await request.post()).get("media")
        if not isinstance(part, web.FileField):
            return _refusal(41005)
        data = part.file.read()
        media_id = secrets.token_urlsafe(32)
        self.media[media_id] = (data, part.content_type)
        return {"type": request.query.get("type", ""), "media_id": media_id, "created_at": 0}

    async def _download(self, request: web.Request, _: dict[str, Any]) -> Answered:
        found = self.media.get(request.query.get("media_id", ""))
        if found is None:
            return _refusal(40007)
        return web.Response(body=found[0], content_type=found[1])

    async def _code(self, _: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        scene = body.get("action_info", {}).get("scene", {})
        text = str(scene.get("scene_str") or scene.get("scene_id") or "")
        ticket = secrets.token_urlsafe(48)
        return {
            "ticket": ticket,
            "expire_seconds": body.get("expire_seconds", 60),
            "url": f"http://weixin.qq.com/q/{text}",
        }

    async def _info(self, request: web.Request, _: dict[str, Any]) -> Answered:
        peer = request.query.get("openid", "")
        known = self.rules.peers.get(peer)
        if known is None:
            return _refusal(40003)
        if not known.follows:
            return {"subscribe": 0, "openid": peer}
        return {"subscribe": 1, "openid": peer, "unionid": f"union-{peer}", "nickname": ""}

    async def _template(self, _: web.Request, body: dict[str, Any]) -> Answered:
        peer = str(body.get("touser", ""))
        known = self.rules.peers.get(peer)
        if known is None or not known.follows:
            return _refusal(43004)
        number = str(next(self.numbers))
        await self.show(peer, body, passive=False)
        self._tell(peer, "TEMPLATESENDJOBFINISH", {"MsgID": number, "Status": "success"})
        return {"msgid": int(number)}

    async def _subscription(self, _: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        peer = str(body.get("touser", ""))
        await self.show(peer, body, passive=False)
        template = str(body.get("template_id", ""))
        sent = {"TemplateId": template, "ErrorCode": "0", "ErrorStatus": "success"}
        self._tell(peer, "subscribe_msg_sent_event", {"SubscribeMsgSentEvent": {"List": sent}})
        return {}

    async def _mass_send(self, _: web.Request, body: dict[str, Any]) -> Answered:
        key = str(body.get("clientmsgid", ""))
        if key in self._mass:
            return _refusal(45065, msg_id=self._mass[key])
        if len(key.encode()) > 64:
            return _refusal(45067)
        number = next(self.numbers)
        if key:
            self._mass[key] = number
        peers = [str(peer) for peer in body.get("touser", [])]
        for peer in peers:
            await self.show(peer, body, passive=False)
        counts = dict.fromkeys(("TotalCount", "FilterCount", "SentCount"), str(len(peers)))
        result = {"MsgID": str(number), "Status": "send success", **counts, "ErrorCount": "0"}
        self._tell("mphelper", "MASSSENDJOBFINISH", result)
        return {"msg_id": number}


def _refusal(code: int, **more: Any) -> web.Response:  # noqa: ANN401 - as above
    text = f"refused rid: {secrets.token_hex(4)}"
    return web.json_response({"errcode": code, "errmsg": text, **more})


async def _go_wrong(request: web.Request, fault: Fault) -> web.StreamResponse:
    match fault.kind:
        case "code":
            return _refusal(fault.number)
        case "http":
            page = "<html><body><h1>Bad Gateway</h1></body></html>"
            return web.Response(status=fault.number, text=page, content_type="text/html")
        case "hang":
            await asyncio.Event().wait()
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
