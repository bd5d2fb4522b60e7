"""Event streams and polls tell the same as a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from bots.webchat import Limits
from crm_store.database import Database
from tests.webchat.harness import Web, serving


@dataclass
class Source:
    """A browser's EventSource."""

    lines: AsyncIterator[str]
    events: list[dict[str, Any]] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    async def next(self) -> tuple[str, Any]:
        """Return the next event's name ("message" when unnamed) and data."""
        name, data = "message", ""
        while True:
            line = await asyncio.wait_for(anext(self.lines), 20)
            key, _, value = line.partition(": ")
            if key == "event":
                name = value
            elif key == "id":
                self.ids.append(int(value))
            elif key == "data":
                data = value
            elif not line and data:
                parsed = orjson.loads(data)
                if name == "message":
                    self.events.append(parsed)
                return name, parsed


@asynccontextmanager
async def event_source(
    web: Web, ticket: str, after: int = 0, **headers: str
) -> AsyncIterator[Source]:
    """Open an event stream as a browser does."""
    url = f"/webchat/v1/events/stream?ticket={ticket}&after={after}"
    sent = {"accept": "text/event-stream", "origin": web.own_origin}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    async with web.http.stream("GET", url, headers=sent) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["access-control-allow-origin"] == web.own_origin
        yield Source(answer.aiter_lines())


async def test_all_three_ways_tell_the_same(any_web: Web) -> None:
    """A socket, an event stream and polls give equal events, before and while they are open."""
    web = any_web
    session = await web.session()
    await web.post(session, "first")
    await web.reply(session, "second")
    async with (
        web.socket(session["ticket"]) as line,
        event_source(web, await web.ticket(session)) as source,
    ):
        polled = (await web.poll(session, 0, wait=25))["events"]
        assert len(polled) == 2
        waiting = asyncio.create_task(web.poll(session, 2, wait=25))
        await web.post(session, "third")
        await web.reply(session, "fourth")
        while len(source.events) < 4:
            await source.next()
        polled += (await waiting)["events"]
        polled += (await web.poll(session, len(polled)))["events"]
        assert await line.events(4) == source.events == polled
        assert source.ids == [1, 2, 3, 4]


async def test_an_event_stream_goes_on_after_the_last_id(web: Web) -> None:
    """`Last-Event-ID` says where to go on, else `after` does; a ping comes first."""
    session = await web.session()
    for n in range(4):
        await web.post(session, f"message {n}")
    async with event_source(web, session["ticket"], last_event_id="3") as source:
        assert (await source.next())[0] == "ping"
        assert (await source.next())[1]["seq"] == 4
    async with event_source(web, await web.ticket(session), after=2) as source:
        assert (await source.next())[0] == "ping"
        assert (await source.next())[1]["seq"] == 3


async def test_an_event_stream_carries_typing_resets_and_pings(sqlite: Database) -> None:
    """Named events carry what is no part of the transcript."""
    async with serving(sqlite, limits=replace(Limits(), heartbeat=0.1)) as web:
        session = await web.session()
        async with event_source(web, session["ticket"], after=7) as source:
            assert await source.next() == ("reset", {"type": "reset", "cursor": 0})
            assert (await source.next())[0] == "ping"
            await web.post(session, "hello")
            missing = {"message", "typing", "ping"}
            while missing:
                missing.discard((await source.next())[0])


async def test_a_poll_waits_no_longer_than_asked(web: Web) -> None:
    """With nothing to tell, a poll of no wait answers at once with the cursor."""
    session = await web.session()
    assert await web.poll(session, 0, wait=0) == {"events": [], "cursor": 0}
    await web.post(session, "hello")
    assert await web.poll(session, 1, wait=0) == {"events": [], "cursor": 1}


async def test_bad_numbers_in_a_query_are_refused(web: Web) -> None:
    """A cursor that is no number, negative or huge is a clean 400."""
    session = await web.session()
    for bad in ("x", "-1", "1.5", "9" * 30, "²", ""):
        answer = await web.call(f"events?after={bad}", token=session["visitor_token"])
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad_query"


async def test_a_reader_who_hangs_up_is_forgotten(web: Web) -> None:
    """Closing an event stream frees its place on the server."""
    session = await web.session()
    async with event_source(web, session["ticket"]) as source:
        await web.post(session, "hello")
        await source.next()
        assert web.parts.streams.count == 1
    while web.parts.streams.count:
        await web.poll(session, 0)  # any round trip gives the server time to notice
    assert web.parts.transcripts.watched == []
