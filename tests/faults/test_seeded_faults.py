"""The suite's own check: engines broken on purpose must not pass the checker."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select

from crm_store.inbox import InboxItem
from tests.bots.partner import Reply, running_partner
from tests.faults.fleet import Fleet
from tests.faults.scene import Scene, until
from tests.faults.traffic import Message, Traffic, conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


async def _kill_at_every(
    step: int, count: Callable[[], int], fleet: Fleet, sending: asyncio.Task[None]
) -> None:
    """Kill a process the moment `count()` has grown by another `step`, until all is sent."""
    chance = random.Random(5)
    due = step
    while True:
        await until(lambda due=due: count() >= due or sending.done())  # type: ignore[misc]
        if sending.done():
            break
        fleet.kill(chance.choice(fleet.members))
        due = count() + step
    await sending


async def test_acknowledging_before_the_commit_is_caught(sqlite_scene: Scene) -> None:
    """Killed between the two, it loses what it acknowledged."""
    scene = sqlite_scene
    with scene.fleet(bend=["acknowledge_first"]) as fleet:
        fleet.start_all()
        sending = asyncio.create_task(scene.send(fleet, conversations(30, 10)))
        await _kill_at_every(40, lambda: scene.traffic.count, fleet, sending)
        await scene.settle()
        findings = scene.check()

    assert fleet.kills > 0
    assert findings.lost > 0


async def test_marking_sent_before_the_call_is_caught(sqlite_scene: Scene) -> None:
    """Killed between the two, the reply never reaches the partner."""
    scene = sqlite_scene
    with scene.fleet(bend=["mark_before_call"]) as fleet:
        fleet.start_all()
        sending = asyncio.create_task(scene.send(fleet, conversations(40, 8)))
        await _kill_at_every(10, scene.recorder.received.total, fleet, sending)
        await scene.settle()
        findings = scene.check()

    assert fleet.kills > 0
    assert findings.lost > 0


async def test_readiness_by_a_flag_is_caught(postgres_scene: Scene) -> None:
    """A message stored while the flag is about to be cleared is never worked."""
    scene = postgres_scene
    with scene.fleet(web=2, workers=2, bend=["ready_flag"]) as fleet:
        fleet.start_all()
        await scene.send(fleet, conversations(20, 12), lines=20)
        with pytest.raises(AssertionError, match="everything is answered"):
            await scene.settle(seconds=4)


async def test_a_missing_idle_timeout_is_caught(postgres_scene: Scene) -> None:
    """A hung worker keeps its conversations for ever."""
    scene = postgres_scene
    with scene.fleet(workers=2, idle_timeout_ms=1_000) as fleet:
        gateway, hung, healthy = fleet.members
        fleet.start(gateway)
        fleet.start(hung, bend=["no_idle_timeout", "freeze"], freeze_at="worker.before_commit")
        await scene.send(fleet, conversations(8, 2))
        await asyncio.to_thread(fleet.await_freeze, hung)
        fleet.start(healthy)
        with pytest.raises(AssertionError, match="everything is answered"):
            await scene.settle(seconds=6)
        fleet.send(hung, signal.SIGCONT)


async def test_looking_duplicates_up_before_locking_is_caught(postgres_scene: Scene) -> None:
    """Two gateways that get the same message at once both find it new."""
    scene = postgres_scene
    said = conversations(10, 6)
    with scene.fleet(web=3, bend=["get_then_set"]) as fleet:
        fleet.start_all()
        await asyncio.gather(
            *(Traffic().send(fleet.ports, said, lines=10, seed=seed) for seed in range(3))
        )
        await scene.settle()

    with scene.database.reading() as connection:
        stored = Counter(
            (key, name.partition("#")[0])
            for key, name in connection.execute(
                select(InboxItem.conversation_id, InboxItem.external_id)
            )
        )
    assert max(stored.values()) > 1


async def test_closing_a_request_before_its_result_is_stored_is_caught(
    sqlite_scene: Scene,
) -> None:
    """Killed between the two, the flow waits for ever for what was called."""
    scene = sqlite_scene
    with (
        running_partner() as partner,
        scene.fleet(partner_url=partner.url, bend=["done_before_result"]) as fleet,
    ):
        partner.answer = lambda _n, _seen: Reply(data={"found": "it"})
        victim = fleet.workers[0]
        fleet.start(victim, crash_at="action.settled:1")
        sending = asyncio.create_task(scene.send(fleet, [[Message(1, "m1", "look 1")]]))
        await asyncio.to_thread(fleet.await_death, victim)
        fleet.start(victim)
        await sending
        await scene.settle()
        findings = scene.check()

    assert findings.lost > 0
