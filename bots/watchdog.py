"""The watchdog: ends this process when one of its loops stops, so that another takes over."""

import faulthandler
import os
import threading
import time
from typing import Final

import structlog

log = structlog.get_logger()

#: Seconds without a tick after which a loop counts as hung.
HUNG_SECONDS: Final = 15.0
#: Exit status that tells the supervisor why.
EXIT_HUNG: Final = 70


class Watchdog:
    """Watches the loops of one process."""

    def __init__(self, *, hung_seconds: float = HUNG_SECONDS) -> None:
        self._hung = hung_seconds
        self._ticks: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._arm()
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stopping.set()
        faulthandler.cancel_dump_traceback_later()

    def tick(self, name: str) -> None:
        """Say that loop `name` is alive."""
        self._ticks[name] = time.monotonic()

    def forget(self, name: str) -> None:
        """Say that loop `name` ended on purpose."""
        self._ticks.pop(name, None)

    def _arm(self) -> None:
        # A loop inside C code may never let go of the interpreter, and then this class does not
        # run either; faulthandler's own timer needs no interpreter and exits with status 1.
        faulthandler.dump_traceback_later(self._hung, exit=True, file=2)

    def _watch(self) -> None:
        while not self._stopping.wait(min(1.0, self._hung / 4)):
            self._arm()
            now = time.monotonic()
            hung = [name for name, at in list(self._ticks.items()) if now - at > self._hung]
            if hung:
                log.error("watchdog.hung", loops=hung)
                faulthandler.dump_traceback(file=2)
                # No clean-up: the hung thread may hold any lock; the database rolls back for us.
                os._exit(EXIT_HUNG)
