"""The worker: picks undone items, has them understood and takes their turns."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bots import batch, burial, bursts
from bots.brain import Brain
from bots.crashpoints import crashpoint
from bots.live_knowledge import LiveKnowledge
from bots.metrics import ANSWER_SECONDS, FAILURES, STAGE_SECONDS, TURNS, WORK_BATCH
from bots.watchdog import Watchdog
from crm_store import backlog, inbox, inflight
from crm_store.database import Database, utc_now
from crm_store.inbox import ATTEMPTS_MAX, Undone
from crm_store.wakeup import Wakeup

log = structlog.get_logger()

#: Conversations of one batch.
BATCH_MAX: Final = 64
#: An item whose next failure is its last waits until the process has lived so long, seconds:
#: deaths that come thick and fast are no message's fault.
CALM_SECONDS: Final = 5.0
#: How long another worker's note of an item keeps this one from trying it alone.
TAKEN: Final = timedelta(seconds=20)
#: Seconds between looks when nothing rings.
IDLE_SECONDS: Final = 0.2
#: Shortest pause, seconds; clocks differ by less.
SHORTEST_SECONDS: Final = 0.001
#: Pause when all candidates are locked by others, or the database is away, seconds.
LOCKED_SECONDS: Final = 0.005
DOWN_SECONDS: Final = 0.25


class Worker:
    """One worker thread."""

    def __init__(
        self,
        database: Database,
        brain: Brain,
        *,
        wakeup: Wakeup,
        watchdog: Watchdog,
        name: str = "worker-1",
        live: LiveKnowledge | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.name = name
        self._live = live
        self._database = database
        self._brain = brain
        self._wakeup = wakeup
        self._watchdog = watchdog
        self._clock = clock
        self._record = f"{database.process}/{name}"
        self._cursor = UUID(int=0)
        quiet = brain.bot.file.quiet
        self._quiet = quiet if any(quiet.values()) else {}
        self._ripe_at: datetime | None = None
        self._born = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)

    def start(self) -> None:
        """Start working in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand and stop."""
        self._stopping.set()
        self._wakeup.inbox.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Work until stopped; the only place that survives any error."""
        while not self._stopping.is_set():
            self._watchdog.tick(self.name)
            self._wakeup.inbox.clear()
            try:
                worked = self.work_once()
            except Exception as error:  # noqa: BLE001 - the loop must go on
                self._note_failure("work", error)
                self._stopping.wait(DOWN_SECONDS)
                continue
            if worked == 0:
                self._wakeup.inbox.wait(self.pause())
            elif worked < 0:
                time.sleep(LOCKED_SECONDS)
        self._watchdog.forget(self.name)

    def work_once(self) -> int:
        """Work on one batch.

        Returns:
            Items done; 0 when there were none, -1 when others held all of them.
        """
        items = self._look()
        if not items:
            return 0
        suspects = {item.conversation_id for item in items if item.attempts}
        calm = [item for item in items if item.conversation_id not in suspects]
        done = self._run_together(calm) if calm else 0
        for key in suspects:
            if self._stopping.is_set():
                break
            # Only up to the first suspect: what follows it must not be blamed with it.
            own = [item for item in items if item.conversation_id == key]
            done += self._run_alone(own)
        return done or -1

    def pause(self) -> float:
        """Return how long to wait when nothing can be worked: to when the next burst is ripe."""
        if self._ripe_at is None:
            return IDLE_SECONDS
        left = (self._ripe_at - self._clock()).total_seconds()
        return min(max(left, SHORTEST_SECONDS), IDLE_SECONDS)

    def _look(self) -> list[Undone]:
        """Return what can be worked now, of the conversations that are next."""
        self._ripe_at = None
        seen: set[UUID] = set()
        while True:
            with self._database.reading() as connection:
                ids = backlog.candidates(connection, cursor=self._cursor, most=BATCH_MAX)
                if not ids:
                    return []
                items = self._ripe(inbox.undone(connection, ids))
            self._cursor = ids[-1]
            if not self._quiet:
                return items
            gathered = bursts.gather(items, self._quiet, now=self._clock())
            if gathered.ripe_at is not None:
                self._ripe_at = min(gathered.ripe_at, self._ripe_at or gathered.ripe_at)
            # Those that wait must not hide others that do not.
            if gathered.ready or len(ids) < BATCH_MAX or seen.issuperset(ids):
                return gathered.ready
            seen.update(ids)

    def _ripe(self, items: list[Undone]) -> list[Undone]:
        """Leave out conversations whose next item must wait for calmer times."""
        if time.monotonic() - self._born > CALM_SECONDS:
            return items
        waits = {i.conversation_id for i in items if i.attempts == ATTEMPTS_MAX - 1}
        return [item for item in items if item.conversation_id not in waits]

    def _run_together(self, items: Sequence[Undone]) -> int:
        try:
            return self._run(items)
        except Exception as error:
            self._note_failure("batch", error)
            if _is_down(error):
                raise
        done = 0
        by_conversation: dict[UUID, list[Undone]] = {}
        for item in items:
            by_conversation.setdefault(item.conversation_id, []).append(item)
        for own in by_conversation.values():
            done += self._run_alone(own)
        return done

    def _run_alone(self, items: Sequence[Undone]) -> int:
        """Run the items of one conversation one at a time, stopping at the first that fails."""
        done = 0
        for item in items:
            self._watchdog.tick(self.name)
            if item.attempts >= ATTEMPTS_MAX:
                burial.bury(
                    self._database, self._brain.bot, item, reason="died", now=self._clock()
                )
                self._wakeup.ring_outbox()
                done += 1
                continue
            try:
                done += self._run([item], alone=True)
            except Exception as error:
                self._note_failure("item", error)
                if _is_down(error):
                    raise
                self._blame(item, type(error).__name__)
                return done
        return done

    def _blame(self, item: Undone, reason: str) -> None:
        with self._database.transaction() as connection:
            for member in item.members:  # each of a burst is tried by itself from now on
                attempts = inbox.count_attempt(
                    connection, member.conversation_id, member.seq, attempt=member.attempts + 1
                )
            inflight.clear(connection, worker=self._record)
        if attempts >= ATTEMPTS_MAX:
            burial.bury(self._database, self._brain.bot, item, reason=reason, now=self._clock())
            self._wakeup.ring_outbox()

    def _run(self, items: Sequence[Undone], *, alone: bool = False) -> int:
        """Understand the items, then take their turns in one transaction."""
        now = self._clock()
        stored = [member for item in items for member in item.members]
        tried = [(item.conversation_id, item.seq, item.attempts) for item in stored]
        with self._database.relaxed() as connection:
            inflight.note(
                connection,
                worker=self._record,
                process=self._database.process,
                items=tried,
                now=now,
            )
            # An item that fails must not be tried by two at once: it would take both with it.
            if alone and inflight.is_taken(
                connection, tried[0], worker=self._record, since=now - TAKEN
            ):
                inflight.clear(connection, worker=self._record)
                return 0
        brain = self._present_brain()
        with STAGE_SECONDS.labels("understand").time():
            understood = brain.understand(items)
        crashpoint("worker.understood")
        with STAGE_SECONDS.labels("turn").time():
            with self._database.session() as session:
                writes = batch.run_batch(session, brain, items, understood, now)
                batch.write(session, writes, worker=self._record, now=now)
            crashpoint("worker.committed")
        if writes.replies:
            self._wakeup.ring_outbox()
        if writes.requests:
            self._wakeup.ring_actions()
        self._measure(stored, writes)
        return len(writes.done)

    def _present_brain(self) -> Brain:
        """Return the brain with what may be said now: one batch works with one edition."""
        knowledge = self._live.edition.knowledge if self._live is not None else None
        if knowledge is None or knowledge is self._brain.knowledge:
            return self._brain
        self._brain = replace(self._brain, knowledge=knowledge)
        return self._brain

    def _measure(self, items: Sequence[Undone], writes: batch.Writes) -> None:
        WORK_BATCH.observe(len(writes.done))
        received = {(item.conversation_id, item.seq): item.received_at for item in items}
        now = self._clock()
        for key, seq, outcome in writes.done:
            TURNS.labels(outcome).inc()
            ANSWER_SECONDS.observe(max(0.0, (now - received[key, seq]).total_seconds()))

    def _note_failure(self, stage: str, error: Exception) -> None:
        FAILURES.labels(stage, type(error).__name__).inc()
        # The message of a database error quotes its parameters, so only the class is logged.
        log.warning("worker.failed", stage=stage, error=type(error).__name__)


def _is_down(error: Exception) -> bool:
    """Tell whether the database, not the item, is at fault."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeoutError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
