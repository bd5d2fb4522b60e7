"""Rows that are written at once, and what the session knows of them afterwards."""

from datetime import datetime

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from channels.messages import Sender
from crm_store.customers import ChannelIdentity, Customer, identify
from crm_store.database import Database
from crm_store.feedback import Feedback, record_feedback
from crm_store.rows import insert
from crm_store.tickets import Ticket, change_ticket, open_ticket
from tests.builders import a_customer, an_address


def test_an_inserted_row_is_there_at_once_and_later_changes_are_kept(
    database: Database, now: datetime
) -> None:
    """What is changed on a row after it was inserted reaches the database like on any other."""
    with database.session() as session:
        customer = a_customer(session)
        ticket, new = open_ticket(
            session,
            customer.id,
            conversation_id=None,
            subject="Cracked pot",
            description="It came cracked.",
            details={"product": "陶盆"},
            priority="normal",
            source="turn:1",
            now=now,
        )
        count = session.connection().scalar(select(func.count()).select_from(Ticket.__table__))
        changed = change_ticket(
            ticket,
            subject="Cracked pot",
            description="It came cracked.",
            details={"order_number": "MK-1"},
            priority="high",
            now=now,
        )
    with database.session() as session:
        kept = session.get_one(Ticket, ticket.id)

        assert (new, count) == (True, 1)
        assert changed == ["details", "priority"]
        assert kept.details == {"product": "陶盆", "order_number": "MK-1"}
        assert (kept.priority, kept.created_at) == ("high", now)


def test_rows_of_a_transaction_that_fails_are_gone(database: Database, now: datetime) -> None:
    """An inserted row belongs to its transaction; the same turn, repeated, writes it anew."""

    def rate() -> bool:
        with database.session() as session:
            customer = identify(session, [(an_address("p"), Sender(id="p"))], now=now)
            _, new = record_feedback(
                session,
                next(iter(customer.values())).id,
                conversation_id=None,
                about="conversation",
                rating=5,
                comment=None,
                source="turn:1",
                now=now,
            )
            if fails.pop():
                raise ConnectionError
        return new

    fails = [False, True]
    with pytest.raises(ConnectionError):
        rate()
    assert rate()
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Feedback.__table__)) == 1
        assert connection.scalar(select(func.count()).select_from(Customer.__table__)) == 1


def test_a_row_cannot_be_inserted_twice(database: Database, now: datetime) -> None:
    """A peer that another process made meanwhile is refused, so that the batch is run again."""
    row = {
        "channel": "callback",
        "account": "shop",
        "peer": "p",
        "verified": False,
        "evidence": "first_message",
        "created_at": now,
    }
    with database.session() as session:
        customer = a_customer(session)
        key = customer.id
        insert(session, [ChannelIdentity(id=key, customer_id=customer.id, **row)])
    with pytest.raises(IntegrityError), database.session() as session:
        insert(session, [ChannelIdentity(id=key, customer_id=key, **row)])


def test_strangers_of_a_batch_take_two_statements(database: Database, now: datetime) -> None:
    """However many peers write for the first time, they are looked up and made together."""
    statements: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _note(_: Connection, __: object, text: str, *___: object) -> None:
        statements.append(text.split(maxsplit=1)[0])

    senders = [(an_address(f"p{n}"), Sender(id=f"p{n}", name=f"N{n}")) for n in range(20)]
    with database.session() as session:
        found = identify(session, senders, now=now)
        known = [(found[address].name, found[address].email) for address, _ in senders]

    assert known == [(f"N{n}", None) for n in range(20)]
    assert [word for word in statements if word in {"SELECT", "INSERT"}] == [
        "SELECT",
        "INSERT",
        "INSERT",
    ]
