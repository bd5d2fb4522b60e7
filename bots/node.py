"""A node: the running parts of one process, started and stopped together."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal, cast
from uuid import UUID

import structlog

from bots.action_calls import ActionCaller
from bots.action_queue import ActionQueue
from bots.brain import Brain
from bots.ingest import Ingest
from bots.live_knowledge import LiveKnowledge
from bots.puller import Puller
from bots.scheduler import Scheduler
from bots.senders import Deliverer, NetworkSender
from bots.transcripts import Transcripts
from bots.watchdog import Watchdog
from bots.worker import Worker
from channels.contract import Channel, CountedChannel, PulledChannel
from channels.messages import OutboundContent
from crm_store.database import Database
from crm_store.inbox import Arrival, Stored
from crm_store.outbox import Delivered
from crm_store.wakeup import Wakeup

log = structlog.get_logger()

Role = Literal["all", "web", "worker"]

#: Seconds between the event loop's own signs of life.
TICK_SECONDS: Final = 1.0


class Node:
    """One process's share of the work.

    Args:
        database: the migrated database.
        accounts: channel accounts by channel and account name.
        brain: needed by roles `all` and `worker`.
        redis_url: for wake-ups across processes.
        role: `web` takes messages in and shows transcripts, `worker` answers and sends.
        workers: worker threads.
        actions: calls slow actions; None: those of the bot, without environment or private hosts.
        live: keeps what may be said up to date; None: what the brain was made with stays.
    """

    def __init__(
        self,
        database: Database,
        accounts: Mapping[tuple[str, str], Channel],
        *,
        brain: Brain | None,
        redis_url: str | None = None,
        role: Role = "all",
        workers: int = 1,
        actions: ActionCaller | None = None,
        live: LiveKnowledge | None = None,
        hung_seconds: float = 15.0,
    ) -> None:
        self.database = database
        self.live = live
        self.accounts = dict(accounts)
        self.brain = brain
        self.role = role
        self.transcripts = Transcripts()
        self.wakeup = Wakeup(redis_url)
        self.watchdog = Watchdog(hung_seconds=hung_seconds)
        self.ingest = Ingest(database, after_commit=self._stored)
        self.scheduler = Scheduler(
            database, wakeup=self.wakeup, watchdog=self.watchdog, on_stored=self._fired
        )
        #: Run beside the rest until stopped.
        self.background: list[Callable[[], Coroutine[None, None, None]]] = []
        #: Called first when stopping, and awaited while the store is still open.
        self.before_stop: list[Callable[[], None]] = []
        self.on_stop: list[Callable[[], Awaitable[None]]] = []
        #: By account: how long after a message replies are taken, and how many pieces one has.
        self._windows: dict[tuple[str, str], timedelta] = {}
        self._counts: dict[tuple[str, str], Callable[[OutboundContent], int]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._workers: list[Worker] = []
        self._deliverer: Deliverer | None = None
        self._sender: NetworkSender | None = None
        self._actions: ActionQueue | None = None
        if role in {"all", "web"}:
            self.background += [puller.run for puller in self._pullers()]
        if role in {"all", "worker"}:
            self._add_workers(brain, workers, actions)

    def _pullers(self) -> list[Puller]:
        return [
            Puller(cast(PulledChannel, account), self.database, self.ingest)
            for account in self.accounts.values()
            if getattr(account, "pulls", False)
        ]

    def adopt(self, account: Channel) -> None:
        """Take one more account in while running; its provider delivers, and is sent to."""
        self.accounts[account.name, account.account] = account
        self._note_rules(account)
        if self._sender is not None:
            self._sender.adopt(account)

    def _note_rules(self, account: Channel) -> None:
        key = (account.name, account.account)
        if (seconds := account.capabilities().reply_window_seconds) is not None:
            self._windows[key] = timedelta(seconds=seconds)
        if isinstance(account, CountedChannel):
            self._counts[key] = account.pieces

    def _add_workers(
        self, brain: Brain | None, workers: int, actions: ActionCaller | None
    ) -> None:
        if brain is None:
            message = "a node that works needs a brain"
            raise ValueError(message)
        for account in self.accounts.values():
            self._note_rules(account)
        brain = replace(brain, windows=self._windows, counts=self._counts)
        self._workers = [
            Worker(
                self.database,
                brain,
                wakeup=self.wakeup,
                watchdog=self.watchdog,
                name=f"worker-{number}",
                live=self.live,
            )
            for number in range(1, workers + 1)
        ]
        by_commit = sorted(
            {
                channel
                for (channel, _), adapter in self.accounts.items()
                if adapter.capabilities().delivered_by_commit
            }
        )
        self._deliverer = Deliverer(
            self.database,
            by_commit,
            wakeup=self.wakeup,
            watchdog=self.watchdog,
            on_delivered=self._delivered,
        )
        network = {key: a for key, a in self.accounts.items() if key[0] not in by_commit}
        self._sender = NetworkSender(self.database, network, on_sent=self._sent)
        caller = actions or ActionCaller(brain.bot, environment={})
        self._actions = ActionQueue(self.database, caller, on_stored=self._returned)

    async def start(self) -> None:
        """Start all parts on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self.wakeup.on_grown = self._grown_elsewhere
        self.wakeup.on_outbox = self._wake_sender
        self.wakeup.on_actions = self._wake_actions
        if self.live is not None:
            self.wakeup.on_knowledge = self.live.wake
            self.live.start()
        self.wakeup.start()
        self.watchdog.start()
        self.ingest.start()
        self._tasks = [asyncio.create_task(self._tick(), name="tick")]
        self._tasks += [asyncio.create_task(duty()) for duty in self.background]
        if self._deliverer is not None:
            # Before the workers, which then know what killed another; but a database that is away
            # in this moment must not end the start.
            self.scheduler.attempt(self.scheduler.recover)
            self._deliverer.start()
            for worker in self._workers:
                worker.start()
        if self._sender is not None:
            self._sender.start()
        if self._actions is not None:
            self._actions.start()
        self.scheduler.start(duties_of_worker=bool(self._workers))

    def end_streams(self) -> None:
        """Tell open streams that the server restarts; requests would wait for their end."""
        for say in self.before_stop:
            say()

    async def stop(self) -> None:
        """Commit what waits, finish batches and attempts under way, and stop."""
        self.end_streams()
        await self.ingest.stop()
        for finish in self.on_stop:
            await finish()
        for worker in self._workers:
            await asyncio.to_thread(worker.stop)
        if self._deliverer is not None:
            await asyncio.to_thread(self._deliverer.stop)
        if self._sender is not None:
            await self._sender.stop()
        if self._actions is not None:
            await self._actions.stop()
        await asyncio.to_thread(self.scheduler.stop)
        if self.live is not None:
            await asyncio.to_thread(self.live.stop)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.wakeup.stop()
        self.watchdog.stop()
        for adapter in self.accounts.values():
            await adapter.close()
        self.database.close()

    def _stored(self, stored: Sequence[tuple[Arrival, Stored]]) -> None:
        self.transcripts.arrived(stored)
        self.wakeup.ring_inbox()
        self.wakeup.ring_grown({place.conversation_id for _, place in stored})

    def _fired(self, stored: Sequence[tuple[Arrival, Stored]]) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.transcripts.arrived, stored)

    def _returned(self, stored: Sequence[tuple[Arrival, Stored]]) -> None:
        self.transcripts.arrived(stored)
        self.wakeup.ring_inbox()

    def _delivered(self, items: list[Delivered]) -> None:
        if self._loop is not None:
            self.transcripts.delivered(items, loop=self._loop)

    def told(self, items: list[Delivered]) -> None:
        """Tell everybody who watches that these were said; call from any thread."""
        self._delivered(items)
        self.wakeup.ring_grown([item.conversation_id for item in items])

    def _sent(self, item: Delivered) -> None:
        self._delivered([item])
        self.wakeup.ring_grown([item.conversation_id])

    def _grown_elsewhere(self, conversation_ids: list[UUID]) -> None:
        if self._loop is None or self._loop.is_closed():
            return

        def tell() -> None:
            for key in conversation_ids:
                self.transcripts.grew(key)

        self._loop.call_soon_threadsafe(tell)

    def _wake_sender(self) -> None:
        if self._sender is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._sender.wake)

    def _wake_actions(self) -> None:
        if self._actions is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._actions.wake)

    async def _tick(self) -> None:
        """Show the watchdog that the event loop runs."""
        while True:
            self.watchdog.tick("event-loop")
            await asyncio.sleep(TICK_SECONDS)
