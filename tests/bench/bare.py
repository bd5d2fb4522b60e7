"""The yardstick: a FastAPI route that inserts one row, commits, and does nothing else."""

import sys
from uuid import UUID, uuid4

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.database import Base, Database


class Row(Base):
    """The one row."""

    __tablename__ = "bench_rows"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(4000))


class Body(BaseModel):
    """The one field."""

    client_msg_id: str
    content: dict[str, str]


def make(url: str) -> FastAPI:
    """Return the application."""
    database = Database(url)
    Base.metadata.create_all(database.engine, tables=[Row.__table__])  # type: ignore[list-item]
    app = FastAPI()

    @app.post("/messages", status_code=202)
    def insert(body: Body) -> dict[str, str]:
        with database.transaction() as connection:
            connection.execute(
                Row.__table__.insert().values(id=uuid4(), text=body.content["text"])  # type: ignore[attr-defined]
            )
        return {"client_msg_id": body.client_msg_id}

    return app


if __name__ == "__main__":
    uvicorn.run(
        make(sys.argv[1]),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        access_log=False,
        log_level="warning",
        http="httptools",
        loop="uvloop",
    )
