"""Tokens that providers lend: fetched once for all processes, and unreadable in the database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from bots.shared_tokens import SharedTokens
from channels import wechat
from channels.contract import Accepted, ChannelSettings
from channels.messages import Address, OutboundMessage, Text
from channels.simulators.wechat import WechatSimulator
from channels.tokens import Token
from channels.wechat import WechatChannel
from crm_store.channel_tokens import ChannelToken
from crm_store.database import Database, utc_now
from tests.channels.wechat.conftest import options_of

KEY = "a secret key of the server, 32 characters or more"
PEER = "oPeer"


@pytest.fixture
async def simulator() -> AsyncIterator[WechatSimulator]:
    """Run WeChat with one customer who may be written to often."""
    opened = WechatSimulator()
    await opened.start()
    opened.rules.note(PEER, "message", now=utc_now())
    opened.rules.peers[PEER].left = 10_000
    yield opened
    await opened.stop()


def account(simulator: WechatSimulator, database: Database, *, key: str = KEY) -> WechatChannel:
    """Return the account's adapter in another process."""
    tokens = SharedTokens(database, key)
    return wechat.create(ChannelSettings("wechat", "shop", options_of(simulator), tokens))


async def said(channel: WechatChannel) -> object:
    """Send something and return the result."""
    address = Address(channel="wechat", account="shop", peer=PEER)
    return await channel.send(
        OutboundMessage(id=uuid4(), address=address, content=Text(text="hello"))
    )


async def test_processes_use_one_token(database: Database, simulator: WechatSimulator) -> None:
    """Two processes that start at once, and one that starts later, fetch one token together."""
    other = Database(str(database.url.render_as_string(hide_password=False)))
    first, second = account(simulator, database), account(simulator, other)

    results = await asyncio.gather(*(said(channel) for channel in (first, second) * 50))
    later = account(simulator, other)
    results.append(await said(later))

    assert set(results) == {Accepted()}
    # SQLite has one process: two on it fetch one each, and get the same.
    assert simulator.rules.tokens.fetched == (2 if database.is_sqlite else 1)
    for channel in (first, second, later):
        await channel.close()
    other.close()


async def test_a_storm_of_refusals_renews_once(
    database: Database, simulator: WechatSimulator
) -> None:
    """Two hundred refused sends in two processes force one renewal, and all get through."""
    other = Database(str(database.url.render_as_string(hide_password=False)))
    channels = [account(simulator, database), account(simulator, other)]
    for channel in channels:
        await said(channel)
    simulator.rules.tokens.spoil()

    results = await asyncio.gather(*(said(channels[n % 2]) for n in range(200)))

    assert set(results) == {Accepted()}
    assert len(simulator.rules.tokens.forced) == 1
    for channel in channels:
        await channel.close()
    other.close()


async def test_tokens_are_sealed(database: Database, simulator: WechatSimulator) -> None:
    """Who reads the table has no token; with another key it is fetched again."""
    channel = account(simulator, database)
    await said(channel)
    with database.reading() as connection:
        (sealed,) = connection.execute(select(ChannelToken.sealed)).scalars().all()
    changed = account(simulator, database, key="another key of the server, also of 32")

    assert simulator.rules.tokens.current not in sealed
    assert await said(changed) == Accepted()
    assert simulator.rules.tokens.fetched == 2
    for opened in (channel, changed):
        await opened.close()


async def test_a_failed_fetch_leaves_the_next_one_free(database: Database, now: datetime) -> None:
    """An error reaches who asked, and whoever asks next tries anew."""
    tokens = SharedTokens(database, KEY)
    asked = 0

    async def fetch(_: str | None) -> Token:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ConnectionError
        return Token("t", now + timedelta(hours=1))

    with pytest.raises(ConnectionError):
        await tokens.token("shop", fetch, now=now)

    assert (await tokens.token("shop", fetch, now=now)).value == "t"
    assert (await tokens.token("shop", fetch, now=now)).value == "t"
    assert asked == 2


async def test_without_the_database_tokens_are_fetched_alone(
    database: Database, now: datetime
) -> None:
    """A broken store costs sharing, not sending."""
    with database.transaction() as connection:
        connection.execute(delete(ChannelToken))
        connection.exec_driver_sql("DROP TABLE channel_tokens")
    tokens = SharedTokens(database, KEY)

    async def fetch(_: str | None) -> Token:
        return Token("t", now + timedelta(hours=1))

    assert (await tokens.token("shop", fetch, now=now)).value == "t"
