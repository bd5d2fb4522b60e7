"""Senders: take messages out of the outbox (T3), by commit or by network."""

import asyncio
import random
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from bots import sending
from bots.crashpoints import crashpoint
from bots.metrics import FAILURES, SENDS, STAGE_SECONDS
from bots.watchdog import Watchdog
from channels.contract import Ambiguous, Channel, SendResult
from crm_store import outbox
from crm_store.commit_delivery import deliver
from crm_store.database import Database, utc_now
from crm_store.outbox import Claimed, Delivered
from crm_store.wakeup import Wakeup

log = structlog.get_logger()

#: Seconds between looks when nothing rings.
IDLE_SECONDS: Final = 0.25
#: Conversations of one delivering transaction.
DELIVER_MAX: Final = 128
#: Network attempts under way at once in one process.
CONCURRENT_MAX: Final = 64
#: Longest one attempt may take, seconds; then it is ambiguous.
ATTEMPT_SECONDS: Final = 20.0

#: Accounts by channel and account name.
Accounts = Mapping[tuple[str, str], Channel]


class Deliverer:
    """One thread that delivers by commit: the peer reads our own store, so exactly once."""

    def __init__(
        self,
        database: Database,
        channels: list[str],
        *,
        wakeup: Wakeup,
        watchdog: Watchdog,
        on_delivered: Callable[[list[Delivered]], None],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._channels = channels
        self._wakeup = wakeup
        self._watchdog = watchdog
        self._on_delivered = on_delivered
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="deliverer", daemon=True)

    def start(self) -> None:
        """Start delivering in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the transaction in hand and stop."""
        self._stopping.set()
        self._wakeup.outbox.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Deliver until stopped."""
        while not self._stopping.is_set():
            self._watchdog.tick("deliverer")
            self._wakeup.outbox.clear()
            try:
                more = self.deliver_once()
            except Exception as error:  # noqa: BLE001 - the loop must go on
                FAILURES.labels("deliver", type(error).__name__).inc()
                log.warning("deliverer.failed", error=type(error).__name__)
                self._stopping.wait(IDLE_SECONDS)
                continue
            if not more:
                self._wakeup.outbox.wait(IDLE_SECONDS)
        self._watchdog.forget("deliverer")

    def deliver_once(self) -> bool:
        """Deliver what is queued in one transaction and return whether more may be."""
        with STAGE_SECONDS.labels("deliver").time():
            with self._database.transaction() as connection:
                items = deliver(connection, self._channels, most=DELIVER_MAX, now=self._clock())
                crashpoint("sender.before_deliver")
            crashpoint("sender.delivered")
        for item in items:
            SENDS.labels(item.message.address.channel, "delivered").inc()
        if items:
            self._on_delivered(items)
            self._wakeup.ring_grown({item.conversation_id for item in items})
        # Each conversation has an item; whatever is queued from now on rings.
        return len(items) >= DELIVER_MAX


class NetworkSender:
    """Claims messages for network channels; one attempt each, a conversation's in order."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        *,
        on_sent: Callable[[Delivered], None],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._accounts = dict(accounts)
        self._channels = sorted({channel for channel, _ in accounts})
        self._on_sent = on_sent
        self._clock = clock
        self._pace = sending.Pace(accounts)
        self._random = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._woken = asyncio.Event()
        self._stopping = False
        self._attempts: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start sending; call on the running event loop."""
        if self._channels:
            self._loop = asyncio.create_task(self._run(), name="network-sender")

    def adopt(self, account: Channel) -> None:
        """Send for one more account; call on the running event loop."""
        self._accounts[account.name, account.account] = account
        self._channels = sorted({channel for channel, _ in self._accounts})
        self._pace.adopt(account)
        if self._loop is None:
            self.start()

    def wake(self) -> None:
        """Look now; call on the event loop."""
        self._woken.set()

    async def stop(self) -> None:
        """Let attempts under way end and be marked, then stop."""
        self._stopping = True
        self._woken.set()
        if self._loop is not None:
            await self._loop
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=4)

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            claimed: list[Claimed] = []
            room = CONCURRENT_MAX - len(self._attempts)
            if room > 0:
                try:
                    claimed = await asyncio.to_thread(self._claim, room)
                except Exception as error:  # noqa: BLE001 - the loop must go on
                    FAILURES.labels("claim", type(error).__name__).inc()
                    log.warning("sender.claim_failed", error=type(error).__name__)
            for item in claimed:
                task = asyncio.create_task(self._attempt(item))
                self._attempts.add(task)
                task.add_done_callback(self._ended)
            if not claimed:
                try:
                    await asyncio.wait_for(self._woken.wait(), IDLE_SECONDS)
                except TimeoutError:
                    continue

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._attempts.discard(task)
        # The next message of that conversation is now at the head of its line.
        self._woken.set()

    def _claim(self, room: int) -> list[Claimed]:
        with self._database.transaction() as connection:
            claimed = outbox.claim(
                connection,
                self._channels,
                process=self._database.process,
                most=room,
                now=self._clock(),
            )
        crashpoint("sender.marked")
        return claimed

    async def _attempt(self, item: Claimed) -> None:
        address = item.message.address
        account = self._accounts.get((address.channel, address.account))
        held = self._pace.take(address, now=self._clock())
        if account is None or held is not None:
            until = held or self._clock() + timedelta(minutes=1)
            await asyncio.to_thread(self._put_back, item, until)
            return
        crashpoint("sender.before_call")
        result: SendResult
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                result = await account.send(item.message)
        except TimeoutError:
            result = Ambiguous("no answer in time")
        except Exception as error:
            log.exception("sender.adapter_failed", channel=address.channel)
            result = Ambiguous(type(error).__name__)
        crashpoint("sender.accepted")
        SENDS.labels(address.channel, type(result).__name__.lower()).inc()
        try:
            sent = await asyncio.to_thread(self._settle, item, result)
        except Exception as error:  # noqa: BLE001 - recovered as a stuck claim later
            FAILURES.labels("settle", type(error).__name__).inc()
            log.warning("sender.settle_failed", error=type(error).__name__)
            return
        if sent is not None:
            self._on_sent(sent)

    def _put_back(self, item: Claimed, until: datetime) -> None:
        with self._database.transaction() as connection:
            outbox.put_back(
                connection,
                item,
                process=self._database.process,
                not_before=until,
                reason="held back by rate",
                tried=False,
            )

    def _settle(self, item: Claimed, result: SendResult) -> Delivered | None:
        now = self._clock()
        with self._database.transaction() as connection:
            seq = sending.settle(
                connection,
                item,
                result,
                process=self._database.process,
                pace=self._pace,
                jitter=self._random.random(),
                now=now,
            )
        crashpoint("sender.settled")
        if seq is None:
            return None
        return Delivered(item.conversation_id, seq, item.message, now)
