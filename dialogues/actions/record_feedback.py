"""Records a rating with an optional comment."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from crm_store.feedback import record_feedback
from dialogues.action import ActionError, ActionTurn, Input, text

INPUTS: Final = {"rating": Input(required=True), "comment": Input(), "about": Input()}
OUTPUTS: Final = frozenset({"rating"})
REPEATABLE: Final = False


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Record the rating and return it."""
    try:
        rating = int(str(inputs.get("rating")))
    except ValueError as error:
        raise ActionError from error
    if not 1 <= rating <= 5:
        raise ActionError
    feedback, _ = record_feedback(
        turn.session,
        turn.customer.id,
        conversation_id=turn.conversation_id,
        about=(text(inputs.get("about")) or "conversation")[:200],
        rating=rating,
        comment=text(inputs.get("comment")),
        source=turn.source,
        now=turn.now,
    )
    turn.record("feedback_given", {"rating": feedback.rating, "about": feedback.about})
    return {"rating": rating}
