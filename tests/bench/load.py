"""The load: clients that post over kept connections and wait for what comes back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import orjson
from websockets.asyncio.client import ClientConnection, connect


class HttpConnection:
    """One kept HTTP/1.1 connection, as thin as can be: the load must not cost what it measures."""

    def __init__(self, port: int, *, token: str | None = None) -> None:
        self._port = port
        self._head = (
            f"HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            + (f"Authorization: Bearer {token}\r\n" if token else "")
        ).encode()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Post and return status and body."""
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        data = orjson.dumps(body)
        self._writer.write(
            b"POST %b %bContent-Length: %d\r\n\r\n%b"
            % (path.encode(), self._head, len(data), data)
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, orjson.loads(await self._reader.readexactly(length))

    async def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()


class Visitor:
    """One visitor: posts messages and hears the replies on a socket."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._http: HttpConnection | None = None
        self._socket: ClientConnection | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._replied = asyncio.Event()
        self._asked = 0

    async def __aenter__(self) -> Self:
        opening = HttpConnection(self._port)
        status, session = await opening.post(
            "/webchat/v1/session", {"widget_key": "demo", "locale": "en"}
        )
        await opening.close()
        if status != 200:
            message = f"no session: {status} {session}"
            raise RuntimeError(message)
        self._http = HttpConnection(self._port, token=session["visitor_token"])
        self._socket = await connect(
            f"ws://127.0.0.1:{self._port}/webchat/v1/stream",
            origin=f"http://127.0.0.1:{self._port}",  # type: ignore[arg-type]
            compression=None,
            ping_interval=None,
        )
        await self._socket.send(
            orjson.dumps({"type": "hello", "ticket": session["ticket"], "cursor": 0}).decode()
        )
        self._hearing = asyncio.create_task(self._hear(self._socket))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.close()

    async def _hear(self, socket: ClientConnection) -> None:
        async for frame in socket:
            data = orjson.loads(frame)
            if data["type"] == "events" and any(
                event.get("from") == "bot" and event["seq"] > self._asked
                for event in data["events"]
            ):
                self._replied.set()

    async def ask(self, text: str) -> None:
        """Post one message and wait until a reply to it can be read."""
        assert self._http is not None
        self._replied.clear()
        body = {"client_msg_id": uuid4().hex, "content": {"kind": "text", "text": text}}
        status, answer = await self._http.post("/webchat/v1/messages", body)
        if status != 202:
            message = f"refused: {status} {answer}"
            raise RuntimeError(message)
        self._asked = answer["seq"]
        await asyncio.wait_for(self._replied.wait(), 30)


@dataclass
class Figures:
    """What one run showed."""

    seconds: float = 0.0
    cpu: float = 0.0  # seconds the server used
    latencies: list[float] = field(default_factory=list)  # seconds

    @property
    def rate(self) -> float:
        """Messages per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency, in milliseconds, that `share` of the messages stayed below."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


async def closed_loop(
    asks: list[Callable[[str], Awaitable[Any]]], texts: Iterator[str], *, seconds: float
) -> Figures:
    """Let every client ask again as soon as it was answered."""
    figures = Figures()
    started = time.perf_counter()

    async def client(ask: Callable[[str], Awaitable[Any]]) -> None:
        while time.perf_counter() - started < seconds:
            at = time.perf_counter()
            await ask(next(texts))
            figures.latencies.append(time.perf_counter() - at)

    await asyncio.gather(*(client(ask) for ask in asks))
    figures.seconds = time.perf_counter() - started
    return figures


async def open_loop(
    asks: list[Callable[[str], Awaitable[Any]]],
    texts: Iterator[str],
    *,
    rate: float,
    seconds: float,
) -> Figures:
    """Let messages arrive at a constant rate; waiting for a free client counts as latency."""
    figures = Figures()
    free: asyncio.Queue[Callable[[str], Awaitable[Any]]] = asyncio.Queue()
    for ask in asks:
        free.put_nowait(ask)
    started = time.perf_counter()

    async def one(due: float) -> None:
        ask = await free.get()
        try:
            await ask(next(texts))
        finally:
            free.put_nowait(ask)
        figures.latencies.append(time.perf_counter() - due)

    tasks = []
    for number in range(int(rate * seconds)):
        due = started + number / rate
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    figures.seconds = time.perf_counter() - started
    return figures
