"""Gathering: missed questions become part of the gap they mean, or a new one.

A gap keeps its id for ever and only grows; what staff decided about it stays. Reading and
comparing take no lock; the writing at the end is short and repeats nothing another process did.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from crm_store.bulk import BulkUpdate
from crm_store.database import Database
from knowledge_base.clusters import STANDING_MAX, Comparison, Progress, by_script, join, middle
from knowledge_base.gaps import GapDecision, KnowledgeGap
from knowledge_base.generation import lock_publication
from knowledge_base.questions import AskedQuestion

#: Misses that are gathered at once; the rest waits for the next time.
GATHERED_MAX: Final = 50_000
#: After this long a question weighs half as much as one that is asked now.
HALF_LIFE: Final = timedelta(days=14)
#: Wordings among which the middle one is looked for.
MIDDLE_OF: Final = 60
#: Ids of one statement.
_MANY: Final = 500

_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
_ASKED: Final[Table] = AskedQuestion.__table__  # type: ignore[assignment]
_GAPS: Final[Table] = KnowledgeGap.__table__  # type: ignore[assignment]
_ASSIGN: Final = BulkUpdate(_ASKED, keys=["id"], values=["gap_id"])


@dataclass(frozen=True, slots=True)
class Comparisons:
    """How questions with Chinese characters, and those without, are compared."""

    chinese: Comparison = field(default_factory=Comparison)
    others: Comparison = field(default_factory=Comparison)

    def of(self, *, chinese: bool) -> Comparison:
        """Return the comparison for a script."""
        return self.chinese if chinese else self.others


@dataclass(frozen=True, slots=True)
class Gathered:
    """What gathering came to."""

    questions: int = 0  #: that belong to a gap now
    opened: tuple[UUID, ...] = ()  #: new gaps
    grown: tuple[UUID, ...] = ()  #: gaps that were there


@dataclass(frozen=True, slots=True)
class _Miss:
    id: UUID
    question: str
    language: str


def gather(
    database: Database,
    comparisons: Comparisons,
    *,
    now: datetime,
    most: int = GATHERED_MAX,
    progress: Progress | None = None,
) -> Gathered:
    """Let every missed question belong to a gap.

    Args:
        database: where they are.
        comparisons: tell which questions mean one thing.
        now: the present.
        most: misses that are looked at.
        progress: told what takes long.
    """
    with database.reading() as connection:
        misses = waiting(connection, most=most)
        if not misses:
            return Gathered()
        keys, standing = _standing(connection)
    groups = _group(misses, keys, standing, comparisons, progress)
    with database.session() as session:
        return _write(session, groups, comparisons, now=now)


def waiting(connection: Connection, *, most: int) -> list[_Miss]:
    """Return the missed questions that belong to no gap yet, oldest first."""
    rows = connection.execute(
        select(_ASKED.c.id, _ASKED.c.question, _ASKED.c.language)
        .where(_ASKED.c.missed.is_(True), _ASKED.c.gap_id.is_(None))
        .order_by(_ASKED.c.at, _ASKED.c.id)
        .limit(most)
    )
    return [_Miss(row.id, row.question, row.language) for row in rows]


def _standing(connection: Connection) -> tuple[list[UUID], list[list[str]]]:
    """Return the gaps there are and a few questions that stand for each."""
    gaps = connection.execute(
        select(_GAPS.c.id, _GAPS.c.question)
        .where(_GAPS.c.merged_into.is_(None))
        .order_by(_GAPS.c.first_at, _GAPS.c.id)
    ).all()
    standing = {gap.id: [gap.question] for gap in gaps}
    newest = func.row_number().over(
        # Of each language: a gap that was merged from two is found in both.
        partition_by=(_ASKED.c.gap_id, _ASKED.c.language),
        order_by=(_ASKED.c.at.desc(), _ASKED.c.id),
    )
    ranked = (
        select(_ASKED.c.gap_id, _ASKED.c.question, newest.label("place"))
        .where(_ASKED.c.gap_id.is_not(None))
        .subquery()
    )
    rows = connection.execute(
        select(ranked.c.gap_id, ranked.c.question).where(ranked.c.place < STANDING_MAX)
    )
    for row in rows:
        questions = standing.get(row.gap_id)
        if questions is not None and row.question not in questions:
            questions.append(row.question)
    return list(standing), list(standing.values())


def _group(
    misses: Sequence[_Miss],
    keys: Sequence[UUID],
    standing: Sequence[Sequence[str]],
    comparisons: Comparisons,
    progress: Progress | None,
) -> dict[UUID, list[_Miss]]:
    """Return the misses by the gap they belong to; a new gap is named after its first miss."""
    asked: dict[str, list[_Miss]] = {}
    for miss in misses:
        asked.setdefault(miss.question, []).append(miss)
    texts = sorted(asked, key=lambda text: -len(asked[text]))
    scripts = by_script(texts)
    groups: dict[UUID, list[_Miss]] = {}
    for chinese in (False, True):
        present = [
            (key, some)
            for key, group in zip(keys, standing, strict=True)
            if (some := [group[number] for number in by_script(group)[chinese]])
        ]
        chosen = [texts[number] for number in scripts[chinese]]
        joined = join(
            chosen,
            [some for _, some in present],
            comparisons.of(chinese=chinese),
            progress=progress,
        )
        members: dict[int, list[_Miss]] = {}
        for text, group in zip(chosen, joined, strict=True):
            members.setdefault(group, []).extend(asked[text])
        for place, mine in members.items():
            key = present[place][0] if place < len(present) else _new_id(mine)
            groups.setdefault(key, []).extend(mine)
    return groups


def _new_id(misses: Sequence[_Miss]) -> UUID:
    """Return the id every process computes for a gap of these misses."""
    return uuid5(NAMESPACE_URL, f"tributary:gap/{min(str(miss.id) for miss in misses)}")


def _write(
    session: Session,
    groups: dict[UUID, list[_Miss]],
    comparisons: Comparisons,
    *,
    now: datetime,
) -> Gathered:
    lock_publication(session)
    ids = [miss.id for misses in groups.values() for miss in misses]
    free = _still_free(session, ids)
    taken = {key: [m for m in misses if m.id in free] for key, misses in groups.items()}
    taken = {key: misses for key, misses in taken.items() if misses}
    known = _existing(session, taken)
    _ASSIGN(
        session.connection(),
        [{"id": miss.id, "gap_id": key} for key, misses in taken.items() for miss in misses],
    )
    opened = [key for key in taken if key not in known]
    session.add_all(
        KnowledgeGap(
            id=key,
            language=taken[key][0].language,
            question=taken[key][0].question,
            status="open",
            questions=0,
            people=0,
            rank=0.0,
            first_at=now,
            last_at=now,
            updated_at=now,
        )
        for key in opened
    )
    session.flush()
    recount(session, taken, comparisons, now=now)
    grown = tuple(key for key in taken if key in known)
    reopen(session, grown, now=now)
    return Gathered(sum(map(len, taken.values())), tuple(opened), grown)


def recount(
    session: Session, gap_ids: Iterable[UUID], comparisons: Comparisons, *, now: datetime
) -> None:
    """Count again what belongs to gaps, who asked it, and which question is in the middle."""
    wanted = list(gap_ids)
    for start in range(0, len(wanted), _MANY):
        some = wanted[start : start + _MANY]
        gaps = {gap.id: gap for gap in session.scalars(_gaps(some))}
        by_gap = _by_customer(session, some)
        texts = _texts(session, some)
        for key, gap in gaps.items():
            people = by_gap.get(key, [])
            gap.questions = sum(row.questions for row in people)
            gap.people = len(people)
            gap.rank = _rank([row.last_at for row in people])
            gap.updated_at = now
            if people:
                gap.first_at = min(row.first_at for row in people)
                gap.last_at = max(row.last_at for row in people)
            if asked := texts.get(key):
                chinese = bool(by_script([asked[0][0]])[True])
                at = middle(
                    [each[0] for each in asked],
                    [each[2] for each in asked],
                    comparisons.of(chinese=chinese),
                )
                gap.question, gap.language = asked[at][0], asked[at][1]
    session.flush()


def reopen(session: Session, gap_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """Open gaps again that were ignored until so many people ask, or linked and still missed."""
    opened: list[UUID] = []
    for start in range(0, len(gap_ids), _MANY):
        for gap in session.scalars(_gaps(gap_ids[start : start + _MANY])):
            if gap.status == "ignored" and gap.returns_at and gap.people >= gap.returns_at:
                reason = f"{gap.people} people have asked it by now"
            elif gap.status == "linked":
                reason = "it was missed again after it had been linked"
            else:
                continue
            gap.status, gap.returns_at = "open", None
            session.add(
                GapDecision(
                    id=uuid5(gap.id, f"reopen/{now.isoformat()}"),
                    gap_id=gap.id,
                    kind="reopen",
                    decided_by="engine",
                    reason=reason,
                    data={},
                    at=now,
                )
            )
            opened.append(gap.id)
    session.flush()
    return opened


def _rank(last: Sequence[datetime]) -> float:
    """Return the logarithm of people, each weighed by how lately they asked.

    All weights shrink alike as time goes by, so the order never has to be computed again.
    """
    if not last:
        return -1e9
    ages = [(at - _EPOCH) / HALF_LIFE for at in last]
    newest = max(ages)
    return newest + math.log2(sum(2.0 ** (age - newest) for age in ages))


def _gaps(ids: Sequence[UUID]) -> Any:  # noqa: ANN401 - a SELECT
    return select(KnowledgeGap).where(KnowledgeGap.id.in_(ids))


def _by_customer(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    rows = session.execute(
        select(
            _ASKED.c.gap_id,
            _ASKED.c.customer_id,
            func.count().label("questions"),
            func.min(_ASKED.c.at).label("first_at"),
            func.max(_ASKED.c.at).label("last_at"),
        )
        .where(_ASKED.c.gap_id.in_(ids), _ASKED.c.missed.is_(True))
        .group_by(_ASKED.c.gap_id, _ASKED.c.customer_id)
    )
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.gap_id, []).append(row)
    return found


def _texts(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, str, int]]]:
    """Return the wordings of gaps with language and how often each was asked, often ones first."""
    rows = session.execute(
        select(_ASKED.c.gap_id, _ASKED.c.question, func.min(_ASKED.c.language), func.count())
        .where(_ASKED.c.gap_id.in_(ids), _ASKED.c.missed.is_(True))
        .group_by(_ASKED.c.gap_id, _ASKED.c.question)
        .order_by(func.count().desc(), func.min(_ASKED.c.at))
    )
    found: dict[UUID, list[tuple[str, str, int]]] = {}
    for gap_id, question, language, count in rows:
        texts = found.setdefault(gap_id, [])
        if len(texts) < MIDDLE_OF:
            texts.append((question, language, count))
    return found


def _still_free(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    free: set[UUID] = set()
    for start in range(0, len(ids), _MANY):
        free.update(
            session.scalars(
                select(_ASKED.c.id).where(
                    _ASKED.c.id.in_(ids[start : start + _MANY]), _ASKED.c.gap_id.is_(None)
                )
            )
        )
    return free


def _existing(session: Session, ids: Iterable[UUID]) -> set[UUID]:
    wanted = list(ids)
    known: set[UUID] = set()
    for start in range(0, len(wanted), _MANY):
        known.update(
            session.scalars(
                select(_GAPS.c.id).where(_GAPS.c.id.in_(wanted[start : start + _MANY]))
            )
        )
    return known
