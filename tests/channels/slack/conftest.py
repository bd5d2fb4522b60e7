"""A simulated Slack with one person in it, and the channel's account at it."""

from collections.abc import AsyncIterator

import pytest

from channels.contract import ChannelSettings
from channels.simulators.slack.people import Member
from channels.simulators.slack.server import SlackSimulator
from channels.simulators.slack.state import Workspace
from channels.slack.adapter import SlackChannel, create
from tests.channels.slack.wire import BOT_TOKEN, SIGNING_SECRET


@pytest.fixture
async def simulator() -> AsyncIterator[SlackSimulator]:
    """A Slack on a port of its own."""
    server = SlackSimulator(Workspace(SIGNING_SECRET, BOT_TOKEN), pace=0.01)
    await server.start()
    yield server
    await server.close()


def options(simulator: SlackSimulator, **more: str) -> ChannelSettings:
    """Return the settings of an account at the simulator."""
    return ChannelSettings(
        "slack",
        "support",
        {
            "signing_secret": SIGNING_SECRET,
            "bot_token": BOT_TOKEN,
            "api_url": f"{simulator.url}/api",
            "allow_networks": "127.0.0.0/8",
            **more,
        },
    )


@pytest.fixture
async def channel(simulator: SlackSimulator) -> AsyncIterator[SlackChannel]:
    """The account."""
    made = create(options(simulator))
    yield made
    await made.close()


@pytest.fixture
def ada(simulator: SlackSimulator) -> Member:
    """A customer in the workspace."""
    return Member(simulator, "U0ADA", "Ada")
