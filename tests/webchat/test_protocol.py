"""The WebSocket protocol as docs/webchat-protocol.md promises it."""

import asyncio
from dataclasses import replace

import httpx
from sqlalchemy import select

from bots.webchat import Limits, poll_watched
from channels.messages import Card, Choices, Link, Option
from crm_store.database import Database
from crm_store.inbox import InboxItem
from tests.webchat.harness import Web, serving


async def test_what_a_client_changes_on_its_ticket_is_no_language(any_web: Web) -> None:
    """The language rides on the ticket, through the client's hands; junk there is left out."""
    web = any_web
    session = await web.session(locale="zh")
    async with web.socket(f"{session['ticket'].partition('.')[0]}.\x00en") as line:
        await line.until("welcome")
        await line.say("hello", "m1")
        assert (await line.until("ack"))["seq"] == 1
    with web.parts.database.reading() as connection:
        message = connection.execute(select(InboxItem.message)).scalar_one()
    assert message["sender"]["language"] is None


async def test_a_visit_from_session_to_reply(any_web: Web) -> None:
    """A visitor opens a session, says something, and reads the acknowledgement and the reply."""
    web = any_web
    session = await web.session(locale="zh-TW", page="https://shop.example/kettles")
    assert session["cursor"] == 0
    assert session["read"] == 0
    assert session["language"] == "zh"
    assert session["bot"]["greeting"] == "您好！"
    assert session["limits"] == {"text_max": 4000}
    assert session["ticket_expires_in"] == 60

    async with web.socket(session["ticket"]) as line:
        welcome = await line.next()
        assert welcome == {
            "type": "welcome",
            "conversation_id": session["conversation_id"],
            "cursor": 0,
            "resume": True,
            "heartbeat": 25.0,
        }
        await line.say("where is my kettle?", "m-1")
        ack = await line.until("ack")
        assert ack == {"type": "ack", "client_msg_id": "m-1", "seq": 1, "duplicate": False}
        assert await web.reply(session, "On its **way**.") == 2
        reply = (await line.until("events"))["events"][-1]
        assert reply["seq"] == 2
        assert reply["from"] == "bot"
        assert reply["content"] == {"kind": "text", "text": "On its **way**."}
        await line.send(type="ping")
        assert await line.until("pong") == {"type": "pong"}


async def test_every_kind_of_content_reaches_the_browser(web: Web) -> None:
    """Choices and cards arrive as the protocol writes them, each with a text to fall back on."""
    session = await web.session()
    pressed = {"kind": "choice", "value": "yes", "label": "Yes, please"}
    body = {"client_msg_id": "c", "content": pressed}
    assert (await web.call("messages", body, token=session["visitor_token"])).status_code == 202
    options = (Option(value="a", label="A"), Option(value="b", label="B", url="https://b.example"))
    await web.reply(session, Choices(text="Which?", options=options, style="buttons"))
    card = Card(title="Returns", text="30 days", link=Link(label="Read", url="/knowledge/returns"))
    await web.reply(session, card, purpose="staff")

    said, choices, shown = await web.transcript(session)
    assert said["from"] == "visitor"
    assert said["client_msg_id"] == "c"
    assert said["content"] == pressed
    assert said["fallback_text"] == "Yes, please"
    assert choices["content"] == {
        "kind": "choices",
        "text": "Which?",
        "style": "buttons",
        "options": [
            {"value": "a", "label": "A"},
            {"value": "b", "label": "B", "url": "https://b.example"},
        ],
    }
    assert choices["fallback_text"] == "Which?\n1. A\nB: https://b.example"
    assert shown["from"] == "staff"
    assert shown["content"]["link"] == {"label": "Read", "url": "/knowledge/returns"}
    assert shown["at"] == "2026-03-02T09:00:00.000Z"


async def test_a_repeated_client_msg_id_has_one_effect(any_web: Web) -> None:
    """The second of two equal sends is acknowledged with the first one's number, on any way."""
    web = any_web
    session = await web.session()
    async with web.socket(session["ticket"]) as line:
        await line.say("once", "same")
        first = await line.until("ack")
        await line.say("once", "same")
        second = await line.until("ack")
        third = await web.post(session, "once", "same")
    assert (first["seq"], first["duplicate"]) == (1, False)
    assert (second["seq"], second["duplicate"]) == (1, True)
    assert (third["seq"], third["duplicate"]) == (1, True)
    assert len(await web.transcript(session)) == 1


async def test_two_tabs_see_the_same_conversation(web: Web) -> None:
    """What one tab says, both tabs show, with the reply, in the same order."""
    session = await web.session()
    async with (
        web.socket(session["ticket"]) as one,
        web.socket(await web.ticket(session)) as two,
    ):
        await one.until("welcome")
        await two.until("welcome")
        await one.say("from one", "a")
        await one.until("ack")
        await two.say("from two", "b")
        await web.reply(session, "to both")
        assert await one.events(3) == await two.events(3)


async def test_resuming_at_any_cursor_gives_the_same_transcript(any_web: Web) -> None:
    """Whatever number a browser comes back with, it ends with the whole transcript in order."""
    web = any_web
    session = await web.session()
    for n in range(6):
        await web.post(session, f"question {n}")
        await web.reply(session, f"answer {n}", seq=2 * n + 1)
    whole = await web.transcript(session)
    assert [event["seq"] for event in whole] == list(range(1, 13))
    for cursor in range(13):
        async with web.socket(await web.ticket(session), cursor) as line:
            welcome = await line.next()
            assert (welcome["cursor"], welcome["resume"]) == (12, True)
            rest = await line.events(12 - cursor)
            assert whole[:cursor] + rest == whole


async def test_a_cursor_ahead_resets_the_browser(web: Web) -> None:
    """A browser that knows more than the store forgets everything and gets all events."""
    session = await web.session()
    await web.post(session, "hello")
    async with web.socket(session["ticket"], 99) as line:
        assert (await line.next())["resume"] is False
        assert await line.next() == {"type": "reset", "cursor": 0}
        assert [event["seq"] for event in await line.events(1)] == [1]
    page = await web.poll(session, 99)
    assert (page["cursor"], page["reset"]) == (1, True)


async def test_long_conversations_come_in_pages(web: Web) -> None:
    """No page has more than 100 events, and the pages are gapless."""
    session = await web.session()
    await asyncio.gather(*(web.post(session, f"message {n}") for n in range(250)))
    async with web.socket(session["ticket"]) as line:
        sizes: list[int] = []
        seqs: list[int] = []
        while len(seqs) < 250:
            page = (await line.until("events"))["events"]
            sizes.append(len(page))
            seqs += [event["seq"] for event in page]
    assert max(sizes) <= 100
    assert seqs == list(range(1, 251))


async def test_a_ticket_opens_one_stream(web: Web) -> None:
    """A used ticket is refused with 4001, on a socket and on an event stream."""
    session = await web.session()
    async with web.socket(session["ticket"]) as line:
        await line.until("welcome")
        async with web.socket(session["ticket"]) as second:
            assert await second.closed() == 4001
    answer = await web.call(f"events/stream?ticket={session['ticket']}")
    assert answer.status_code == 401


async def test_a_ticket_is_good_for_a_minute(web: Web) -> None:
    """A ticket of 61 seconds ago is refused."""
    session = await web.session()
    web.clock.pass_by(seconds=61)
    async with web.socket(session["ticket"]) as line:
        assert await line.closed() == 4001


async def test_hello_comes_first(web: Web) -> None:
    """A socket that begins with anything but a good hello is closed with 4001."""
    for frame in ('{"type": "ping"}', "not json", '{"type": "hello"}', "[]"):
        async with web.raw_socket() as line:
            await line.connection.send(frame)
            assert await line.closed() == 4001


async def test_the_bot_is_shown_writing_until_it_has_written(web: Web) -> None:
    """After a visitor's message the bot types; after a person's words it does not pretend to."""
    session = await web.session()
    async with web.socket(session["ticket"]) as line:
        await line.say("hello", "1")
        assert await line.until("typing") == {"type": "typing", "on": True, "from": "bot"}
        await web.reply(session, "a person here", purpose="staff")
        await line.until("events")
        await line.say("good", "2")
        frames = [await line.next() for _ in range(2)]
        assert {frame["type"] for frame in frames} == {"events", "ack"}
        await line.send(type="ping")
        assert (await line.next())["type"] == "pong"


async def test_read_marks_come_back_with_the_session(web: Web) -> None:
    """The newest read mark counts, never one that goes back or past the end."""
    session = await web.session()
    token = session["visitor_token"]
    for n in range(3):
        await web.post(session, f"message {n}")
    for seq in (2, 1, 99):
        assert (await web.call("read", {"seq": seq}, token=token)).status_code == 204
        await web.parts.reads.flush()
    async with web.socket(session["ticket"]) as line:
        await line.send(type="typing", on=True)
        await line.send(type="read", seq=3)
        await line.send(type="ping")
        await line.until("pong")
    await web.parts.reads.flush()
    again = await web.session(visitor_token=token)
    assert (again["read"], again["cursor"]) == (3, 3)


async def test_a_newer_stream_of_the_same_tab_replaces_the_older(web: Web) -> None:
    """The older socket is closed with 4009; that of another tab stays."""
    session = await web.session()
    async with (
        web.socket(session["ticket"], tab="left") as old,
        web.socket(await web.ticket(session), tab="right") as other,
    ):
        await old.until("welcome")
        await other.until("welcome")
        async with web.socket(await web.ticket(session), tab="left") as new:
            await new.until("welcome")
            assert await old.closed() == 4009
            await other.send(type="ping")
            assert (await other.until("pong"))["type"] == "pong"


async def test_a_silent_socket_is_closed(sqlite: Database) -> None:
    """After two heartbeats without a frame the server closes; one that pings stays."""
    limits = replace(Limits(), heartbeat=0.2, frames_burst=1e6, frames_per_second=1e6)
    async with serving(sqlite, limits=limits) as web:
        session = await web.session()
        async with (
            web.socket(session["ticket"]) as silent,
            web.socket(await web.ticket(session)) as lively,
        ):
            closed = asyncio.create_task(silent.closed())
            while not closed.done():
                await lively.send(type="ping")
                await lively.until("pong")
            assert closed.result() == 1001
            await lively.send(type="ping")
            await lively.until("pong")


async def test_a_restart_tells_sockets_to_come_back(web: Web) -> None:
    """Stopping closes sockets with 1012 and lets polls go at once."""
    session = await web.session()
    async with web.socket(session["ticket"]) as line:
        await line.until("welcome")
        poll = asyncio.create_task(web.poll(session, 0, wait=25))
        while web.parts.streams.count < 2:
            await line.send(type="ping")  # a round trip gives the poll time to arrive
            await line.until("pong")
        web.parts.streams.stop()
        assert await line.closed() == 1012
        assert (await poll)["events"] == []


async def test_what_another_process_delivers_arrives(any_web: Web) -> None:
    """Without any call about it, a delivered reply is found in the store and shown."""
    web = any_web
    session = await web.session()
    looking = asyncio.create_task(poll_watched(web.parts.database, web.parts.streams, every=0.05))
    try:
        await web.post(session, "hello")
        async with web.socket(session["ticket"], 1) as line:
            await line.until("welcome")
            await web.reply(session, "from elsewhere", tell=False)
            assert (await line.events(1))[0]["fallback_text"] == "from elsewhere"
    finally:
        looking.cancel()


async def test_a_call_that_skips_a_number_is_filled_from_the_store(web: Web) -> None:
    """When the call about one entry is lost, the next one brings both, in order."""
    session = await web.session()
    await web.post(session, "hello")
    async with web.socket(session["ticket"], 1) as line:
        await line.until("welcome")
        await web.reply(session, "lost call", tell=False)
        await web.reply(session, "told")
        texts = [event["fallback_text"] for event in await line.events(2)]
        assert texts == ["lost call", "told"]


async def test_too_many_streams_of_one_visitor_end_the_oldest(sqlite: Database) -> None:
    """One visitor cannot hold any number of sockets."""
    async with serving(sqlite, limits=replace(Limits(), streams_per_visitor=2)) as web:
        session = await web.session()
        tickets = [session["ticket"], await web.ticket(session), await web.ticket(session)]
        async with web.socket(tickets[0]) as one, web.socket(tickets[1]) as two:
            await one.until("welcome")
            await two.until("welcome")
            async with web.socket(tickets[2]) as three:
                await three.until("welcome")
                assert await one.closed() == 4009


async def test_a_visitor_reads_only_their_own_conversation(web: Web) -> None:
    """Another visitor's token and ticket show nothing of the first one's words."""
    mine, theirs = await web.session(), await web.session()
    await web.post(mine, "my secret")
    assert mine["conversation_id"] != theirs["conversation_id"]
    assert await web.transcript(theirs) == []
    async with web.socket(theirs["ticket"]) as line:
        welcome = await line.next()
        assert (welcome["conversation_id"], welcome["cursor"]) == (theirs["conversation_id"], 0)


async def test_calls_without_a_good_token_are_refused(web: Web) -> None:
    """Every call but `session` needs the visitor token, whole and in its header."""
    session = await web.session()
    calls: list[tuple[str, object]] = [
        ("ticket", {}),
        ("messages", {"client_msg_id": "a", "content": {"kind": "text", "text": "x"}}),
        ("typing", {"on": True}),
        ("read", {"seq": 1}),
        ("events?after=0", None),
    ]
    for path, body in calls:
        for token in (None, "x", session["visitor_token"][:-3], session["ticket"]):
            answer = await web.call(path, body, token=token)
            assert answer.status_code == 401
            assert answer.json()["error"]["code"] == "unauthorized"


def _headers_forbid_keeping(answer: httpx.Response) -> bool:
    return answer.headers["cache-control"] == "no-store"


async def test_answers_are_not_kept_by_browsers(web: Web) -> None:
    """Tokens and transcripts are marked as not to be stored."""
    answer = await web.call("session", {"widget_key": "demo"})
    assert _headers_forbid_keeping(answer)
    polled = await web.call("events?after=0", token=answer.json()["visitor_token"])
    assert _headers_forbid_keeping(polled)
