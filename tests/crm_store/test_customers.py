"""Customers: who a peer is, what is known about them, and when two records become one person."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.messages import Address, Notice, Sender
from crm_store import timeline
from crm_store.consents import is_granted, record_consent
from crm_store.conversations import Conversation, Turn
from crm_store.customers import ChannelIdentity, Customer, identify, learn
from crm_store.database import Database
from crm_store.leads import open_lead
from crm_store.signed_identities import recognise
from tests.builders import a_conversation, a_customer, an_address, an_inbound, finish_turn


def test_a_peer_is_one_customer_in_all_threads(database: Database, now: datetime) -> None:
    """The same peer in two threads, in one batch and later, is one customer."""
    one, two = an_address("p", thread="1"), an_address("p", thread="2")
    sender = Sender(id="p", name="Ada", language="en")
    with database.session() as session:
        found = identify(session, [(one, sender), (two, sender)], now=now)
        session.flush()
        assert found[one] is found[two]
        again = identify(session, [(an_address("p", thread="3"), sender)], now=now)
        other = identify(session, [(an_address("q"), Sender(id="q"))], now=now)
        customers = session.scalars(select(Customer)).all()

    assert list(again.values()) == [found[one]]
    assert len(customers) == 2
    assert found[one].name == "Ada"
    assert next(iter(other.values())).name is None


def test_claims_never_replace_verified_facts(database: Database, now: datetime) -> None:
    """What the host site vouched for stays; a claim is learnt only where nothing is verified."""
    with database.session() as session:
        customer = a_customer(session)

        def claim(**facts: str | None) -> dict[str, str]:
            return learn(customer, source="turn", now=now, verified=False, **facts)

        assert claim(email="a@x.org") == {"email": "a@x.org"}
        assert claim(email="a@x.org") == {}
        assert claim(email="b@x.org") == {"email": "b@x.org"}
        assert learn(
            customer, source="host", now=now, verified=True, email="c@x.org", phone=None
        ) == {"email": "c@x.org"}
        assert claim(email="evil@x.org", phone="+1") == {"phone": "+1"}
        assert customer.email == "c@x.org"
        assert customer.facts["email"]["verified"] is True
        assert customer.facts["phone"]["source"] == "turn"


def test_confirming_a_claim_makes_it_verified(database: Database, now: datetime) -> None:
    """The same value, vouched for later, is from then on protected."""
    with database.session() as session:
        customer = a_customer(session)
        learn(customer, source="turn", now=now, email="a@x.org")
        learn(customer, source="signed_identity", now=now, verified=True, email="a@x.org")
        assert learn(customer, source="turn", now=now, email="evil@x.org") == {}


def said_hello(session: Session, address: Address, now: datetime) -> Customer:
    """Let a peer say hello and return who they are."""
    conversation = a_conversation(session, address=address, now=now)
    customer = identify(session, [(address, Sender(id=address.peer))], now=now)[address]
    conversation.customer_id = customer.id
    session.flush()
    finish_turn(session, conversation, 1, now=now)
    return customer


def signs_in(
    session: Session, customer: Customer, address: Address, sub: str, now: datetime, **facts: str
) -> Customer:
    """Let a peer show a signed identity and return who they are from then on."""
    notice = Notice(name="identified", data={"sub": sub, **facts})
    message = an_inbound(address=address, content=notice)
    person, entries = recognise(session, customer, message, seq=2, now=now)
    timeline.record(session, entries)
    return person


def owners(session: Session, address: Address) -> set[UUID | None]:
    """Return whose the conversation, its turns and its timeline are."""
    key = address.conversation_id
    found: set[UUID | None] = set(
        session.scalars(select(Conversation.customer_id).where(Conversation.id == key))
    )
    found |= set(session.scalars(select(Turn.customer_id).where(Turn.conversation_id == key)))
    return found | set(
        session.scalars(
            select(timeline.TimelineEvent.customer_id).where(
                timeline.TimelineEvent.conversation_id == key
            )
        )
    )


def test_two_peers_of_one_signed_subject_become_one_person(
    database: Database, now: datetime
) -> None:
    """What a visitor said before signing in moves, whole, to the person they turn out to be."""
    phone, laptop = an_address("phone"), an_address("laptop")
    with database.session() as session:
        known = said_hello(session, phone, now)
        assert signs_in(session, known, phone, "u1", now, email="a@x.org") is known
        visitor = said_hello(session, laptop, now)
        open_lead(
            session,
            visitor.id,
            conversation_id=laptop.conversation_id,
            need="tea",
            details={},
            score=1,
            reasons=[],
            qualified=False,
            source="s",
            now=now,
        )
        learn(visitor, source="turn", now=now, email="claimed@x.org", company="Acme")
        person = signs_in(session, visitor, laptop, "u1", now)

        assert person.id == known.id
        assert visitor.merged_into == known.id
        assert owners(session, laptop) == owners(session, phone) == {known.id}
        assert (person.email, person.company) == ("a@x.org", "Acme")
        kinds = [entry["kind"] for entry in timeline.read(session, known.id)]
        assert kinds.count("customer_merged") == 1
        again = identify(session, [(laptop, Sender(id="laptop"))], now=now)
        assert again[laptop].id == known.id


def test_a_shared_browser_does_not_mix_two_people(database: Database, now: datetime) -> None:
    """Signing in as somebody else moves the peer, never the first person's history."""
    kiosk = an_address("kiosk")
    with database.session() as session:
        first = signs_in(session, said_hello(session, kiosk, now), kiosk, "u1", now)
        other = an_address("other")
        second = signs_in(session, said_hello(session, other, now), other, "u2", now)
        now_at_kiosk = signs_in(session, first, kiosk, "u2", now + timedelta(seconds=1))

        assert now_at_kiosk.id == second.id != first.id
        assert first.merged_into is None
        turns = session.scalars(
            select(Turn.customer_id).where(Turn.conversation_id == kiosk.conversation_id)
        )
        assert set(turns) == {first.id}
        peers = session.scalars(
            select(ChannelIdentity.peer).where(ChannelIdentity.customer_id == second.id)
        )
        assert set(peers) == {"u2", "other", "kiosk"}


def test_a_new_subject_never_takes_a_known_persons_place(
    database: Database, now: datetime
) -> None:
    """Somebody never seen before who signs in on another's peer is another customer."""
    kiosk = an_address("kiosk")
    with database.session() as session:
        visitor = said_hello(session, kiosk, now)
        anna = signs_in(session, visitor, kiosk, "anna", now, email="anna@x.org")
        later = now + timedelta(seconds=1)
        bob = signs_in(session, anna, kiosk, "bob", later, email="bob@x.org")

        assert bob.id != anna.id
        assert (anna.email, bob.email) == ("anna@x.org", "bob@x.org")
        assert anna.merged_into is None
        again = identify(session, [(kiosk, Sender(id="kiosk"))], now=later)
        assert again[kiosk].id == bob.id


def test_the_newest_consent_counts_and_silence_is_no(database: Database, now: datetime) -> None:
    """Yes, no, yes: the newest of a purpose and channel counts; of one moment, the no."""

    def say(session: Session, customer: Customer, granted: bool, at: datetime, n: int) -> bool:
        _, new = record_consent(
            session,
            customer.id,
            purpose="marketing",
            channel="webchat",
            granted=granted,
            evidence="word",
            source=f"s{n}",
            now=at,
        )
        session.flush()
        assert new
        return is_granted(session, customer.id, purpose="marketing", channel="webchat")

    with database.session() as session:
        customer = a_customer(session)
        assert not is_granted(session, customer.id, purpose="marketing", channel="webchat")
        times = [now + timedelta(seconds=n) for n in range(3)]
        said = [say(session, customer, n != 1, at, n) for n, at in enumerate(times)]
        assert not say(session, customer, granted=False, at=times[2], n=3)
        assert not say(session, customer, granted=True, at=times[2], n=4)
        assert not is_granted(session, customer.id, purpose="service", channel="webchat")
        _, repeated = record_consent(
            session,
            customer.id,
            purpose="marketing",
            channel="webchat",
            granted=True,
            evidence="word",
            source="s0",
            now=times[2],
        )

    assert said == [True, False, True]
    assert not repeated
