"""Tried turns: explained like stored ones, for whoever tries a bot without a store."""

from dataclasses import asdict
from datetime import datetime

from bots.batch import meaning_data
from bots.explanation import Explanation, explain
from channels.messages import Address, InboundContent
from crm_store.turns import TurnRecord
from dialogues.turn import TurnResult
from nlu.understanding import Understanding


def explain_tried(
    content: InboundContent,
    understanding: Understanding | None,
    result: TurnResult,
    *,
    address: Address,
    seq: int,
    at: datetime,
) -> Explanation:
    """Return the explanation of a turn that was taken but not written.

    Args:
        content: what the customer wrote or pressed.
        understanding: of a text, as the turn was given it.
        result: what the turn brought about.
        address: where it took place.
        seq: number of the message.
        at: when it was taken.
    """
    customer = next((entry.customer_id for entry in result.entries), None)
    conversation = {
        "id": address.conversation_id,
        **address.model_dump(),
        "customer_id": customer,
        "owner": result.owner,
        "state": result.state,
    }
    message = {"content": content.model_dump(mode="json", exclude_none=True)}
    item = {"seq": seq, "message": message, "received_at": at, "attempts": 0}
    turn = {
        "outcome": result.outcome,
        "at": at,
        "customer_id": customer,
        "understanding": meaning_data(understanding),
        "trace": list(result.trace),
    }
    entries = [asdict(entry) for entry in result.entries]
    return explain(TurnRecord(conversation, seq, [item], turn, entries))
