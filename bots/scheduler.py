"""The scheduler: fires timers, takes back what dead processes held, measures the backlog."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from bots.crashpoints import crashpoint
from bots.metrics import BACKLOG, BACKLOG_AGE, FAILURES
from bots.watchdog import Watchdog
from crm_store import action_requests, backlog, inflight, outbox, timers
from crm_store.database import Database, utc_now
from crm_store.inbox import Arrival, Stored
from crm_store.wakeup import Wakeup

log = structlog.get_logger()

#: Seconds between rounds.
ROUND_SECONDS: Final = 0.5
#: Timers fired in one transaction.
TIMERS_MAX: Final = 200
#: A claim older than this belongs to a hung process; longer than any attempt may take.
STUCK: Final = timedelta(seconds=60)
#: Age of the oldest undone item above which optional work is refused, seconds.
OVERLOAD_SECONDS: Final = 30.0
#: Undone items above which optional work is refused.
OVERLOAD_ITEMS: Final = 50_000


class Scheduler:
    """One thread of periodic duties; several processes may each have one."""

    def __init__(
        self,
        database: Database,
        *,
        wakeup: Wakeup,
        watchdog: Watchdog,
        on_stored: Callable[[Sequence[tuple[Arrival, Stored]]], None],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.backlog_items = 0
        self.backlog_seconds = 0.0
        self._database = database
        self._wakeup = wakeup
        self._watchdog = watchdog
        self._on_stored = on_stored
        self._clock = clock
        self._known: set[UUID] = set()
        self._duties: tuple[Callable[[], None], ...] = ()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="scheduler", daemon=True)

    def start(self, *, duties_of_worker: bool) -> None:
        """Start in a thread; a web process only measures."""
        self._duties = (
            (self.recover, self.fire_timers, self.measure) if duties_of_worker else (self.measure,)
        )
        self._thread.start()

    def stop(self) -> None:
        """Finish the round and stop."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def overloaded(self) -> float | None:
        """Return after how many seconds a visitor should try again, or None when all is well."""
        if self.backlog_seconds > OVERLOAD_SECONDS or self.backlog_items > OVERLOAD_ITEMS:
            return 5.0
        return None

    def run(self) -> None:
        """Do rounds until stopped."""
        while not self._stopping.is_set():
            self._watchdog.tick("scheduler")
            for duty in self._duties:
                self.attempt(duty)
            self._stopping.wait(ROUND_SECONDS)
        self._watchdog.forget("scheduler")

    def attempt(self, duty: Callable[[], None]) -> None:
        """Do a duty; one that fails is noted and comes again in the next round."""
        try:
            duty()
        except Exception as error:  # noqa: BLE001 - the other duties must go on
            FAILURES.labels(duty.__name__, type(error).__name__).inc()
            log.warning("scheduler.failed", duty=duty.__name__, error=type(error).__name__)

    def recover(self) -> None:
        """Take back what dead or hung processes held."""
        now = self._clock()
        with self._database.transaction() as connection:
            dead = inflight.dead_processes(connection, process=self._database.process)
            places = inflight.recover(connection, dead=dead)
            taken = outbox.recover(connection, dead=dead, stuck_before=now - STUCK)
            calls = action_requests.recover(connection, dead=dead, stuck_before=now - STUCK)
        if places or taken or calls:
            log.info("scheduler.recovered", items=len(places), sends=taken, calls=calls)
            self._wakeup.ring_inbox()
            self._wakeup.ring_outbox()
            self._wakeup.ring_actions()

    def fire_timers(self) -> None:
        """Turn due timers into inbox items."""
        while True:
            with self._database.transaction() as connection:
                fired = timers.fire_due(
                    connection, now=self._clock(), most=TIMERS_MAX, known=self._known
                )
                crashpoint("timer.inserted")
            if fired:
                self._on_stored(fired)
                self._wakeup.ring_inbox()
            if len(fired) < TIMERS_MAX:
                return

    def measure(self) -> None:
        """Measure the backlog."""
        with self._database.reading() as connection:
            items, oldest = backlog.measure(connection)
        self.backlog_items = items
        self.backlog_seconds = (
            max(0.0, (self._clock() - oldest).total_seconds()) if oldest else 0.0
        )
        BACKLOG.set(items)
        BACKLOG_AGE.set(self.backlog_seconds)
