"""A simulated Telegram with one bot, and the channel's account at it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from channels.contract import ChannelSettings
from channels.simulators.telegram.people import Phone
from channels.simulators.telegram.server import TelegramSimulator
from channels.simulators.telegram.state import BotAccount, Person
from channels.telegram.adapter import TelegramChannel, create

TOKEN = f"123456789:{'simulated' * 4}"
SECRET = "a-secret-of-24-characters"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
async def simulator() -> AsyncIterator[TelegramSimulator]:
    """A Bot API on a port of its own."""
    server = TelegramSimulator(pace=0.01)
    await server.start()
    yield server
    await server.close()


@pytest.fixture
def bot(simulator: TelegramSimulator) -> BotAccount:
    """The account's bot at the simulated Telegram."""
    return simulator.add_bot(TOKEN, "kettle_bot")


def options(simulator: TelegramSimulator, **more: str) -> ChannelSettings:
    """Return the settings of an account at the simulator."""
    return ChannelSettings(
        "telegram",
        "kettle",
        {
            "token": TOKEN,
            "secret": SECRET,
            "username": "kettle_bot",
            "api_url": simulator.url,
            "allow_networks": "127.0.0.0/8",
            **more,
        },
    )


@pytest.fixture
async def channel(simulator: TelegramSimulator, bot: BotAccount) -> AsyncIterator[TelegramChannel]:
    """The account."""
    made = create(options(simulator))
    yield made
    await made.close()


@pytest.fixture
def ada(simulator: TelegramSimulator, bot: BotAccount) -> Phone:
    """A customer who has opened the bot."""
    return Phone(simulator, bot, Person(4711, "Ada", started=True))
