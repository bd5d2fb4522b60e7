"""What each send result means: sent, tried again later, held back, or given up and told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.engine import Connection

from bots.metrics import DEAD_LETTERS
from channels.contract import (
    Accepted,
    Ambiguous,
    Channel,
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    SendResult,
    Unreachable,
    WindowClosed,
)
from channels.messages import Address
from crm_store import dead_letters, held, outbox
from crm_store.conversations import Conversation
from crm_store.outbox import Claimed
from crm_store.timeline import Entry, record

#: Attempts after which a message is given up.
ATTEMPTS_MAX: Final = 12
#: First and longest pause between attempts, seconds.
PAUSE_FIRST: Final = 1.0
PAUSE_LONGEST: Final = 300.0
#: How long an account that is configured wrongly is left alone.
MISCONFIGURED_PAUSE: Final = timedelta(minutes=1)


def pause_seconds(attempt: int, *, jitter: float) -> float:
    """Return the pause after the n-th failed attempt: exponential with full jitter.

    Source: "Exponential Backoff And Jitter", M. Brooker, AWS Architecture Blog, 2015.

    Args:
        attempt: 1 for the first.
        jitter: uniform in 0..1.
    """
    return float(jitter * min(PAUSE_LONGEST, PAUSE_FIRST * 2 ** (attempt - 1)))


class Pace:
    """When each account and chat may be spoken to again, in this process."""

    def __init__(self, accounts: Mapping[tuple[str, str], Channel]) -> None:
        self._interval: dict[tuple[str, str], timedelta] = {}
        self._next: dict[tuple[str, str], datetime] = {}
        self._held: dict[str, datetime] = {}
        for account in accounts.values():
            self.adopt(account)

    def adopt(self, account: Channel) -> None:
        """Keep the pace of one more account."""
        if rate := account.capabilities().rate_per_second:
            self._interval[account.name, account.account] = timedelta(seconds=1 / rate)

    def take(self, address: Address, *, now: datetime) -> datetime | None:
        """Use one send of the account's rate up; or return when to come back."""
        key = (address.channel, address.account)
        held = max(
            (at for name in (str(address), ":".join(key)) if (at := self._held.get(name))),
            default=None,
        )
        if held is not None and held > now:
            return held
        interval = self._interval.get(key)
        if interval is None:
            return None
        free = self._next.get(key, now)
        if free > now:
            return free
        self._next[key] = now + interval
        return None

    def hold(self, address: Address, *, scope: str, until: datetime) -> None:
        """Keep a chat or its whole account silent until then."""
        name = str(address) if scope == "chat" else f"{address.channel}:{address.account}"
        self._held[name] = until


def settle(
    connection: Connection,
    item: Claimed,
    result: SendResult,
    *,
    process: str,
    pace: Pace,
    jitter: float,
    now: datetime,
) -> int | None:
    """Write what `result` means for a claimed message.

    Returns:
        Its number in the transcript when it was sent, else None.
    """
    message = item.message
    if isinstance(result, Accepted) and result.more:
        outbox.mark_part(connection, item, process=process, provider_ids=result.ids, now=now)
        return None
    if isinstance(result, Accepted):
        return outbox.mark_sent(
            connection, item, process=process, provider_ids=result.ids, now=now
        )
    if isinstance(result, Ambiguous) and message.purpose == "campaign":
        outbox.give_up(connection, item, process=process, state="unknown", reason=result.cause)
        return None
    if isinstance(result, RateLimited):
        until = now + timedelta(seconds=result.after_seconds)
        pace.hold(message.address, scope=result.scope, until=until)
        outbox.put_back(
            connection,
            item,
            process=process,
            not_before=until,
            reason="rate limited",
            tried=False,
        )
        return None
    if isinstance(result, Misconfigured):
        until = now + MISCONFIGURED_PAUSE
        pace.hold(message.address, scope="account", until=until)
        outbox.put_back(
            connection, item, process=process, not_before=until, reason=result.cause, tried=False
        )
        return None
    if isinstance(result, Retryable | Ambiguous) and item.attempt < ATTEMPTS_MAX:
        until = now + timedelta(seconds=pause_seconds(item.attempt, jitter=jitter))
        outbox.put_back(connection, item, process=process, not_before=until, reason=result.cause)
        return None
    reason = _reason(result)
    if isinstance(result, WindowClosed) and held.hold(
        connection, item, process=process, reason=reason, anyway=result.holds
    ):
        return None
    _bury(connection, item, reason, process=process, now=now)
    return None


def _reason(result: SendResult) -> str:
    match result:
        case WindowClosed(reopens_by):
            return f"window closed; reopened by {reopens_by}"
        case Unreachable(until):
            return f"unreachable until {until}"
        case Rejected(fix, cause):
            return f"rejected ({fix}): {cause}"
        case Retryable(cause) | Ambiguous(cause):
            return f"gave up after {ATTEMPTS_MAX} attempts: {cause}"
        case _:
            return type(result).__name__


def _bury(
    connection: Connection, item: Claimed, reason: str, *, process: str, now: datetime
) -> None:
    closed = outbox.give_up(connection, item, process=process, state="dead", reason=reason)
    if not closed:
        return
    seq = item.message.in_reply_to or 0
    dead_letters.bury(
        connection,
        conversation_id=item.conversation_id,
        seq=seq,
        outbox_id=item.id,
        reason=reason,
        attempts=item.attempt,
        now=now,
    )
    customer_id = connection.execute(
        select(Conversation.customer_id).where(Conversation.id == item.conversation_id)
    ).scalar()
    if customer_id is not None:
        entry = Entry(
            customer_id=customer_id,
            kind="message_failed",
            actor="engine",
            channel=item.message.address.channel,
            source=f"outbox:{item.id}:{item.attempt}",
            at=now,
            data={"reason": reason, "message_id": str(item.id)},
            conversation_id=item.conversation_id,
            seq=seq,
        )
        record(connection, [entry])
    DEAD_LETTERS.labels("outbound").inc()
