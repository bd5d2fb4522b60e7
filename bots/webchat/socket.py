"""The WebSocket: one visitor's line in both directions, until either side ends it."""

import asyncio
from typing import Any, Final

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bots.ingest import StoreUnavailableError
from bots.rates import Buckets
from bots.webchat.feed import Feed, FeedEnded
from bots.webchat.origins import is_allowed
from bots.webchat.parts import WebchatParts
from bots.webchat.places import Admitted, redeem_ticket
from bots.webchat.posting import post
from bots.webchat.refusals import Refused, unavailable
from channels.webchat.frames import (
    FrameError,
    Hello,
    Message,
    Ping,
    Read,
    Typing,
    parse_frame,
)

log = structlog.get_logger()

REFUSED: Final = 4001
ORIGIN_REFUSED: Final = 4003
MISBEHAVED: Final = 4008
TOO_LARGE: Final = 1009
SILENT: Final = 1001
BROKEN: Final = 1011
#: Seconds until one more bad frame is forgiven.
FORGIVEN_AFTER: Final = 5.0


class _Closing(Exception):  # noqa: N818 - how a socket ends, mostly no fault
    """The line ends with this close code; None: it is gone already."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Socket:
    """One open WebSocket."""

    def __init__(self, parts: WebchatParts, websocket: WebSocket) -> None:
        limits = parts.limits
        self._parts = parts
        self._limits = limits
        self._websocket = websocket
        self._frames = Buckets(limits.frames_burst, limits.frames_per_second)
        self._bad = Buckets(limits.bad_frames_max, 1 / FORGIVEN_AFTER)

    async def run(self) -> None:
        """Serve the socket from its handshake to its end."""
        await self._websocket.accept()
        try:
            admitted, hello = await self._admit()
            await self._serve(admitted, hello)
        except* _Closing as group:
            first = group.exceptions[0]
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            await self._close(first)

    async def _close(self, closing: _Closing) -> None:
        if closing.code is None or self._websocket.client_state is WebSocketState.DISCONNECTED:
            return
        try:
            async with asyncio.timeout(self._limits.send):
                await self._websocket.close(closing.code, closing.reason)
        except (TimeoutError, OSError, RuntimeError):
            log.debug("webchat.close_failed", code=closing.code)

    async def _admit(self) -> tuple[Admitted, Hello]:
        headers = self._websocket.headers
        if "origin" not in headers or not is_allowed(self._parts, headers):
            raise _Closing(ORIGIN_REFUSED, "this origin is not on the widget's list")
        try:
            async with asyncio.timeout(self._limits.hello):
                hello = parse_frame(await self._receive())
        except TimeoutError as error:
            raise _Closing(REFUSED, "say hello first") from error
        except FrameError as error:
            raise _Closing(REFUSED, error.message[:100]) from error
        if not isinstance(hello, Hello):
            raise _Closing(REFUSED, "say hello first")
        try:
            admitted = await asyncio.to_thread(
                redeem_ticket, self._parts, hello.ticket, cursor=hello.cursor
            )
        except SQLAlchemyError as error:
            log.warning("webchat.hello_failed", error=type(error).__name__)
            raise _Closing(BROKEN, "the store does not answer; try again") from error
        if admitted is None:
            raise _Closing(REFUSED, "the ticket is used, expired or unknown")
        if not is_allowed(self._parts, headers, account=admitted.account):
            raise _Closing(ORIGIN_REFUSED, "this origin is not on the widget's list")
        return admitted, hello

    async def _serve(self, admitted: Admitted, hello: Hello) -> None:
        place = admitted.place
        feed = Feed(
            self._parts.database,
            self._parts.transcripts,
            admitted.conversation_id,
            cursor=place.start,
            tab=hello.tab,
        )
        with self._parts.streams.follow(feed, most=self._limits.streams_per_visitor):
            await self._send(
                {
                    "type": "welcome",
                    "conversation_id": str(admitted.conversation_id),
                    "cursor": place.last,
                    "resume": not place.reset,
                    "heartbeat": self._limits.heartbeat,
                }
            )
            if place.reset:
                await self._send({"type": "reset", "cursor": place.start})
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(feed), name="webchat.pump")
                await self._listen(admitted)

    async def _pump(self, feed: Feed) -> None:
        while True:
            try:
                frame = await feed.next()
            except FeedEnded as ended:
                raise _Closing(ended.code) from ended
            await self._send(frame)

    async def _listen(self, admitted: Admitted) -> None:
        loop = asyncio.get_running_loop()
        patience = 2 * self._limits.heartbeat
        try:
            async with asyncio.timeout(patience) as silence:
                while True:
                    data = await self._receive()
                    silence.reschedule(loop.time() + patience)
                    await self._take(data, admitted)
        except TimeoutError as error:
            raise _Closing(SILENT, "nothing was heard for two heartbeats") from error

    async def _take(self, data: str | bytes, admitted: Admitted) -> None:
        if (wait := self._frames.take("")) is not None:
            await self._refuse("too_frequent", "too many frames; wait a moment", retry_after=wait)
            return
        try:
            frame = parse_frame(data)
        except FrameError as error:
            if error.code == "too_large":
                raise _Closing(TOO_LARGE, error.message) from error
            await self._refuse(error.code, error.message, client_msg_id=error.client_msg_id)
            return
        match frame:
            case Message():
                await self._post(frame, admitted)
            case Ping():
                await self._send({"type": "pong"})
            case Read():
                self._parts.reads.mark(admitted.conversation_id, frame.seq)
            case Typing():
                pass  # nobody watches visitors write yet; not stored, by the protocol
            case Hello():
                await self._refuse("bad_frame", "`hello` opens a socket and comes once")

    async def _post(self, said: Message, admitted: Admitted) -> None:
        try:
            stored = await post(
                self._parts, said, visitor=admitted.visitor, account=admitted.account
            )
        except Refused as refused:
            # Who sends too fast is told to wait and keeps the socket; the rest is a bad frame.
            if refused.retry_after is not None:
                body = {**refused.body(), "client_msg_id": said.client_msg_id}
                await self._send({"type": "error", **body})
            else:
                await self._refuse(refused.code, refused.message, client_msg_id=said.client_msg_id)
            return
        except StoreUnavailableError:
            body = {**unavailable().body(), "client_msg_id": said.client_msg_id}
            await self._send({"type": "error", **body})
            return
        await self._send(
            {
                "type": "ack",
                "client_msg_id": said.client_msg_id,
                "seq": stored.seq,
                "duplicate": stored.duplicate,
            }
        )

    async def _refuse(
        self,
        code: str,
        message: str,
        *,
        retry_after: float | None = None,
        client_msg_id: str | None = None,
    ) -> None:
        """Tell what was wrong with a frame; close when there were too many of its kind."""
        if self._bad.take("") is not None:
            raise _Closing(MISBEHAVED, "too many bad or too frequent frames")
        frame = Refused(400, code, message, retry_after=retry_after).body()
        if client_msg_id is not None:
            frame["client_msg_id"] = client_msg_id
        await self._send({"type": "error", **frame})

    async def _receive(self) -> str | bytes:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise _Closing(None)
        text: str | None = message.get("text")
        data: bytes = message.get("bytes") or b""
        return data if text is None else text

    async def _send(self, frame: dict[str, Any]) -> None:
        # Waits while the reader is slow; the feed meanwhile keeps no more than one page.
        try:
            async with asyncio.timeout(self._limits.send):
                await self._websocket.send_text(orjson.dumps(frame).decode())
        except TimeoutError as error:
            raise _Closing(MISBEHAVED, "the reader is too slow") from error
        except (WebSocketDisconnect, OSError, RuntimeError) as error:
            raise _Closing(None) from error
