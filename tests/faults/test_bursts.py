"""R1 and R2 for bursts: a death cuts a burst, and what is left of it is grouped anew."""

import asyncio
import random

import pytest
from sqlalchemy import select

from crm_store.inbox import InboxItem
from tests.faults.scene import Scene, tell, until
from tests.faults.test_crash_points import POINTS
from tests.faults.traffic import Message, conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

#: Longer than two messages of one peer are apart here, short enough to be waited for.
QUIET_MS = 200
#: Where a worker can die.
WORKER_POINTS = [point for point in POINTS if point.startswith("worker.")]


@pytest.mark.parametrize("point", WORKER_POINTS)
async def test_death_in_a_burst_loses_and_doubles_nothing(scene: Scene, point: str) -> None:
    """Killed at this point of a burst's turn, every message has one end, in order."""
    with scene.fleet(quiet_ms=QUIET_MS) as fleet:
        victim = fleet.workers[0]
        for life in range(2):
            fleet.start(victim, crash_at=f"{point}:{life + 1}")
            fleet.start_others(victim)
            said = conversations(6, 7, prefix=f"{life}-")
            sending = asyncio.create_task(scene.send(fleet, said, lines=6))
            more = 0
            while not fleet.died(victim):
                await asyncio.sleep(0.02)
                if sending.done():  # the batches were too few to pass the point often enough
                    more += 1
                    said = conversations(6, 2, prefix=f"{life}-more{more}-")
                    sending = asyncio.create_task(scene.send(fleet, said, lines=6))
            fleet.start(victim)
            await sending
            await scene.settle()
            fleet.halt(victim)
        findings = scene.check()

    assert victim.statuses.count(-9) >= 2
    assert findings.faults == []
    assert findings.joined > 0


async def test_random_kills_in_bursts_lose_double_and_disorder_nothing(scene: Scene) -> None:
    """Workers that share conversations and die at random answer each burst once, in order."""
    chance = random.Random(11)
    with scene.fleet(web=1, workers=2, quiet_ms=QUIET_MS) as fleet:
        fleet.start_all()
        sending = asyncio.create_task(scene.send(fleet, conversations(60, 12), lines=24))
        while not sending.done():
            due = scene.traffic.count + 90
            await until(lambda due=due: scene.traffic.count >= due or sending.done())  # type: ignore[misc]
            fleet.kill(chance.choice(fleet.workers))
        await sending
        await scene.settle()
        findings = scene.check()

    tell(f"{fleet.kills} kills, {findings.joined} joined, {findings}")
    assert fleet.kills >= 5
    assert findings.faults == []
    assert findings.joined > findings.messages / 4


async def test_a_burst_that_kills_costs_only_the_message_that_does(scene: Scene) -> None:
    """After a death its messages are tried one by one: the harm is given up, the rest answered."""
    harmed = [
        [
            Message(100 + n, f"bad-{n}", f"{harm}:abort"),
            Message(100 + n, f"after-{n}-1", "hello"),
            Message(100 + n, f"after-{n}-2", "hello"),
        ]
        for n, harm in enumerate(["poison", "poison_turn"])
    ]
    with scene.fleet(workers=1, quiet_ms=QUIET_MS) as fleet:
        fleet.start_all()
        await scene.send(fleet, [*harmed, *conversations(6, 4)], lines=8)
        await scene.settle()
        findings = scene.check(dead=len(harmed))

    assert findings.faults == []
    with scene.database.reading() as connection:
        dead = select(InboxItem.external_id).where(InboxItem.outcome == "dead_letter")
        assert set(connection.execute(dead).scalars()) == {"bad-0", "bad-1"}
