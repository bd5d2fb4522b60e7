"""Asked questions: everything the knowledge base was asked, and what came of it.

A row is written in the transaction of its turn and once more when the customer says whether the
answer helped, presses a near question, asks the same again or asks for a person. Words that
identify somebody are masked before; who asked is told by `customer_id` alone, so that a customer
can be forgotten with one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from sqlalchemy import (
    BigInteger,
    Double,
    Index,
    String,
    Table,
    and_,
    case,
    or_,
    select,
    update,
)
from sqlalchemy import false as no
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.bulk import BulkInsert
from crm_store.database import Base
from knowledge_base.answer import Answer, NearQuestion

#: What the knowledge base did, or what the customer said about it later.
Outcome = Literal["answered", "offered", "declined", "not_helpful"]

#: What the customer did next, as far as it tells something about the answer: pressed a near
#: question, asked for a person, was given the same passage for another question.
NextStep = Literal["taken", "handed_over", "asked_again"]

#: Longest question that is stored, in code points.
QUESTION_MAX: Final = 1000
#: How long after an answer a call for a person counts as caused by it.
CAUSED_WITHIN: Final = timedelta(minutes=30)


class AskedQuestion(Base):
    """One question a customer asked, once per turn and place in it."""

    __tablename__ = "asked_questions"
    __table_args__ = (
        Index("ix_asked_questions_conversation_id_seq", "conversation_id", "seq"),
        Index("ix_asked_questions_missed_at", "missed", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)  # of the turn
    position: Mapped[int]  # among the questions of the turn
    customer_id: Mapped[UUID] = mapped_column(index=True)
    channel: Mapped[str] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(String(QUESTION_MAX))  # masked
    language: Mapped[str] = mapped_column(String(35))  # BCP-47
    outcome: Mapped[str] = mapped_column(String(16))  # Outcome
    missed: Mapped[bool]  # nothing that helped came of it
    next_step: Mapped[str | None] = mapped_column(String(16))  # NextStep
    helped: Mapped[bool | None]  # as the customer said
    article_id: Mapped[str | None] = mapped_column(String(200), index=True)
    article_language: Mapped[str | None] = mapped_column(String(35))
    version: Mapped[str | None] = mapped_column(String(64))  # of the article
    passage_id: Mapped[str | None] = mapped_column(String(300))
    score: Mapped[float | None] = mapped_column(Double)  # 0..1
    near: Mapped[list[Any]]  # [article id, score], best first
    gap_id: Mapped[UUID | None] = mapped_column(index=True)  # the gap it belongs to
    told_at: Mapped[datetime | None]  # when the customer was told that it is answered now
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question about to be recorded."""

    conversation_id: UUID
    seq: int
    position: int
    customer_id: UUID
    channel: str
    question: str  #: masked
    language: str
    outcome: Outcome
    at: datetime
    answer: Answer | None = None
    near: tuple[NearQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequel:
    """What a later turn tells about a question of an earlier one, the newest that fits."""

    conversation_id: UUID
    seq: int  #: of the later turn
    at: datetime
    helped: bool | None = None
    next_step: NextStep | None = None
    article_id: str | None = None  #: None: whatever was answered; of "taken" what was pressed
    passage_id: str | None = None


_TABLE: Final[Table] = AskedQuestion.__table__  # type: ignore[assignment]
_INSERT: Final = BulkInsert(_TABLE, again="nothing")


def record(
    connection: Connection, questions: Sequence[NewQuestion], sequels: Sequence[Sequel] = ()
) -> None:
    """Record questions in one statement, then what the same turns tell about earlier ones.

    A question that was recorded before, by the same turn, stays as it is.
    """
    _INSERT(connection, [_row(question) for question in questions])
    for sequel in sequels:
        connection.execute(_followed(sequel))


def _row(new: NewQuestion) -> dict[str, Any]:
    answer = new.answer
    return {
        "id": uuid5(new.conversation_id, f"asked/{new.seq}/{new.position}"),
        "conversation_id": new.conversation_id,
        "seq": new.seq,
        "position": new.position,
        "customer_id": new.customer_id,
        "channel": new.channel,
        "question": new.question[:QUESTION_MAX],
        "language": new.language,
        "outcome": new.outcome,
        "missed": new.outcome != "answered",
        "next_step": None,
        "helped": None,
        "article_id": answer.article_id if answer else None,
        "article_language": answer.language if answer else None,
        "version": answer.version if answer else None,
        "passage_id": answer.passage_id if answer else None,
        "score": round(answer.score, 4) if answer else None,
        "near": [[near.article_id, round(near.score, 4)] for near in new.near],
        "gap_id": None,
        "told_at": None,
        "at": new.at,
    }


def _followed(sequel: Sequel) -> Any:  # noqa: ANN401 - an UPDATE
    """Return the statement that notes a sequel at the newest earlier question it fits."""
    fits = [
        _TABLE.c.conversation_id == sequel.conversation_id,
        _TABLE.c.seq < sequel.seq,
    ]
    values: dict[str, Any] = {}
    if sequel.next_step == "taken":
        fits.append(or_(_TABLE.c.outcome == "offered", _TABLE.c.outcome == "not_helpful"))
        offered = _TABLE.c.outcome == "offered"
        values = {
            "next_step": "taken",
            # What the customer chose answers the question better than anything we could guess.
            "article_id": case((offered, sequel.article_id), else_=_TABLE.c.article_id),
            "missed": case((offered, no()), else_=_TABLE.c.missed),
        }
    else:
        fits.append(_TABLE.c.outcome == "answered")
        if sequel.article_id is not None:
            fits.append(_TABLE.c.article_id == sequel.article_id)
        if sequel.passage_id is not None:
            fits.append(_TABLE.c.passage_id == sequel.passage_id)
        if sequel.helped is not None:
            values = {"helped": sequel.helped, "missed": not sequel.helped}
            if not sequel.helped:
                values["outcome"] = "not_helpful"
        elif sequel.next_step is not None:
            # Whoever said that it helped may want a person for something else.
            fits += [_TABLE.c.helped.is_(None), _TABLE.c.at >= sequel.at - CAUSED_WITHIN]
            values = {"next_step": sequel.next_step, "missed": True}
    newest = (
        select(_TABLE.c.id)
        .where(and_(*fits))
        .order_by(_TABLE.c.seq.desc(), _TABLE.c.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    return update(_TABLE).where(_TABLE.c.id == newest).values(**values)


def moved(connection: Connection, *, before: UUID, after: UUID) -> None:
    """Let what one customer asked be what another asked, because they are the same person."""
    connection.execute(
        update(_TABLE).where(_TABLE.c.customer_id == before).values(customer_id=after)
    )


def missed_texts(connection: Connection, *, most: int = 5000) -> list[tuple[str, str]]:
    """Return the newest missed questions as (text, language), each wording once.

    They calibrate when the search abstains: what it answered wrongly or not at all.
    """
    rows = connection.execute(
        select(_TABLE.c.question, _TABLE.c.language)
        .where(_TABLE.c.missed.is_(True))
        .order_by(_TABLE.c.at.desc())
        .limit(most)
    )
    return list(dict.fromkeys((row.question, row.language) for row in rows))
