"""A scripted server of docs/webchat-protocol.md: one conversation, faults at chosen frames."""

import asyncio
import contextlib
import json
import secrets
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from bots.security import content_security_policy

STATIC = Path(__file__).parents[2] / "bots" / "static"
HOST_PAGE = Path(__file__).parent / "host.html"
Content = dict[str, Any]
Script = Callable[[Content], list[Content]]


def text(words: str) -> Content:
    """Return a text content."""
    return {"kind": "text", "text": words}


def echo(content: Content) -> list[Content]:
    """Answer every message with its own words."""
    return [text(f"You said: {content.get('text') or content.get('label')}")]


@dataclass
class ScriptedChat:
    """What the server knows and how it misbehaves; read and changed by the tests."""

    script: Script = echo
    sockets_work: bool = True
    streams_work: bool = True
    posts_work: bool = True
    kill_at: int = (
        0  #: the frame, counted over both directions, at which the socket is cut; 0: none
    )
    refuse_next: list[dict[str, Any]] = field(default_factory=list)  #: error frames owed
    skip: set[int] = field(default_factory=set)  #: numbers that are lost on the socket
    greeting: str = "Hello. How may I help?"
    bot_name: str = "Moss"
    starters: list[str] = field(default_factory=list)
    read: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    typing: list[bool] = field(default_factory=list)
    posted: int = 0
    frames: int = 0
    hellos: list[int] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    conversation_id: str = field(default_factory=lambda: secrets.token_hex(8))
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    tickets: set[str] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    open_sockets: set[WebSocket] = field(default_factory=set)

    # -- from the test's thread ---------------------------------------------------------------

    def say(self, content: Content, **values: str) -> None:
        """Let the bot say `content` unasked."""
        self._run(lambda: self._append({"from": "bot", "content": content, **values}))

    def cut(self) -> None:
        """Close every open socket."""

        def close() -> None:
            for open_socket in self.open_sockets:
                self._close(open_socket)

        self._run(close)

    def forget_token(self) -> None:
        """Start a new conversation: what the browser holds is foreign from now on."""
        self.token = secrets.token_hex(8)
        self.conversation_id = secrets.token_hex(8)
        self.events = []
        self.read = 0

    def visitor_texts(self) -> list[str]:
        """Return what the visitor said, as stored."""
        said = [item["content"] for item in self.events if item.get("from") == "visitor"]
        return [content.get("text") or content["label"] for content in said]

    def _run(self, act: Callable[[], object]) -> None:
        assert self.loop is not None
        done = threading.Event()

        def call() -> None:
            act()
            done.set()

        self.loop.call_soon_threadsafe(call)
        assert done.wait(5)

    # -- the conversation ---------------------------------------------------------------------

    def _close(self, open_socket: WebSocket) -> None:
        assert self.loop is not None
        self.loop.create_task(quietly_close(open_socket, 1012))

    def _append(self, item: dict[str, Any]) -> int:
        seq = len(self.events) + 1
        at = datetime.now(UTC).isoformat()
        self.events.append(
            {"seq": seq, "type": "message", "id": secrets.token_hex(8), "at": at, **item}
        )
        self.changed.set()
        self.changed = asyncio.Event()
        return seq

    def accept(self, client_msg_id: str, content: Content) -> tuple[int, bool]:
        """Store a visitor's message once and answer it; return its number, and if it was known."""
        for item in self.events:
            if item.get("client_msg_id") == client_msg_id:
                return item["seq"], True
        seq = self._append({"from": "visitor", "client_msg_id": client_msg_id, "content": content})
        for answer in self.script(content):
            self._append({"from": "bot", "content": answer})
        return seq, False

    def ticket(self) -> str:
        """Issue a ticket for one stream."""
        ticket = secrets.token_hex(8)
        self.tickets.add(ticket)
        return ticket

    def counted(self) -> bool:
        """Count one frame; return whether the socket must be cut instead."""
        self.frames += 1
        return self.frames == self.kill_at


async def quietly_close(open_socket: WebSocket, code: int) -> None:
    """Close a socket that may be closed already."""
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await open_socket.close(code)


class Endpoints:
    """The protocol's routes over one scripted conversation."""

    def __init__(self, chat: ScriptedChat) -> None:
        self.chat = chat

    async def session(self, request: Request) -> Response:
        """Open a session."""
        chat, body = self.chat, await request.json()
        chat.sessions.append(body)
        return JSONResponse(
            {
                "visitor_token": chat.token,
                "expires_at": "2099-01-01T00:00:00Z",
                "conversation_id": chat.conversation_id,
                "cursor": len(chat.events),
                "read": chat.read,
                "language": body.get("locale", "en"),
                "bot": {
                    "name": chat.bot_name,
                    "company": "Moss & Kettle",
                    "greeting": chat.greeting,
                    "starters": chat.starters,
                },
                "limits": {"text_max": 4000},
                "ticket": chat.ticket(),
                "ticket_expires_in": 60,
            }
        )

    def refusal(self, request: Request) -> Response | None:
        """Return the answer to a request without the valid token."""
        if request.headers.get("authorization") == f"Bearer {self.chat.token}":
            return None
        error = {"code": "bad_token", "message": "the visitor token is not valid"}
        return JSONResponse({"error": error}, 401)

    async def ticket(self, request: Request) -> Response:
        """Issue another ticket."""
        refused = self.refusal(request)
        return refused or JSONResponse({"ticket": self.chat.ticket(), "ticket_expires_in": 60})

    async def messages(self, request: Request) -> Response:
        """Take a message by POST."""
        refused = self.refusal(request)
        if refused:
            return refused
        if not self.chat.posts_work:
            error = {"code": "unavailable", "message": "no", "retry_after": 5}
            return JSONResponse({"error": error}, 503)
        body = await request.json()
        seq, duplicate = self.chat.accept(body["client_msg_id"], body["content"])
        self.chat.posted += 1
        answer = {"client_msg_id": body["client_msg_id"], "seq": seq, "duplicate": duplicate}
        return JSONResponse(answer, 202)

    async def events(self, request: Request) -> Response:
        """Answer a long poll."""
        refused = self.refusal(request)
        if refused:
            return refused
        after, wait = int(request.query_params["after"]), float(request.query_params["wait"])
        if wait and len(self.chat.events) <= after:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.chat.changed.wait(), wait)
        page = self.chat.events[after : after + 100]
        return JSONResponse({"events": page, "cursor": len(self.chat.events)})

    async def event_stream(self, request: Request) -> Response:
        """Answer with server-sent events."""
        ticket = request.query_params["ticket"]
        if not self.chat.streams_work or ticket not in self.chat.tickets:
            return Response(status_code=403)
        self.chat.tickets.remove(ticket)

        async def lines() -> AsyncIterator[str]:
            cursor = int(request.query_params["after"])
            while True:
                changed = self.chat.changed
                for item in self.chat.events[cursor:]:
                    cursor = item["seq"]
                    yield f"id: {cursor}\ndata: {json.dumps(item)}\n\n"
                yield "event: ping\ndata: {}\n\n"
                await changed.wait()

        return StreamingResponse(lines(), media_type="text/event-stream")

    async def note(self, request: Request) -> Response:
        """Take typing and read."""
        body = await request.json()
        self.chat.read = body.get("seq", self.chat.read)
        return Response(status_code=204)

    async def csp(self, request: Request) -> Response:
        """Record a violation report."""
        self.chat.violations.append((await request.body()).decode())
        return Response(status_code=204)

    async def stream(self, websocket: WebSocket) -> None:
        """Speak the WebSocket protocol."""
        chat = self.chat
        if not chat.sockets_work:
            await websocket.close(1011)
            return
        await websocket.accept()
        chat.open_sockets.add(websocket)
        pump: asyncio.Task[None] | None = None
        try:
            hello = await websocket.receive_json()
            if chat.counted() or hello["ticket"] not in chat.tickets:
                return
            chat.tickets.remove(hello["ticket"])
            chat.hellos.append(hello["cursor"])
            ahead = hello["cursor"] > len(chat.events)
            frame: dict[str, Any] = {"type": "welcome", "conversation_id": chat.conversation_id}
            frame |= {"cursor": len(chat.events), "resume": not ahead, "heartbeat": 25}
            if not await self.send(websocket, frame):
                return
            if ahead:
                await websocket.send_json({"type": "reset", "cursor": 0})
            pump = asyncio.create_task(self.pump(websocket, 0 if ahead else hello["cursor"]))
            while await self.hear(websocket, await websocket.receive_json()):
                pass
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            if pump:
                pump.cancel()
            chat.open_sockets.discard(websocket)
            await quietly_close(websocket, 1012)

    async def hear(self, websocket: WebSocket, frame: dict[str, Any]) -> bool:
        """Act on one frame; return whether the socket lives on."""
        chat = self.chat
        match frame["type"]:
            case "ping":
                await websocket.send_json({"type": "pong"})
            case "typing":
                chat.typing.append(frame["on"])
            case "read":
                chat.read = max(chat.read, frame["seq"])
            case "message":
                # Only what carries a message is counted, so that runs compare.
                if chat.counted():
                    return False
                if chat.refuse_next:
                    error = {"type": "error", "client_msg_id": frame["client_msg_id"]}
                    await websocket.send_json(error | chat.refuse_next.pop(0))
                    return True
                seq, duplicate = chat.accept(frame["client_msg_id"], frame["content"])
                ack = {"type": "ack", "seq": seq, "duplicate": duplicate}
                ack["client_msg_id"] = frame["client_msg_id"]
                return await self.send(websocket, ack)
        return True

    async def send(self, websocket: WebSocket, frame: dict[str, Any]) -> bool:
        """Send a counted frame, or cut the socket in its place and return false."""
        if self.chat.counted():
            await quietly_close(websocket, 1012)
            return False
        await websocket.send_json(frame)
        return True

    async def pump(self, websocket: WebSocket, cursor: int) -> None:
        """Send events as they come, one to a frame so that each boundary can be cut."""
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                changed = self.chat.changed
                for item in self.chat.events[cursor:]:
                    cursor = item["seq"]
                    if cursor in self.chat.skip:
                        continue
                    if not await self.send(websocket, {"type": "events", "events": [item]}):
                        return
                await changed.wait()


def strict(request: Request) -> dict[str, str]:
    """Return the product's own policy, which also reports here."""
    policy = content_security_policy(request.headers["host"], ancestors=["'self'"])
    return {"content-security-policy": f"{policy}; report-uri /csp"}


def file(name: str) -> Callable[[Request], Any]:
    """Return an endpoint that serves a file of bots/static under the strict policy."""

    async def endpoint(request: Request) -> Response:
        return FileResponse(STATIC / name, headers=strict(request))

    return endpoint


def app(chat: ScriptedChat) -> Starlette:
    """Return the whole server."""
    ends = Endpoints(chat)
    v1 = [
        Route("/session", ends.session, methods=["POST"]),
        Route("/ticket", ends.ticket, methods=["POST"]),
        Route("/messages", ends.messages, methods=["POST"]),
        Route("/events", ends.events),
        Route("/events/stream", ends.event_stream),
        Route("/typing", ends.note, methods=["POST"]),
        Route("/read", ends.note, methods=["POST"]),
        WebSocketRoute("/stream", ends.stream),
    ]
    return Starlette(
        routes=[
            Route("/", file("site/index.html")),
            Route("/host", lambda request: FileResponse(HOST_PAGE, headers=strict(request))),
            Route("/csp", ends.csp, methods=["POST"]),
            Route("/webchat/widget", file("widget.html")),
            Route("/webchat/loader.js", file("loader.js")),
            Mount("/webchat/v1", routes=v1),
            Mount("/webchat/static", StaticFiles(directory=STATIC)),
            Mount("/site", StaticFiles(directory=STATIC / "site")),
        ]
    )


@contextlib.contextmanager
def serving(chat: ScriptedChat) -> Iterator[str]:
    """Serve `chat` on a free port of this machine; yields the origin."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)  # a browser that is faster than the server waits instead of failing
    config = uvicorn.Config(app(chat), log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    started = threading.Event()

    async def run() -> None:
        chat.loop = asyncio.get_running_loop()
        chat.changed = asyncio.Event()
        started.set()
        await server.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
