"""One batch of turns: locked, decided and written in one transaction (T2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid5

from pydantic import JsonValue
from sqlalchemy import Table
from sqlalchemy.orm import Session

from bots.brain import Brain, Understood
from bots.crashpoints import crashpoint
from bots.merging import merged
from channels.messages import Address, Notice, OutboundMessage, Text
from crm_store import action_requests, inbox, inflight, outbox, timeline, timers
from crm_store.action_requests import NewRequest
from crm_store.bulk import BulkInsert, BulkUpdate
from crm_store.conversations import Conversation, Owner, Turn
from crm_store.customers import Customer, identify
from crm_store.inbox import Outcome, Undone
from crm_store.signed_identities import recognise
from crm_store.timers import NewTimer
from dialogues.turn import TurnInput, TurnResult, take_turn
from knowledge_base import questions
from knowledge_base.answer import Search
from knowledge_base.questions import NewQuestion, Sequel
from nlu.understanding import Understanding

#: What a turn keeps of an entity.
_ENTITY_ALWAYS: Final = ("name", "start", "end", "value", "unit")
_ENTITY: Final = (*_ENTITY_ALWAYS, "role", "group")

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
    #: How many messages those replies are whose channel counts them.
    pieces: dict[UUID, int] = field(default_factory=dict)
    turns: list[dict[str, Any]] = field(default_factory=list)
    entries: list[timeline.Entry] = field(default_factory=list)
    timers: list[NewTimer] = field(default_factory=list)
    requests: list[NewRequest] = field(default_factory=list)
    unset: list[tuple[UUID, str]] = field(default_factory=list)
    asked: list[NewQuestion] = field(default_factory=list)
    sequels: list[Sequel] = field(default_factory=list)
    conversations: dict[UUID, dict[str, Any]] = field(default_factory=dict)


def understanding_data(item: Undone, understood: Understood) -> dict[str, Any] | None:
    """Return an item's understanding as JSON data for its turn."""
    return meaning_data(understood.of(item))


def meaning_data(meaning: Understanding | None) -> dict[str, Any] | None:
    """Return an understanding as JSON data, without the text itself."""
    if meaning is None:
        return None
    return {
        "language": meaning.language,
        "outcome": meaning.outcome,
        "interpreter": meaning.interpreter,
        "score": round(meaning.score, 4),
        "intents": _ranked(meaning),
        **(
            {"clauses": [_ranked(clause) for clause in meaning.clauses]} if meaning.clauses else {}
        ),
        "entities": [
            {
                name: value
                for name in _ENTITY
                if (value := getattr(entity, name)) is not None or name in _ENTITY_ALWAYS
            }
            for entity in meaning.entities
        ],
        "sentiment": round(meaning.sentiment, 3),
        "frustration": round(meaning.frustration, 3),
        "abuse": round(meaning.abuse, 3),
    }


def _ranked(meaning: Understanding) -> list[list[Any]]:
    return [[intent.name, round(intent.confidence, 4)] for intent in meaning.intents]


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
    runnable = _runnable(items, inbox.still_undone(connection, list(locked)))
    crashpoint("worker.claimed")
    customers = identify(
        session, [(item.message.address, item.message.sender) for item in runnable], now=now
    )
    search = brain.searcher(understood)
    batch = _Batch(session, brain, understood, customers, search, now, brain.writing())
    left: set[UUID] = set()
    for item in runnable:
        conversation = locked[item.conversation_id]
        if item.conversation_id in left:
            continue
        if not item.burst or conversation["owner"] == "bot":
            batch.take(item, conversation)
            continue
        # A person has it by now, who reads each message by itself, until the bot is called back:
        # what it then has to answer was not understood by itself yet.
        for member in item.burst:
            batch.take(member, conversation)
            if conversation["owner"] == "bot":
                left.add(item.conversation_id)
                break
    return batch.writes


def _runnable(items: Sequence[Undone], undone: Mapping[UUID, list[int]]) -> list[Undone]:
    """Return the items that are next in their conversations, in order; a burst only as a whole.

    What is not next was done meanwhile, or stands behind something that is not known here.
    """
    own: dict[UUID, list[Undone]] = {}
    for item in items:
        own.setdefault(item.conversation_id, []).append(item)
    runnable: list[Undone] = []
    for key, seqs in undone.items():
        next_ = 0
        for item in own.get(key, ()):
            wanted = [member.seq for member in item.members]
            if seqs[next_ : next_ + len(wanted)] == wanted:
                next_ += len(wanted)
                runnable.append(item)
    return runnable


@dataclass(slots=True)
class _Batch:
    """A batch under way: what its turns work with, and what they want written."""

    session: Session
    brain: Brain
    understood: Understood
    customers: dict[Address, Customer]
    search: Search
    now: datetime
    writing: timedelta | None = None
    writes: Writes = field(default_factory=Writes)

    def take(self, item: Undone, conversation: dict[str, Any]) -> None:
        """Take one turn."""
        customer = self.customers[item.message.address]
        if isinstance(item.message.content, Notice) and item.message.content.name == "identified":
            customer = self._recognised(item, customer)
        meaning = self.understood.of(item) if conversation["owner"] == "bot" else None
        written = item.burst[-1].message.content if item.burst else None
        result = take_turn(
            TurnInput(
                session=self.session,
                bot=self.brain.bot,
                seq=item.seq,
                message=item.message,
                understanding=meaning,
                customer=customer,
                conversation_id=item.conversation_id,
                state=conversation["state"],
                owner=cast(Owner, conversation["owner"]),
                owner_epoch=conversation["owner_epoch"],
                language=conversation["language"],
                search=self.search,
                now=self.now,
                reply_window=self.brain.windows.get(_peer(item.message.address)[:2]),
                written=written if isinstance(written, Text) else None,
                writing=self.writing,
            )
        )
        count = self.brain.counts.get(_peer(item.message.address)[:2])
        if count is not None:
            result = merged(result, pieces=count)
        understanding = understanding_data(item, self.understood)
        before = len(self.writes.replies)
        gather(self.writes, item, customer, conversation, result, understanding, self.now)
        if count is not None:
            new = self.writes.replies[before:]
            self.writes.pieces |= {message.id: count(message.content) for message, _, _ in new}

    def _recognised(self, item: Undone, customer: Customer) -> Customer:
        """Return the customer that a notice says a peer is."""
        person, entries = recognise(
            self.session, customer, item.message, seq=item.seq, now=self.now
        )
        _follow(self.writes, self.customers, customer, person, item.message.address)
        if customer.merged_into == person.id:
            questions.moved(self.session.connection(), before=customer.id, after=person.id)
        self.writes.entries += entries
        return person


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
    writes.asked = [
        replace(question, customer_id=person.id) if question.customer_id == before.id else question
        for question in writes.asked
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
    for member in item.burst[:-1]:
        _gather_joined(writes, member, customer, ends_at=seq, now=now)
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
            "trace": [*_joined_note(item), *result.trace],
            "at": now,
        }
    )
    writes.entries += result.entries
    writes.asked += result.asked
    writes.sequels += result.sequels
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
    writes.unset += [(item.conversation_id, key) for key in result.unset]
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


def _joined_note(item: Undone) -> list[JsonValue]:
    """Return what the turn that a burst ends tells of those before it."""
    return [{"joined": [member.seq for member in item.burst[:-1]]}] if item.burst else []


def _gather_joined(
    writes: Writes, item: Undone, customer: Customer, *, ends_at: int, now: datetime
) -> None:
    """Add the turn of a message that is part of a burst and answered with its last message."""
    key, seq = item.conversation_id, item.seq
    writes.done.append((key, seq, "joined"))
    writes.turns.append(
        {
            "conversation_id": key,
            "seq": seq,
            "customer_id": customer.id,
            "outcome": "joined",
            "understanding": None,
            "trace": [{"joins": ends_at}],
            "at": now,
        }
    )
    writes.entries.append(
        timeline.Entry(
            customer_id=customer.id,
            kind="message_received",
            actor="customer",
            channel=item.message.address.channel,
            source=f"turn:{key}:{seq}",
            at=now,
            data={"content": item.message.content.model_dump(mode="json", exclude_none=True)},
            conversation_id=key,
            seq=seq,
        )
    )


def write(session: Session, writes: Writes, *, worker: str, now: datetime) -> None:
    """Write a batch; the caller's commit makes all of it true at once."""
    session.flush()
    connection = session.connection()
    _WRITE_CONVERSATIONS(connection, list(writes.conversations.values()))
    crashpoint("worker.state")
    _INSERT_TURNS(connection, writes.turns)
    timeline.record(connection, writes.entries)
    crashpoint("worker.timeline")
    outbox.enqueue(connection, writes.replies, now=now, pieces=writes.pieces)
    timers.set_timers(connection, writes.timers)
    if writes.unset:
        timers.unset(connection, writes.unset)
    if writes.requests:
        action_requests.enqueue(connection, writes.requests, now=now)
        crashpoint("action.requested")
    questions.record(connection, writes.asked, writes.sequels)
    inbox.finish(connection, writes.done, now=now)
    inflight.clear(connection, worker=worker)
    crashpoint("worker.before_commit")
