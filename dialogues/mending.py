"""Mending: fits the open flows of a conversation to the bot as it is now.

A flow that was changed is walked again with what it knows and what it did, without doing
anything. When that leads to where the conversation stands, it goes on silently; otherwise the
flow begins again and the customer is told. What was done stays done.
"""

from collections.abc import Iterator
from typing import Any

from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.places import place_name
from dialogues.stack import wanted
from dialogues.state import Frame
from dialogues.step import Act, Call, asked_slot
from dialogues.stored_values import fits
from dialogues.walk import stop


def _renamed(x: Exchange, old: str) -> Flow | None:
    """Return the flow that was called `old` before."""
    return next((flow for flow in x.bot.flows.values() if old in flow.renamed.flow), None)


def mend(x: Exchange) -> bool:
    """Fit open flows to the bot as it is now; return whether the open one begins again."""
    kept: list[Frame] = []
    below: Frame | None = None
    gone = False
    for frame in x.state.frames:
        flow = x.bot.flows.get(frame.flow) or _renamed(x, frame.flow)
        if flow is None:
            gone, below = True, None
            continue
        if below is None:
            frame.called = ""
        elif frame.called:
            frame.called = _call_of(x.bot.flows[below.flow], below, frame, flow)
        fit(x, frame, flow)
        kept.append(frame)
        below = frame
    x.state.frames = kept
    goal = wanted(x.state)
    if goal is not None and kept[-1].changed:
        kept[-1].changed = False
        x.repair("changed", slots={"goal": x.goal(x.bot.flows[goal.flow])})
        return True
    if gone and not kept:
        x.repair("changed")
        return True
    return False


def _is_other(frame: Frame, flow: Flow) -> bool:
    """Tell whether the frame was made for another version of the flow, or kept paths as done."""
    paths = any(done[:1].isdigit() for done in frame.done)
    return frame.flow_hash != flow.hash or paths or flow.step_at(frame.path) is None


def fit(x: Exchange, frame: Frame, flow: Flow) -> None:
    """Fit one frame to `flow` as it is now, when it was made for another version of it."""
    if not _is_other(frame, flow):
        return
    frame.flow, frame.flow_hash = flow.id, flow.hash
    frame.slots = _slots(frame, flow)
    frame.done = _done(frame.done, flow)
    frame.returned = {_name_now(name, flow): each for name, each in frame.returned.items()}
    asked, step = _new_names(frame, flow)
    path = stop(x, frame, flow)
    here = flow.step_at(path) if path is not None else None
    if path is not None and here is not None:
        same = asked_slot(here) == asked if asked else flow.names[path] == step
        if same or (asked is None and isinstance(here, Call) and _called(step) == here.call):
            frame.path, frame.step, frame.asked = path, flow.names[path], asked
            _, sign, inputs = frame.waiting_mark.partition("#")
            frame.waiting_mark = f"{frame.step}{sign}{inputs}" if frame.waiting else ""
            return
    frame.path, frame.step, frame.asked, frame.attempts = (0,), "", None, 0
    frame.waiting, frame.waiting_mark = None, ""
    frame.changed = True


def _called(name: str) -> str | None:
    """Return the flow that the step of this name calls, None when it calls none or has an id."""
    kind, _, rest = name.partition(":")
    return rest.partition(":")[0] if kind == "call" else None


def _new_names(frame: Frame, flow: Flow) -> tuple[str | None, str]:
    """Return what the slot that is asked for and the step that waits are called now."""
    asked = frame.asked
    if asked is not None and asked not in flow.slots:
        asked = flow.renamed.slots.get(asked, asked)
    return asked, flow.renamed.steps.get(frame.step, frame.step)


def _slots(frame: Frame, flow: Flow) -> dict[str, Any]:
    """Return the values under the names that slots have now, without those that fit no more."""
    names = {
        old: new
        for old, new in flow.renamed.slots.items()
        if old not in flow.slots and new not in frame.slots
    }
    values = {names.get(name, name): value for name, value in frame.slots.items()}
    return {
        name: value
        for name, value in values.items()
        if name not in flow.slots or fits(flow.slots[name], value)
    }


def _done(done: list[str], flow: Flow) -> list[str]:
    """Return what need not run again, by the names that steps have now."""
    by_place = {place_name(path): name for path, name in flow.names.items()}
    kept: list[str] = []
    lost: list[tuple[str, str]] = []
    for each in done:
        name, slash, branch = each.partition("/")
        name = by_place.get(name, "") if name[:1].isdigit() else name
        name = flow.renamed.steps.get(name, name)
        if name in by_place.values():
            kept.append(name + slash + branch)
        elif name:
            lost.append((name, slash + branch))
    # What was done is not done again because it is stated a little differently now.
    for name, branch in lost:
        marked = {each.partition("/")[0] for each in kept}
        again = next((now for now in _restated(flow, name) if now not in marked), None)
        if again is not None:
            kept.append(again + branch)
    return kept


def _name_now(name: str, flow: Flow) -> str:
    """Return what the step that was called `name` is called now; as before when none is."""
    name = flow.renamed.steps.get(name, name)
    return name if name in flow.names.values() else next(_restated(flow, name), name)


def _restated(flow: Flow, name: str) -> Iterator[str]:
    """Yield the acts and calls of `flow` that do what the step once called `name` did."""
    kind, _, rest = name.partition(":")
    target = rest.partition(":")[0]
    for path, step in flow.walked:
        if (kind == "act" and isinstance(step, Act) and step.act == target) or (
            kind == "call" and isinstance(step, Call) and step.call == target
        ):
            yield flow.names[path]


def _call_of(caller: Flow, frame: Frame, called: Frame, flow: Flow) -> str:
    """Return the name that the step of `caller` has now which called `flow`."""
    step = caller.step_named(called.called)
    if isinstance(step, Call) and step.call == flow.id:
        return called.called
    marked = {each.partition("/")[0] for each in frame.done}
    again = (
        caller.names[path]
        for path, each in caller.walked
        if isinstance(each, Call) and each.call == flow.id and caller.names[path] not in marked
    )
    return next(again, called.called)
