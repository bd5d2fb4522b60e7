"""A circuit breaker: after some failures in a row a sick server is left alone for a while."""

import threading
import time
from collections.abc import Callable
from typing import Final, Literal

#: Failures in a row that open the circuit.
FAILURES: Final = 3
#: How long nothing is asked once it is open, seconds; then one call is tried.
REST_SECONDS: Final = 10.0

Change = Literal["opened", "closed"]


class CircuitBreaker:
    """Tells whether a server may be asked; thread-safe, and holds no lock while one asks.

    Args:
        failures: so many in a row open the circuit.
        rest: seconds until one call is tried again, and again after each that fails.
        on_change: told when the circuit opens, and when it closes.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        rest: float = REST_SECONDS,
        on_change: Callable[[Change], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._rest = rest
        self._on_change = on_change
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open = False
        self._try_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the server counts as sick."""
        return self._open

    def permits(self, wanted: int = 1) -> int:
        """Return how many of `wanted` calls may be made now: all, none, or one as a trial.

        Whoever got the trial need not report back: the next is given after another rest.
        """
        with self._lock:
            if not self._open:
                return wanted
            now = self._clock()
            if wanted < 1 or now < self._try_at:
                return 0
            self._try_at = now + self._rest
            return 1

    def succeeded(self) -> None:
        """Note an answer; it closes the circuit."""
        with self._lock:
            self._failures = 0
            closed, self._open = self._open, False
        if closed:
            self._tell("closed")

    def failed(self) -> None:
        """Note a call without a usable answer."""
        with self._lock:
            self._failures += 1
            opened = not self._open and self._failures >= self._most
            if opened:
                self._open = True
                self._try_at = self._clock() + self._rest
        if opened:
            self._tell("opened")

    def _tell(self, change: Change) -> None:
        if self._on_change is not None:
            self._on_change(change)
