"""Signed identities: a host site vouches who a visitor is, and two records become one person."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from channels.messages import InboundMessage, Notice
from crm_store.consents import Consent
from crm_store.conversations import Conversation, Turn
from crm_store.customers import ChannelIdentity, Customer, identity_id, learn, open_customer
from crm_store.feedback import Feedback
from crm_store.handoffs import Handoff
from crm_store.leads import Lead
from crm_store.tickets import Ticket
from crm_store.timeline import Entry, TimelineEvent

#: Channel name under which signed subjects are kept; no adapter has it, so no peer can claim one.
SIGNED: Final = "signed"

_MOVED: Final = (ChannelIdentity, Conversation, Turn, TimelineEvent, Lead, Ticket, Feedback)
_MOVED_TOO: Final = (Consent, Handoff)


def recognise(
    session: Session, customer: Customer, message: InboundMessage, *, seq: int, now: datetime
) -> tuple[Customer, list[Entry]]:
    """Make the customer behind a signed subject the one behind this conversation.

    A visitor nobody vouched for yet is joined to the known customer, with all that was said; one
    already vouched for as somebody else keeps their history, and only this peer moves.

    Args:
        message: its content is the `identified` notice with `sub` and perhaps facts.
        seq: the notice's number, part of the timeline entries' source.

    Returns:
        The customer from now on, and what to tell the timeline.
    """
    assert isinstance(message.content, Notice)  # noqa: S101 - the engine calls it for notices
    data = message.content.data
    address = message.address
    source = f"turn:{address.conversation_id}:{seq}"
    key = identity_id(SIGNED, address.account, data["sub"])
    entries: list[Entry] = []
    person = _behind(session, key, customer, account=address.account, sub=data["sub"], now=now)
    if person.id != customer.id:
        whole = not _is_vouched_for(session, customer.id)
        if whole:
            _join(session, customer, person)
        own = identity_id(address.channel, address.account, address.peer)
        session.get_one(ChannelIdentity, own).customer_id = person.id
        moved: dict[str, object] = {
            "from": str(customer.id),
            "evidence": "signed_identity",
            "whole": whole,
        }
        entries.append(_entry(person.id, "customer_merged", message, source, seq, moved, now))
    learnt = learn(
        person,
        source="signed_identity",
        now=now,
        verified=True,
        email=data.get("email"),
        name=data.get("name"),
        phone=data.get("phone"),
    )
    facts: dict[str, object] = {"facts": sorted(learnt)}
    entries.append(_entry(person.id, "customer_identified", message, source, seq, facts, now))
    session.flush()
    return person, entries


def _behind(
    session: Session, key: UUID, customer: Customer, *, account: str, sub: str, now: datetime
) -> Customer:
    """Return the customer a subject stands for; a new subject stands for `customer`.

    Unless somebody else is known to be that customer: then the new subject is a new one.
    """
    found = session.get(ChannelIdentity, key)
    if found is not None:
        return session.get_one(Customer, found.customer_id)
    if _is_vouched_for(session, customer.id):
        customer = open_customer(session, name=None, language=customer.language, now=now)
    session.add(
        ChannelIdentity(
            id=key,
            channel=SIGNED,
            account=account,
            peer=sub,
            customer_id=customer.id,
            verified=True,
            evidence="signed_identity",
            created_at=now,
        )
    )
    return customer


def _entry(
    customer_id: UUID,
    kind: str,
    message: InboundMessage,
    source: str,
    seq: int,
    data: dict[str, object],
    now: datetime,
) -> Entry:
    return Entry(
        customer_id=customer_id,
        kind=kind,
        actor="engine",
        channel=message.address.channel,
        source=source,
        at=now,
        data=data,
        conversation_id=message.address.conversation_id,
        seq=seq,
    )


def _is_vouched_for(session: Session, customer_id: UUID) -> bool:
    verified = session.scalar(
        select(ChannelIdentity.id)
        .where(ChannelIdentity.customer_id == customer_id, ChannelIdentity.verified.is_(True))
        .limit(1)
    )
    return verified is not None


def _join(session: Session, visitor: Customer, person: Customer) -> None:
    """Move everything of `visitor` to `person`; the emptied record points at the other."""
    session.flush()
    for row in (*_MOVED, *_MOVED_TOO):
        table: Table = row.__table__  # type: ignore[assignment]
        session.execute(
            update(table)
            .where(table.c.customer_id == visitor.id)
            .values(customer_id=person.id)
            .execution_options(synchronize_session=False)
        )
    visitor.merged_into = person.id
    for name, fact in visitor.facts.items():
        learn(
            person,
            source=fact["source"],
            now=datetime.fromisoformat(fact["at"]),
            **{name: fact["value"]},
        )
