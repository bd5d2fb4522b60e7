"""Traffic: partners that post until they are acknowledged, and take and count the replies."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from channels.callback import sign
from channels.messages import Address
from crm_store.database import utc_now
from tests.faults.process import ACCOUNT, SECRET, WIDGET

#: Pause before a refused or broken delivery is repeated, seconds.
PAUSE = 0.02
#: Longest a delivery waits for its answer, seconds.
ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Message:
    """One message of one peer; even peers write by network, odd ones by commit."""

    peer: int
    id: str
    text: str

    @property
    def address(self) -> Address:
        """Where it belongs."""
        if self.peer % 4 == 0:
            return Address(channel="callback", account=ACCOUNT, peer=f"p{self.peer}")
        return Address(channel="webchat", account=WIDGET, peer=f"p{self.peer}")

    def request(self) -> bytes:
        """Return the HTTP request that delivers it."""
        extra = ""
        if self.address.channel == "callback":
            path = f"/webhooks/callback/{ACCOUNT}"
            content = {"kind": "text", "text": self.text}
            body = json.dumps({"id": self.id, "peer": self.address.peer, "content": content})
            extra = f"x-tributary-signature: {sign(SECRET, body.encode(), now=utc_now())}\r\n"
        else:
            path = "/commit"
            body = json.dumps({"id": self.id, "peer": self.address.peer, "text": self.text})
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
        return (head + body).encode()


def conversations(
    peers: int, each: int, *, tickets: int = 0, prefix: str = ""
) -> list[list[Message]]:
    """Return what so many peers write, in order; every `tickets`-th message asks for a ticket."""
    return [
        [
            Message(
                peer,
                f"{prefix}{peer}-{n}",
                f"ticket {peer}-{n}" if tickets and n % tickets == 1 else f"hello {n}",
            )
            for n in range(each)
        ]
        for peer in range(peers)
    ]


class Line:
    """One kept-alive HTTP connection, opened again when it breaks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, request: bytes) -> int:
        """Send a request and return the status of its answer, 0 when there was none."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._streams is None:
                    self._streams = await asyncio.open_connection("127.0.0.1", self.port)
                reader, writer = self._streams
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                lowered = head.lower()
                start = lowered.index(b"content-length:") + 15
                await reader.readexactly(int(lowered[start : lowered.index(b"\r\n", start)]))
                return int(head[9:12])
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            self.close()
            return 0

    async def insist(self, request: bytes) -> None:
        """Send a request until it is accepted."""
        while await self.post(request) != 202:  # noqa: ASYNC110 - nothing tells when it heals
            await asyncio.sleep(PAUSE)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


@dataclass
class Traffic:
    """What was sent, what was acknowledged, and how long it took."""

    acked: dict[Address, list[str]] = field(default_factory=dict)  #: ids in the order sent
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    last_ack: float = 0.0  #: monotonic time
    longest_gap: float = 0.0  #: longest time without any acknowledgement, seconds

    @property
    def count(self) -> int:
        """How many messages were acknowledged."""
        return sum(len(ids) for ids in self.acked.values())

    def note(self, message: Message) -> None:
        """Count an acknowledgement."""
        self.acked.setdefault(message.address, []).append(message.id)
        now = time.monotonic()
        self.longest_gap = max(self.longest_gap, now - self.last_ack)
        self.last_ack = now

    async def send(
        self,
        ports: Sequence[int],
        said: Sequence[Sequence[Message]],
        *,
        lines: int = 48,
        copies: int = 1,
        seed: int = 1,
        give_up_after: int = 2_000,
    ) -> None:
        """Send every peer's messages, each after the one before was acknowledged.

        Args:
            ports: gateways; each delivery goes to a random one.
            said: messages by peer.
            lines: deliveries under way at once.
            copies: up to so many redeliveries of each message follow its acknowledgement.
            seed: of everything random.
            give_up_after: deliveries of one message.
        """
        chance = random.Random(seed)
        waiting = list(said)
        chance.shuffle(waiting)
        started = self.last_ack = time.monotonic()

        async def partner() -> None:
            open_lines = [Line(port) for port in ports]
            while waiting:
                for message in waiting.pop():
                    await self._deliver(message, open_lines, chance, give_up_after)
                    for _ in range(chance.randrange(copies)):
                        await chance.choice(open_lines).post(message.request())
            for line in open_lines:
                line.close()

        async with asyncio.TaskGroup() as group:
            for _ in range(lines):
                group.create_task(partner())
        self.seconds += time.monotonic() - started

    async def _deliver(
        self, message: Message, lines: list[Line], chance: random.Random, most: int
    ) -> None:
        for _ in range(most):
            status = await chance.choice(lines).post(message.request())
            self.statuses[status] += 1
            if status == 202:
                self.note(message)
                return
            await asyncio.sleep(PAUSE * chance.random())
        raise AssertionError(f"message {message.id} was never acknowledged: {self.statuses}")


class Recorder:
    """The partner's side of the callback channel: takes replies and counts them by their key."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()  #: idempotency key -> times
        self.order: dict[str, list[int]] = {}  #: peer -> numbers answered, first receipts only
        self.delay = 0.0  #: seconds before each answer
        self.status = 200
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.url = ""

    async def start(self) -> None:
        """Listen on any free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/replies"

    async def stop(self) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._answer(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                start = head.index(b"content-length:") + 15
                body = await reader.readexactly(int(head[start : head.index(b"\r\n", start)]))
                if self.status == 200:
                    self._note(json.loads(body), head)
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(b"HTTP/1.1 %d OK\r\ncontent-length: 0\r\n\r\n" % self.status)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    def _note(self, message: dict[str, Any], head: bytes) -> None:
        key = message["id"]
        assert f"idempotency-key: {key}".encode() in head
        self.received[key] += 1
        if self.received[key] == 1:
            self.order.setdefault(message["address"]["peer"], []).append(message["in_reply_to"])
