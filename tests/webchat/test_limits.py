"""Limits: floods are slowed down with a time to come back, and cost others nothing."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bots.local_servers import LocalRedis
from bots.rates import Buckets, Rates, network_of
from bots.webchat import Limits
from crm_store.database import Database
from tests.webchat.harness import Web, generous, serving
from tests.webchat.raw_socket import RawSocket


async def test_a_visitor_may_send_five_at_once(sqlite: Database) -> None:
    """The sixth message is refused with the time to wait, and another visitor's is not."""
    async with serving(sqlite, rates=generous(burst=5, per_second=0.01)) as web:
        session, other = await web.session(), await web.session()
        body = {"content": {"kind": "text", "text": "hi"}}
        statuses = []
        for n in range(6):
            answer = await web.call(
                "messages", {**body, "client_msg_id": f"m{n}"}, token=session["visitor_token"]
            )
            statuses.append(answer.status_code)
        assert statuses == [202] * 5 + [429]
        assert 1 <= int(answer.headers["retry-after"]) <= 100
        assert answer.json()["error"]["code"] == "rate_limited"
        assert 0 < answer.json()["error"]["retry_after"] <= 100
        assert (await web.post(other, "hello"))["seq"] == 1

        async with web.socket(session["ticket"]) as line:
            await line.say("one more", "m9")
            refused = await line.until("error")
            assert refused["code"] == "rate_limited"
            assert refused["client_msg_id"] == "m9"
            assert refused["retry_after"] > 0
            await line.send(type="ping")
            await line.until("pong")


def test_a_bucket_refills_with_time() -> None:
    """Five at once, then one per second, and never more than five saved up."""
    now = 0.0
    buckets = Buckets(5, 1.0, lambda: now)
    assert [buckets.take("a") for _ in range(5)] == [None] * 5
    assert buckets.take("a") == pytest.approx(1.0)
    now = 1.0
    assert buckets.take("a") is None
    assert buckets.take("a") == pytest.approx(1.0)
    now = 1000.0
    assert [buckets.take("a") for _ in range(5)] == [None] * 5
    assert buckets.take("a") is not None


async def test_an_address_may_open_so_many_sessions(sqlite: Database) -> None:
    """Beyond the hour's number sessions are refused with `Retry-After`."""
    async with serving(sqlite, rates=generous(sessions_per_hour=3)) as web:
        for _ in range(3):
            await web.session()
        answer = await web.call("session", {"widget_key": "demo"})
        assert answer.status_code == 429
        assert 3000 < int(answer.headers["retry-after"]) <= 3601


async def test_who_comes_back_is_not_counted_among_the_new(sqlite: Database) -> None:
    """An office behind one address may fill its hour; its visitors still get in again."""
    async with serving(sqlite, rates=generous(sessions_per_hour=2)) as web:
        first, _ = await web.session(), await web.session()
        assert (await web.call("session", {"widget_key": "demo"})).status_code == 429
        for _ in range(5):
            again = await web.session(visitor_token=first["visitor_token"])
            assert again["conversation_id"] == first["conversation_id"]
        forged = {"widget_key": "demo", "visitor_token": "forged"}
        assert (await web.call("session", forged)).status_code == 429


async def test_waiting_is_no_misbehaviour(sqlite: Database) -> None:
    """Whoever is told to wait over and over keeps the socket."""
    limits = replace(Limits(), frames_burst=1_000, bad_frames_max=5)
    async with serving(sqlite, rates=generous(burst=1, per_second=0.01), limits=limits) as web:
        session = await web.session()
        async with web.socket(session["ticket"]) as line:
            for n in range(30):
                await line.say("hello", f"m{n}")
            for _ in range(29):
                assert (await line.until("error"))["code"] == "rate_limited"
            await line.send(type="ping")
            await line.until("pong")


def test_addresses_of_one_device_count_together() -> None:
    """An IPv6 /64 is one address, and so is IPv4 written as IPv6."""
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2")
    assert network_of("2001:db8::1") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1")
    assert network_of("not an address") == "not an address"


async def test_two_processes_share_limits_through_redis(redis_url: str) -> None:
    """Spread over two processes, a visitor gets at most twice the burst, an address its number."""
    one = Rates(sessions_per_hour=3, shared=redis_url)
    two = Rates(sessions_per_hour=3, shared=redis_url)
    waits = [await (one, two)[n % 2].session("192.0.2.1") for n in range(4)]
    assert waits[:3] == [None] * 3
    assert waits[3] is not None
    many = [Rates(shared=redis_url) for _ in range(4)]
    passed = [await each.message("v") for each in many for _ in range(5)].count(None)
    assert passed == 10
    for each in (one, two, *many):
        await each.close()


async def test_limits_stand_open_when_redis_is_gone(redis_server: LocalRedis) -> None:
    """Without the shared store messages pass, under the limits of the process."""
    limits = Rates(shared=redis_server.url)
    assert await limits.message("v") is None
    redis_server.stop()
    assert [await limits.message("v") for _ in range(4)] == [None] * 4
    assert await limits.message("v") is not None
    await limits.close()


async def test_an_overloaded_engine_slows_senders_down(web: Web) -> None:
    """Back-pressure answers 429 with the time it asks for; reading goes on."""
    session = await web.session()
    web.overload.seconds = 7.0
    body = {"client_msg_id": "a", "content": {"kind": "text", "text": "hi"}}
    answer = await web.call("messages", body, token=session["visitor_token"])
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["error"]["code"] == "overloaded"
    async with web.socket(session["ticket"]) as line:
        await line.say("hi", "a")
        assert (await line.until("error"))["code"] == "overloaded"
        web.overload.seconds = None
        await line.say("hi", "a")
        assert (await line.until("ack"))["seq"] == 1


async def begin_post(
    web: Web, session: dict[str, Any], head: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send the head of a `POST messages` and leave the body to the test."""
    name, _, port = web.base.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(
        b"POST /webchat/v1/messages HTTP/1.1\r\nHost: here\r\n"
        b"Authorization: Bearer %s\r\n%s\r\n\r\n" % (session["visitor_token"].encode(), head)
    )
    return reader, writer


async def test_a_body_that_is_too_large_is_not_read_to_its_end(web: Web) -> None:
    """Large bodies are refused with 413, whether they say their size or not."""
    session = await web.session()
    for head in (b"Content-Length: 20000", b"Transfer-Encoding: chunked"):
        reader, writer = await begin_post(web, session, head)
        if b"chunked" in head:
            writer.write(b"4e20\r\n" + b"x" * 17_000)
        answer = await asyncio.wait_for(reader.read(), 20)
        assert answer.startswith(b"HTTP/1.1 413")
        assert b'"too_large"' in answer
        writer.close()


async def test_a_body_that_does_not_come_is_given_up(sqlite: Database) -> None:
    """A body that dribbles in for too long is refused."""
    async with serving(sqlite, limits=replace(Limits(), body=0.1)) as web:
        reader, writer = await begin_post(web, await web.session(), b"Content-Length: 100")
        writer.write(b"{")
        answer = await asyncio.wait_for(reader.read(), 20)
        assert answer.startswith(b"HTTP/1.1 408")
        writer.close()


async def test_a_frame_that_is_too_large_closes_its_socket(web: Web) -> None:
    """A frame over 16 KB is 1009 for its sender only."""
    session = await web.session()
    async with (
        web.socket(session["ticket"]) as bad,
        web.socket(await web.ticket(session)) as good,
    ):
        await good.until("welcome")
        for size in (17_000,):
            await bad.say("x" * size, "big")
            assert await bad.closed() == 1009
        await good.say("still here", "ok")
        assert (await good.until("ack"))["seq"] == 1


async def test_a_flood_of_frames_closes_its_socket(sqlite: Database) -> None:
    """Who floods is told so, then closed with 4008; who writes normally is served."""
    limits = replace(Limits(), frames_burst=10, frames_per_second=1.0)
    async with serving(sqlite, limits=limits) as web:
        session = await web.session()
        async with (
            web.socket(session["ticket"]) as flood,
            web.socket(await web.ticket(session)) as calm,
        ):
            await calm.until("welcome")
            for _ in range(100):
                await flood.send(type="ping")
            assert (await flood.until("error"))["code"] == "too_frequent"
            assert await flood.closed() == 4008
            await calm.say("hello", "ok")
            assert (await calm.until("ack"))["seq"] == 1


async def test_a_reader_who_does_not_read_is_cut_off(sqlite: Database) -> None:
    """A stalled socket ends instead of filling memory, and loses nothing by it."""
    limits = replace(Limits(), send=0.3)
    async with serving(sqlite, limits=limits, send_buffer=16_384) as web:
        session = await web.session()
        stalled = await RawSocket.open(
            web.base, ticket=session["ticket"], cursor=0, receive_buffer=4096
        )
        await stalled.until("welcome")
        written = 0
        while web.parts.streams.count:
            await asyncio.gather(*(web.post(session, "x" * 3900) for _ in range(8)))
            written += 8
        stalled.die()
        assert len(await web.transcript(session)) == written


async def test_tickets_are_limited_too(sqlite: Database) -> None:
    """A visitor cannot make the store write tickets without end."""
    async with serving(sqlite, rates=generous(burst=5, per_second=0.01)) as web:
        session = await web.session()
        codes = [
            (await web.call("ticket", {}, token=session["visitor_token"])).status_code
            for _ in range(21)
        ]
        assert codes == [200] * 20 + [429]
