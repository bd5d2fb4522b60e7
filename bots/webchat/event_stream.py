"""Server-sent events and polls: the same feed for browsers behind things that break sockets."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bots.webchat.feed import Feed, FeedEnded
from bots.webchat.origins import check_origin
from bots.webchat.parts import WebchatParts
from bots.webchat.places import Place, place_of, redeem_ticket
from bots.webchat.refusals import Refused, json_response, unauthorized
from bots.webchat.requests import authenticate, number_of, query_number
from channels.webchat.adapter import address_of

_PING: Final = b"event: ping\ndata: {}\n\n"


class _Gone(Exception):  # noqa: N818 - the ordinary end of a stream
    """The reader hung up."""


def encode(frame: Mapping[str, Any]) -> bytes:
    """Return a frame as server-sent events: one for each event, else one named by its type."""
    if frame["type"] == "events":
        return b"".join(
            b"id: %d\ndata: %s\n\n" % (event["seq"], orjson.dumps(event))
            for event in frame["events"]
        )
    return b"event: %s\ndata: %s\n\n" % (frame["type"].encode(), orjson.dumps(frame))


class EventStream(Response):
    """An answer that goes on until either side ends it."""

    media_type = "text/event-stream"

    def __init__(self, parts: WebchatParts, feed: Feed, place: Place) -> None:
        self.status_code = 200
        self.background = None
        self._parts = parts
        self._feed = feed
        self._place = place
        # X-Accel-Buffering: nginx would hold events back until its buffer is full.
        self.init_headers({"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the reader hangs up, is too slow, or the server ends the stream."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        most = self._parts.limits.streams_per_visitor
        with self._parts.streams.follow(self._feed, most=most):
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._watch(receive), name="webchat.hang_up")
                    await self._pump(send)
            except* (_Gone, FeedEnded, TimeoutError, OSError):
                pass  # each is how a stream ends; the reader comes back with its cursor
        await self._finish(send)

    async def _pump(self, send: Send) -> None:
        if self._place.reset:
            await self._write(send, encode({"type": "reset", "cursor": self._place.start}))
        else:
            # An event, not a comment: scripts see no comments, and a widget behind something that
            # buffers must notice that nothing comes.
            await self._write(send, _PING)
        while True:
            try:
                async with asyncio.timeout(self._parts.limits.heartbeat):
                    chunk = encode(await self._feed.next())
            except TimeoutError:
                chunk = _PING
            await self._write(send, chunk)

    async def _write(self, send: Send, chunk: bytes) -> None:
        async with asyncio.timeout(self._parts.limits.send):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _finish(self, send: Send) -> None:
        try:
            async with asyncio.timeout(1):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError):
            return

    @staticmethod
    async def _watch(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        raise _Gone


async def stream_events(parts: WebchatParts, request: Request) -> Response:
    """Answer `GET events/stream`."""
    last_id = request.headers.get("last-event-id")
    number = number_of(last_id) if last_id is not None else None
    after = query_number(request, "after") if number is None else number
    ticket = request.query_params.get("ticket", "")
    if not 1 <= len(ticket) <= 200:
        raise unauthorized()
    admitted = await asyncio.to_thread(redeem_ticket, parts, ticket, cursor=after)
    if admitted is None:
        raise unauthorized()
    check_origin(parts, request.headers, account=admitted.account)
    feed = Feed(
        parts.database,
        parts.transcripts,
        admitted.conversation_id,
        cursor=admitted.place.start,
    )
    return EventStream(parts, feed, admitted.place)


async def poll_events(parts: WebchatParts, request: Request) -> Response:
    """Answer `GET events`: at once when there are any, else after at most `wait` seconds."""
    visitor, account = authenticate(parts, request)
    after = query_number(request, "after")
    wait = min(query_number(request, "wait"), parts.limits.wait_max)
    if (pause := parts.rates.ticket(visitor.id)) is not None:
        raise Refused(429, "rate_limited", "too many polls; wait a moment", retry_after=pause)
    conversation_id = address_of(account.account, visitor).conversation_id
    place = await asyncio.to_thread(place_of, parts, conversation_id, after)
    feed = Feed(parts.database, parts.transcripts, conversation_id, cursor=place.start)
    events: list[Any] = []
    nothing_yet = place.start >= place.last
    if not (place.reset and nothing_yet):
        with parts.streams.follow(feed, most=parts.limits.streams_per_visitor):
            events = await _first_page(feed, wait=wait if nothing_yet else parts.limits.wait_max)
    cursor = max(place.last, feed.cursor) if events or not place.reset else place.last
    answer: dict[str, Any] = {"events": events, "cursor": cursor}
    if place.reset:
        answer["reset"] = True
    return json_response(answer)


async def _first_page(feed: Feed, *, wait: float) -> list[Any]:
    try:
        async with asyncio.timeout(wait):
            while (frame := await feed.next())["type"] != "events":
                pass
    except (TimeoutError, FeedEnded):
        return []
    events: list[Any] = frame["events"]
    return events
