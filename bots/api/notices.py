"""API: tell a conversation that something happened outside, for flows that wait for it."""

import asyncio
from typing import Annotated, Final
from uuid import UUID, uuid5

import orjson
from fastapi import APIRouter, Depends, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from bots.api.bodies import body_of, read_as
from bots.api.principal import Principal, token_holder
from bots.ingest import StoreUnavailableError
from bots.node import Node
from channels.messages import Address, InboundMessage, Notice, Sender
from crm_store.conversations import Conversation
from crm_store.database import Database, utc_now
from crm_store.inbox import Arrival

router = APIRouter(prefix="/api/v1", tags=["conversations"])

#: Largest body, in bytes.
BODY_MAX: Final = 16 * 1024


class NoticeIn(BaseModel):
    """What happened, under the name a flow's `wait` step says."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
    data: dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)],
        Annotated[str, Field(max_length=1000)] | bool | int | float | None,
    ] = Field(default_factory=dict, max_length=20)


class NoticeOut(BaseModel):
    """Where the notice stands in its conversation."""

    conversation_id: UUID
    seq: int
    duplicate: bool  #: it was told before under this key, and this time had no effect


def _address(database: Database, conversation_id: UUID) -> Address | None:
    with database.session() as session:
        row = session.get(Conversation, conversation_id)
        if row is None:
            return None
        return Address(channel=row.channel, account=row.account, peer=row.peer, thread=row.thread)


@router.post(
    "/conversations/{conversation_id}/notices",
    status_code=202,
    openapi_extra=body_of(NoticeIn),
)
async def tell(
    request: Request,
    conversation_id: UUID,
    principal: Annotated[Principal, Depends(token_holder)],
    idempotency_key: Annotated[
        str, Header(min_length=1, max_length=200, description="told again, it has no effect")
    ],
) -> NoticeOut:
    """Store a notice behind what the conversation holds; the flow that waits for it goes on."""
    given = await read_as(request, NoticeIn, most=BODY_MAX)
    node: Node = request.app.state.node
    address = await asyncio.to_thread(_address, node.database, conversation_id)
    if address is None:
        raise HTTPException(404, "there is no such conversation")
    now = utc_now()
    message = InboundMessage(
        # A name of its own: nobody who tells things can take an id of customers or of the engine.
        external_id=f"told:{uuid5(conversation_id, idempotency_key)}",
        address=address,
        sender=Sender(id=address.peer),
        content=Notice(
            name="told",
            data={
                "notice": given.name,
                "from": principal.name[:64],
                "data": orjson.dumps(given.data).decode(),
            },
        ),
        sent_at=now,
    )
    try:
        place = await node.ingest.submit(Arrival(message=message, received_at=now))
    except StoreUnavailableError as error:
        raise HTTPException(
            503, "not stored, tell it again", headers={"retry-after": "2"}
        ) from error
    return NoticeOut(
        conversation_id=place.conversation_id, seq=place.seq, duplicate=place.duplicate
    )
