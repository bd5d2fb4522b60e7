"""R6: the disk is full; nothing acknowledged is lost, and it heals by itself."""

import asyncio
import json

import pytest
from sqlalchemy import text

from tests.faults.fleet import Fleet
from tests.faults.scene import Scene, tell
from tests.faults.traffic import Line, Message, Traffic, conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

#: Pages a SQLite file may grow to while its disk is "full", 4 KB each.
PAGES = 220


async def _fill(fleet: Fleet, traffic: Traffic) -> list[Message]:
    """Send until the store refuses; return what was refused."""
    line = Line(fleet.ports[0])
    for number in range(100_000):
        message = Message(number % 7, f"fill-{number}", "hello " * 40)
        status = await line.post(message.request())
        traffic.statuses[status] += 1
        if status != 202:
            line.close()
            return [message]
        traffic.note(message)
    raise AssertionError("the disk never filled")


async def test_a_full_sqlite_disk_refuses_with_503_and_heals(sqlite_scene: Scene) -> None:
    """With no page left a message is refused, not lost; with room again it is taken."""
    scene = sqlite_scene
    with scene.fleet(pages_file=str(scene.folder / "pages")) as fleet:
        pages = scene.folder / "pages"
        pages.write_text(json.dumps(PAGES), encoding="ascii")
        fleet.start_all(keep_alive=False)
        refused = await _fill(fleet, scene.traffic)
        pid = fleet.members[0].pid
        acknowledged = scene.traffic.count

        assert scene.traffic.statuses[503] == 1
        pages.write_text(json.dumps(1_000_000), encoding="ascii")
        await scene.send(fleet, [refused, *conversations(5, 4, prefix="after-")])
        await scene.settle()
        findings = scene.check()
        assert fleet.members[0].pid == pid
        assert not fleet.died(fleet.members[0])

    tell(f"{acknowledged} acknowledged before the disk was full; {findings}")
    assert findings.faults == []
    with scene.database.reading() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


async def test_a_file_that_may_not_grow_is_refused_with_503(sqlite_scene: Scene) -> None:
    """Where writing fails in the middle, acknowledged messages are intact after a restart."""
    scene = sqlite_scene
    with scene.fleet() as fleet:
        member = fleet.members[0]
        fleet.start(member, file_size=1_500_000)
        refused = await _fill(fleet, scene.traffic)
        assert scene.traffic.statuses[503] == 1
        await asyncio.to_thread(fleet.halt, member)
        fleet.start(member)
        await scene.send(fleet, [refused, *conversations(5, 4, prefix="after-")])
        await scene.settle()
        findings = scene.check()

    assert findings.faults == []
    with scene.database.reading() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
