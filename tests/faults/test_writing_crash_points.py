"""A process killed at every point of a written answer's way: exactly one answer is said."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from crm_store.action_requests import StoredRequest
from crm_store.outbox import OutboxItem
from crm_store.timers import Timer
from tests.bots.models import says
from tests.bots.partner import Partner, running_partner
from tests.faults.scene import Scene
from tests.faults.test_crash_points import POINTS
from tests.faults.traffic import Message

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

WRITING = [point for point in POINTS if point.startswith(("action.", "writing."))]
#: Deaths at each point.
DEATHS = 1
PEERS = 4
QUESTION = "how do I return tea?"
OWN = "You can return unopened tea within **14 days**"
WRITTEN = "You can return unopened tea within fourteen days of delivery."


@pytest.fixture
def partner() -> Iterator[Partner]:
    """Run a model that writes what the article says."""
    with running_partner() as running:
        running.answer = says(WRITTEN)
        yield running


def questions(group: int) -> list[list[Message]]:
    """Return one question of each peer of a group; nobody asks while an answer is awaited."""
    peers = range(group * PEERS, (group + 1) * PEERS)
    return [[Message(peer, f"q{peer}", QUESTION)] for peer in peers]


@pytest.mark.parametrize("point", WRITING)
async def test_death_at_a_point_says_one_answer(
    scene: Scene, partner: Partner, point: str
) -> None:
    """Killed there, each question is answered once: written, or by the article."""
    with scene.fleet(writer_url=f"{partner.url}/v1") as fleet:
        victim = fleet.workers[0]
        statuses: list[int] = []
        for turn in range(DEATHS):
            fleet.start(victim, crash_at=f"{point}:{1 + turn % 2}")
            fleet.start_others(victim)
            sending = asyncio.create_task(scene.send(fleet, questions(turn * 1000), lines=PEERS))
            more = 0
            while not fleet.died(victim):
                await asyncio.sleep(0.02)
                if sending.done():
                    more += 1
                    again = questions(turn * 1000 + more)
                    sending = asyncio.create_task(scene.send(fleet, again, lines=PEERS))
            statuses.append(victim.statuses[-1])
            fleet.start(victim)
            await sending
            await scene.settle()
            fleet.halt(victim)
        findings = scene.check()

    assert statuses == [-9] * DEATHS
    assert findings.faults == []
    with scene.database.reading() as connection:
        requests = connection.execute(select(StoredRequest.__table__)).all()
        replies = connection.execute(select(OutboxItem.__table__)).all()
        timers = connection.execute(select(Timer.__table__)).all()
    texts = [(r.conversation_id, r.message["content"]["text"]) for r in replies]
    asked = {address.conversation_id: len(ids) for address, ids in scene.traffic.acked.items()}
    assert Counter(key for key, _ in texts) == Counter(asked)
    assert all(text == WRITTEN or text.startswith(OWN) for _, text in texts)
    assert len(requests) == sum(asked.values())
    assert timers == []
