"""R1: a process that is killed at every point where it matters."""

import asyncio
import re
from datetime import timedelta

import pytest

from crm_store.database import utc_now
from crm_store.timers import NewTimer, set_timers
from tests.faults.fleet import ROOT
from tests.faults.scene import Scene
from tests.faults.traffic import Message, conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

POINTS = sorted(
    {
        name
        for path in (ROOT / "bots").rglob("*.py")
        for name in re.findall(r'crashpoint\("([a-z_.]+)"\)', path.read_text(encoding="utf-8"))
    }
)
#: Slow actions and written answers have traffic and tests of their own.
ENGINE = [point for point in POINTS if not point.startswith(("action.", "writing."))]
#: Deaths at each point, at the first, second, ... passing.
DEATHS = 4
#: Conversations of the traffic below whose replies leave by network.
BY_NETWORK = 2


def set_timer(scene: Scene, message: Message, key: str) -> None:
    """Set a timer that is due at once in a message's conversation."""
    timer = NewTimer(
        address=message.address,
        kind="reminder",
        due_at=utc_now() - timedelta(seconds=1),
        payload={},
        idem_key=key,
    )
    with scene.database.transaction() as connection:
        set_timers(connection, [timer])


def test_every_step_has_its_point() -> None:
    """Ingest, worker, senders, timers and actions can be killed between all their steps."""
    assert {name.split(".")[0] for name in POINTS} == {
        *("ingest", "worker", "sender", "timer", "action", "writing")
    }
    assert len(POINTS) >= 16


@pytest.mark.parametrize("point", ENGINE)
async def test_death_at_a_point_loses_and_doubles_nothing(scene: Scene, point: str) -> None:
    """Killed at this point again and again, the engine answers every message once, in order."""
    with scene.fleet() as fleet:
        victim = (fleet.gateways if point.startswith("ingest.") else fleet.workers)[0]
        statuses: list[int] = []
        for turn in range(DEATHS):
            said = conversations(6, 1 + turn, prefix=f"{turn}-", tickets=2)
            passing = turn + 1
            if point.startswith("timer."):
                set_timer(scene, said[0][0], f"timer-{turn}")
                passing = 1
            fleet.start(victim, crash_at=f"{point}:{passing}")
            fleet.start_others(victim)
            sending = asyncio.create_task(scene.send(fleet, said, lines=6))
            more = 0
            while not fleet.died(victim):
                await asyncio.sleep(0.02)
                if sending.done():  # in few, large batches the point was not passed often enough
                    more += 1
                    said = conversations(6, 1, prefix=f"{turn}-more{more}-")
                    sending = asyncio.create_task(scene.send(fleet, said, lines=6))
            statuses.append(victim.statuses[-1])
            fleet.start(victim)
            await sending
            await scene.settle()
            fleet.halt(victim)
        findings = scene.check()

    assert statuses == [-9] * DEATHS
    assert findings.faults == []
    # A reply that left while its sender died before it could note so is sent again, one a
    # conversation and death; a gateway on PostgreSQL sends nothing.
    sends = scene.is_sqlite or not point.startswith("ingest.")
    assert findings.resent <= (DEATHS * BY_NETWORK if sends else 0)
