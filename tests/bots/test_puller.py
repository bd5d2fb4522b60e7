"""A provider that is read hears nothing before what it said is stored."""

from collections.abc import AsyncIterator

import pytest

from bots.ingest import Ingest
from bots.puller import Puller
from channels.messages import Choices, Option
from channels.simulators.telegram.people import Phone
from channels.simulators.telegram.server import TelegramSimulator
from channels.simulators.telegram.state import Person
from channels.telegram.adapter import create
from crm_store.cursors import read_cursor
from crm_store.database import Database
from tests.channels.telegram.conftest import TOKEN, options
from tests.channels.telegram.test_sending import outbound


@pytest.fixture
async def simulator() -> AsyncIterator[TelegramSimulator]:
    """A Bot API with the account's bot."""
    server = TelegramSimulator()
    await server.start()
    server.add_bot(TOKEN, "kettle_bot")
    yield server
    await server.close()


async def test_what_was_not_stored_is_read_again(
    simulator: TelegramSimulator, database: Database
) -> None:
    """While nothing can be stored the cursor stays, no press is acknowledged, nothing is lost."""
    account = create(options(simulator, mode="polling"))
    ada = Phone(simulator, simulator.world.bots[TOKEN], Person(4711, started=True))
    offered = Choices(text="?", options=(Option(value="y", label="Yes"),))
    await account.send(outbound(offered))
    question = await ada.press("Yes")
    closed = Ingest(database, after_commit=lambda _: None)
    closed.start()
    await closed.stop()

    puller = Puller(account, database, closed)
    pause = await puller.read_once()
    puller.close()
    with database.reading() as connection:
        before = read_cursor(connection, "telegram", "kettle")
    unheard = simulator.world.questions[question]
    stored: list[str] = []
    opened = Ingest(
        database, after_commit=lambda items: stored.extend(a.message.external_id for a, _ in items)
    )
    opened.start()
    puller = Puller(account, database, opened)
    await puller.read_once()
    puller.close()
    await opened.stop()
    await account.close()
    with database.reading() as connection:
        after = read_cursor(connection, "telegram", "kettle")

    assert pause > 0
    assert (before, unheard) == (None, False)
    assert len(stored) == 1
    assert after == str(int(stored[0]) + 1)
    assert simulator.world.questions[question]
