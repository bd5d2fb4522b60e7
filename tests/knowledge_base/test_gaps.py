"""Questions without an answer are recorded, each once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from crm_store.database import Base, Database
from knowledge_base.gaps import QUESTION_MAX, GapOutcome, KnowledgeGap, record_gap

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Open a database that has the table of gaps."""
    database = Database(f"sqlite:///{tmp_path}/gaps.db")
    with database.transaction() as connection:
        Base.metadata.tables["knowledge_gaps"].create(connection)
    yield database
    database.close()


def record(database: Database, source: str, *, outcome: GapOutcome = "declined") -> bool:
    """Record the same question and tell whether that was new."""
    with database.session() as session:
        _, is_new = record_gap(
            session,
            "火星怎么去？",
            language="zh",
            outcome=outcome,
            conversation_id=uuid4(),
            customer_id=None,
            source=source,
            now=NOW,
        )
    return is_new


def test_a_gap_is_recorded_once_per_source(database: Database) -> None:
    """A turn that is done again after a crash leaves one gap."""
    assert record(database, "inbox:a:1")
    assert not record(database, "inbox:a:1", outcome="offered")
    assert record(database, "inbox:a:2")

    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(KnowledgeGap)) == 2
        gap = session.scalars(select(KnowledgeGap).order_by(KnowledgeGap.source)).first()

    assert gap is not None
    assert (gap.question, gap.language, gap.outcome) == ("火星怎么去？", "zh", "declined")
    assert gap.at == NOW


def test_a_long_question_is_cut(database: Database) -> None:
    """No question is too long to be stored."""
    with database.session() as session:
        gap, _ = record_gap(
            session,
            "x" * 4000,
            language="en",
            outcome="not_helpful",
            conversation_id=None,
            customer_id=None,
            source="inbox:b:1",
            now=NOW,
        )

    assert len(gap.question) == QUESTION_MAX


def test_an_unknown_outcome_is_refused(database: Database) -> None:
    """Only the three outcomes of a gap can be recorded."""
    with pytest.raises(ValueError, match="not answered"):
        record(database, "inbox:c:1", outcome="answered")  # type: ignore[arg-type]  # on purpose
