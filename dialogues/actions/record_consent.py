"""Records a yes or no to being written to."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from crm_store.consents import record_consent
from dialogues.action import ActionError, ActionTurn, Input

INPUTS: Final = {"purpose": Input(required=True), "granted": Input(required=True)}
OUTPUTS: Final = frozenset({"granted"})
REPEATABLE: Final = True

PURPOSES: Final = ("service", "marketing", "survey")
_GRANTED: Final = {
    True: True,
    False: False,
    "true": True,
    "false": False,
    "yes": True,
    "no": False,
}


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Append the consent to the ledger and return it."""
    purpose, said = inputs.get("purpose"), inputs.get("granted")
    granted = _GRANTED.get(said) if isinstance(said, bool | str) else None
    if purpose not in PURPOSES or granted is None:
        raise ActionError
    record_consent(
        turn.session,
        turn.customer.id,
        purpose=str(purpose),
        channel=turn.channel,
        granted=granted,
        evidence=turn.words or "pressed a button",
        source=turn.source,
        now=turn.now,
    )
    turn.record("consent_recorded", {"purpose": purpose, "granted": granted})
    return {"granted": granted}
