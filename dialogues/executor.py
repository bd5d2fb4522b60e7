"""The executor: runs the open flows step by step until one waits for the customer."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import JsonValue

from channels.messages import Option
from dialogues.acting import act
from dialogues.bot import localised
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.handoff import hand_over
from dialogues.inputs import filled_in
from dialogues.places import first_time, following, place_name
from dialogues.responses import option
from dialogues.state import DEPTH_MAX, Frame
from dialogues.step import Act, Collect, End, HandOff, If, Link, Say, Search, Wait
from dialogues.waiting import wait

#: Steps one turn may take; flows that need more run in circles.
STEP_BUDGET: Final = 50


class StepBudgetError(Exception):
    """The flows ran in circles."""


def start(x: Exchange, flow_id: str, slots: Mapping[str, JsonValue], *, words: str = "") -> None:
    """Open a flow on top of those open; one that is open already is brought up and goes on."""
    flow = x.bot.flows[flow_id]
    given = {name: value for name, value in slots.items() if name in flow.slots}
    open_frame = next((frame for frame in x.state.frames if frame.flow == flow_id), None)
    if open_frame is not None:
        x.state.frames.remove(open_frame)
        x.state.frames.append(open_frame)
        open_frame.slots = {**given, **open_frame.slots}
        return
    for name, slot in flow.slots.items():
        if slot.from_trigger and words.strip():
            given.setdefault(name, words.strip()[: slot.max_length])
        if slot.fact is not None and (known := getattr(x.customer, slot.fact)):
            given.setdefault(name, known)
    if len(x.state.frames) >= DEPTH_MAX:
        oldest = x.state.frames.pop(0)
        x.repair("dropped", slots={"goal": x.goal(x.bot.flows[oldest.flow])})
    x.state.frames.append(Frame(flow=flow_id, flow_hash=flow.hash, slots=given))


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
        budget -= 1
        if budget < 0:
            raise StepBudgetError
        if not isinstance(step, Collect):
            x.note(step=f"{flow.id}/{place_name(frame.path)}")
        if _run(x, frame, flow, step):
            return


def _run(x: Exchange, frame: Frame, flow: Flow, step: Any) -> bool:  # noqa: ANN401 - one of Step
    """Run one step; return whether the flow waits for the customer now."""
    match step:
        case Collect():
            return _collect(x, frame, flow, step)
        case If():
            branch = "then" if x.holds(step.if_, frame.slots) else "else"
            nested = step.then if branch == "then" else step.else_
            frame.path = (*frame.path, branch, 0) if nested else following(frame.path)
        case Say():
            if first_time(frame):
                x.say(step.say, flow=flow, slots=frame.slots)
            frame.path = following(frame.path)
        case Act():
            return act(x, frame, flow, step)
        case Wait():
            return wait(x, frame, flow, step)
        case Search():
            if first_time(frame):
                _search(x, frame, flow, step)
            frame.path = following(frame.path)
        case HandOff():
            _pop(x, frame)
            hand_over(x, desk=step.hand_off, reason="flow", last=(flow, frame))
        case Link():
            _pop(x, frame)
            start(x, step.link, frame.slots)
        case End():
            _end(x, frame)
    return False


def _pop(x: Exchange, frame: Frame) -> None:
    x.state.frames.pop()
    x.note(ended=frame.flow, ended_with=frame.slots)


def _leave(x: Exchange, frame: Frame) -> None:
    """Go on behind the step whose branch is over, or end the flow when all is over."""
    if len(frame.path) >= 3:
        frame.path = following(frame.path[:-2])
        return
    _end(x, frame)


def _end(x: Exchange, frame: Frame) -> None:
    _pop(x, frame)
    resume(x)


def resume(x: Exchange) -> None:
    """Say what goes on when a flow is over and another is below it."""
    frame = x.state.frame
    if frame is not None:
        x.repair("resume", slots={"goal": x.goal(x.bot.flows[frame.flow])})


def _collect(x: Exchange, frame: Frame, flow: Flow, step: Collect) -> bool:
    name = step.collect
    if name in frame.slots:
        frame.asked, frame.attempts = None, 0
        frame.path = following(frame.path)
        return False
    if frame.asked != name:
        frame.asked, frame.attempts = name, 0
    slot = flow.slots[name]
    x.note(ask=name, flow=flow.id)
    options = [
        Option(value=f"slot:{name}:{value}", label=localised(texts, x.language)[:200])
        for value, texts in slot.options.items()
    ]
    if slot.type == "boolean" and not options:
        options = [
            option(x.bot, f"slot:{name}:yes", "label_yes", x.language),
            option(x.bot, f"slot:{name}:no", "label_no", x.language),
        ]
    if slot.optional:
        options.append(option(x.bot, "skip", "label_skip", x.language))
    x.say(slot.ask or "", flow=flow, slots=frame.slots, options=options)
    return True


def _search(x: Exchange, frame: Frame, flow: Flow, step: Search) -> None:
    question = str(filled_in(x, flow, frame, step.search) or "")
    if question and (answer := x.search(question).answer) is not None:
        x.cite(answer, question=question)
