"""Records a rating with an optional comment."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from crm_store.feedback import record_feedback
from dialogues.action import ActionError, ActionTurn, Input, Output, text

INPUTS: Final = {
    "rating": Input("number", required=True, least=1, most=5),
    "comment": Input(),
    "about": Input(),
}
OUTPUTS: Final = {"rating": Output("number")}
REPEATABLE: Final = False


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Record the rating and return it."""
    rating = inputs["rating"]
    if not isinstance(rating, int | float) or rating != int(rating):
        raise ActionError("unfit_input")
    rating = int(rating)
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
