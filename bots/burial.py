"""Burial: an item that cannot be worked is given up, the customer told, and a person called."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from bots import batch
from bots.metrics import DEAD_LETTERS
from crm_store import dead_letters, inbox
from crm_store.customers import identify
from crm_store.database import Database
from crm_store.handoffs import request_handoff
from crm_store.inbox import Undone
from crm_store.timeline import Entry
from dialogues.bot import Bot
from dialogues.turn import Reply, TurnResult, apology

log = structlog.get_logger()


def bury(database: Database, bot: Bot, item: Undone, *, reason: str, now: datetime) -> bool:
    """Dead-letter `item`, apologise, and queue its conversation for a person; it then goes on.

    Returns:
        False when somebody else holds the conversation or has done the item meanwhile.
    """
    with database.session() as session:
        connection = session.connection()
        locked = inbox.lock_conversations(connection, [item.conversation_id])
        undone = inbox.still_undone(connection, list(locked))
        if item.seq not in undone.get(item.conversation_id, []):
            return False
        conversation = locked[item.conversation_id]
        message = item.message
        customer = identify(session, [(message.address, message.sender)], now=now)[message.address]
        language = conversation["language"] or bot.languages[0]
        source = f"dead:{item.conversation_id}:{item.seq}:{now.isoformat()}"
        desk = bot.default_desk
        request_handoff(
            session,
            customer.id,
            conversation_id=item.conversation_id,
            desk=desk,
            reason="dead_letter",
            summary={"language": language, "failed_seq": item.seq, "error": reason},
            source=source,
            now=now,
        )
        said = apology(bot, language)
        result = TurnResult(
            outcome="dead_letter",
            state=conversation["state"],
            language=language,
            owner="queue" if conversation["owner"] == "bot" else conversation["owner"],
            owner_epoch=conversation["owner_epoch"] + (conversation["owner"] == "bot"),
            replies=(Reply(said),),
            entries=_entries(item, customer.id, desk, said.model_dump(mode="json"), source, now),
            timers=(),
            trace=({"dead_letter": reason},),
        )
        writes = batch.Writes()
        batch.gather(writes, item, customer, conversation, result, None, now)
        batch.write(session, writes, worker="burial", now=now)
        dead_letters.bury(
            connection,
            conversation_id=item.conversation_id,
            seq=item.seq,
            outbox_id=None,
            reason=reason,
            attempts=item.attempts,
            now=now,
        )
    DEAD_LETTERS.labels("inbound").inc()
    log.error("worker.dead_letter", conversation_id=str(item.conversation_id), seq=item.seq)
    return True


def _entries(
    item: Undone, customer_id: UUID, desk: str, said: dict[str, Any], source: str, now: datetime
) -> tuple[Entry, ...]:
    content = item.message.content.model_dump(mode="json")
    told: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("message_received", "customer", {"content": content}),
        ("item_dead_lettered", "engine", {"seq": item.seq}),
        ("handoff_requested", "engine", {"desk": desk, "reason": "dead_letter"}),
        ("message_sent", "bot", {"content": said, "purpose": "reply"}),
    )
    return tuple(
        Entry(
            customer_id=customer_id,
            kind=kind,
            actor=actor,
            channel=item.message.address.channel,
            source=source,
            at=now,
            data=data,
            conversation_id=item.conversation_id,
            seq=item.seq,
            position=position,
        )
        for position, (kind, actor, data) in enumerate(told)
    )
