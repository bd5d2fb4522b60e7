"""R3: workers that hang instead of dying, in the middle of a transaction."""

import asyncio
import signal

import pytest

from tests.faults.scene import Scene, tell
from tests.faults.traffic import conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]


@pytest.mark.parametrize(
    ("point", "limit_ms", "takeover"),
    [
        ("worker.before_commit", 10_000, 14.0),
        ("worker.claimed", 1_000, 5.0),
        ("sender.before_deliver", 1_000, 5.0),
        ("timer.inserted", 1_000, 5.0),
    ],
)
async def test_a_hung_worker_is_taken_over_and_its_commit_refused(
    postgres_scene: Scene, point: str, limit_ms: int, takeover: float
) -> None:
    """Frozen with locks held, a worker loses them in time; woken, it changes nothing."""
    scene = postgres_scene
    with scene.fleet(workers=2, idle_timeout_ms=limit_ms) as fleet:
        gateway, hung, healthy = fleet.members
        fleet.start(gateway)
        fleet.start(hung, bend=["freeze"], freeze_at=point)
        said = conversations(8, 3, tickets=2)
        await scene.send(fleet, said)
        await asyncio.to_thread(fleet.await_freeze, hung)
        fleet.start(healthy)
        seconds = await scene.settle(seconds=takeover + 20)
        fleet.send(hung, signal.SIGCONT)
        await scene.send(fleet, conversations(8, 2, prefix="after-"))
        await scene.settle()
        findings = scene.check()

    tell(f"{point}: taken over after {seconds:.1f} s")
    assert findings.faults == []
    assert seconds <= takeover


async def test_a_killed_worker_is_taken_over_at_once(postgres_scene: Scene) -> None:
    """Locks of a dead process vanish with its connections."""
    scene = postgres_scene
    with scene.fleet(workers=2) as fleet:
        gateway, doomed, healthy = fleet.members
        fleet.start(gateway)
        fleet.start(doomed, bend=["freeze"], freeze_at="worker.before_commit")
        await scene.send(fleet, conversations(8, 3))
        await asyncio.to_thread(fleet.await_freeze, doomed)
        fleet.start(healthy)
        await asyncio.to_thread(fleet.await_ready, healthy)
        fleet.kill(doomed)
        seconds = await scene.settle()
        findings = scene.check()

    tell(f"after SIGKILL: taken over after {seconds:.2f} s")
    assert findings.faults == []
    assert seconds <= 3.0
