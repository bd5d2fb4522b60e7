"""Telling: customers whose question could not be answered hear from us once it can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from channels.contract import Capabilities
from channels.messages import Card, Link
from crm_store.timeline import Entry, record
from dialogues.bot import Bot
from dialogues.reach import OBSTACLES, Obstacle, Reach, reach, write_to
from dialogues.responses import choose, insert, label
from knowledge_base.answer import Answer
from knowledge_base.question import Question
from knowledge_base.questions import AskedQuestion
from knowledge_base.search import Knowledge

#: Days after which nobody waits for an answer any more, unless told otherwise.
DAYS: Final = 14
#: Questions of one gap that are looked at, the newest.
ASKED_MAX: Final = 5000

#: Why an asker is not told.
Exclusion = Obstacle | Literal["told", "old", "unanswered"]

EXCLUSIONS: Final[Mapping[str, str]] = {
    **{str(name): why for name, why in OBSTACLES.items()},
    "told": "the customer was told already",
    "old": "the customer asked too long ago",
    "unanswered": "the question as this customer put it is still not answered",
}


@dataclass(frozen=True, slots=True)
class Asker:
    """One customer who asked what a gap is about."""

    customer_id: UUID
    question_id: UUID
    question: str  #: masked, as asked last
    language: str
    asked_at: datetime
    reached: Reach
    answer: Answer | None  #: what they would be told
    exclusion: Exclusion | None  #: None: they can be told


def askers(
    session: Session,
    gap_id: UUID,
    *,
    knowledge: Knowledge,
    served: Mapping[tuple[str, str], Capabilities],
    now: datetime,
    days: int = DAYS,
) -> list[Asker]:
    """Return who asked what a gap is about, each customer once, and who of them can be told.

    Args:
        session: to read with.
        gap_id: the gap.
        knowledge: what may be said now.
        served: what each account can, by channel and account name.
        now: UTC.
        days: nobody who asked longer ago is told.
    """
    rows = list(
        session.scalars(
            select(AskedQuestion)
            .where(AskedQuestion.gap_id == gap_id, AskedQuestion.missed.is_(True))
            .order_by(AskedQuestion.at.desc(), AskedQuestion.id)
            .limit(ASKED_MAX)
        )
    )
    reached = reach(session, [row.conversation_id for row in rows], served=served, now=now)
    answers = _answers(knowledge, rows)
    told = {row.customer_id for row in rows if row.told_at is not None}
    oldest = now - timedelta(days=days)
    found: dict[UUID, Asker] = {}
    for row in rows:
        where = reached[row.conversation_id]
        who = where.customer_id or row.customer_id
        answer = answers[row.question, row.language]
        asker = Asker(
            customer_id=who,
            question_id=row.id,
            question=row.question,
            language=row.language,
            asked_at=row.at,
            reached=where,
            answer=answer,
            exclusion=_exclusion(row, where, answer, told=row.customer_id in told, oldest=oldest),
        )
        # Of several conversations the newest in which the customer can be told counts.
        if who not in found or (found[who].exclusion and not asker.exclusion):
            found[who] = asker
    return list(found.values())


def _exclusion(
    row: AskedQuestion, where: Reach, answer: Answer | None, *, told: bool, oldest: datetime
) -> Exclusion | None:
    if told:
        return "told"
    if where.obstacle is not None:
        return where.obstacle
    if row.at < oldest:
        return "old"
    return "unanswered" if answer is None else None


def _answers(
    knowledge: Knowledge, rows: Sequence[AskedQuestion]
) -> dict[tuple[str, str], Answer | None]:
    wanted = list(dict.fromkeys((row.question, row.language) for row in rows))
    results = knowledge.search([Question(text, language) for text, language in wanted])
    return {key: result.answer for key, result in zip(wanted, results, strict=True)}


def tell(
    session: Session, bot: Bot, gap_id: UUID, chosen: Sequence[Asker], *, now: datetime
) -> list[UUID]:
    """Queue the answer to those who can be told, each once, whatever was tried before.

    Returns:
        The customers who will hear from us.
    """
    told: list[UUID] = []
    heard = _heard(session, gap_id)
    for asker in chosen:
        if asker.exclusion is not None or asker.answer is None or asker.customer_id in heard:
            continue
        card = message(bot, asker, asker.answer)
        sent = write_to(session, asker.reached, card, occasion=f"gap:{gap_id}", now=now)
        session.execute(
            update(AskedQuestion)
            .where(
                AskedQuestion.gap_id == gap_id,
                AskedQuestion.customer_id == asker.customer_id,
                AskedQuestion.told_at.is_(None),
            )
            .values(told_at=now)
            .execution_options(synchronize_session=False)
        )
        if sent is not None:
            _cite(session, asker, asker.answer, source=f"told:{sent.id}", now=now)
            told.append(asker.customer_id)
    return told


def _heard(session: Session, gap_id: UUID) -> set[UUID]:
    """Return who was told by now."""
    rows = select(AskedQuestion.customer_id).where(
        AskedQuestion.gap_id == gap_id, AskedQuestion.told_at.is_not(None)
    )
    return set(session.scalars(rows))


def message(bot: Bot, asker: Asker, answer: Answer) -> Card:
    """Return what an asker is told, in the language they asked in."""
    response = bot.responses["answer_found"]
    wording = choose(response, asker.language, key=str(asker.question_id))[0]
    opening = insert(wording.text, lambda name: asker.question if name == "question" else "")
    return Card(
        title=answer.title[:200],
        text=f"{opening}\n\n{answer.text}"[:4000],
        link=Link(label=label(bot, "label_source", asker.language), url=answer.url),
    )


def _cite(session: Session, asker: Asker, answer: Answer, *, source: str, now: datetime) -> None:
    """Note which version the customer was given, in case it has to be corrected later."""
    address = asker.reached.address
    entry = Entry(
        customer_id=asker.customer_id,
        kind="article_cited",
        actor="bot",
        channel=address.channel if address is not None else "",
        source=source,
        at=now,
        data={
            "article": answer.article_id,
            "version": answer.version,
            "passage": answer.passage_id,
            "score": round(answer.score, 4),
            "language": answer.language,
        },
        conversation_id=asker.reached.conversation_id,
        seq=asker.reached.seq or None,
        position=1,
    )
    record(session.connection(), [entry])
