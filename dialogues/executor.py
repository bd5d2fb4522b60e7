"""The executor: runs the open flows step by step until one waits for the customer."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import JsonValue

from channels.messages import Option
from dialogues.action import ActionError, ActionTurn, load_action
from dialogues.bot import localised
from dialogues.exchange import Exchange
from dialogues.flow import Act, Collect, End, Flow, HandOff, If, Link, Say, Search, StepPath
from dialogues.handoff import hand_over
from dialogues.references import PLACEHOLDER
from dialogues.responses import option
from dialogues.state import DEPTH_MAX, Frame

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
            x.note(step=f"{flow.id}/{_name(frame.path)}")
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
            frame.path = (*frame.path, branch, 0) if nested else _next(frame.path)
        case Say():
            if _first_time(frame):
                x.say(step.say, flow=flow, slots=frame.slots)
            frame.path = _next(frame.path)
        case Act():
            _act(x, frame, flow, step)
        case Search():
            if _first_time(frame):
                _search(x, frame, flow, step)
            frame.path = _next(frame.path)
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


def _next(path: StepPath) -> StepPath:
    return (*path[:-1], int(path[-1]) + 1)


def _name(path: StepPath) -> str:
    return ".".join(map(str, path))


def _first_time(frame: Frame) -> bool:
    """Tell whether the step at the frame's path has not run yet, and note that it has now."""
    name = _name(frame.path)
    if name in frame.done:
        return False
    frame.done = [*frame.done, name]
    return True


def _leave(x: Exchange, frame: Frame) -> None:
    """Go on behind the step whose branch is over, or end the flow when all is over."""
    if len(frame.path) >= 3:
        frame.path = _next(frame.path[:-2])
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
        frame.path = _next(frame.path)
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


def _act(x: Exchange, frame: Frame, flow: Flow, step: Act) -> None:
    action = load_action(step.act)
    here = frame.path
    if action is None or not _first_time(frame):
        frame.path = _next(here)
        return
    inputs = {name: _input(x, flow, frame, value) for name, value in step.with_.items()}
    turn = ActionTurn(
        session=x.session,
        bot=x.bot,
        customer=x.customer,
        conversation_id=x.conversation_id,
        channel=x.channel,
        language=x.language,
        source=f"{x.source}:{flow.id}/{_name(here)}",
        words=x.words,
        now=x.now,
        record=x.record,
    )
    try:
        results = action.run(turn, {k: v for k, v in inputs.items() if v is not None})
    except ActionError:
        x.note(act=step.act, failed=True)
        frame.done = [name for name in frame.done if name != _name(here)]
        if step.on_failure:
            frame.path = (*here, "on_failure", 0)
            return
        x.state.frames.pop()
        x.state.yes_means = "human"
        x.repair("error", options=[option(x.bot, "human", "label_human", x.language)])
        return
    x.note(act=step.act, results={k: results.get(k) for k in step.save})
    saved = {slot: results[key] for key, slot in step.save.items() if key in results}
    frame.slots = {**frame.slots, **saved}
    frame.path = _next(here)


def _input(x: Exchange, flow: Flow, frame: Frame, value: JsonValue) -> JsonValue:
    """Return a value of `with`: a lone placeholder keeps its type, others become text."""
    if not isinstance(value, str):
        return value
    lone = PLACEHOLDER.fullmatch(value)
    if lone is not None and "." not in lone[1]:
        return frame.slots.get(lone[1])
    text = PLACEHOLDER.sub(lambda match: x.value(match[1], flow, frame.slots), value)
    return text.strip() or None


def _search(x: Exchange, frame: Frame, flow: Flow, step: Search) -> None:
    question = str(_input(x, flow, frame, step.search) or "")
    if question and (answer := x.search(question).answer) is not None:
        x.cite(answer, question=question)


def correct(x: Exchange, frame: Frame, slot: str, value: JsonValue) -> None:
    """Replace a value and go through the flow again; only what depended on it is done again."""
    flow = x.bot.flows[frame.flow]
    frame.slots = {**frame.slots, slot: value}
    frame.path, frame.attempts = (0,), 0
    depends = {_name(path) for path, step in flow.walked if _reads(x, flow, step, slot)}
    frame.done = [name for name in frame.done if name not in depends]


def _reads(x: Exchange, flow: Flow, step: Any, slot: str) -> bool:  # noqa: ANN401 - one of Step
    match step:
        case Say():
            response = x.bot.response(step.say, flow)
            texts = response.variants.values() if response is not None else ()
            return any(f"{{{slot}}}" in w.text for wordings in texts for w in wordings)
        case Act():
            action = load_action(step.act)
            again = action is not None and action.REPEATABLE
            return again and any(f"{{{slot}}}" in str(v) for v in step.with_.values())
        case Search():
            return f"{{{slot}}}" in step.search
    return False
