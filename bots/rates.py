"""Rates: how often one visitor may write and one address may open sessions.

Buckets live in the process. With a shared store (Redis) two fences are added that hold over all
processes; when the store fails they stand open for a while, because limits must not cost messages.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Final

import structlog
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

log = structlog.get_logger()

#: Buckets a process remembers; beyond, the full ones are forgotten, which changes nothing.
BUCKETS_MAX: Final = 50_000
#: How long the shared store may take to answer, and how long it is left alone after a failure.
SHARED_SECONDS: Final = 0.1
SHARED_PAUSE_SECONDS: Final = 5.0


@dataclass(slots=True)
class Buckets:
    """Token buckets by key: `burst` at once, then `per_second`."""

    burst: float
    per_second: float
    clock: Callable[[], float] = time.monotonic  #: seconds, never backwards
    _kept: dict[str, tuple[float, float]] = field(default_factory=dict)  # key -> tokens, when

    def take(self, key: str) -> float | None:
        """Take a token; return None, or the seconds until there is one."""
        now = self.clock()
        tokens, at = self._kept.get(key, (self.burst, now))
        tokens = min(self.burst, tokens + (now - at) * self.per_second)
        if tokens < 1:
            self._kept[key] = (tokens, now)
            return (1 - tokens) / self.per_second
        self._kept[key] = (tokens - 1, now)
        if len(self._kept) > BUCKETS_MAX:
            self._forget_full(now)
        return None

    def _forget_full(self, now: float) -> None:
        full_after = self.burst / self.per_second
        self._kept = {
            key: (tokens, at) for key, (tokens, at) in self._kept.items() if now - at < full_after
        }


class Rates:
    """All limits of web chat.

    Args:
        burst: messages one visitor may send at once.
        per_second: messages one visitor may send per second after that.
        sessions_per_hour: sessions one address may open.
        shared: URL of a store all processes share (`redis://…`), None for none.
    """

    def __init__(
        self,
        *,
        burst: int = 5,
        per_second: float = 1.0,
        sessions_per_hour: int = 30,
        shared: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._messages = Buckets(burst, per_second, clock)
        self._tickets = Buckets(4 * burst, per_second, clock)
        self._sessions_item = RateLimitItemPerHour(sessions_per_hour)
        self._sessions = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._paused_until = 0.0
        # What keeps to a bucket never sends more than this in that time, so the shared fence
        # refuses only those who spread over processes.
        seconds = max(1, round(burst / per_second))
        self._messages_item = RateLimitItemPerSecond(2 * burst, seconds)
        if shared is not None:
            self._shared = MovingWindowRateLimiter(_shared_storage(shared))

    async def message(self, visitor: str) -> float | None:
        """Count a message of a visitor; return None, or the seconds to wait."""
        wait = self._messages.take(visitor)
        if wait is None and self._shared is not None:
            return await self._hit_shared(self._messages_item, "message", visitor)
        return wait

    def ticket(self, visitor: str) -> float | None:
        """Count a ticket or poll of a visitor; return None, or the seconds to wait."""
        return self._tickets.take(visitor)

    async def session(self, address: str) -> float | None:
        """Count a session opened from a network address; return None, or the seconds to wait."""
        key = network_of(address)
        if await self._sessions.hit(self._sessions_item, key):
            if self._shared is not None:
                return await self._hit_shared(self._sessions_item, "session", key)
            return None
        stats = await self._sessions.get_window_stats(self._sessions_item, key)
        return max(1.0, stats.reset_time - time.time())

    async def close(self) -> None:
        """Release connections to the shared store."""
        # The library keeps its client in a bridge and has no way to close it.
        bridge = getattr(self._shared.storage, "bridge", None) if self._shared else None
        client = getattr(bridge, "storage", None)
        if client is not None:
            await client.aclose()

    async def _hit_shared(self, item: RateLimitItem, kind: str, key: str) -> float | None:
        shared = self._shared
        if shared is None or self._clock() < self._paused_until:
            return None
        try:
            async with asyncio.timeout(SHARED_SECONDS):
                if await shared.hit(item, kind, key):
                    return None
                stats = await shared.get_window_stats(item, kind, key)
        except (StorageError, TimeoutError, OSError) as error:
            self._paused_until = self._clock() + SHARED_PAUSE_SECONDS
            log.warning("rates.shared_store_failed", error=type(error).__name__)
            return None
        return max(1.0, stats.reset_time - time.time())


def _shared_storage(url: str) -> Storage:
    # The library spells a Unix socket's URL differently from redis-py.
    spelt = url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url
    storage = storage_from_string(f"async+{spelt}", wrap_exceptions=True, implementation="redispy")
    if not isinstance(storage, Storage):
        message = f"rates need an asynchronous store, not {type(storage).__name__}"
        raise TypeError(message)
    return storage


def network_of(address: str) -> str:
    """Return what one household or device has of addresses: an IPv4 address or an IPv6 /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return address
