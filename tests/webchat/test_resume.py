"""Reconnecting, at random and very often, never changes the transcript (R17)."""

import asyncio
import random
from typing import Any

import pytest

from bots.webchat.places import issue_ticket
from channels.webchat.tokens import read_visitor_token
from tests.webchat.harness import ACCOUNT, Web
from tests.webchat.raw_socket import RawSocket

RESUMES = 10_000
READERS = 8
TALKED = 50


@pytest.mark.faults
@pytest.mark.timeout(900)
async def test_ten_thousand_resumes_read_the_same_transcript(web: Web) -> None:
    """Sockets killed at random places while the conversation grows: always the same transcript."""
    session = await web.session()
    visitor = read_visitor_token(
        session["visitor_token"], key=web.parts.visitor_key, now=web.clock()
    )
    assert visitor is not None
    seeds = random.Random(17)
    copies: list[list[dict[str, Any]]] = []
    resumes = 0
    progress = asyncio.Condition()
    for n in range(20):
        await web.post(session, f"before {n}")

    async def read(rng: random.Random) -> None:
        nonlocal resumes
        have: list[dict[str, Any]] = []
        while resumes < RESUMES:
            async with progress:
                resumes += 1
                progress.notify_all()
            ticket = await asyncio.to_thread(issue_ticket, web.parts, visitor, ACCOUNT)
            line = await RawSocket.open(web.base, ticket=ticket, cursor=len(have))
            welcome = await line.until("welcome")
            assert welcome["resume"] is True
            # Die at a random place: at once, or with some of what is missing.
            if welcome["cursor"] > len(have) and rng.random() < 0.7:
                have += (await line.until("events"))["events"]
            line.die()
            if rng.random() < 0.2:
                have = have[: rng.randrange(len(have) + 1)]
        copies.append(have)

    async def talk() -> None:
        for n in range(TALKED):
            await web.post(session, f"during {n}")
            await web.reply(session, f"answer {n}", tell=n % 3 != 0)
            wanted = RESUMES * (n + 1) // TALKED
            async with progress:
                while resumes < wanted:
                    await progress.wait()

    readers = [read(random.Random(seeds.random())) for _ in range(READERS)]
    await asyncio.gather(talk(), *readers)

    whole = await web.transcript(session)
    assert [event["seq"] for event in whole] == list(range(1, 20 + 2 * TALKED + 1))
    assert len(copies) == READERS
    for copy in copies:
        assert copy == whole[: len(copy)]
    async with web.socket(await web.ticket(session)) as line:
        assert await line.events(len(whole)) == whole
