"""The action queue: claims requests to slow actions, calls them, and stores what they returned."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from bots.action_calls import ActionCaller, Again
from bots.crashpoints import crashpoint
from bots.metrics import ACTIONS, FAILURES
from bots.sending import pause_seconds
from crm_store import action_requests
from crm_store.action_requests import ClaimedRequest
from crm_store.database import Database, utc_now
from crm_store.inbox import Arrival, Stored
from dialogues.later import ActionRequest, ActionResult, result_notice

log = structlog.get_logger()

#: Seconds between looks when nothing rings.
IDLE_SECONDS: Final = 0.5
#: Calls under way at once in one process.
CONCURRENT_MAX: Final = 64
#: Calls of one action under way from which on it waits, so that one slow partner stops no other.
BUSY: Final = 16
#: Longest a call may take in any case, seconds; its action's own time-out is shorter.
CALL_SECONDS: Final = 40.0
#: Attempts after which a request is given up, whatever ended them.
ATTEMPTS_MAX: Final = 12

#: Called with what was stored: wakes workers and transcripts.
OnStored = Callable[[Sequence[tuple[Arrival, Stored]]], None]


class ActionQueue:
    """The slow actions of one process, each called outside of any transaction."""

    def __init__(
        self,
        database: Database,
        caller: ActionCaller,
        *,
        on_stored: OnStored,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._caller = caller
        self._on_stored = on_stored
        self._clock = clock
        self._random = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._known: set[UUID] = set()
        self._woken = asyncio.Event()
        self._stopping = False
        self._calls: dict[asyncio.Task[None], str] = {}  # task -> action
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start calling; call on the running event loop."""
        for action, names in self._caller.unset().items():
            log.warning("actions.not_configured", action=action, not_set=names)
        self._loop = asyncio.create_task(self._run(), name="action-queue")

    def wake(self) -> None:
        """Look now; call on the event loop."""
        self._woken.set()

    async def stop(self) -> None:
        """Let calls under way end and be stored, then stop; longer ones are made again later."""
        self._stopping = True
        self._woken.set()
        if self._loop is not None:
            await self._loop
        if self._calls:
            await asyncio.wait(list(self._calls), timeout=4)
        left = list(self._calls)
        for call in left:
            call.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._caller.close()

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            claimed: list[ClaimedRequest] = []
            room = CONCURRENT_MAX - len(self._calls)
            if room > 0:
                try:
                    claimed = await asyncio.to_thread(self._claim, room)
                except Exception as error:  # noqa: BLE001 - the loop must go on
                    FAILURES.labels("claim_action", type(error).__name__).inc()
                    log.warning("actions.claim_failed", error=type(error).__name__)
            for item in claimed:
                call = asyncio.create_task(self.attempt(item))
                self._calls[call] = item.action
                call.add_done_callback(self._ended)
            if not claimed:
                try:
                    await asyncio.wait_for(self._woken.wait(), IDLE_SECONDS)
                except TimeoutError:
                    continue

    def _ended(self, call: asyncio.Task[None]) -> None:
        del self._calls[call]
        self._woken.set()

    def _claim(self, room: int) -> list[ClaimedRequest]:
        now = self._clock()
        under_way = Counter(list(self._calls.values()))
        busy = [action for action, calls in under_way.items() if calls >= BUSY]
        with self._database.reading() as connection:
            if not action_requests.any_due(connection, now=now):
                return []
        with self._database.transaction() as connection:
            claimed = action_requests.claim(
                connection,
                process=self._database.process,
                most=min(room, BUSY),
                now=now,
                busy=busy,
            )
        if claimed:
            crashpoint("action.claimed")
        return claimed

    async def attempt(self, item: ClaimedRequest) -> None:
        """Call once, and store the result or when to call again."""
        result: ActionResult | Again
        if item.attempt > ATTEMPTS_MAX or self._clock() > item.gives_up_at:
            result = ActionResult(reason="given_up")
        else:
            result = await self._call(item)
        if isinstance(result, Again):
            result = self._next(item, result)
        try:
            stored = await asyncio.to_thread(self._settle, item, result)
        except Exception as error:  # noqa: BLE001 - recovered as a stuck claim later
            FAILURES.labels("settle_action", type(error).__name__).inc()
            log.warning("actions.settle_failed", action=item.action, error=type(error).__name__)
            return
        if stored is not None:
            self._on_stored([stored])

    async def _call(self, item: ClaimedRequest) -> ActionResult | Again:
        crashpoint("action.before_call")
        request = ActionRequest(
            id=item.id,
            action=item.action,
            inputs=item.inputs,
            language=item.language,
            gives_up_at=item.gives_up_at,
        )
        try:
            async with asyncio.timeout(CALL_SECONDS):
                result = await self._caller.call(request)
        except TimeoutError:
            result = Again("timeout")
        except Exception as error:  # noqa: BLE001 - whatever an action raises is its failure
            # Its message may quote what the customer said, so only the class is logged.
            log.warning("actions.failed", action=item.action, error=type(error).__name__)
            result = ActionResult(reason="failed")
        crashpoint("action.called")
        return result

    def _next(self, item: ClaimedRequest, again: Again) -> ActionResult | Again:
        """Return when the next attempt is made, or the end when none may be made any more."""
        pause = pause_seconds(item.attempt, jitter=0.5 + self._random.random() / 2)
        seconds = pause if again.after_seconds is None else max(pause, again.after_seconds)
        at = self._clock() + timedelta(seconds=seconds)
        if item.attempt >= again.attempts or at > item.gives_up_at:
            return ActionResult(reason=again.reason)
        return Again(again.reason, seconds, again.attempts)

    def _settle(
        self, item: ClaimedRequest, result: ActionResult | Again
    ) -> tuple[Arrival, Stored] | None:
        now = self._clock()
        process = self._database.process
        if isinstance(result, Again):
            until = now + timedelta(seconds=result.after_seconds or 0.0)
            with self._database.transaction() as connection:
                action_requests.put_back(
                    connection, item, process=process, not_before=until, reason=result.reason
                )
            ACTIONS.labels(item.action, "again").inc()
            return None
        with self._database.transaction() as connection:
            stored = action_requests.settle(
                connection,
                item,
                result_notice(f"action:{item.id}", result),
                process=process,
                reason=result.reason,
                known=self._known,
                now=now,
            )
            crashpoint("action.inserted")
        crashpoint("action.settled")
        ACTIONS.labels(item.action, "done" if result.reason is None else "failed").inc()
        return stored
