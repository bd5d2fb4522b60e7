"""Conversations and their turns: dialogue state, who owns the exchange, and what each turn did."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    select,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.bulk import BulkUpdate
from crm_store.database import Base, JsonObject

Owner = Literal["bot", "queue", "staff"]


class Conversation(Base):
    """The exchange at one address; its row lock is what serialises turns."""

    __tablename__ = "conversations"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # Address.conversation_id
    channel: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(String(200))
    peer: Mapped[str] = mapped_column(String(200))
    thread: Mapped[str | None] = mapped_column(String(200))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    state: Mapped[JsonObject] = mapped_column(default=dict)  # dialogues' own, opaque here
    owner: Mapped[str] = mapped_column(String(16), default="bot")
    owner_epoch: Mapped[int] = mapped_column(Integer, default=0)  # +1 with each change of owner
    fence: Mapped[int] = mapped_column(Integer, default=0)  # replies of older epochs are refused
    language: Mapped[str | None] = mapped_column(String(35))
    version: Mapped[int] = mapped_column(BigInteger, default=0)  # +1 with each turn
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ConversationSequence(Base):
    """The number last given in a conversation; apart from it, so storing never waits for a turn.

    Inbound items and delivered outbound messages share the numbers, so they are also the
    gapless cursor of a transcript.
    """

    __tablename__ = "conversation_sequences"

    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    pruned: Mapped[int] = mapped_column(BigInteger, default=0)  # items removed by retention
    read_seq: Mapped[int] = mapped_column(BigInteger, default=0)  # newest the peer has seen


class Turn(Base):
    """One inbound item and all the bot did about it: the row behind every "why"."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_customer_id_at", "customer_id", "at"),)

    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    customer_id: Mapped[UUID]
    outcome: Mapped[str] = mapped_column(String(32))  # as InboxItem.outcome
    understanding: Mapped[JsonObject | None]
    trace: Mapped[list[Any]]  # commands, steps, searches, CRM effects in order
    at: Mapped[datetime]


_SEQUENCES: Final[Table] = ConversationSequence.__table__  # type: ignore[assignment]
_LOCK_SEQUENCES: Final = (
    select(_SEQUENCES.c.conversation_id, _SEQUENCES.c.last_seq)
    .where(_SEQUENCES.c.conversation_id.in_(bindparam("ids", expanding=True)))
    .order_by(_SEQUENCES.c.conversation_id)
    .with_for_update()
)


def lock_sequences(connection: Connection, conversation_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Lock the sequence rows of these conversations, always in the same order, and read them."""
    rows = connection.execute(_LOCK_SEQUENCES, {"ids": list(conversation_ids)})
    return {row.conversation_id: row.last_seq for row in rows}


_WRITE_SEQUENCES: Final = BulkUpdate(_SEQUENCES, keys=["conversation_id"], values=["last_seq"])


def write_sequences(connection: Connection, last: dict[UUID, int]) -> None:
    """Write the numbers last given to the locked `conversation_sequences`."""
    _WRITE_SEQUENCES(
        connection,
        [{"conversation_id": key, "last_seq": value} for key, value in sorted(last.items())],
    )
