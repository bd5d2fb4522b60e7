"""Hostile frames: each gets a clean error, none a 500, and nobody else notices."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from channels.contract import ChannelSettings, WebhookRequest
from channels.webchat import create
from channels.webchat.frames import FrameError, parse_frame
from tests.webchat.harness import SECRET, Clock, Web


def said(content: bytes, *, key: bytes = b"a") -> bytes:
    """Return a message frame with this content."""
    return b'{"type":"message","client_msg_id":"%s","content":%s}' % (key, content)


CASES: dict[str, bytes] = {
    "empty": b"",
    "no json": b"hello",
    "no object": b"[]",
    "deep lists": b"[" * 100_000,
    "deep lists within the size": b"[" * 16_000,
    "deep objects": b'{"a":' * 3_000,
    "deep and closed": b'{"type":"ping","x":' + b"[" * 900 + b"]" * 900 + b"}",
    "nan": b'{"type":"read","seq":NaN}',
    "infinity": b'{"type":"read","seq":1e999}',
    "huge number": b'{"type":"read","seq":' + b"9" * 5_000 + b"}",
    "large number": b'{"type":"read","seq":9007199254740993}',
    "negative": b'{"type":"read","seq":-1}',
    "fraction": b'{"type":"read","seq":1.0}',
    "boolean number": b'{"type":"read","seq":true}',
    "boolean text": b'{"type":"typing","on":"true"}',
    "type list": b'{"type":["ping"]}',
    "type object": b'{"type":{}}',
    "unknown type": b'{"type":"__class__"}',
    "half a surrogate": said(b'{"kind":"text","text":"\\ud800"}'),
    "the other half": said(b'{"kind":"text","text":"\\udc00x"}'),
    "not utf-8": b'{"type":"message","client_msg_id":"\xff"}',
    "no id": b'{"type":"message","content":{"kind":"text","text":"a"}}',
    "long id": said(b'{"kind":"text","text":"a"}', key=b"a" * 65),
    "id of another kind": said(b'{"kind":"text","text":"a"}', key=b"identified:1"),
    "id with newline": said(b'{"kind":"text","text":"a"}', key=b"a\\n"),
    "no content": b'{"type":"message","client_msg_id":"a"}',
    "content list": said(b'[]'),
    "unknown kind": said(b'{"kind":"notice","name":"identified"}'),
    "empty text": said(b'{"kind":"text","text":""}'),
    "blank text": said(b'{"kind":"text","text":" \\u0000\\n"}'),
    "long text": said(b'{"kind":"text","text":"' + b"a" * 4001 + b'"}'),
    "number text": said(b'{"kind":"text","text":5}'),
    "choice without value": said(b'{"kind":"choice"}'),
    "second hello": b'{"type":"hello","ticket":"x","cursor":0}',
    "cursor text": b'{"type":"hello","ticket":"x","cursor":"0"}',
}  # fmt: skip
#: These are for the socket to refuse, or are odd but good.
GOOD = {"deep and closed", "second hello"}

PIECES = (
    b'{"type":"message","client_msg_id":"m","content":{"kind":"text","text":"hi"}}',
    b'{"type":"message","client_msg_id":"m","content":{"kind":"choice","value":"a","label":"b"}}',
    b'{"type":"typing","on":true}',
    b'{"type":"read","seq":3}',
    b'{"type":"ping"}',
    b'{"type":"hello","ticket":"t","cursor":1}',
)
ODD = (
    b"null",
    b"{}",
    b"[]",
    b'""',
    b"1e400",
    b"-1",
    b"true",
    b"\x00",
    b"\\ud800",
    b'"',
    b"[[",
    b"\xf0",
)


def fuzzed(rng: random.Random) -> bytes:
    """Return a frame that was good before something happened to it."""
    frame = bytearray(rng.choice(PIECES))
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(frame) + 1)
        kind = rng.randrange(5)
        if kind == 0 and frame:
            frame[at % len(frame)] = rng.randrange(256)
        elif kind == 1:
            del frame[at : at + rng.randrange(1, 9)]
        elif kind == 2:
            frame[at:at] = rng.choice(ODD)
        elif kind == 3:
            frame[at : at + rng.randrange(9)] = rng.choice(ODD)
        else:
            frame[at:at] = rng.choice(PIECES)[: rng.randrange(40)]
    return bytes(frame)


@pytest.mark.parametrize("name", CASES)
def test_a_bad_frame_is_refused_with_a_reason(name: str) -> None:
    """Every kind of bad frame is a `FrameError` that says what to mend, and nothing else."""
    if name in GOOD:
        parse_frame(CASES[name])
        return
    with pytest.raises(FrameError) as refused:
        parse_frame(CASES[name])
    assert refused.value.code
    assert refused.value.message


def test_no_bytes_break_the_parser() -> None:
    """Of 20,000 fuzzed frames each is a frame or a `FrameError`."""
    rng = random.Random(1)
    for _ in range(20_000):
        with suppress(FrameError):
            assert parse_frame(fuzzed(rng)) is not None


def test_the_adapter_never_raises() -> None:
    """`receive` answers any bytes and headers below 500, and passes on only good ones."""
    channel = create(ChannelSettings("webchat", "demo", {"secret_key": SECRET}))
    rng = random.Random(2)
    now = Clock()()
    for _ in range(2_000):
        headers = {"authorization": rng.choice(("", "Bearer", "Bearer x", "Bearer a.b.c", "x y"))}
        received = channel.receive(WebhookRequest("POST", {}, headers, fuzzed(rng)), now=now)
        assert received.status == 401
        assert received.messages == ()


async def test_the_adapter_takes_what_an_authenticated_visitor_said(web: Web) -> None:
    """With a good token the body becomes one message; a bad body is 400, another widget's 401."""
    session = await web.session()
    options = {"secret_key": SECRET, "widget_key": "demo"}
    channel = create(ChannelSettings("webchat", "demo", options))
    headers = {"authorization": f"Bearer {session['visitor_token']}"}
    now = web.clock()
    good = channel.receive(WebhookRequest("POST", {}, headers, PIECES[0]), now=now)
    assert good.status == 202
    assert good.messages[0].address == web.address(session)
    assert good.messages[0].external_id == "m"
    assert channel.receive(WebhookRequest("POST", {}, headers, b"["), now=now).status == 400
    other = create(ChannelSettings("webchat", "o", {**options, "widget_key": "other-key"}))
    assert other.receive(WebhookRequest("POST", {}, headers, PIECES[0]), now=now).status == 401


async def test_ten_thousand_hostile_frames_harm_nobody_else(web: Web) -> None:
    """While sockets are fuzzed and closed for it, another visitor's conversation goes on."""
    rng = random.Random(3)
    hostile, calm = await web.session(), await web.session()
    codes: set[int | None] = set()
    sent = 0

    async def attack() -> None:
        nonlocal sent
        while sent < 10_000:
            async with web.socket(await web.ticket(hostile)) as line:
                await line.until("welcome")
                for _ in range(1_000):
                    sent += 1
                    frame = fuzzed(rng)
                    text: Any = frame
                    if rng.random() < 0.9:
                        text = frame.decode("utf-8", "replace")
                    try:
                        await line.connection.send(text)
                    except ConnectionClosed as closed:
                        codes.add(closed.rcvd.code if closed.rcvd else None)
                        break

    async with web.socket(calm["ticket"]) as line:
        await line.until("welcome")
        attacking = asyncio.create_task(attack())
        n = 0
        while not attacking.done():
            n += 1
            await line.say(f"still here {n}", f"calm-{n}")
            assert (await line.until("ack"))["seq"] == n
        await attacking
    assert sent >= 10_000
    assert codes <= {4008, 1007}
    for event in await web.transcript(hostile):
        assert orjson.dumps(event)


async def test_hostile_bodies_never_reach_500(web: Web) -> None:
    """The same frames as bodies of every call get answers below 500 with a code."""
    session = await web.session()
    rng = random.Random(4)
    bodies = [*CASES.values(), *(fuzzed(rng) for _ in range(300))]
    for n, body in enumerate(bodies):
        path = ("messages", "session", "typing", "read")[n % 4]
        answer = await web.call(path, body, token=session["visitor_token"])
        assert answer.status_code < 500
        if answer.is_error:
            error = answer.json()["error"]
            assert error["code"]
            assert error["message"]
