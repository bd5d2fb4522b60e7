"""The checker: compares what was acknowledged, stored, answered and received, from outside."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Row

from channels.messages import Address
from crm_store import ledger
from crm_store.action_requests import StoredRequest
from crm_store.conversations import ConversationSequence, Turn
from crm_store.database import Database
from crm_store.dead_letters import DeadLetter
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from crm_store.tickets import Ticket
from crm_store.timeline import TimelineEvent
from tests.faults.traffic import Recorder, Traffic

Key = tuple[UUID, int]


@dataclass
class Findings:
    """What the checker found; a sound engine leaves `faults` empty."""

    messages: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    resent: int = 0  #: replies the partner received more than once, under the same key
    dead: int = 0
    joined: int = 0  #: messages answered with a later one, as part of a burst
    faults: list[str] = field(default_factory=list)

    def fault(self, kind: str, count: int, what: str) -> None:
        """Count faults of a kind; nothing happens for none."""
        if count:
            setattr(self, kind, getattr(self, kind) + count)
            self.faults.append(f"{count} {what}")

    def __str__(self) -> str:
        return (
            f"{self.messages} messages: {self.lost} lost, {self.doubled} doubled, "
            f"{self.disordered} out of order; {self.resent} replies resent, {self.dead} dead"
        )


def is_quiet(database: Database) -> bool:
    """Tell whether nothing waits to be answered or sent."""
    with database.reading() as connection:
        undone = select(InboxItem.seq).where(InboxItem.outcome.is_(None)).limit(1)
        unsent = select(OutboxItem.seq).where(OutboxItem.state.in_(["queued", "sending"])).limit(1)
        uncalled = select(StoredRequest.id).where(StoredRequest.state != "done").limit(1)
        # In the order in which one leads to the next, so that none slips through between.
        return all(
            connection.execute(waits).first() is None
            for waits in (undone, uncalled, undone, unsent)
        )


def check(
    database: Database, traffic: Traffic, recorder: Recorder | None = None, *, dead: int = 0
) -> Findings:
    """Return what is wrong, by comparing every account there is.

    Args:
        database: when nothing is under way any more.
        traffic: what was acknowledged.
        recorder: the partner, when it took the replies.
        dead: dead letters that are expected, of messages that cannot be worked.
    """
    findings = Findings(messages=traffic.count)
    with database.reading() as connection:
        items = connection.execute(select(InboxItem).order_by(InboxItem.seq)).all()
        rows = connection.execute(select(OutboxItem)).all()
        _check_inbox(findings, items, traffic.acked)
        _check_turns(findings, connection, items)
        _check_bursts(findings, connection, items)
        _check_replies(findings, rows, items)
        _check_transcripts(findings, connection, items, rows)
        _check_timeline(findings, connection, items, rows)
        _check_tickets(findings, connection, items)
        _check_results(findings, connection, items)
        letters = connection.execute(select(DeadLetter)).all()
        findings.dead = len(letters)
        if len(letters) != dead:
            why = [f"{letter.kind} after {letter.attempts}: {letter.reason}" for letter in letters]
            findings.faults.append(f"{len(letters)} dead letters instead of {dead}: {why}")
        findings.faults += [f"ledger: {fault}" for fault in ledger.draw(connection).faults]
    if recorder is not None:
        _check_recorder(findings, recorder, rows)
    return findings


def _check_inbox(
    findings: Findings, items: Sequence[Row[Any]], acked: Mapping[Address, list[str]]
) -> None:
    stored: dict[UUID, list[str]] = defaultdict(list)
    for item in items:
        stored[item.conversation_id].append(item.external_id)
    for address, ids in acked.items():
        mine = stored.pop(address.conversation_id, [])
        lost = set(ids) - set(mine)
        findings.fault("lost", len(lost), f"acknowledged messages of {address} are not stored")
        findings.fault("doubled", len(mine) - len(set(mine)), "messages are stored twice")
        known = [name for name in mine if name in set(ids)]
        wrong = sum(a != b for a, b in zip(known, [i for i in ids if i in mine], strict=False))
        findings.fault("disordered", wrong, f"messages of {address} are numbered out of order")
    undone = [item for item in items if item.outcome is None]
    findings.fault("lost", len(undone), "stored messages have no end")


def _check_turns(findings: Findings, connection: Connection, items: Sequence[Row[Any]]) -> None:
    turns = Counter(
        (row.conversation_id, row.seq)
        for row in connection.execute(select(Turn.conversation_id, Turn.seq))
    )
    done = {(item.conversation_id, item.seq) for item in items if item.outcome is not None}
    findings.fault("lost", len(done - turns.keys()), "messages have an end but no turn")
    findings.fault("doubled", len(turns.keys() - done), "turns belong to no finished message")


def _check_bursts(findings: Findings, connection: Connection, items: Sequence[Row[Any]]) -> None:
    """Every joined message leads to the one message it was answered with, which names it."""
    outcomes = {(item.conversation_id, item.seq): item.outcome for item in items}
    named: Counter[Key] = Counter()
    for turn in connection.execute(select(Turn.conversation_id, Turn.seq, Turn.trace)):
        for note in turn.trace:
            for seq in note.get("joined", ()):
                named[turn.conversation_id, seq] += 1
                wrong = seq >= turn.seq or outcomes[turn.conversation_id, seq] != "joined"
                findings.fault("disordered", int(wrong), "messages are joined by an earlier one")
            if (ends_at := note.get("joins")) is not None:
                lost = outcomes.get((turn.conversation_id, ends_at)) in {None, "joined"}
                findings.fault("lost", int(lost), "joined messages are answered nowhere")
    joined = {key for key, outcome in outcomes.items() if outcome == "joined"}
    findings.joined = len(joined)
    findings.fault("lost", len(joined - named.keys()), "joined messages belong to no burst")
    findings.fault("doubled", sum(n > 1 for n in named.values()), "messages are in two bursts")


def _check_replies(
    findings: Findings, rows: Sequence[Row[Any]], items: Sequence[Row[Any]]
) -> None:
    replies = Counter((row.conversation_id, row.seq) for row in rows)
    answered = {(i.conversation_id, i.seq) for i in items if i.outcome == "answered"}
    missing = answered - replies.keys()
    findings.fault("lost", len(missing), "answered messages have no reply")
    double = sum(replies[key] > 1 for key in answered)
    findings.fault("doubled", double, "answered messages have more than one reply")
    unsent = sum(row.state != "sent" for row in rows)
    findings.fault("lost", unsent, "replies were not sent")
    sent: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        if row.stream_seq is not None:
            sent[row.conversation_id].append(row)
    for mine in sent.values():
        mine.sort(key=lambda row: int(row.stream_seq))
        turned = sum(a.seq > b.seq for a, b in pairwise(mine))
        findings.fault("disordered", turned, "replies were sent out of order")
        early = sum(row.stream_seq <= row.seq for row in mine)
        findings.fault("disordered", early, "replies stand before what they answer")


def _check_transcripts(
    findings: Findings,
    connection: Connection,
    items: Sequence[Row[Any]],
    rows: Sequence[Row[Any]],
) -> None:
    numbers: dict[UUID, list[int]] = defaultdict(list)
    for item in items:
        numbers[item.conversation_id].append(item.seq)
    for row in rows:
        if row.stream_seq is not None:
            numbers[row.conversation_id].append(row.stream_seq)
    last = {
        row.conversation_id: row.last_seq
        for row in connection.execute(select(ConversationSequence.__table__))
    }
    gaps = sum(sorted(used) != list(range(1, last[key] + 1)) for key, used in numbers.items())
    findings.fault("lost", gaps, "transcripts have gaps or repetitions")


def _check_timeline(
    findings: Findings,
    connection: Connection,
    items: Sequence[Row[Any]],
    rows: Sequence[Row[Any]],
) -> None:
    told: dict[str, Counter[Key]] = defaultdict(Counter)
    for entry in connection.execute(
        select(TimelineEvent.kind, TimelineEvent.conversation_id, TimelineEvent.seq)
    ):
        told[entry.kind][entry.conversation_id, entry.seq] += 1
    received = told["message_received"] + told["notice_received"]
    expected = Counter((i.conversation_id, i.seq) for i in items if i.outcome is not None)
    findings.fault("lost", (expected - received).total(), "messages miss on the timeline")
    findings.fault("doubled", (received - expected).total(), "messages stand twice on it")
    sent = Counter((row.conversation_id, row.seq) for row in rows)
    findings.fault("lost", (sent - told["message_sent"]).total(), "replies miss on the timeline")
    findings.fault("doubled", (told["message_sent"] - sent).total(), "replies stand twice on it")


def _check_tickets(findings: Findings, connection: Connection, items: Sequence[Row[Any]]) -> None:
    opened = connection.execute(select(func.count()).select_from(Ticket)).scalar_one()
    wanted = sum(
        str(item.message["content"].get("text", "")).startswith("ticket")
        for item in items
        if item.outcome == "answered"
    )
    findings.fault("lost", max(0, wanted - opened), "tickets were not opened")
    findings.fault("doubled", max(0, opened - wanted), "tickets were opened twice")


def _check_results(findings: Findings, connection: Connection, items: Sequence[Row[Any]]) -> None:
    ids = connection.execute(select(StoredRequest.id)).scalars()
    wanted = Counter(f"action:{each}" for each in ids)
    stored = Counter(i.external_id for i in items if i.external_id.startswith("action:"))
    findings.fault("lost", (wanted - stored).total(), "requested actions have no result")
    findings.fault("doubled", (stored - wanted).total(), "results were never asked for")


def _check_recorder(findings: Findings, recorder: Recorder, rows: Sequence[Row[Any]]) -> None:
    sent = {str(row.id) for row in rows if row.channel == "callback" and row.state == "sent"}
    received = set(recorder.received)
    findings.fault("lost", len(sent - received), "replies marked sent never reached the partner")
    findings.fault("doubled", len(received - sent), "received replies are not in the outbox")
    findings.resent = recorder.received.total() - len(recorder.received)
    for peer, numbers in recorder.order.items():
        turned = sum(a > b for a, b in pairwise(numbers))
        findings.fault("disordered", turned, f"replies reached {peer} out of order")
