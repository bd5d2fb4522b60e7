"""Facts: what the CRM knows of the customer, as far as it is young enough to be used unasked."""

from collections.abc import Collection
from datetime import UTC, datetime

from pydantic import JsonValue

from crm_store.customers import learn, reaffirm
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.slot import Slot
from dialogues.state import Frame

#: Column widths of a customer, in code points.
_WIDTHS = {"name": 200, "email": 320, "phone": 32, "company": 200}

Values = dict[str, JsonValue]


def known_facts(x: Exchange, flow: Flow, *, without: Collection[str]) -> tuple[Values, Values]:
    """Return what is known for the flow's slots: what is sure, and what must be confirmed.

    Args:
        x: the turn.
        flow: whose slots.
        without: slots that have a value already.
    """
    sure: Values = {}
    unsure: Values = {}
    for name, slot in flow.slots.items():
        if slot.fact is None or name in without or not (value := getattr(x.customer, slot.fact)):
            continue
        old = name in flow.collected and _is_old(x, slot)
        (unsure if old else sure)[name] = value
    return sure, unsure


def _is_old(x: Exchange, slot: Slot) -> bool:
    """Tell whether a fact was learnt longer ago than its slot allows."""
    if slot.fresh is None:
        return False
    at = (x.customer.facts or {}).get(slot.fact or "", {}).get("at")
    learnt = datetime.fromisoformat(at) if isinstance(at, str) else x.customer.created_at
    if learnt.tzinfo is None:
        learnt = learnt.replace(tzinfo=UTC)
    return x.now - learnt > slot.fresh


def reaffirm_fact(x: Exchange, slot: Slot) -> None:
    """Note that the customer said a fact is still right, so that it is young again."""
    if slot.fact is not None:
        reaffirm(x.customer, slot.fact, source=x.source, now=x.now)


def remember(x: Exchange, frame: Frame) -> None:
    """Keep what the customer gave for slots that are facts, for the next time they are needed."""
    flow = x.bot.flows[frame.flow]
    facts: dict[str, str] = {
        slot.fact: str(value)[: _WIDTHS[slot.fact]]
        for name, slot in flow.slots.items()
        if slot.fact is not None and (value := frame.slots.get(name))
    }
    facts = {fact: value for fact, value in facts.items() if value != getattr(x.customer, fact)}
    changed = learn(x.customer, source=x.source, now=x.now, verified=False, **facts)
    if changed:
        x.record("customer_changed", {"facts": sorted(changed)})
