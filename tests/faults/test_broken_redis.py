"""R5: Redis stops, forgets, freezes, has no memory and wrong keys; it carries only hints."""

import asyncio
import time

import pytest
import redis

from bots.local_servers import LocalRedis
from tests.faults.scene import Scene, tell
from tests.faults.traffic import conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


def _wrong_types(server: LocalRedis) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.delete("tributary:wakeups")
        client.lpush("tributary:wakeups", "not", "a", "channel")
        client.publish("tributary:wakeups", b"\xff not-a-uuid \x00")


def _full(server: LocalRedis) -> None:
    server.configure("maxmemory-policy", "noeviction")
    server.configure("maxmemory", "1")


def _emptied(server: LocalRedis) -> None:
    server.configure("maxmemory", "0")
    server.flush()


async def test_redis_may_fail_in_every_way(
    postgres_scene: Scene, redis_server: LocalRedis
) -> None:
    """Losing Redis costs at most some latency: every message is stored, answered and sent once."""
    scene = postgres_scene
    delays: dict[str, float] = {}
    with scene.fleet(workers=2, redis_url=redis_server.url) as fleet:
        fleet.start_all()
        await asyncio.to_thread(fleet.await_ready, fleet.gateways[0])
        for name, fault in (
            ("healthy", lambda: None),
            ("flushed", redis_server.flush),
            ("wrong keys", lambda: _wrong_types(redis_server)),
            ("no memory", lambda: _full(redis_server)),
            ("memory again", lambda: _emptied(redis_server)),
            ("frozen", redis_server.pause),
            ("thawed", redis_server.resume),
            ("stopped", redis_server.stop),
            ("started", redis_server.start),
        ):
            await asyncio.to_thread(fault)
            started = time.monotonic()
            prefix = name.replace(" ", "-")
            await scene.send(fleet, conversations(12, 4, prefix=f"{prefix}-"), lines=12)
            await scene.settle()
            delays[name] = time.monotonic() - started
        findings = scene.check()

    tell(", ".join(f"{name} {seconds:.2f} s" for name, seconds in delays.items()))
    assert findings.faults == []
    assert findings.resent == 0
    calm = delays["healthy"]
    assert max(delays.values()) <= 3 * calm + 3.0
