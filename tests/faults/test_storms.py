"""R7: partners that deliver everything several times, to several gateways, all at once."""

import asyncio
import random

import pytest
from sqlalchemy import func, select

from crm_store.inbox import InboxItem
from tests.faults.scene import Scene
from tests.faults.traffic import Line, Message, Traffic, conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

PEERS, EACH = 60, 25


async def test_a_storm_of_redeliveries_has_one_effect_each(scene: Scene) -> None:
    """Each message one to five times, to random gateways at once: stored and answered once."""
    with scene.fleet(web=3, workers=2) as fleet:
        fleet.start_all()
        said = conversations(PEERS, EACH, tickets=5)
        await asyncio.gather(
            scene.send(fleet, said, lines=16, copies=3, seed=1),
            Traffic().send(fleet.ports, said, lines=16, copies=2, seed=2),
        )
        await scene.settle()
        findings = scene.check()

    assert findings.faults == []
    assert scene.traffic.count == PEERS * EACH


async def test_messages_shuffled_over_gateways_are_each_answered_once(scene: Scene) -> None:
    """Shuffled, up to five copies each, at once: each is answered once, in order of storing."""
    chance = random.Random(3)
    with scene.fleet(web=3, workers=2) as fleet:
        fleet.start_all()
        messages = [m for mine in conversations(20, 10, tickets=5) for m in mine]
        deliveries = [m for m in messages for _ in range(chance.randint(1, 5))]
        chance.shuffle(deliveries)

        async def partner(share: list[Message]) -> None:
            line = Line(chance.choice(fleet.ports))
            for message in share:
                await line.insist(message.request())
            line.close()

        await asyncio.gather(*(partner(deliveries[n::24]) for n in range(24)))
        await scene.settle()
        findings = scene.check()

    assert findings.faults == []
    with scene.database.reading() as connection:
        stored = connection.execute(select(func.count()).select_from(InboxItem)).scalar_one()
    assert stored == len(messages)
