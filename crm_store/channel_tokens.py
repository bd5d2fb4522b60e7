"""Channel tokens: access tokens that providers lend, sealed, shared by all processes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import String, Table, Text, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.database import Base


class ChannelToken(Base):
    """The newest token of one account; who reads the table alone cannot use it."""

    __tablename__ = "channel_tokens"

    name: Mapped[str] = mapped_column(String(300), primary_key=True)  # channel and account
    sealed: Mapped[str] = mapped_column(Text)  # encrypted by the caller
    until: Mapped[datetime]
    fetched_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A token as it is stored."""

    sealed: str = field(repr=False)
    until: datetime  #: UTC


_ROWS: Final[Table] = ChannelToken.__table__  # type: ignore[assignment]


def read_token(connection: Connection, name: str) -> Sealed | None:
    """Return the newest token of that name, None where there never was one."""
    row = connection.execute(
        select(_ROWS.c.sealed, _ROWS.c.until).where(_ROWS.c.name == name)
    ).one_or_none()
    return None if row is None else Sealed(row.sealed, row.until)


def keep_token(connection: Connection, name: str, token: Sealed, *, now: datetime) -> None:
    """Keep a token in place of the one before."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    fresh = {"sealed": token.sealed, "until": token.until, "fetched_at": now}
    statement = make(_ROWS).values({"name": name, **fresh})
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=fresh))
