"""Records a yes or no to being written to."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from crm_store.consents import record_consent
from dialogues.action import ActionTurn, Input, Output

PURPOSES: Final = ("service", "marketing", "survey")

INPUTS: Final = {
    "purpose": Input("choice", required=True, choices=PURPOSES),
    "granted": Input("boolean", required=True),
}
OUTPUTS: Final = {"granted": Output("boolean")}
REPEATABLE: Final = True


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Append the consent to the ledger and return it."""
    purpose, granted = str(inputs["purpose"]), bool(inputs["granted"])
    record_consent(
        turn.session,
        turn.customer.id,
        purpose=purpose,
        channel=turn.channel,
        granted=granted,
        evidence=turn.words or "pressed a button",
        source=turn.source,
        now=turn.now,
    )
    turn.record("consent_recorded", {"purpose": purpose, "granted": granted})
    return {"granted": granted}
