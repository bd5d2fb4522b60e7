"""Wake-ups: tell other threads and processes that there is work; only hints.

With Redis the hints cross processes by publish and subscribe; without, each process also looks
by itself a few times a second.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

import redis
import structlog

log = structlog.get_logger()

#: Redis channel all processes share.
_TOPIC: Final = "tributary:wakeups"
#: Pause after Redis failed, seconds; hints are dropped meanwhile.
_PAUSE: Final = 1.0
#: Longest a publish may take, seconds.
_PUBLISH_TIMEOUT: Final = 0.2

Grown = Callable[[list[UUID]], None]


class Wakeup:
    """The bells of one process: `inbox`, `outbox` and which transcripts grew."""

    def __init__(self, redis_url: str | None = None) -> None:
        self.inbox = threading.Event()
        self.outbox = threading.Event()
        self.on_grown: Grown | None = None
        self.on_outbox: Callable[[], None] | None = None
        self.on_actions: Callable[[], None] | None = None
        self.on_knowledge: Callable[[], None] | None = None
        self._pending: set[str] = set()
        self._guard = threading.Lock()
        self._hears = self._tells = False
        self._something = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener: redis.Redis | None = None
        self._publisher: redis.Redis | None = None
        if redis_url is not None:
            # A blocking read needs a client without socket time-out; the default is 5 s.
            self._listener = redis.Redis.from_url(redis_url, socket_timeout=None)
            self._publisher = redis.Redis.from_url(
                redis_url,
                socket_timeout=_PUBLISH_TIMEOUT,
                socket_connect_timeout=_PUBLISH_TIMEOUT,
            )
            self._threads = [
                threading.Thread(target=self._publish, name="wakeup-publish", daemon=True),
                threading.Thread(target=self._subscribe, name="wakeup-listen", daemon=True),
            ]

    @property
    def reaches_others(self) -> bool:
        """Whether hints cross processes now; without, everybody has to look more often."""
        return self._hears and self._tells

    def start(self) -> None:
        """Start talking to Redis, when there is one."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop; open blocking reads end with their connection."""
        self._stopping.set()
        self._something.set()
        for client in (self._listener, self._publisher):
            if client is not None:
                client.close()

    def ring_inbox(self) -> None:
        """Say that items were stored."""
        self.inbox.set()
        self._tell("inbox")

    def ring_outbox(self) -> None:
        """Say that messages were queued."""
        self._outbox_rang()
        self._tell("outbox")

    def _outbox_rang(self) -> None:
        self.outbox.set()
        if self.on_outbox is not None:
            self.on_outbox()

    def ring_actions(self) -> None:
        """Say that slow actions were requested."""
        if self.on_actions is not None:
            self.on_actions()
        self._tell("actions")

    def ring_knowledge(self) -> None:
        """Say that what may be said has changed."""
        if self.on_knowledge is not None:
            self.on_knowledge()
        self._tell("knowledge")

    def ring_grown(self, conversation_ids: Iterable[UUID]) -> None:
        """Tell other processes which transcripts grew; this one knows already."""
        for key in conversation_ids:
            self._tell(str(key))

    def _tell(self, word: str) -> None:
        if self._publisher is not None:
            with self._guard:
                self._pending.add(word)
            self._something.set()

    def _publish(self) -> None:
        """Send pending words together; on failure drop them and pause: they are only hints."""
        assert self._publisher is not None  # noqa: S101 - started only with Redis
        while not self._stopping.is_set():
            self._something.wait()
            self._something.clear()
            with self._guard:
                words, self._pending = self._pending, set()
            if not words or self._stopping.is_set():
                continue
            try:
                self._publisher.publish(_TOPIC, " ".join(words))
                self._tells = True
            except (redis.RedisError, OSError) as error:
                self._tells = False
                log.warning("wakeup.publish_failed", error=type(error).__name__)
                self._stopping.wait(_PAUSE)

    def _subscribe(self) -> None:
        assert self._listener is not None  # noqa: S101 - started only with Redis
        while not self._stopping.is_set():
            try:
                with self._listener.pubsub(  # type: ignore[no-untyped-call]  # not annotated in redis
                    ignore_subscribe_messages=True
                ) as subscription:
                    subscription.subscribe(_TOPIC)
                    self._hears = True
                    for item in subscription.listen():
                        self._hear(item["data"])
                        if self._stopping.is_set():
                            return
            except (redis.RedisError, OSError, ValueError, RuntimeError) as error:
                self._hears = False
                if not self._stopping.is_set():
                    log.warning("wakeup.listen_failed", error=type(error).__name__)
                    self._stopping.wait(_PAUSE)

    def _hear(self, data: object) -> None:
        words = data.decode("ascii", "replace").split() if isinstance(data, bytes) else []
        grown: list[UUID] = []
        for word in words:
            if word == "inbox":
                self.inbox.set()
            elif word == "outbox":
                self._outbox_rang()
            elif word == "actions":
                if self.on_actions is not None:
                    self.on_actions()
            elif word == "knowledge":
                if self.on_knowledge is not None:
                    self.on_knowledge()
            else:
                grown.append(UUID(word))
        if grown and self.on_grown is not None:
            self.on_grown(grown)
