"""Customers and their channel identities: who a peer on a channel is in the CRM."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from channels.messages import Address, Sender
from crm_store.database import Base, JsonObject
from crm_store.rows import change, insert


class Customer(Base):
    """A person in the CRM, over all channels."""

    __tablename__ = "customers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320), index=True)
    phone: Mapped[str | None] = mapped_column(String(32), index=True)  # E.164
    company: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(35))  # BCP-47
    tier: Mapped[str] = mapped_column(String(32), default="standard")  # value tier
    stage: Mapped[str] = mapped_column(String(32), default="potential")  # life-cycle stage
    #: fact name -> {"value", "source", "at", "verified"}; where each known fact came from.
    facts: Mapped[JsonObject] = mapped_column(default=dict)
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ChannelIdentity(Base):
    """The link from a peer on a channel account to a customer; a key, never a person by itself."""

    __tablename__ = "channel_identities"
    __table_args__ = (UniqueConstraint("channel", "account", "peer"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(String(200))
    peer: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    verified: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[str] = mapped_column(String(64))  # "first_message", "signed_identity", ...
    created_at: Mapped[datetime]


_KNOWN: Final = (
    select(ChannelIdentity.id, Customer)
    .join(Customer, Customer.id == ChannelIdentity.customer_id)
    .where(ChannelIdentity.id.in_(bindparam("ids", expanding=True)))
)


def identity_id(channel: str, account: str, peer: str) -> UUID:
    """Return the id every process computes for this identity, so that races make one row."""
    return uuid5(Address(channel=channel, account=account, peer=peer).conversation_id, "identity")


def identify(
    session: Session, senders: Iterable[tuple[Address, Sender]], *, now: datetime
) -> dict[Address, Customer]:
    """Return the customer behind each address, creating those not yet known.

    The caller holds the conversations' locks, so one peer cannot be created twice.
    """
    wanted: dict[UUID, list[tuple[Address, Sender]]] = {}
    for address, sender in senders:
        key = identity_id(address.channel, address.account, address.peer)
        wanted.setdefault(key, []).append((address, sender))
    found = {row.id: row.Customer for row in session.execute(_KNOWN, {"ids": list(wanted)})}
    strangers = {key: peers[0] for key, peers in wanted.items() if key not in found}
    found |= _create(session, strangers, now=now)
    # One peer may write in several threads, which are addresses of their own.
    return {address: found[key] for key, peers in wanted.items() for address, _ in peers}


def open_customer(
    session: Session, *, name: str | None, language: str | None, now: datetime
) -> Customer:
    """Return a new customer, of whom nothing else is known."""
    customer = _stranger(name=name, language=language, now=now)
    insert(session, [customer])
    return customer


def _stranger(*, name: str | None, language: str | None, now: datetime) -> Customer:
    return Customer(
        id=uuid4(),
        name=name,
        language=language,
        tier="standard",
        stage="potential",
        facts={},
        created_at=now,
        updated_at=now,
    )


def _create(
    session: Session, strangers: Mapping[UUID, tuple[Address, Sender]], *, now: datetime
) -> dict[UUID, Customer]:
    """Make a customer for each identity that is not known yet, all in two statements."""
    made: dict[UUID, Customer] = {}
    identities = []
    for key, (address, sender) in strangers.items():
        name = sender.name.replace("\x00", "") if sender.name else None
        made[key] = customer = _stranger(name=name, language=sender.language, now=now)
        identities.append(
            ChannelIdentity(
                id=key,
                channel=address.channel,
                account=address.account,
                peer=address.peer,
                customer_id=customer.id,
                verified=False,
                evidence="first_message",
                created_at=now,
            )
        )
    insert(session, list(made.values()))
    insert(session, identities)
    return made


def learn(
    customer: Customer, *, source: str, now: datetime, verified: bool = False, **facts: str | None
) -> dict[str, str]:
    """Write what was learnt about `customer`; a claimed fact never replaces a verified one.

    Args:
        source: where it came from, e.g. `turn:<conversation>:<seq>` or `signed_identity`.

    Returns:
        The facts that changed.
    """
    changed: dict[str, str] = {}
    columns: dict[str, str] = {}
    known = dict(customer.facts)
    for name, value in facts.items():
        before = known.get(name, {})
        same = before.get("value") == value and before.get("verified", False) >= verified
        if not value or same:
            continue
        if before.get("verified") and not verified:
            continue
        known[name] = {
            "value": value,
            "source": source,
            "at": now.isoformat(),
            "verified": verified,
        }
        if name in {"name", "email", "phone", "company", "language"}:
            columns[name] = value
        changed[name] = value
    if changed:
        change(customer, {**columns, "facts": known, "updated_at": now})
    return changed


def reaffirm(customer: Customer, fact: str, *, source: str, now: datetime) -> None:
    """Note that the customer confirmed a fact: it counts as learnt now, verified as before."""
    value = getattr(customer, fact, None)
    if value is None:
        return
    before = (customer.facts or {}).get(fact, {})
    verified = bool(before.get("verified")) and before.get("value") == value
    told = {"value": value, "source": source, "at": now.isoformat(), "verified": verified}
    change(customer, {"facts": {**(customer.facts or {}), fact: told}, "updated_at": now})
