"""From a customer's phone to the reply on it: WeChat's wire, our server, and back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import select

from bots.app import create_app
from bots.brain import Brain
from bots.node import Node
from channels import wechat
from channels.contract import Channel, ChannelSettings
from channels.simulators.wechat import WechatSimulator
from channels.simulators.wechat.account import Account
from channels.simulators.wechat.faults import Fault
from channels.wechat.opening import Mode
from crm_store.database import Database
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from dialogues.bot import load_bot
from knowledge_base.search import Knowledge
from tests.channels.wechat.conftest import options_of
from tests.faults.fleet import wait_until
from tests.faults.interpreter import KeywordInterpreter

SEND = "/cgi-bin/message/custom/send"


@asynccontextmanager
async def serving(
    database_url: str, accounts: Mapping[tuple[str, str], Channel]
) -> AsyncIterator[str]:
    """Run our server with these accounts and yield its address."""
    bot = load_bot(Path(__file__).parent / "bot")
    brain = Brain(bot, KeywordInterpreter(), Knowledge({}, urls={}, encoder=None))
    node = Node(Database(database_url), accounts, brain=brain)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(node), ws="none", access_log=False, log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def counter(
    database_url: str, account: Account | None = None, **options: str
) -> AsyncIterator[tuple[WechatSimulator, str]]:
    """Run WeChat and our server, connected; yield WeChat and the address of the account."""
    simulator = WechatSimulator(account)
    await simulator.start()
    try:
        settings = ChannelSettings("wechat", "shop", options_of(simulator, **options))
        accounts = {("wechat", "shop"): wechat.create(settings)}
        async with serving(database_url, accounts) as base:
            url = f"{base}/webhooks/wechat/shop"
            simulator.connect(url)
            assert await simulator.caller.check_address("echo-5927782489442352469")
            yield simulator, url
    finally:
        await simulator.stop()


async def texts(simulator: WechatSimulator, peer: str, *, count: int) -> list[str]:
    """Return what a customer sees, once it is so many messages."""
    async with asyncio.timeout(30):
        shown = await simulator.shown_to(peer, count=count)
    return [each.body["text"]["content"] for each in shown]


def outbox_states(url: str) -> list[str]:
    """Return the states of all messages to customers, in order."""
    database = Database(url)
    with database.reading() as connection:
        rows = connection.execute(
            select(OutboxItem.state).order_by(OutboxItem.seq, OutboxItem.position)
        )
        states = list(rows.scalars())
    database.close()
    return states


ACCOUNTS = {
    "safe": Account(),
    "compatible": Account(mode="compatible"),
    "plain": Account(mode="plain"),
    "mini-program": Account(kind="mini_program", as_json=True),
}


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS.keys())
async def test_a_message_is_answered(sqlite_url: str, account: Account) -> None:
    """In every mode a text is stored, acknowledged, and answered by the interface for staff."""
    async with counter(sqlite_url, account) as (simulator, _):
        (tried,) = await simulator.say("oAnna", "ticket")
        assert tried.outcome == "taken"

        assert await texts(simulator, "oAnna", count=1) == [
            "Which tea?\n1. Green tea\n2. Black tea\n3. White tea"
        ]
    assert simulator.recorded.banners == []


@pytest.mark.parametrize("typed", ["2", "２", "二", "第二个", "Black tea", "black tea。"])
async def test_an_option_is_chosen_by_number_or_words(sqlite_url: str, typed: str) -> None:
    """Where there are no buttons, half- and full-width figures, Chinese ones and labels choose."""
    async with counter(sqlite_url) as (simulator, _):
        await simulator.say("oAnna", "ticket")
        await texts(simulator, "oAnna", count=1)
        await simulator.say("oAnna", typed)

        assert (await texts(simulator, "oAnna", count=2))[1] == "One Black tea, coming."


async def test_a_tapped_menu_chooses(sqlite_url: str) -> None:
    """With menus an option is tapped; its value comes back, whatever its words."""
    async with counter(sqlite_url, choices="menu") as (simulator, _):
        await simulator.say("oAnna", "ticket")
        async with asyncio.timeout(30):
            (shown,) = await simulator.shown_to("oAnna", count=1)
        option = shown.body["msgmenu"]["list"][1]
        await simulator.say("oAnna", option["content"], menu_id=option["id"])

        async with asyncio.timeout(30):
            answer = (await simulator.shown_to("oAnna", count=2))[1]
        assert answer.body["text"]["content"] == "One Black tea, coming."


async def test_a_repeated_callback_is_answered_once(sqlite_url: str) -> None:
    """The same message, called back three times at once, is one turn and one reply."""
    async with counter(sqlite_url) as (simulator, _):
        simulator.rules.note("oAnna", "message", now=simulator.clock())
        fields = {
            "ToUserName": "gh_1",
            "FromUserName": "oAnna",
            "CreateTime": "1772442000",
            "MsgType": "text",
            "Content": "ticket",
            "MsgId": "77",
        }
        tries = await asyncio.gather(*(simulator.caller.try_once(fields) for _ in range(3)))
        assert [each.outcome for each in tries] == ["taken"] * 3
        await simulator.say("oAnna", "1")
        seen = await texts(simulator, "oAnna", count=2)

    assert seen[1:] == ["One Green tea, coming."]
    database = Database(sqlite_url)
    with database.engine.connect() as connection:
        assert len(connection.execute(select(InboxItem.seq)).all()) == 2
    database.close()
    assert outbox_states(sqlite_url) == ["sent", "sent"]


async def test_what_customers_do_is_recorded_and_not_answered(sqlite_url: str) -> None:
    """Following, scanning, looking at pages and leaving are kept, and acknowledged."""
    async with counter(sqlite_url) as (simulator, _):
        for name, fields in {
            "subscribe": {"EventKey": "qrscene_spring", "Ticket": "t"},
            "SCAN": {"EventKey": "spring", "Ticket": "t"},
            "VIEW": {"EventKey": "https://shop.example/"},
            "LOCATION": {"Latitude": "23.1", "Longitude": "113.3"},
            "unsubscribe": {},
        }.items():
            (tried,) = await simulator.do("oAnna", name, **fields)
            assert tried.outcome == "taken"
        await simulator.do("oAnna", "subscribe")
        await simulator.say("oAnna", "ticket")
        assert len(await texts(simulator, "oAnna", count=1)) == 1

    database = Database(sqlite_url)
    with database.engine.connect() as connection:
        rows = connection.execute(select(InboxItem.message, InboxItem.outcome)).all()
    database.close()
    notices = [row.message["content"]["name"] for row in rows if "name" in row.message["content"]]
    assert notices == ["followed", "opened", "reported", "reported", "unfollowed", "followed"]
    assert [row.outcome for row in rows] == ["recorded"] * 6 + ["answered"]


async def test_a_reply_survives_faults_of_the_wire(sqlite_url: str) -> None:
    """A gateway's error page, a broken connection and a revoked token cost time, not the reply."""
    async with counter(sqlite_url) as (simulator, _):
        simulator.faults.order(SEND, Fault("http", 502), Fault("reset"), Fault("code", 40001))
        await simulator.say("oAnna", "ticket")

        assert len(await texts(simulator, "oAnna", count=1)) == 1
        assert simulator.faults.left == 0


@pytest.mark.parametrize("mode", ["safe", "plain"])
async def test_strangers_get_a_clean_refusal(sqlite_url: str, mode: Mode) -> None:
    """Whatever is posted without WeChat's signature is refused, never with a server error."""
    async with counter(sqlite_url, Account(mode=mode)) as (_, url), httpx.AsyncClient() as http:
        statuses = [
            (await http.get(url)).status_code,
            (await http.get(url, params={"signature": "x", "echostr": "<script>"})).status_code,
            (await http.post(url, content=b"<xml/>")).status_code,
            (await http.post(url, content=b"\xff" * 100)).status_code,
            (await http.post(url, content=b"x" * 300_000)).status_code,
            (await http.put(url, content=b"x")).status_code,
        ]

    assert statuses == [401, 401, 401, 401, 413, 405]


async def test_what_may_not_be_sent_waits_for_the_customer(sqlite_url: str) -> None:
    """A reply that WeChat does not take is held, and goes out when the customer writes again."""
    async with counter(sqlite_url) as (simulator, _):
        simulator.faults.order(SEND, Fault("code", 45047))
        await simulator.say("oAnna", "ticket")
        await asyncio.to_thread(
            wait_until, lambda: "held" in outbox_states(sqlite_url), "the reply is held"
        )
        assert simulator.recorded.shown == []
        await simulator.say("oAnna", "2")

        assert await texts(simulator, "oAnna", count=2) == [
            "Which tea?\n1. Green tea\n2. Black tea\n3. White tea",
            "One Black tea, coming.",
        ]
    assert outbox_states(sqlite_url) == ["sent", "sent"]
