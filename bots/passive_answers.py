"""Passive answers: for accounts that may speak only in the answer to a delivery.

The delivery waits for the turn as long as the provider does. What is not ready by then stays in
the outbox, held; the provider delivers again, or the customer writes, and it is said then.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bots.metrics import SENDS
from channels.contract import Answer, PassiveChannel, WebhookRequest
from channels.messages import InboundMessage
from crm_store.answering import (
    Said,
    is_done,
    language_of,
    lock_waiting,
    mark_said,
    said_before,
)
from crm_store.database import Database
from crm_store.inbox import Stored
from crm_store.outbox import Delivered

#: How often the outbox is looked at meanwhile, seconds.
LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a provider waits for an answer, and when it delivers for the last time."""

    answer: float = 4.5  #: seconds; WeChat hangs up after 5
    hang_up: float = 5.5  #: seconds after which it has done so and will deliver again
    last: timedelta = timedelta(seconds=9)  #: a delivery that late after the message is the last


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery that waits for its answer."""

    account: PassiveChannel
    request: WebhookRequest
    message: InboundMessage
    place: Stored
    now: datetime  #: of receipt, UTC
    started: float  #: the same on the monotonic clock


class PassiveAnswers:
    """Answers deliveries with what waits for their senders."""

    def __init__(
        self,
        database: Database,
        *,
        on_said: Callable[[list[Delivered]], None],
        patience: Patience | None = None,
    ) -> None:
        self._database = database
        self._on_said = on_said
        self._patience = patience or Patience()

    async def answer(self, delivery: Delivery) -> Answer | None:
        """Return the answer to a delivery; None: there is nothing to say."""
        if delivery.place.duplicate:
            again = await asyncio.to_thread(self._again, delivery)
            if again is not None:
                return again
        end = delivery.started + self._patience.answer
        while True:
            late = time.monotonic() >= end
            done, answer = await asyncio.to_thread(self._say, delivery, late=late)
            if done or answer is not None:
                return answer
            if late:
                break
            await asyncio.sleep(LOOK_SECONDS)
        if delivery.now - delivery.message.sent_at >= self._patience.last:
            return await asyncio.to_thread(self._soon, delivery)
        # No answer is what makes the provider deliver again; an empty one would end it.
        await asyncio.sleep(max(0.0, delivery.started + self._patience.hang_up - time.monotonic()))
        return None

    def _again(self, delivery: Delivery) -> Answer | None:
        with self._database.reading() as connection:
            before = said_before(
                connection, delivery.place.conversation_id, key=delivery.message.external_id
            )
        if not before:
            return None
        return delivery.account.answer(delivery.request, before, now=delivery.now)

    def _say(self, delivery: Delivery, *, late: bool) -> tuple[bool, Answer | None]:
        """Return whether the turn was taken, and the answer that was noted as said."""
        place = delivery.place
        with self._database.reading() as connection:
            done = is_done(connection, place.conversation_id, place.seq)
        if not done and not late:
            return False, None
        with self._database.transaction() as connection:
            waiting = lock_waiting(connection, place.conversation_id, now=delivery.now)
            if not waiting:
                return done, None
            account = delivery.account
            answer = account.answer(delivery.request, waiting, now=delivery.now)
            said = [
                Said(message, pieces, message.part + pieces >= account.pieces(message.content))
                for message, pieces in zip(waiting, answer.said, strict=True)
                if pieces
            ]
            delivered = mark_said(
                connection,
                place.conversation_id,
                said,
                key=delivery.message.external_id,
                now=delivery.now,
            )
        for item in delivered:
            SENDS.labels(item.message.address.channel, "accepted").inc()
        self._on_said(delivered)
        return done, answer

    def _soon(self, delivery: Delivery) -> Answer:
        with self._database.reading() as connection:
            language = language_of(connection, delivery.place.conversation_id)
        return delivery.account.soon(delivery.request, language, now=delivery.now)
