"""The executor: runs the open flows step by step until one waits for the customer."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import JsonValue

from dialogues import stack
from dialogues.acting import act
from dialogues.asking import ask
from dialogues.calling import call, give_back, keep
from dialogues.endings import note_end, take_over
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.handoff import hand_over
from dialogues.inputs import filled_in
from dialogues.opening import push
from dialogues.places import following, mark, place_name
from dialogues.state import Frame
from dialogues.step import (
    Act,
    Call,
    Choose,
    Collect,
    End,
    HandOff,
    If,
    Link,
    Say,
    Search,
    Set,
    Switch,
    Wait,
    asked_slot,
)
from dialogues.stored_values import fits
from dialogues.waiting import wait
from dialogues.walk import passed
from knowledge_base.answer import SearchResult

#: Steps one turn may take; flows that need more run in circles.
STEP_BUDGET: Final = 50


class StepBudgetError(Exception):
    """The flows ran in circles."""


def start(x: Exchange, flow_id: str, slots: Mapping[str, JsonValue], *, words: str = "") -> None:
    """Open a flow on top of those open; one that is open already is brought up and goes on."""
    flow = x.bot.flows[flow_id]
    open_frame = stack.bring_up(x.state, flow_id)
    if open_frame is None:
        push(x, flow, slots, words=words)
        return
    given = {name: value for name, value in slots.items() if name in flow.slots}
    open_frame.slots = {**given, **open_frame.slots}
    open_frame.begun = True


def advance(x: Exchange) -> None:
    """Run the open flow, then those below it, until one waits or nothing is open.

    Raises:
        StepBudgetError: more than `STEP_BUDGET` steps.
    """
    budget = STEP_BUDGET
    while x.owner == "bot" and (frame := x.state.frame) is not None:
        flow = x.bot.flows[frame.flow]
        step = flow.step_at(frame.path)
        if step is None:
            _leave(x, frame)
            continue
        frame.step = flow.names[frame.path]
        onward = passed(x, frame, flow, frame.path)
        if onward is None or isinstance(step, If | Switch | Choose):
            budget -= 1
            if budget < 0:
                raise StepBudgetError
            if not isinstance(step, Collect):
                x.note(step=f"{flow.id}/{place_name(frame.path)}")
        if onward is not None:
            if asked_slot(step) is not None:
                frame.asked, frame.attempts = None, 0
            frame.path = onward
        elif _run(x, frame, flow, step):
            return


def _run(x: Exchange, frame: Frame, flow: Flow, step: Any) -> bool:  # noqa: ANN401 - one of Step
    """Run one step; return whether the flow waits now.

    A step that has done its part is marked, and the walk goes on behind it by itself.
    """
    match step:
        case Collect() | Choose():
            ask(x, frame, flow, asked_slot(step) or "")
            return True
        case Say():
            x.say(step.say, flow=flow, slots=frame.slots)
            mark(frame)
        case Set():
            _set(x, frame, flow, step)
            mark(frame)
        case Act():
            return act(x, frame, flow, step)
        case Wait():
            return wait(x, frame, flow, step)
        case Search():
            mark(frame, "found" if _search(x, frame, flow, step) else "missing")
        case Call():
            call(x, frame, flow, step)
        case _:
            _finish(x, frame, flow, step)
    return False


def _finish(x: Exchange, frame: Frame, flow: Flow, step: Any) -> None:  # noqa: ANN401 - one of Step
    match step:
        case HandOff():
            _hand_off(x, frame, flow, step)
        case Link():
            mark(frame)  # gone through again after a correction, it leads nowhere
            _pop(x, frame)
            if frame.called:  # what it links to answers the call in its place
                keep(x.state.frames[-1], frame)
                push(x, x.bot.flows[step.link], frame.slots, called=frame.called)
            else:
                start(x, step.link, _fitting(x, step.link, frame))
        case End():
            _end(x, frame)


def _fitting(x: Exchange, flow_id: str, frame: Frame) -> dict[str, JsonValue]:
    slots = x.bot.flows[flow_id].slots
    return {n: v for n, v in frame.slots.items() if n in slots and fits(slots[n], v)}


def _hand_off(x: Exchange, frame: Frame, flow: Flow, step: HandOff) -> None:
    """Hand over with what the flow knows, and what the flows that called it know."""
    _pop(x, frame)
    if frame.called:
        root = stack.close(x.state)
        flow, frame = (
            x.bot.flows[root.flow],
            Frame(flow=root.flow, flow_hash=root.flow_hash, slots={**root.slots, **frame.slots}),
        )
    hand_over(x, desk=step.hand_off, reason="flow", last=(flow, frame))


def _pop(x: Exchange, frame: Frame) -> None:
    x.state.frames.pop()
    x.note(ended=frame.flow, ended_with=frame.slots)
    note_end(x, frame)


def _leave(x: Exchange, frame: Frame) -> None:
    """Go on behind the step whose branch is over, or end the flow when all is over."""
    if len(frame.path) >= 3:
        frame.path = following(frame.path[:-2])
        return
    _end(x, frame)


def _end(x: Exchange, frame: Frame) -> None:
    _pop(x, frame)
    if frame.called:
        give_back(x, frame)
    elif not frame.walked_again or len(x.replies) > x.said_before_walk:
        resume(x, over=frame)


def resume(x: Exchange, *, over: Frame | None = None) -> None:
    """Say what goes on when a flow is over, or given up, and another is below it."""
    frame, goal = x.state.frame, stack.wanted(x.state)
    if frame is None or goal is None:
        return
    slots: dict[str, JsonValue] = {"goal": x.goal(x.bot.flows[goal.flow])}
    if frame.changed:
        frame.changed = False
        x.repair("changed", slots=slots)
        return
    taken = take_over(x, over) if over is not None else ""
    slots |= {"begins": not goal.begun, "taken": taken or None}
    goal.begun = True
    x.repair("resume", slots=slots)


def give_up(frame: Frame) -> None:
    """Take the way out of the open question, which was answered unfittingly too often."""
    mark(frame, "give_up")
    frame.asked, frame.attempts = None, 0


def _set(x: Exchange, frame: Frame, flow: Flow, step: Set) -> None:
    """Give the slots their values, all from what was known before; null forgets."""
    values = {name: filled_in(x, flow, frame, value) for name, value in step.set.items()}
    kept = {name: value for name, value in frame.slots.items() if name not in values}
    frame.slots = kept | {
        name: value
        for name, value in values.items()
        if value is not None and (name not in flow.slots or fits(flow.slots[name], value))
    }


def _search(x: Exchange, frame: Frame, flow: Flow, step: Search) -> bool:
    question = str(filled_in(x, flow, frame, step.search) or "")
    if not question:
        return False
    result = x.search(question)
    if result.answer is None:
        # Nothing near is offered inside a flow.
        x.miss(question, SearchResult(None))
        return False
    x.cite(result.answer, question=question, result=result)
    return True
