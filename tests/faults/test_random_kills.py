"""R2: processes that are killed at random while messages pour in."""

import asyncio
import random
import time

import pytest

from tests.faults.fleet import Fleet
from tests.faults.scene import Scene, tell, until
from tests.faults.traffic import conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

PEERS, EACH = 400, 50
KILLS = 64
#: Longest time between two kills, seconds.
LONGEST_PAUSE = 2.0


async def test_random_kills_lose_double_and_disorder_nothing(scene: Scene) -> None:
    """20,000 messages, over 60 kills: each stored, answered and sent once, in order."""
    with scene.fleet(web=2, workers=2) as fleet:
        fleet.start_all()
        said = conversations(PEERS, EACH, tickets=10)
        sending = asyncio.create_task(scene.send(fleet, said))
        await kill_until_done(fleet, sending, scene)
        await scene.settle(seconds=120)
        findings = scene.check()

    rate = scene.traffic.count / scene.traffic.seconds
    name = scene.database.url.get_backend_name()
    tell(f"{name}: {fleet.kills} kills, {rate:.0f} messages/s, {findings}")
    assert findings.faults == []
    assert scene.traffic.count == PEERS * EACH
    assert fleet.kills >= 60


async def kill_until_done(fleet: Fleet, sending: asyncio.Task[None], scene: Scene) -> None:
    """Kill random processes, spread over the traffic but never longer than a moment apart."""
    chance = random.Random(7)
    step = PEERS * EACH / KILLS
    while not sending.done():
        due = fleet.kills * step + chance.uniform(0, step / 2)
        latest = time.monotonic() + LONGEST_PAUSE
        await until(
            lambda due=due, latest=latest: (  # type: ignore[misc]
                scene.traffic.count >= due or sending.done() or time.monotonic() > latest
            )
        )
        await asyncio.sleep(chance.uniform(0, 0.05))
        fleet.kill(chance.choice(fleet.members))
    await sending
