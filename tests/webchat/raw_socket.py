"""A WebSocket client of a few lines, for tests that open thousands of sockets."""

import asyncio
import socket
from typing import Any, Self

import orjson

_MASK = b"\x01\x02\x03\x04"


def masked_frame(payload: bytes) -> bytes:
    """Return `payload` as one text frame of a client (RFC 6455 section 5.2)."""
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    mask = (_MASK * (size // 4 + 1))[:size]
    body = (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
    return head + _MASK + body


class RawSocket:
    """One socket that says hello, reads frames, and can die without a word."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(
        cls, base: str, *, ticket: str, cursor: int, receive_buffer: int | None = None
    ) -> Self:
        """Connect, shake hands and say hello; `receive_buffer` bytes may wait unread."""
        host = base.removeprefix("http://")
        name, _, port = host.partition(":")
        if receive_buffer is None:
            reader, writer = await asyncio.open_connection(name, int(port))
        else:
            plain = socket.socket()
            plain.setblocking(False)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            await asyncio.get_running_loop().sock_connect(plain, (name, int(port)))
            reader, writer = await asyncio.open_connection(sock=plain, limit=receive_buffer)
        hello = orjson.dumps({"type": "hello", "ticket": ticket, "cursor": cursor})
        writer.write(
            b"GET /webchat/v1/stream HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: %s\r\n\r\n"
            % (host.encode(), base.encode(), b"dGhlIHNhbXBsZSBub25jZQ==")
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        writer.write(masked_frame(hello))
        return cls(reader, writer)

    async def until(self, kind: str) -> dict[str, Any]:
        """Return the next frame of this type."""
        while True:
            first, second = await self._reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                size = int.from_bytes(await self._reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self._reader.readexactly(8), "big")
            payload = await self._reader.readexactly(size)
            assert first == 0x81, (first, payload)
            frame: dict[str, Any] = orjson.loads(payload)
            if frame["type"] == kind:
                return frame

    def die(self) -> None:
        """Drop the connection without closing it."""
        self._writer.transport.abort()
