"""The simulated Slack as a server: Web API, signed deliveries with retries, Socket Mode."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp
from aiohttp import WSMsgType, web

from channels.simulators.faults import Fault, Faults, bad_gateway, hang, reset
from channels.simulators.slack.methods import METHODS, RefusedError
from channels.simulators.slack.state import Json, Workspace

#: Pauses before Slack's three retries, seconds; scaled in tests.
_PAUSES: Final = (0.0, 60.0, 300.0)
#: How long Slack waits for an answer, seconds.
ACKNOWLEDGED_IN: Final = 3.0


class SlackSimulator:
    """A Slack on a port of this machine.

    Args:
        workspace: the one workspace there is.
        pace: how many seconds a second of waiting between deliveries lasts.
    """

    def __init__(self, workspace: Workspace, *, pace: float = 1.0) -> None:
        self.workspace = workspace
        self.faults = Faults()
        self.calls: list[tuple[str, Json]] = []  #: every call with what it asked for
        self.deliveries: list[tuple[str, int]] = []  #: key and status of each attempt
        self.notifications_url: str | None = None
        self.interactions_url: str | None = None
        self.linked = asyncio.Event()  #: set while the app has a socket open
        self._uses_sockets = False
        self.url = ""
        self._pace = pace
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._unacknowledged: dict[str, asyncio.Event] = {}

    async def start(self, *, port: int = 0) -> None:
        """Listen on 127.0.0.1."""
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_get("/link", self._socket)
        app.router.add_route("*", "/api/{method}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._client = aiohttp.ClientSession()

    async def close(self) -> None:
        """Stop everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in list(self._sockets):
            await socket.close()
        if self._client is not None:
            await self._client.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def settled(self) -> None:
        """Wait until every delivery under way has ended."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def notify(self, event: Json, *, key: str | None = None) -> str:
        """Tell the app of something that happened; return the notification's id."""
        key = key or f"Ev{uuid4().hex[:10].upper()}"
        body = {
            "token": "deprecated",
            "team_id": self.workspace.team,
            "api_app_id": "A1",
            "type": "event_callback",
            "event_id": key,
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "team_id": self.workspace.team,
                    "user_id": self.workspace.bot_member,
                    "is_bot": True,
                }
            ],
            "event": event,
        }
        if self._uses_sockets:
            self._go(self._over_socket(key, "events_api", body))
        elif self.notifications_url is not None:
            data = json.dumps(body).encode()
            url = self.notifications_url
            self._go(self._deliver(url, data, "application/json", key, retries=True))
        return key

    def interact(self, payload: Json) -> None:
        """Tell the app of a pressed button; Slack does not repeat these."""
        if self._uses_sockets:
            self._go(self._over_socket(uuid4().hex, "interactive", payload))
        elif self.interactions_url is not None:
            data = urlencode({"payload": json.dumps(payload)}).encode()
            kind = "application/x-www-form-urlencoded"
            self._go(self._deliver(self.interactions_url, data, kind, "action", retries=False))

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, url: str, data: bytes, kind: str, key: str, *, retries: bool) -> None:
        reason = ""
        for number, pause in enumerate((None, *_PAUSES) if retries else (None,)):
            if pause:
                await asyncio.sleep(pause * self._pace)
            headers = {"content-type": kind, **self._signed(data)}
            if number:
                headers |= {"x-slack-retry-num": str(number), "x-slack-retry-reason": reason}
            status, stop, reason = await self._post(url, data, headers)
            self.deliveries.append((key, status))
            if stop or 200 <= status < 300:
                return

    async def _post(self, url: str, data: bytes, headers: dict[str, str]) -> tuple[int, bool, str]:
        if self._client is None:
            return 0, True, ""
        try:
            async with (
                asyncio.timeout(ACKNOWLEDGED_IN),
                self._client.post(url, data=data, headers=headers) as answer,
            ):
                await answer.read()
                stop = answer.headers.get("x-slack-no-retry") == "1"
                return answer.status, stop, "http_error"
        except TimeoutError:
            return 0, False, "http_timeout"
        except aiohttp.ClientError:
            return 0, False, "connection_failed"

    def _signed(self, data: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        base = b"v0:%b:%b" % (stamp.encode(), data)
        secret = self.workspace.signing_secret.encode()
        digest = hmac.new(secret, base, hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}

    async def _over_socket(self, key: str, kind: str, payload: Json) -> None:
        """Send an envelope over a socket, over another or again until it is acknowledged."""
        envelope = uuid4().hex
        known = self._unacknowledged[envelope] = asyncio.Event()
        for number in range(4):
            await self.linked.wait()
            socket = next(iter(self._sockets))
            frame = {
                "type": kind,
                "envelope_id": envelope,
                "accepts_response_payload": kind == "interactive",
                "payload": payload,
                "retry_attempt": number,
                "retry_reason": "timeout" if number else "",
            }
            try:
                await socket.send_str(json.dumps(frame))
                async with asyncio.timeout(ACKNOWLEDGED_IN * max(self._pace, 0.1)):
                    await known.wait()
            except (TimeoutError, ConnectionError, RuntimeError):
                self.deliveries.append((key, 0))
                continue
            self.deliveries.append((key, 200))
            return

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=None)
        await socket.prepare(request)
        hello = {"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}}
        await socket.send_str(json.dumps(hello))
        self._sockets.add(socket)
        self._uses_sockets = True
        self.linked.set()
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                answer = json.loads(message.data)
                known = self._unacknowledged.get(answer.get("envelope_id", ""))
                if known is not None:
                    known.set()
        finally:
            self._lost(socket)
        return socket

    def _lost(self, socket: web.WebSocketResponse) -> None:
        self._sockets.discard(socket)
        if not self._sockets:
            self.linked.clear()

    async def drop_sockets(self) -> None:
        """Break every open socket, as happens when Slack moves an app to another server."""
        for socket in list(self._sockets):
            self._lost(socket)
            await socket.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        asked = await _asked(request)
        self.calls.append((name, asked))
        fault = self.faults.take(name)
        if fault is not None and (played := await _play(fault, request)) is not None:
            return played
        answer = self._answer(name, asked, request.headers.get("authorization", ""))
        if fault is not None:
            return reset(request)
        return web.json_response(answer)

    def _answer(self, name: str, asked: Json, authorization: str) -> Json:
        workspace = self.workspace
        token = authorization.removeprefix("Bearer ") or str(asked.get("token", ""))
        if name == "apps.connections.open":
            if token != workspace.app_token:
                return {"ok": False, "error": "invalid_auth"}
            return {"ok": True, "url": f"{self.url.replace('http', 'ws', 1)}/link"}
        if token != workspace.bot_token:
            return {"ok": False, "error": "invalid_auth"}
        if not workspace.installed:
            return {"ok": False, "error": "account_inactive"}
        method = METHODS.get(name)
        if method is None:
            return {"ok": False, "error": "unknown_method"}
        try:
            return {"ok": True, **method(workspace, asked)}
        except RefusedError as error:
            return {"ok": False, "error": str(error)}


async def _play(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """Return the answer of a fault that keeps a call from its effect."""
    match fault.kind:
        case "too_many":
            body = {"ok": False, "error": "ratelimited"}
            headers = {"retry-after": str(fault.seconds)}
            return web.json_response(body, status=429, headers=headers)
        case "bad_gateway":
            return bad_gateway()
        case "server_error":
            return web.json_response({"ok": False, "error": "internal_error"})
        case "revoked":
            return web.json_response({"ok": False, "error": "token_revoked"})
        case "hang":
            return await hang(request)
        case _:
            return None


async def _asked(request: web.Request) -> Json:
    asked: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json()
        return asked | body if isinstance(body, dict) else asked
    for key, value in (await request.post()).items():
        text = value if isinstance(value, str) else ""
        asked[key] = json.loads(text) if text[:1] in {"{", "["} else text
    return asked
