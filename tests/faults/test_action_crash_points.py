"""A process that is killed at every point of a slow action's way, out and back."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from crm_store.action_requests import StoredRequest
from crm_store.outbox import OutboxItem
from tests.bots.partner import Partner, Reply, running_partner
from tests.faults.scene import Scene
from tests.faults.test_crash_points import POINTS
from tests.faults.traffic import Message

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

ACTION = [point for point in POINTS if point.startswith("action.")]
#: Deaths at each point, one after the other.
DEATHS = 4
PEERS = 6
#: Calls under way when the process dies may be made again; no more than these.
UNDER_WAY = PEERS


@pytest.fixture
def partner() -> Iterator[Partner]:
    """Run the partner that knows what is looked up."""
    with running_partner() as running:
        running.answer = lambda _n, seen: Reply(
            data={"found": unquote(seen.path.rpartition("/")[2])}
        )
        yield running


def looks(prefix: str) -> list[list[Message]]:
    """Return what each peer wants to have looked up, and what they write meanwhile."""
    return [
        [Message(peer, f"{prefix}{peer}-{n}", text) for n, text in enumerate(("look 1", "hello"))]
        for peer in range(PEERS)
    ]


def test_every_step_of_an_action_has_its_point() -> None:
    """Requested, claimed, called, returned: a death can come between any two."""
    steps = ("requested", "claimed", "before_call", "called", "inserted", "settled")

    assert sorted(ACTION) == sorted(f"action.{step}" for step in steps)


@pytest.mark.parametrize("point", ACTION)
async def test_death_at_a_point_loses_no_action_and_doubles_no_effect(
    scene: Scene, partner: Partner, point: str
) -> None:
    """Killed there again and again, each request is called under one key and answered once."""
    with scene.fleet(partner_url=partner.url) as fleet:
        victim = fleet.workers[0]
        statuses: list[int] = []
        for turn in range(DEATHS):
            fleet.start(victim, crash_at=f"{point}:{1 + turn % 2}")
            fleet.start_others(victim)
            sending = asyncio.create_task(scene.send(fleet, looks(f"{turn}-"), lines=PEERS))
            more = 0
            while not fleet.died(victim):
                await asyncio.sleep(0.02)
                if sending.done():
                    more += 1
                    again = looks(f"{turn}-more{more}-")
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
    ids = {str(request.id) for request in requests}
    found = Counter(
        r.conversation_id for r in replies if "Found look" in str(r.message["content"])
    )
    assert len(ids) >= PEERS
    assert found == Counter(request.conversation_id for request in requests)
    assert set(partner.keys) == ids
    assert partner.keys.total() - len(ids) <= DEATHS * UNDER_WAY
