"""One batch of turns: locked, decided and written in one transaction (T2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID, uuid5

from sqlalchemy import Table
from sqlalchemy.orm import Session

from bots.brain import Brain, Understood
from bots.crashpoints import crashpoint
from channels.messages import Address, Notice, OutboundMessage
from crm_store import action_requests, inbox, inflight, outbox, timeline, timers
from crm_store.action_requests import NewRequest
from crm_store.bulk import BulkInsert, BulkUpdate
from crm_store.conversations import Conversation, Owner, Turn
from crm_store.customers import Customer, identify
from crm_store.inbox import Outcome, Undone
from crm_store.signed_identities import recognise
from crm_store.timers import NewTimer
from dialogues.turn import TurnInput, TurnResult, take_turn

_CONVERSATIONS: Final[Table] = Conversation.__table__  # type: ignore[assignment]
_INSERT_TURNS: Final = BulkInsert(Turn.__table__)  # type: ignore[arg-type]
#: Columns of a conversation that a turn may change.
_WRITTEN: Final = (
    "customer_id",
    "state",
    "owner",
    "owner_epoch",
    "language",
    "version",
    "updated_at",
)
_WRITE_CONVERSATIONS: Final = BulkUpdate(_CONVERSATIONS, keys=["id"], values=_WRITTEN)


@dataclass(slots=True)
class Writes:
    """What the turns of a batch want written, gathered for multi-row statements."""

    done: list[tuple[UUID, int, Outcome]] = field(default_factory=list)
    replies: list[tuple[OutboundMessage, int, int]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    entries: list[timeline.Entry] = field(default_factory=list)
    timers: list[NewTimer] = field(default_factory=list)
    requests: list[NewRequest] = field(default_factory=list)
    conversations: dict[UUID, dict[str, Any]] = field(default_factory=dict)


def understanding_data(item: Undone, understood: Understood) -> dict[str, Any] | None:
    """Return an item's understanding as JSON data for its turn, without the text itself."""
    meaning = understood.of(item)
    if meaning is None:
        return None
    return {
        "language": meaning.language,
        "outcome": meaning.outcome,
        "interpreter": meaning.interpreter,
        "intents": [[intent.name, round(intent.confidence, 4)] for intent in meaning.intents],
        "entities": [
            {"name": e.name, "start": e.start, "end": e.end, "value": e.value, "unit": e.unit}
            for e in meaning.entities
        ],
        "sentiment": round(meaning.sentiment, 3),
    }


def run_batch(
    session: Session, brain: Brain, items: Sequence[Undone], understood: Understood, now: datetime
) -> Writes:
    """Take the turns of those items whose conversations this transaction could lock.

    An item is only taken when all earlier undone items of its conversation were understood too;
    others stay for the next batch, so order holds.
    """
    connection = session.connection()
    ids = list(dict.fromkeys(item.conversation_id for item in items))
    locked = inbox.lock_conversations(connection, ids)
    undone = inbox.still_undone(connection, list(locked))
    known = {(item.conversation_id, item.seq): item for item in items}
    runnable: list[Undone] = []
    for key, seqs in undone.items():
        for seq in seqs:
            if (key, seq) not in known:
                break
            runnable.append(known[key, seq])
    crashpoint("worker.claimed")
    customers = identify(
        session, [(item.message.address, item.message.sender) for item in runnable], now=now
    )
    writes = Writes()
    search = brain.searcher(understood)
    for item in runnable:
        conversation = locked[item.conversation_id]
        customer = customers[item.message.address]
        content = item.message.content
        if isinstance(content, Notice) and content.name == "identified":
            person, entries = recognise(session, customer, item.message, seq=item.seq, now=now)
            _follow(writes, customers, customer, person, item.message.address)
            writes.entries += entries
            customer = person
        meaning = understood.of(item) if conversation["owner"] == "bot" else None
        result = take_turn(
            TurnInput(
                session=session,
                bot=brain.bot,
                seq=item.seq,
                message=item.message,
                understanding=meaning,
                customer=customer,
                conversation_id=item.conversation_id,
                state=conversation["state"],
                owner=cast(Owner, conversation["owner"]),
                owner_epoch=conversation["owner_epoch"],
                language=conversation["language"],
                search=search,
                now=now,
                reply_window=brain.windows.get(_peer(item.message.address)[:2]),
            )
        )
        data = understanding_data(item, understood)
        gather(writes, item, customer, conversation, result, data, now)
    return writes


def _peer(address: Address) -> tuple[str, str, str]:
    return address.channel, address.account, address.peer


def _follow(
    writes: Writes,
    customers: dict[Address, Customer],
    before: Customer,
    person: Customer,
    where: Address,
) -> None:
    """Let what is not written yet follow a peer to the customer it was recognised as."""
    whole = before.merged_into == person.id
    for address, known in customers.items():
        same_peer = _peer(address) == _peer(where)
        if known is before and (whole or same_peer):
            customers[address] = person
    if not whole:
        return
    writes.entries = [
        replace(entry, customer_id=person.id) if entry.customer_id == before.id else entry
        for entry in writes.entries
    ]
    for row in (*writes.turns, *writes.conversations.values()):
        if row["customer_id"] == before.id:
            row["customer_id"] = person.id


def gather(
    writes: Writes,
    item: Undone,
    customer: Customer,
    conversation: dict[str, Any],
    result: TurnResult,
    understanding: dict[str, Any] | None,
    now: datetime,
) -> None:
    """Add one turn's result to the batch's writes and to the conversation in memory."""
    key, seq = item.conversation_id, item.seq
    conversation |= {
        "customer_id": customer.id,
        "state": result.state,
        "owner": result.owner,
        "owner_epoch": result.owner_epoch,
        "language": result.language,
        "version": conversation["version"] + 1,
        "updated_at": now,
    }
    writes.conversations[key] = conversation
    writes.done.append((key, seq, result.outcome))
    for position, reply in enumerate(result.replies):
        message = OutboundMessage(
            # The version, not the number: an item that is requeued gets new replies.
            id=uuid5(key, f"reply/{conversation['version']}/{position}"),
            address=item.message.address,
            content=reply.content,
            purpose=reply.purpose,
            in_reply_to=seq,
            owner_epoch=result.owner_epoch,
        )
        writes.replies.append((message, seq, position))
    writes.turns.append(
        {
            "conversation_id": key,
            "seq": seq,
            "customer_id": customer.id,
            "outcome": result.outcome,
            "understanding": understanding,
            "trace": list(result.trace),
            "at": now,
        }
    )
    writes.entries += result.entries
    _gather_later(writes, item, result)


def _gather_later(writes: Writes, item: Undone, result: TurnResult) -> None:
    """Add what a turn leaves to be done later."""
    writes.requests += [
        NewRequest(
            id=request.id,
            address=item.message.address,
            seq=item.seq,
            action=request.action,
            inputs=request.inputs,
            language=request.language,
            gives_up_at=request.gives_up_at,
        )
        for request in result.requests
    ]
    writes.timers += [
        NewTimer(
            address=item.message.address,
            kind=timer.kind,
            due_at=timer.due_at,
            payload=timer.payload,
            idem_key=timer.idem_key,
            replaces=timer.replaces,
        )
        for timer in result.timers
    ]


def write(session: Session, writes: Writes, *, worker: str, now: datetime) -> None:
    """Write a batch; the caller's commit makes all of it true at once."""
    session.flush()
    connection = session.connection()
    _WRITE_CONVERSATIONS(connection, list(writes.conversations.values()))
    crashpoint("worker.state")
    _INSERT_TURNS(connection, writes.turns)
    timeline.record(connection, writes.entries)
    crashpoint("worker.timeline")
    outbox.enqueue(connection, writes.replies, now=now)
    timers.set_timers(connection, writes.timers)
    if writes.requests:
        action_requests.enqueue(connection, writes.requests, now=now)
        crashpoint("action.requested")
    inbox.finish(connection, writes.done, now=now)
    inflight.clear(connection, worker=worker)
    crashpoint("worker.before_commit")
