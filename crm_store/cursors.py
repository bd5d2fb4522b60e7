"""Cursors: how far each account whose provider is read has been read."""

from datetime import datetime
from typing import Final

from sqlalchemy import String, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.database import Base

#: Longest cursor a provider may give, in code points.
CURSOR_MAX: Final = 500


class ChannelCursor(Base):
    """Where to read on at one provider; moved only once what was read is stored."""

    __tablename__ = "channel_cursors"

    channel: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(200), primary_key=True)
    cursor: Mapped[str] = mapped_column(String(CURSOR_MAX))
    updated_at: Mapped[datetime]


_ROWS: Final[Table] = ChannelCursor.__table__  # type: ignore[assignment]


def read_cursor(connection: Connection, channel: str, account: str) -> str | None:
    """Return where to read on, None where nothing was read before."""
    return connection.execute(
        select(_ROWS.c.cursor).where(_ROWS.c.channel == channel, _ROWS.c.account == account)
    ).scalar()


def move_cursor(
    connection: Connection, channel: str, account: str, cursor: str, *, now: datetime
) -> None:
    """Remember where to read on.

    Raises:
        ValueError: the cursor is longer than CURSOR_MAX.
    """
    if len(cursor) > CURSOR_MAX:
        message = f"a cursor of {len(cursor)} characters is longer than {CURSOR_MAX}"
        raise ValueError(message)
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {"channel": channel, "account": account, "cursor": cursor, "updated_at": now}
    statement = make(_ROWS).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["channel", "account"],
            set_={"cursor": cursor, "updated_at": now},
        )
    )
