"""Slow actions of a running node: from the turn to the reply, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bots.action_calls import ActionCaller
from bots.action_queue import ActionQueue
from bots.brain import Brain
from bots.node import Node
from channels.contract import ChannelSettings
from channels.messages import Address, InboundMessage, Sender, Text
from channels.webchat import adapter as webchat
from crm_store import ledger
from crm_store.action_requests import StoredRequest
from crm_store.conversations import Turn
from crm_store.database import Database, utc_now
from crm_store.inbox import Arrival, InboxItem
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent
from knowledge_base.search import Knowledge
from tests.bots.partner import Partner, Reply, running_partner
from tests.dialogues.parcel_talks import FOLDER, parcels
from tests.dialogues.talks import interpreter_of

ADDRESS = Address(channel="webchat", account="demo", peer="v1")
GOOD = {"status": {"en": "on its way"}, "eta": "2026-03-05"}


@pytest.fixture
def partner() -> Iterator[Partner]:
    """Run a partner."""
    with running_partner() as running:
        running.answer = lambda _n, _seen: Reply(data=GOOD)
        yield running


def a_caller(partner: Partner) -> ActionCaller:
    """Return what calls the partner."""
    environment = {"PARCELS_URL": partner.url, "PARCELS_TOKEN": "x"}
    return ActionCaller(parcels(), environment=environment, hosts=(partner.host,))


@pytest.fixture
async def node(database_url: str, partner: Partner) -> AsyncIterator[Node]:
    """Run a whole node."""
    brain = Brain(parcels(), interpreter_of(FOLDER), Knowledge({}, urls={}, encoder=None))
    channel = webchat.create(ChannelSettings("webchat", "demo", {}))
    running = Node(
        Database(database_url),
        {("webchat", "demo"): channel},
        brain=brain,
        actions=a_caller(partner),
    )
    await running.start()
    yield running
    await running.stop()


async def say(node: Node, text: str, *, peer: str = "v1") -> None:
    """Write to the node."""
    message = InboundMessage(
        external_id=f"{peer}/{text}",
        address=ADDRESS.model_copy(update={"peer": peer}),
        sender=Sender(id=peer),
        content=Text(text=text),
        sent_at=utc_now(),
    )
    await node.ingest.submit(Arrival(message=message, received_at=utc_now()))


def rows(node: Node, model: type[Any]) -> list[Any]:
    """Return all rows of a table."""
    with node.database.reading() as connection:
        return list(connection.execute(select(model.__table__)).all())


async def until(true: Callable[[], bool], *, seconds: float = 15) -> None:
    """Wait until `true()`."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110 - the store sets no event
            await asyncio.sleep(0.02)


def texts(node: Node) -> list[str]:
    """Return what was sent, in order."""
    sent = [row for row in rows(node, OutboxItem) if row.state == "sent"]
    return [row.message["content"]["text"] for row in sorted(sent, key=lambda r: r.stream_seq)]


async def test_an_order_is_looked_up_while_the_customer_waits(
    node: Node, partner: Partner
) -> None:
    """The first words come at once, the answer when it is there; every account balances."""
    await say(node, "where is my order CS-1001")
    await until(lambda: len(texts(node)) == 2)

    assert texts(node) == ["Looking up CS-1001.", "CS-1001 is on its way, due 2026-03-05."]
    assert len(partner.keys) == 1
    kinds = [row.kind for row in rows(node, TimelineEvent)]
    assert kinds.count("notice_received") == 1
    traces = [item for row in rows(node, Turn) for item in row.trace]
    assert any(item.get("act") == "look_up_parcel" and "results" in item for item in traces)
    with node.database.reading() as connection:
        assert ledger.draw(connection).faults == []


async def test_results_and_messages_keep_the_order_of_the_inbox(
    node: Node, partner: Partner
) -> None:
    """What many customers write while results return is answered once each, in order."""
    partner.answer = lambda _n, _seen: Reply(data=GOOD, seconds=0.05)
    peers = [f"p{n}" for n in range(8)]
    for text in ("where is my order CS-1001", "blargh", "hello"):
        for peer in peers:
            await say(node, text, peer=peer)

    def is_done() -> bool:
        done = [row for row in rows(node, InboxItem) if row.outcome is not None]
        return len(done) == 4 * len(peers)

    await until(is_done)
    assert len(partner.keys) == len(peers)
    for peer in peers:
        key = ADDRESS.model_copy(update={"peer": peer}).conversation_id
        mine = sorted(
            (row for row in rows(node, InboxItem) if row.conversation_id == key),
            key=lambda row: row.seq,
        )
        done = [row.done_at for row in mine]
        assert done == sorted(done)
    with node.database.reading() as connection:
        assert ledger.draw(connection).faults == []


async def test_what_fails_for_a_moment_is_tried_again(node: Node, partner: Partner) -> None:
    """A broken connection and an overloaded server cost time, and the same key is shown."""
    answers = {1: Reply(hangs_up=True), 2: Reply(503, {})}
    partner.answer = lambda n, _seen: answers.get(n, Reply(data=GOOD))

    await say(node, "where is my order CS-1001")
    await until(lambda: len(texts(node)) == 2)

    assert texts(node)[1].startswith("CS-1001 is on its way")
    assert list(partner.keys.values()) == [3]


async def test_what_keeps_failing_is_given_up_and_told(node: Node, partner: Partner) -> None:
    """After its attempts the flow's own way out is taken, with the reason."""
    partner.answer = lambda _n, _seen: Reply(500, {})

    await say(node, "where is my order CS-1001")
    await until(lambda: len(texts(node)) == 2)

    assert texts(node)[1] == "Not now (unavailable)."
    assert list(partner.keys.values()) == [3]
    [request] = rows(node, StoredRequest)
    assert (request.state, request.reason) == ("done", "unavailable")


async def test_a_pause_the_server_asks_for_is_kept(
    database: Database, partner: Partner, now: datetime
) -> None:
    """Nothing is called before it; a pause beyond the patience of the action is its end."""
    clock = now
    queue = ActionQueue(
        database, a_caller(partner), on_stored=lambda _stored: None, clock=lambda: clock
    )
    request = _stored(database, now)
    partner.answer = lambda _n, _seen: Reply(429, {}, {"retry-after": "30"})

    await queue.attempt(queue._claim(10)[0])
    clock = now + timedelta(seconds=29)
    assert queue._claim(10) == []
    clock = now + timedelta(seconds=31)
    partner.answer = lambda _n, _seen: Reply(429, {}, {"retry-after": "3000"})
    await queue.attempt(queue._claim(10)[0])

    with database.reading() as connection:
        row = connection.execute(select(StoredRequest.__table__)).one()
    assert (row.id, row.state, row.reason) == (request, "done", "rate_limited")
    await queue.stop()


async def test_a_request_that_kills_every_process_is_given_up(
    database: Database, partner: Partner, now: datetime
) -> None:
    """It is claimed and taken back so often, and then ends without another call."""
    clock = now
    queue = ActionQueue(
        database, a_caller(partner), on_stored=lambda _stored: None, clock=lambda: clock
    )
    _stored(database, now)
    from crm_store import action_requests

    for _ in range(12):
        assert queue._claim(10)
        with database.transaction() as connection:
            action_requests.recover(connection, dead=[database.process], stuck_before=now)
    await queue.attempt(queue._claim(10)[0])

    with database.reading() as connection:
        row = connection.execute(select(StoredRequest.__table__)).one()
    assert (row.state, row.reason) == ("done", "given_up")
    assert partner.seen == []
    await queue.stop()


def _stored(database: Database, now: datetime) -> object:
    from tests.crm_store.test_action_requests import a_request

    request = a_request(database, now)
    with database.transaction() as connection:
        connection.execute(
            update(StoredRequest).values(action="look_up_parcel", inputs={"number": "x"})
        )
    return request.id
