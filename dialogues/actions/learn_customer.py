"""Writes what the customer said about themselves; a claim never replaces a verified fact."""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from crm_store.customers import learn
from dialogues.action import ActionTurn, Input, Output, text

INPUTS: Final = {"name": Input(), "email": Input(), "phone": Input(), "company": Input()}
OUTPUTS: Final[Mapping[str, Output]] = {}
REPEATABLE: Final = True

#: Column widths of a customer, in code points.
WIDTHS: Final = {"name": 200, "email": 320, "phone": 32, "company": 200}


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Learn the facts that are given."""
    facts = {
        name: value[: WIDTHS[name]]
        for name in INPUTS
        if (value := text(inputs.get(name))) is not None
    }
    changed = learn(turn.customer, verified=False, source=turn.source, now=turn.now, **facts)
    if changed:
        turn.record("customer_changed", {"facts": sorted(changed)})
    return {}
