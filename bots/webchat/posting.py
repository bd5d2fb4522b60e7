"""Posting: what a visitor says, through all limits into the inbox; whatever the transport."""

from bots.webchat.parts import WebchatAccount, WebchatParts
from bots.webchat.refusals import Refused
from channels.webchat.adapter import inbound
from channels.webchat.frames import Message
from channels.webchat.tokens import Visitor
from crm_store.inbox import Arrival, Stored


async def post(
    parts: WebchatParts, said: Message, *, visitor: Visitor, account: WebchatAccount
) -> Stored:
    """Store a message and return its place; it is on disk when this returns.

    Raises:
        Refused: it came too soon, or the engine is overloaded.
        StoreUnavailableError: the database takes no writes.
    """
    if (wait := parts.overloaded()) is not None:
        raise Refused(
            429, "overloaded", "too much is going on; send it again later", retry_after=wait
        )
    if (wait := await parts.rates.message(visitor.id)) is not None:
        raise Refused(
            429, "rate_limited", "too many messages at once; wait a moment", retry_after=wait
        )
    now = parts.clock()
    message = inbound(
        visitor, said.content, account=account.account, external_id=said.client_msg_id, now=now
    )
    stored = await parts.ingest.submit(Arrival(message=message, received_at=now))
    if not stored.duplicate:
        writing = {"type": "typing", "on": True, "from": "bot"}
        parts.streams.signal(stored.conversation_id, writing, seq=stored.seq)
    return stored
