"""Telegram the whole way: a phone, a simulated Telegram, the real server, and back."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from aiogram.methods import SetWebhook
from sqlalchemy import select

from channels.simulators.faults import Fault
from channels.simulators.telegram.people import Phone
from channels.simulators.telegram.server import TelegramSimulator
from channels.simulators.telegram.state import Person
from channels.telegram.adapter import create
from crm_store.cursors import read_cursor
from crm_store.database import Database
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from tests.bots.served import balanced, serving, tea_house, until
from tests.channels.telegram.conftest import SECRET, TOKEN, options

#: More than one message of Telegram's holds, and less than one of ours.
STORY = "🫖" * 2100


@pytest.fixture
async def simulator() -> AsyncIterator[TelegramSimulator]:
    """A Bot API with the account's bot."""
    server = TelegramSimulator(pace=0.02)
    await server.start()
    server.add_bot(TOKEN, "kettle_bot")
    yield server
    await server.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bot, with a story that is too long for one message."""
    return tea_house(tmp_path, STORY)


def phone(simulator: TelegramSimulator, number: int = 4711) -> Phone:
    """Return the phone of somebody new."""
    return Phone(simulator, simulator.world.bots[TOKEN], Person(number, "Ada"))


@pytest.mark.parametrize("mode", ["webhook", "polling"])
async def test_a_talk_on_a_phone(
    simulator: TelegramSimulator, folder: Path, database_url: str, mode: str
) -> None:
    """Greeted in two pieces, asked with buttons, pressed, answered: by both ways in."""
    account = create(options(simulator, mode=mode))
    async with serving(database_url, account, folder) as (node, url):
        if mode == "webhook":
            hook = SetWebhook(url=f"{url}/webhooks/telegram/kettle", secret_token=SECRET)
            await account.bot(hook)
        ada = phone(simulator)
        await ada.say("hello")
        await until(lambda: len(ada.seen()) == 3)
        question = await ada.press("Green")
        await until(lambda: len(ada.seen()) == 4)
        await until(lambda: simulator.world.questions[question])
        texts = [m["text"] for m in ada.seen()]

        assert texts[0] + texts[1] == STORY
        assert texts[2:] == ["Which tea?", "Green it is."]
        assert ada.seen()[3]["entities"][0]["type"] == "bold"
        await until(lambda: balanced(node))
        if mode == "polling":
            with node.database.reading() as connection:
                cursor = read_cursor(connection, "telegram", "kettle")
            assert cursor == str(simulator.world.bots[TOKEN].next_update)


async def test_a_piece_that_fails_is_sent_again_alone(
    simulator: TelegramSimulator, folder: Path, database_url: str
) -> None:
    """After a failure between two pieces only the second is tried again; their ids are kept."""
    account = create(options(simulator, mode="polling"))
    async with serving(database_url, account, folder) as (node, _):
        ada = phone(simulator)
        simulator.faults.add("sendMessage", Fault("too_many", seconds=0))
        simulator.faults.add("sendMessage", Fault("server_error"))
        await ada.say("hello")
        await until(lambda: len(ada.seen()) == 1)
        simulator.faults.add("sendMessage", Fault("server_error"))
        await until(lambda: len(ada.seen()) == 3)

        assert "".join(m["text"] for m in ada.seen()[:2]) == STORY
        await until(lambda: balanced(node))
        with node.database.reading() as connection:
            rows = connection.execute(select(OutboxItem.__table__)).all()
        (story,) = [row for row in rows if row.message["content"]["text"] == STORY]
        sent = [str(m["message_id"]) for m in ada.seen()[:2]]
        assert (story.provider_ids, story.part) == (sent, 1)


async def test_repeated_and_shuffled_deliveries_have_one_effect(
    simulator: TelegramSimulator, folder: Path, database_url: str
) -> None:
    """However often an update is delivered, it is stored once and answered once."""
    account = create(options(simulator))
    async with serving(database_url, account, folder) as (node, url):
        await account.bot(SetWebhook(url=f"{url}/webhooks/telegram/kettle", secret_token=SECRET))
        bot = simulator.world.bots[TOKEN]
        people = [phone(simulator, number) for number in range(1, 21)]
        for each in people:
            await each.say("ticket please")
        await simulator.settled()
        updates = [
            {"update_id": bot.next_update - n, "message": p.chat.messages[1]}
            for n, p in enumerate(reversed(people), start=1)
        ]
        for _ in range(4):
            await simulator.deliver_again(bot, updates[::-1])

        await until(lambda: balanced(node))
        with node.database.reading() as connection:
            stored = connection.execute(select(InboxItem.__table__)).all()
        messages = [row for row in stored if row.message["content"]["kind"] == "text"]
        assert len(messages) == len(people)
        assert {status for _, status in simulator.deliveries} == {200}


async def test_what_was_read_but_not_confirmed_is_not_taken_twice(
    simulator: TelegramSimulator, folder: Path, database_url: str
) -> None:
    """A process that dies between storing and confirming reads again, without an effect."""
    ada = phone(simulator)
    await ada.say("ticket please")
    account = create(options(simulator, mode="polling"))
    async with serving(database_url, account, folder) as (node, _):
        await until(lambda: balanced(node) and bool(ada.seen()))
        seen = len(ada.seen())
    # Telegram forgot what was confirmed, as if the confirmation had not reached it.
    bot = simulator.world.bots[TOKEN]
    message = next(m for m in ada.chat.messages.values() if m["from"]["id"] == ada.person.id)
    bot.updates = [{"update_id": bot.next_update - 1, "message": message}]
    other = create(options(simulator, mode="polling"))
    with closing(Database(database_url)) as store, store.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM channel_cursors")
    async with serving(database_url, other, folder) as (node, _):
        await until(lambda: not bot.updates)

        assert len(ada.seen()) == seen
        assert balanced(node)
