"""The ledger: proof that every stored item has one end and every reply is accounted for."""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Table, func, select, union_all
from sqlalchemy.engine import Connection

from crm_store.conversations import ConversationSequence, Turn
from crm_store.dead_letters import DeadLetter
from crm_store.inbox import InboxItem
from crm_store.outbox import OutboxItem
from crm_store.timeline import TimelineEvent

_ITEMS: Final[Table] = InboxItem.__table__  # type: ignore[assignment]
_ROWS: Final[Table] = OutboxItem.__table__  # type: ignore[assignment]
_TURNS: Final[Table] = Turn.__table__  # type: ignore[assignment]
_SEQUENCES: Final[Table] = ConversationSequence.__table__  # type: ignore[assignment]
_LETTERS: Final[Table] = DeadLetter.__table__  # type: ignore[assignment]
_TIMELINE: Final[Table] = TimelineEvent.__table__  # type: ignore[assignment]


@dataclass(slots=True)
class ChannelBalance:
    """One channel's items by what became of them."""

    channel: str
    inbound: dict[str, int] = field(default_factory=dict)  #: outcome -> items; "waiting" undone
    outbound: dict[str, int] = field(default_factory=dict)  #: state -> messages


@dataclass(slots=True)
class Ledger:
    """The balance of all channels and the faults found, which must be none."""

    channels: list[ChannelBalance]
    faults: list[str]

    @property
    def balanced(self) -> bool:
        """Whether nothing was lost or doubled."""
        return not self.faults


def draw(connection: Connection) -> Ledger:
    """Count everything and compare what must agree.

    The numbers given out by the conversations' sequences are an account of their own: each
    belongs to one inbox item or one sent message, so a lost or doubled row shows as a difference.
    """
    balances: dict[str, ChannelBalance] = {}
    for channel, outcome, count in connection.execute(
        select(_ITEMS.c.channel, _ITEMS.c.outcome, func.count()).group_by(
            _ITEMS.c.channel, _ITEMS.c.outcome
        )
    ):
        balance = balances.setdefault(channel, ChannelBalance(channel))
        balance.inbound[outcome or "waiting"] = count
    for channel, state, count in connection.execute(
        select(_ROWS.c.channel, _ROWS.c.state, func.count()).group_by(
            _ROWS.c.channel, _ROWS.c.state
        )
    ):
        balance = balances.setdefault(channel, ChannelBalance(channel))
        balance.outbound[state] = count
    faults = _sequence_faults(connection) + _turn_faults(connection)
    return Ledger(channels=[balances[name] for name in sorted(balances)], faults=faults)


def _sequence_faults(connection: Connection) -> list[str]:
    given = {
        row.conversation_id: (row.last_seq, row.pruned)
        for row in connection.execute(select(_SEQUENCES))
    }
    numbers = union_all(
        select(_ITEMS.c.conversation_id, _ITEMS.c.seq.label("number")),
        select(_ROWS.c.conversation_id, _ROWS.c.stream_seq.label("number")).where(
            _ROWS.c.stream_seq.is_not(None)
        ),
    ).subquery()
    used = {
        row.conversation_id: row
        for row in connection.execute(
            select(
                numbers.c.conversation_id,
                func.count().label("found"),
                func.count(numbers.c.number.distinct()).label("different"),
                func.max(numbers.c.number).label("highest"),
            ).group_by(numbers.c.conversation_id)
        )
    }
    faults: list[str] = []
    for key in sorted(given.keys() | used.keys()):
        last, pruned = given.get(key, (0, 0))
        row = used.get(key)
        found, different, highest = (row.found, row.different, row.highest) if row else (0, 0, 0)
        if found != different:
            faults.append(f"conversation {key}: {found - different} numbers used twice")
        if different != last - pruned or highest > last:
            faults.append(f"conversation {key}: {last - pruned} numbers given, {different} found")
    return faults


def _turn_faults(connection: Connection) -> list[str]:
    faults: list[str] = []
    turn = (_TURNS.c.conversation_id == _ITEMS.c.conversation_id) & (_TURNS.c.seq == _ITEMS.c.seq)
    missing = connection.execute(
        select(func.count())
        .select_from(_ITEMS.outerjoin(_TURNS, turn))
        .where(_ITEMS.c.outcome.is_not(None), _TURNS.c.seq.is_(None))
    ).scalar_one()
    if missing:
        faults.append(f"{missing} items are done without a turn")
    unfinished = connection.execute(
        select(func.count())
        .select_from(_ITEMS.join(_TURNS, turn))
        .where(_ITEMS.c.outcome.is_(None))
    ).scalar_one()
    if unfinished:
        faults.append(f"{unfinished} items have a turn but no end")
    done = connection.execute(
        select(func.count()).select_from(_ITEMS).where(_ITEMS.c.outcome.is_not(None))
    ).scalar_one()
    # A burial tells of the item it gives up; when requeued, its turn tells of it again.
    requeued = connection.execute(
        select(func.count()).where(
            _LETTERS.c.kind == "inbound", _LETTERS.c.requeued_at.is_not(None)
        )
    ).scalar_one()
    replies = connection.execute(select(func.count()).select_from(_ROWS)).scalar_one()
    for kinds, expected in (
        (("message_received", "notice_received"), done + requeued),
        (("message_sent",), replies),
    ):
        told = connection.execute(
            select(func.count()).where(_TIMELINE.c.kind.in_(kinds))
        ).scalar_one()
        if told != expected:
            faults.append(f"timeline tells {told} of {expected} {' and '.join(kinds)}")
    return faults
