"""Faults that hit a well-known peer, Chatwoot, played on our engine with real processes.

Numbers are those of the issues at github.com/chatwoot/chatwoot.
"""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select

from crm_store.conversations import Conversation
from crm_store.customers import ChannelIdentity, Customer
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from tests.faults.conftest import nursery, postgres_scene, recorder
from tests.faults.scene import Scene
from tests.faults.traffic import Message, Traffic, conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]
__all__ = ["nursery", "postgres_scene", "recorder"]


def count(scene: Scene, table: type) -> int:
    """Return how many rows a table has."""
    with scene.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


async def test_14058_14210_14214_a_burst_from_a_new_peer_is_one_conversation(
    postgres_scene: Scene,
) -> None:
    """An album arrives as ten parallel deliveries: one customer, one conversation, ten items."""
    scene = postgres_scene
    album = [[Message(4, f"picture-{n}", f"picture {n}")] for n in range(10)]
    with scene.fleet(web=3, workers=2) as fleet:
        fleet.start_all()
        await scene.send(fleet, album, lines=10)
        await scene.settle()

    assert count(scene, Conversation) == 1
    assert count(scene, Customer) == count(scene, ChannelIdentity) == 1
    assert count(scene, InboxItem) == 10


async def test_13523_11901_duplicate_webhooks_at_once_are_one_message(
    postgres_scene: Scene,
) -> None:
    """The same delivery at three gateways at the same moment is stored and answered once."""
    scene = postgres_scene
    said = conversations(8, 5)
    with scene.fleet(web=3, workers=2) as fleet:
        fleet.start_all()
        await asyncio.gather(
            scene.send(fleet, said, lines=8, seed=0),
            *(Traffic().send(fleet.ports, said, lines=8, seed=seed) for seed in (1, 2)),
        )
        await scene.settle()
        findings = scene.check()

    assert findings.faults == []
    assert count(scene, InboxItem) == 40


async def test_14855_a_message_is_not_sent_twice_by_two_senders(postgres_scene: Scene) -> None:
    """Two workers with slow partners send each reply once, under its own key."""
    scene = postgres_scene
    scene.recorder.delay = 0.05
    with scene.fleet(workers=3) as fleet:
        fleet.start_all()
        await scene.send(fleet, [[Message(4 * n, f"m{n}", "hello")] for n in range(30)])
        await scene.settle()
        findings = scene.check()

    assert findings.faults == []
    assert set(scene.recorder.received.values()) == {1}
    assert len(scene.recorder.received) == 30


async def test_13713_13359_later_messages_never_overtake(postgres_scene: Scene) -> None:
    """However often the first attempt fails, replies and transcript keep the order of arrival."""
    scene = postgres_scene
    scene.recorder.status = 503
    with scene.fleet(workers=3) as fleet:
        fleet.start_all()
        await scene.send(fleet, [[Message(0, f"m{n}", f"hello {n}") for n in range(6)]])
        await asyncio.sleep(1.0)
        scene.recorder.status = 200
        await scene.settle()
        findings = scene.check()

    assert findings.faults == []
    assert scene.recorder.order["p0"] == sorted(scene.recorder.order["p0"])
    with scene.database.reading() as connection:
        attempts = connection.execute(select(OutboxItem.attempts)).scalars().all()
    assert max(Counter(attempts)) > 1
