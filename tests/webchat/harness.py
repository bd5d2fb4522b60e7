"""A real web chat server on a port of its own, and a browser's side of the protocol."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from bots.ingest import Ingest
from bots.rates import Rates
from bots.security import SecurityHeaders
from bots.transcripts import Transcripts
from bots.webchat import (
    Face,
    Limits,
    Reads,
    Streams,
    WebchatAccount,
    WebchatParts,
    create_router,
)
from channels.messages import Address, OutboundContent, OutboundMessage, Purpose, Text
from crm_store import commit_delivery, outbox
from crm_store.database import Database

SECRET = "a secret key of the server, 32 characters or more"
IDENTITY_SECRET = "the host site's own secret, also of 32 or more"
HOST_SITE = "https://shop.example"

ACCOUNT = WebchatAccount(
    account="demo",
    widget_key="demo",
    faces={
        "en": Face("Moss", "Moss & Kettle", "Hello!", ("Where is my order?",)),
        "zh": Face("苔苔", "苔壶", "您好！"),
    },
    origins=frozenset({HOST_SITE}),
    identity_secret=IDENTITY_SECRET,
)
OTHER = WebchatAccount(
    account="other",
    widget_key="other-key",
    faces={"en": Face("Other", "Other Ltd", "Hi")},
    origins=frozenset({"https://other.example"}),
)


class Clock:
    """A time that moves when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class Overload:
    """How long the engine asks senders to wait."""

    seconds: float | None = None

    def __call__(self) -> float | None:
        return self.seconds


@dataclass
class Web:
    """A running server and what tests do with it."""

    parts: WebchatParts
    base: str
    http: httpx.AsyncClient
    clock: Clock
    overload: Overload
    server: uvicorn.Server = field(repr=False)

    @property
    def own_origin(self) -> str:
        return self.base

    async def call(
        self, path: str, body: object = None, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """POST `body` as JSON, or GET when there is none."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        url = f"/webchat/v1/{path}"
        if body is None:
            return await self.http.get(url, headers=sent)
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self.http.post(url, content=content, headers=sent)

    async def session(self, **fields: object) -> dict[str, Any]:
        answer = await self.call("session", {"widget_key": "demo", "locale": "en", **fields})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def ticket(self, session: Mapping[str, Any]) -> str:
        answer = await self.call("ticket", {}, token=session["visitor_token"])
        assert answer.status_code == 200, answer.text
        return str(answer.json()["ticket"])

    async def post(self, session: Mapping[str, Any], text: str, key: str = "") -> dict[str, Any]:
        body = {"client_msg_id": key or uuid4().hex, "content": {"kind": "text", "text": text}}
        answer = await self.call("messages", body, token=session["visitor_token"])
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def poll(self, session: Mapping[str, Any], after: int, wait: int = 0) -> dict[str, Any]:
        answer = await self.call(
            f"events?after={after}&wait={wait}", token=session["visitor_token"]
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def transcript(self, session: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return all events, page by page."""
        events: list[dict[str, Any]] = []
        while True:
            page = await self.poll(session, len(events))
            events += page["events"]
            if len(events) >= page["cursor"]:
                return events

    @asynccontextmanager
    async def socket(self, ticket: str, cursor: int = 0, **hello: object) -> AsyncIterator["Line"]:
        async with self.raw_socket() as line:
            await line.send(type="hello", ticket=ticket, cursor=cursor, **hello)
            yield line

    @asynccontextmanager
    async def raw_socket(self, *, origin: str | None = "") -> AsyncIterator["Line"]:
        url = self.base.replace("http", "ws", 1) + "/webchat/v1/stream"
        named = self.own_origin if origin == "" else origin
        async with connect(
            url,
            origin=None if named is None else Origin(named),
            compression=None,
            open_timeout=20,
        ) as connection:
            yield Line(connection)

    async def reply(
        self,
        session: Mapping[str, Any],
        content: OutboundContent | str,
        *,
        seq: int = 1,
        purpose: Purpose = "reply",
        tell: bool = True,
    ) -> int:
        """Deliver a message as the engine does; `tell=False`: as if another process did."""
        address = self.address(session)
        message = OutboundMessage(
            id=uuid4(),
            address=address,
            content=Text(text=content) if isinstance(content, str) else content,
            purpose=purpose,
            in_reply_to=seq,
        )

        def deliver() -> list[outbox.Delivered]:
            now = self.clock()
            with self.parts.database.transaction() as connection:
                outbox.enqueue(connection, [(message, seq, 0)], now=now)
                return commit_delivery.deliver(connection, ["webchat"], most=100, now=now)

        delivered = await asyncio.to_thread(deliver)
        if tell:
            loop = asyncio.get_running_loop()
            self.parts.transcripts.delivered(delivered, loop=loop)
        return delivered[-1].seq

    def address(self, session: Mapping[str, Any]) -> Address:
        from channels.webchat.tokens import read_visitor_token

        visitor = read_visitor_token(
            session["visitor_token"], key=self.parts.visitor_key, now=self.clock()
        )
        assert visitor is not None
        account = self.parts.accounts[visitor.widget_key].account
        address = Address(channel="webchat", account=account, peer=visitor.id)
        assert address.conversation_id == UUID(session["conversation_id"])
        return address


@dataclass
class Line:
    """A browser's end of a WebSocket."""

    connection: ClientConnection
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, **frame: object) -> None:
        await self.connection.send(orjson.dumps(frame).decode())

    async def say(self, text: str, key: str) -> None:
        content = {"kind": "text", "text": text}
        await self.send(type="message", client_msg_id=key, content=content)

    async def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = orjson.loads(await asyncio.wait_for(self.connection.recv(), 20))
        if frame["type"] == "events":
            self.seen += frame["events"]
        return frame

    async def until(self, kind: str) -> dict[str, Any]:
        """Return the next frame of this type, passing over others."""
        while (frame := await self.next())["type"] != kind:
            pass
        return frame

    async def events(self, count: int) -> list[dict[str, Any]]:
        """Return the events so far, once there are `count`."""
        while len(self.seen) < count:
            await self.until("events")
        return self.seen

    async def closed(self) -> int | None:
        """Return the close code once the server has closed."""
        try:
            while True:
                await self.next()
        except ConnectionClosed:
            return self.connection.close_code


def generous(
    *, burst: int = 1_000_000, per_second: float = 1e6, sessions_per_hour: int = 1_000_000
) -> Rates:
    """Return rates that limit nothing but what is said."""
    return Rates(burst=burst, per_second=per_second, sessions_per_hour=sessions_per_hour)


@asynccontextmanager
async def serving(
    database: Database,
    *,
    accounts: tuple[WebchatAccount, ...] = (ACCOUNT, OTHER),
    rates: Rates | None = None,
    limits: Limits | None = None,
    own_origins: frozenset[str] = frozenset(),
    send_buffer: int | None = None,
) -> AsyncIterator[Web]:
    """Run web chat on a free port, without an engine behind it."""
    clock, overload = Clock(), Overload()
    transcripts = Transcripts()
    ingest = Ingest(database, after_commit=transcripts.arrived)
    parts = WebchatParts(
        database=database,
        ingest=ingest,
        transcripts=transcripts,
        accounts={account.widget_key: account for account in accounts},
        secret_key=SECRET,
        rates=rates or generous(),
        streams=Streams(),
        reads=Reads(database, gather=0.0),
        overloaded=overload,
        own_origins=own_origins,
        limits=limits or replace(Limits(), frames_burst=10_000, frames_per_second=10_000.0),
        clock=clock,
    )
    app = FastAPI()
    app.include_router(create_router(parts))
    config = uvicorn.Config(
        SecurityHeaders(app),
        lifespan="off",
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=2,
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
    )
    server = uvicorn.Server(config)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ingest.start()
    task = asyncio.create_task(server.serve(sockets=[listener]))
    async with httpx.AsyncClient(base_url=base, timeout=40) as http:
        try:
            yield Web(parts, base, http, clock, overload, server)
        finally:
            parts.streams.stop()
            server.should_exit = True
            await task
            await parts.reads.stop()
            await ingest.stop()
            listener.close()
