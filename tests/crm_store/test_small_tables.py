"""Timeline pages, tokens, stream tickets, cases: entries once, permits as long as due."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from crm_store import api_tokens, stream_tickets, timeline
from crm_store.api_tokens import ApiToken
from crm_store.database import Database
from crm_store.feedback import record_feedback
from crm_store.handoffs import request_handoff
from crm_store.stream_tickets import StreamTicket
from crm_store.tickets import open_ticket, ticket_number
from tests.builders import a_customer, an_address


def entry(customer_id: UUID, seq: int, position: int, at: datetime) -> timeline.Entry:
    """Return a timeline entry."""
    return timeline.Entry(
        customer_id=customer_id,
        kind="message_received",
        actor="customer",
        channel="callback",
        source=f"turn:{seq}",
        at=at,
        seq=seq,
        position=position,
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_of_entries_of_one_moment_join_exactly(
    database: Database, now: datetime, limit: int
) -> None:
    """Entries of equal time come in the order they happened, on one page each, none twice."""
    customer_id = uuid4()
    entries = [entry(customer_id, seq, position, now) for seq in (1, 2, 10) for position in (0, 1)]
    entries.append(entry(customer_id, 0, 0, now - timedelta(hours=1)))
    with database.session() as session:
        timeline.record(session, entries[::-1])
    with database.reading() as connection:
        pages: list[dict[str, object]] = []
        before: UUID | None = None
        while page := timeline.read(connection, customer_id, before=before, limit=limit):
            pages = page + pages
            before = page[0]["id"]
        nothing = timeline.read(connection, customer_id, before=uuid4())

    assert [(row["seq"], row["position"]) for row in pages] == [
        (0, 0),
        *((seq, position) for seq in (1, 2, 10) for position in (0, 1)),
    ]
    assert nothing == []


def test_an_entry_cannot_be_recorded_twice(database: Database, now: datetime) -> None:
    """The same source, kind and position of a customer is refused by the database."""
    again = entry(uuid4(), 1, 0, now)
    with database.session() as session:
        timeline.record(session, [again])
    with pytest.raises(IntegrityError), database.session() as session:
        timeline.record(session, [again])


def test_tokens_are_hashed_and_end_when_revoked(database: Database, now: datetime) -> None:
    """A token opens the door until revoked; the database never holds it."""
    with database.session() as session:
        token = api_tokens.create_token(session, name="reports", now=now)
    with database.session() as session:
        row = api_tokens.holder(session, token)
        assert row is not None
        assert row.name == "reports"
        assert token not in str(session.scalars(select(ApiToken.hash)).all())
        for wrong in ("", "trb_", token[:-1], token + "x", "\udcff\x00", row.hash):
            assert api_tokens.holder(session, wrong) is None
        assert api_tokens.revoke_token(session, "reports", now=now) == 1
    with database.session() as session:
        assert api_tokens.holder(session, token) is None
        assert api_tokens.revoke_token(session, "reports", now=now) == 0


def test_a_stream_ticket_works_once_and_for_a_minute(database: Database, now: datetime) -> None:
    """Redeemed, forged or late tickets are no good; used and old ones leave no row."""
    where = an_address("visitor", channel="webchat")
    place = (where.conversation_id, "demo", where.peer)

    def issue(connection: Connection, at: datetime) -> str:
        key, account, peer = place
        return stream_tickets.issue(
            connection, conversation_id=key, account=account, peer=peer, now=at
        )

    with database.transaction() as connection:
        good, late = (issue(connection, now) for _ in range(2))
        assert stream_tickets.redeem(connection, "forged", now=now) is None
        assert stream_tickets.redeem(connection, good, now=now) == place
        assert stream_tickets.redeem(connection, good, now=now) is None
        after = now + stream_tickets.LIFETIME + timedelta(seconds=1)
        assert stream_tickets.redeem(connection, late, now=after) is None
        issue(connection, now)
        issue(connection, after)
        assert len(connection.execute(select(StreamTicket.hash)).all()) == 1


def test_cases_are_opened_once_per_source(database: Database, now: datetime) -> None:
    """Repeating a turn gives the same ticket, feedback and hand-off, and tells it is not new."""
    with database.session() as session:
        customer = a_customer(session)
        where = an_address().conversation_id
        for expected in (True, False):
            ticket, new = open_ticket(
                session,
                customer.id,
                conversation_id=where,
                subject="s" * 300,
                description="d" * 5000,
                details={},
                priority="high",
                source="turn:1",
                now=now,
            )
            assert new is expected
            assert ticket.number == ticket_number("turn:1")
            _, new = record_feedback(
                session,
                customer.id,
                conversation_id=where,
                about="conversation",
                rating=5,
                comment="c" * 3000,
                source="turn:2",
                now=now,
            )
            assert new is expected
            _, new = request_handoff(
                session,
                customer.id,
                conversation_id=where,
                desk="service",
                reason="asked",
                summary={},
                source="turn:3",
                now=now,
            )
            assert new is expected
            session.flush()
        with pytest.raises(ValueError, match="1 to 5"):
            record_feedback(
                session,
                customer.id,
                conversation_id=where,
                about="conversation",
                rating=6,
                comment=None,
                source="turn:4",
                now=now,
            )


def test_ticket_numbers_cannot_be_misread(now: datetime) -> None:
    """Numbers have no letter O or I and no digit 0 or 1, and differ by salt."""
    numbers = {ticket_number(f"source {n}") for n in range(500)}

    assert len(numbers) == 500
    assert not any(set("OI01") & set(number[2:]) for number in numbers)
    assert ticket_number("s") != ticket_number("s", salt=1)
