"""Slack the whole way: a member, a simulated Slack, the real server, and back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.simulators.faults import Fault
from channels.simulators.slack.people import Member
from channels.simulators.slack.server import SlackSimulator
from channels.simulators.slack.state import Workspace
from channels.slack.adapter import create
from crm_store.inbox import InboxItem
from tests.bots.served import balanced, serving, tea_house, until
from tests.channels.slack.conftest import options
from tests.channels.slack.wire import BOT_TOKEN, SIGNING_SECRET

#: More than one message of Slack's holds.
STORY = "Nice tea. " * 350


@pytest.fixture
async def simulator() -> AsyncIterator[SlackSimulator]:
    """A Slack with the account's app."""
    server = SlackSimulator(Workspace(SIGNING_SECRET, BOT_TOKEN), pace=0.001)
    await server.start()
    yield server
    await server.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bot, with a story that is too long for one message."""
    return tea_house(tmp_path, STORY)


@pytest.mark.parametrize("mode", ["webhook", "socket"])
async def test_a_talk_in_a_workspace(
    simulator: SlackSimulator, folder: Path, database_url: str, mode: str
) -> None:
    """Greeted in two pieces, asked with buttons, pressed, answered: by both ways in."""
    more = {"app_token": "xapp-simulated"} if mode == "socket" else {}
    account = create(options(simulator, **more))
    async with serving(database_url, account, folder) as (node, url):
        if mode == "webhook":
            simulator.notifications_url = f"{url}/webhooks/slack/support"
            simulator.interactions_url = simulator.notifications_url
        else:
            await simulator.linked.wait()
        ada = Member(simulator, "U0ADA", "Ada")
        ada.say("hello")
        await until(lambda: len(ada.seen()) == 3)
        ada.press("Green")
        await until(lambda: len(ada.seen()) == 4)
        texts = [message["text"] for message in ada.seen()]

        assert f"{texts[0]} {texts[1]}".split() == STORY.split()
        assert texts[2:] == ["Which tea?", "Green it is."]
        await until(lambda: balanced(node))


async def test_retries_have_one_effect_and_failures_are_retried(
    simulator: SlackSimulator, folder: Path, database_url: str
) -> None:
    """A notification delivered again is known; a post that failed is made again, alone."""
    account = create(options(simulator))
    async with serving(database_url, account, folder) as (node, url):
        simulator.notifications_url = f"{url}/webhooks/slack/support"
        simulator.faults.add("chat.postMessage", Fault("too_many", seconds=0))
        simulator.faults.add("chat.postMessage", Fault("server_error"))
        ada = Member(simulator, "U0ADA", "Ada")
        key = ada.say("ticket please")
        await simulator.settled()
        said = next(m for m in ada.place.messages if m.get("user") == ada.id)
        for _ in range(3):
            simulator.notify(said, key=key)
        await simulator.settled()
        await until(lambda: balanced(node) and bool(ada.seen()))

        with node.database.reading() as connection:
            stored = connection.execute(select(InboxItem.__table__)).all()
        assert len([row for row in stored if row.message["content"]["kind"] == "text"]) == 1
        assert {status for _, status in simulator.deliveries} == {200}
        assert len(ada.seen()) == 1
