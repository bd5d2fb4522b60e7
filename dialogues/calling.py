"""Calling: runs another flow as a part of the open one, and takes over what it found out.

A flow that was called is kept by its caller when it is over. When a correction sends the caller
through the call again, the called flow goes on with what it knew and did: it asks nothing twice
and does again only what depends on what changed.
"""

from pydantic import JsonValue

from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.inputs import filled_in
from dialogues.known_slots import known_slots
from dialogues.mending import fit
from dialogues.opening import push
from dialogues.places import mark
from dialogues.revision import go_through_again
from dialogues.state import Frame
from dialogues.step import Call
from dialogues.stored_values import fits


def call(x: Exchange, frame: Frame, flow: Flow, step: Call) -> None:
    """Open the called flow with the caller's slots of the same name and those of `with`."""
    target = x.bot.flows[step.call]
    same = {n: v for n, v in frame.slots.items() if n in target.slots and v is not None}
    given = {name: filled_in(x, flow, frame, value) for name, value in step.with_.items()}
    taken = same | {name: value for name, value in given.items() if value is not None}
    before = frame.returned.get(frame.step)
    push(x, target, taken, called=frame.step)
    if before is not None and before.flow == target.id:
        _go_on(x, before, target)


def _go_on(x: Exchange, before: Frame, flow: Flow) -> None:
    """Let the flow that was just opened know and have done what it had when it was over."""
    opened = x.state.frames[-1]
    again = before.model_copy(deep=True)
    fit(x, again, flow)
    changed = {name for name, value in opened.slots.items() if again.slots.get(name) != value}
    again.slots, again.called, again.changed = again.slots | opened.slots, opened.called, False
    x.state.frames[-1] = again
    go_through_again(x, again, flow, changed)


def keep(caller: Frame, called: Frame) -> None:
    """Keep a called flow that is over, the one that was called when it linked to another."""
    before = caller.returned.get(called.called)
    if before is None or before.flow == called.flow:
        kept = called.model_copy(deep=True)
        caller.returned = {**caller.returned, called.called: kept}


def give_back(x: Exchange, called: Frame) -> None:
    """Let the caller of a flow that is over go on behind the call, with what it found out."""
    caller = x.state.frame
    if caller is None:
        return
    keep(caller, called)
    flow = x.bot.flows[caller.flow]
    step = flow.step_named(called.called)
    save = step.save if isinstance(step, Call) else {}
    found: dict[str, JsonValue] = {
        name: value
        for name, value in called.slots.items()
        if name in known_slots(flow) and (value is not None or name not in caller.slots)
    }
    found |= {ours: called.slots[its] for its, ours in save.items() if its in called.slots}
    caller.slots = caller.slots | {
        name: value
        for name, value in found.items()
        if name not in flow.slots or fits(flow.slots[name], value)
    }
    mark(caller, step=called.called)
    if caller.changed:
        caller.changed = False
        x.repair("changed", slots={"goal": x.goal(flow)})
