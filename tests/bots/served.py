"""A whole node in front of a simulated provider, for tests that go the whole way."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from bots.app import create_app
from bots.brain import Brain
from bots.node import Node
from channels.contract import Channel
from crm_store import ledger
from crm_store.database import Database
from dialogues.bot import load_bot
from knowledge_base.search import Knowledge
from tests.faults.interpreter import KeywordInterpreter

TEA_HOUSE = Path(__file__).parent / "tea_house"


async def until(true: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until `true()`."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110 - the store sets no event
            await asyncio.sleep(0.02)


def tea_house(folder: Path, story: str) -> Path:
    """Make the bot in `folder`, with a story of one's own."""
    made = folder / "tea_house"
    shutil.copytree(TEA_HOUSE, made)
    flow = made / "flows" / "taste.yml"
    text = flow.read_text(encoding="utf-8").replace("Long story.", story)
    flow.write_text(text, encoding="utf-8")
    return made


@asynccontextmanager
async def serving(
    database_url: str, account: Channel, folder: Path
) -> AsyncIterator[tuple[Node, str]]:
    """Run a node with one account, and say where it listens."""
    brain = Brain(load_bot(folder), KeywordInterpreter(), Knowledge({}, urls={}, encoder=None))
    accounts = {(account.name, account.account): account}
    node = Node(Database(database_url), accounts, brain=brain)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(node), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started)
    yield node, f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await running
    listening.close()


def balanced(node: Node) -> bool:
    """Tell whether every message has its one end."""
    with node.database.reading() as connection:
        return ledger.draw(connection).faults == []
