"""API tokens: what a program shows to use the API; only hashes are stored."""

from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID, uuid4

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base

PREFIX = "trb_"


class ApiToken(Base):
    """One named token, usable until it is revoked."""

    __tablename__ = "api_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def _hash(token: str) -> str:
    # A token has 256 random bits, so a plain hash cannot be guessed backwards.
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def create_token(session: Session, *, name: str, now: datetime) -> str:
    """Create a token and return it; it cannot be read again."""
    token = PREFIX + token_urlsafe(32)
    session.add(
        ApiToken(id=uuid4(), name=name[:200], hash=_hash(token), created_at=now, revoked_at=None)
    )
    return token


def holder(session: Session, token: str) -> ApiToken | None:
    """Return the row of a valid token, or None."""
    return session.scalar(
        select(ApiToken).where(ApiToken.hash == _hash(token), ApiToken.revoked_at.is_(None))
    )


def revoke_token(session: Session, name: str, *, now: datetime) -> int:
    """Revoke all tokens called `name` and return how many there were."""
    rows = session.scalars(
        select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
    ).all()
    for row in rows:
        row.revoked_at = now
    return len(rows)
