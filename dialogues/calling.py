"""Calling: runs another flow as a part of the open one, and takes over what it found out."""

from pydantic import JsonValue

from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.inputs import filled_in
from dialogues.known_slots import known_slots
from dialogues.opening import push
from dialogues.places import mark
from dialogues.state import Frame
from dialogues.step import Call
from dialogues.stored_values import fits


def call(x: Exchange, frame: Frame, flow: Flow, step: Call) -> None:
    """Open the called flow with the caller's slots of the same name and those of `with`."""
    target = x.bot.flows[step.call]
    same = {n: v for n, v in frame.slots.items() if n in target.slots and v is not None}
    given = {name: filled_in(x, flow, frame, value) for name, value in step.with_.items()}
    push(
        x,
        target,
        same | {name: value for name, value in given.items() if value is not None},
        called=frame.step,
    )


def give_back(x: Exchange, called: Frame) -> None:
    """Let the caller of a flow that is over go on behind the call, with what it found out."""
    caller = x.state.frame
    if caller is None:
        return
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
