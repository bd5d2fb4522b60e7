"""API: a customer's timeline."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel
from starlette.requests import Request

from bots.api.principal import Principal, token_holder
from crm_store import timeline
from crm_store.customers import Customer
from crm_store.database import Database

router = APIRouter(prefix="/api/v1", tags=["customers"])


class TimelineEntryOut(BaseModel):
    """One thing that happened with a customer."""

    id: UUID
    kind: str
    actor: str
    channel: str
    source: str
    conversation_id: UUID | None
    seq: int | None
    position: int
    at: datetime
    data: dict[str, Any]


class TimelineOut(BaseModel):
    """A page of a timeline, oldest entry first."""

    customer_id: UUID
    entries: list[TimelineEntryOut]
    before: UUID | None  #: pass it on to get the page of older entries; null when this is the last


def _read(
    database: Database, customer_id: UUID, before: UUID | None, limit: int
) -> list[dict[str, Any]] | None:
    with database.session() as session:
        if session.get(Customer, customer_id) is None:
            return None
        return timeline.read(session, customer_id, before=before, limit=limit)


@router.get("/customers/{customer_id}/timeline")
async def read_timeline(
    request: Request,
    customer_id: UUID,
    _principal: Annotated[Principal, Depends(token_holder)],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[UUID | None, Query(description="id of the oldest entry at hand")] = None,
) -> TimelineOut:
    """Return the newest entries of a customer's timeline, or those before a given one."""
    rows = await asyncio.to_thread(_read, request.app.state.database, customer_id, before, limit)
    if rows is None:
        raise HTTPException(404, "there is no such customer")
    entries = [TimelineEntryOut.model_validate(row) for row in rows]
    more = entries[0].id if len(entries) == limit else None
    return TimelineOut(customer_id=customer_id, entries=entries, before=more)
