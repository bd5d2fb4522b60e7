"""The generation: a number that grows with every change of what is live, cheap enough to poll.

Its row is also the lock under which texts are numbered and published, one change at a time.
"""

from typing import Final

from sqlalchemy import BigInteger, Table, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base


class Generation(Base):
    """The one row."""

    __tablename__ = "knowledge_generation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    number: Mapped[int] = mapped_column(BigInteger)


_GENERATION: Final[Table] = Generation.__table__  # type: ignore[assignment]


def generation(connection: Connection | Session) -> int:
    """Return the present number."""
    found = connection.execute(select(_GENERATION.c.number).where(_GENERATION.c.id == 1))
    return int(found.scalar_one())


def lock_publication(session: Session) -> None:
    """Keep others from numbering and publishing until the caller's transaction ends.

    On SQLite the transaction itself, as `Database.session` opens it, is that lock.
    """
    session.execute(select(_GENERATION.c.number).where(_GENERATION.c.id == 1).with_for_update())


def advance_generation(session: Session) -> None:
    """Tell all processes, with the commit, that what is live has changed."""
    session.execute(
        update(_GENERATION).where(_GENERATION.c.id == 1).values(number=_GENERATION.c.number + 1)
    )
