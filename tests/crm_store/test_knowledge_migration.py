"""Misses that an earlier version recorded one by one are kept when the schema is renewed."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import select, text

from bots.local_servers import drop_database, new_database
from crm_store.database import Database
from crm_store.migrations import _config, is_current, migrate
from knowledge_base.gaps import KnowledgeGap
from knowledge_base.questions import AskedQuestion

BEFORE = "20261124_actions"


def _to(database: Database, revision: str, *, down: bool = False) -> None:
    config = _config(database)
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)


@pytest.fixture(params=["sqlite", "postgresql"])
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Open a database of the version before."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/earlier.db")
        _to(database, BEFORE)
        yield database
        database.close()
        return
    url = new_database(request.getfixturevalue("postgres_admin_url"))
    database = Database(url)
    _to(database, BEFORE, down=True)
    yield database
    database.close()
    drop_database(url)


def test_old_misses_are_gathered_like_new_ones(earlier: Database, now: datetime) -> None:
    """Question, customer, channel and time survive the way there and back."""
    conversation, customer = uuid4(), uuid4()
    with earlier.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO customers (id, tier, stage, facts, created_at, updated_at)"
                " VALUES (:id, 'standard', 'potential', '{}', :at, :at)"
            ),
            {"id": _key(earlier, customer), "at": now},
        )
        connection.execute(
            text(
                "INSERT INTO conversations (id, channel, account, peer, customer_id, state, owner,"
                " owner_epoch, fence, version, created_at, updated_at) VALUES (:id, 'webchat',"
                " 'demo', 'p', :customer, '{}', 'bot', 0, 0, 0, :at, :at)"
            ),
            {
                "id": _key(earlier, conversation),
                "customer": _key(earlier, customer),
                "at": now,
            },
        )
        connection.execute(
            text(
                "INSERT INTO knowledge_gaps (id, question, language, outcome, conversation_id,"
                " customer_id, at, source) VALUES (:id, '火星怎么去？', 'zh', 'offered',"
                " :conversation, :customer, :at, 'turn:1/gap')"
            ),
            {
                "id": _key(earlier, uuid4()),
                "conversation": _key(earlier, conversation),
                "customer": _key(earlier, customer),
                "at": now,
            },
        )
    migrate(earlier)

    assert is_current(earlier)
    with earlier.session() as session:
        [asked] = session.scalars(select(AskedQuestion))
        assert list(session.scalars(select(KnowledgeGap))) == []
    assert (asked.question, asked.outcome, asked.missed) == ("火星怎么去？", "offered", True)
    assert (asked.customer_id, asked.channel, asked.near) == (customer, "webchat", [])
    assert asked.at == now

    _to(earlier, BEFORE, down=True)
    with earlier.reading() as connection:
        kept = connection.execute(text("SELECT question, outcome FROM knowledge_gaps")).one()
    assert tuple(kept) == ("火星怎么去？", "offered")


def _key(database: Database, key: object) -> str:
    """Return an id as the database keeps it."""
    return str(key).replace("-", "") if database.is_sqlite else str(key)
