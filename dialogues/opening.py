"""Opening: puts a flow on the stack with what is known for it, and makes room there."""

from collections.abc import Mapping

from pydantic import JsonValue

from dialogues.exchange import Exchange
from dialogues.facts import known_facts
from dialogues.flow import Flow
from dialogues.stack import make_room
from dialogues.state import Frame
from dialogues.stored_values import fits


def push(
    x: Exchange,
    flow: Flow,
    slots: Mapping[str, JsonValue],
    *,
    words: str = "",
    called: str = "",
) -> None:
    """Open `flow` on top of those open.

    Args:
        x: the turn.
        flow: what to open.
        slots: values for its slots; those that do not fit, or that it has not, are left out.
        words: the text that started it.
        called: name of the step of the open flow that calls it.
    """
    given = {n: v for n, v in slots.items() if n in flow.slots and fits(flow.slots[n], v)}
    for name, slot in flow.slots.items():
        if slot.from_trigger and words.strip():
            given.setdefault(name, words.strip()[: slot.max_length])
    known, unsure = known_facts(x, flow, without=given)
    for oldest in make_room(x.state, calling=bool(called)):
        x.repair("dropped", slots={"goal": x.goal(x.bot.flows[oldest.flow])})
    x.state.frames.append(
        Frame(
            flow=flow.id,
            flow_hash=flow.hash,
            slots=known | given,
            unsure=unsure,
            called=called,
        )
    )
