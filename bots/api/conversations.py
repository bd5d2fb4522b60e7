"""API: the turns of a conversation, and why each went as it did."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from bots.api.principal import Principal, token_holder
from bots.explanation import Explanation, explain
from bots.turn_lines import TurnLine, turn_line
from crm_store import turns
from crm_store.database import Database
from crm_store.turns import TurnRecord

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])

#: The largest number a conversation can give.
SEQ_MAX: Final = 2**63 - 1
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "No valid token"},
    404: {"description": "There is no such conversation or turn"},
}

Caller = Annotated[Principal, Depends(token_holder)]


class TurnsOut(BaseModel):
    """A page of a conversation's turns, oldest first."""

    conversation_id: UUID
    turns: list[TurnLine]
    before: int | None = Field(description="pass it on to get older turns; null: there are none")


def _page(
    database: Database, conversation_id: UUID, before: int | None, limit: int
) -> list[dict[str, Any]] | None:
    with database.reading() as connection:
        return turns.page(connection, conversation_id, before=before, limit=limit)


def _find(database: Database, conversation_id: UUID, seq: int) -> TurnRecord | None:
    with database.reading() as connection:
        return turns.find(connection, conversation_id, seq)


@router.get("/{conversation_id}/turns", responses=_REFUSED)
async def read_turns(
    request: Request,
    conversation_id: UUID,
    _principal: Caller,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[
        int | None, Query(ge=1, le=SEQ_MAX, description="number of the oldest turn at hand")
    ] = None,
) -> TurnsOut:
    """Return the newest turns of a conversation, or those before a given one."""
    database = request.app.state.database
    rows = await asyncio.to_thread(_page, database, conversation_id, before, limit)
    if rows is None:
        raise HTTPException(404, "there is no such conversation")
    more = rows[0]["seq"] if len(rows) == limit else None
    lines = [turn_line(row) for row in rows]
    return TurnsOut(conversation_id=conversation_id, turns=lines, before=more)


@router.get("/{conversation_id}/turns/{seq}/explanation", responses=_REFUSED)
async def read_explanation(
    request: Request,
    conversation_id: UUID,
    seq: Annotated[
        int, Path(ge=1, le=SEQ_MAX, description="number of the message, or of a reply to it")
    ],
    _principal: Caller,
) -> Explanation:
    """Return why a turn went as it did: message, understanding, commands, steps, effects, sends.

    Texts are plain data, exactly as customers wrote them: escape them wherever they are shown.
    """
    database = request.app.state.database
    record = await asyncio.to_thread(_find, database, conversation_id, seq)
    if record is None:
        raise HTTPException(404, "there is no such conversation, or no message of this number")
    return explain(record)
