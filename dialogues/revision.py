"""Revision: replaces values given before, and has done again only what depended on them."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import JsonValue

from dialogues.action import form_of
from dialogues.exchange import Exchange
from dialogues.flow import Flow, StepPath
from dialogues.placeholders import names_in
from dialogues.places import outcome
from dialogues.state import Frame
from dialogues.step import Act, Call, Choose, If, Say, Search, Set, Switch, Wait


def revise(x: Exchange, frame: Frame, values: Mapping[str, JsonValue]) -> None:
    """Replace values and go through the flow again; only what depended on them is done again."""
    flow = x.bot.flows[frame.flow]
    frame.slots = {**frame.slots, **values}
    frame.unsure = {name: v for name, v in frame.unsure.items() if name not in values}
    go_through_again(x, frame, flow, set(values))


def forget(x: Exchange, frame: Frame, slot: str) -> None:
    """Take a value away and go through the flow again, which asks for it anew."""
    frame.slots = {name: value for name, value in frame.slots.items() if name != slot}
    frame.answered = [name for name in frame.answered if name != slot]
    go_through_again(x, frame, x.bot.flows[frame.flow], {slot})


def go_through_again(x: Exchange, frame: Frame, flow: Flow, changed: Collection[str]) -> None:
    """Send the frame to its first step; what reads what changed, by detours too, runs again.

    What such a step brought before is forgotten: the walk may not come to it any more.
    """
    frame.path, frame.asked, frame.attempts = (0,), None, 0
    reach, stale = set(changed), set[str]()
    depends: set[str] = set()
    branching: list[StepPath] = []
    for path, step in flow.walked:
        inside = any(path[: len(above)] == above for above in branching)
        if _decides_by(step) & reach:
            branching.append(path)
        if _again(x, flow, step, reach) or (inside and _is_repeatable(x, step)):
            depends.add(flow.names[path])
            reach |= _makes(step)
            if outcome(frame, flow.names[path]) is not None:
                stale |= _makes(step)
    kept = set(changed) | (frame.slots.keys() - stale)
    frame.slots = {name: value for name, value in frame.slots.items() if name in kept}
    # What failed had no effect; with another value it may well succeed.
    frame.done = [
        done
        for done in frame.done
        if done.partition("/")[0] not in depends and not done.endswith("/on_failure")
    ]


def passed_on(x: Exchange, frame: Frame, changed: Collection[str]) -> list[StepPath]:
    """Return the places of what ran with one of the slots and must not run a second time."""
    flow = x.bot.flows[frame.flow]
    return [
        path
        for path, step in flow.walked
        if isinstance(step, Act)
        and not _repeatable(x, step)
        and outcome(frame, flow.names[path]) == ""
        and _mentions(step.with_.values(), changed)
    ]


def irrevocable(x: Exchange, frame: Frame) -> list[StepPath]:
    """Return the places of everything that ran and cannot be taken back."""
    flow = x.bot.flows[frame.flow]
    return [
        path
        for path, step in flow.walked
        if isinstance(step, Act)
        and not _repeatable(x, step)
        and outcome(frame, flow.names[path]) == ""
    ]


def _repeatable(x: Exchange, step: Act) -> bool:
    form = form_of(x.bot, step.act)
    return form is not None and form.repeatable


def _again(x: Exchange, flow: Flow, step: Any, changed: Collection[str]) -> bool:  # noqa: ANN401 - one of Step
    match step:
        case Say():
            response = x.bot.response(step.say, flow)
            texts = response.variants.values() if response is not None else ()
            return _mentions((w.text for wordings in texts for w in wordings), changed)
        case Act():
            return _repeatable(x, step) and _mentions(step.with_.values(), changed)
        case Search():
            return _mentions((step.search,), changed)
        case Set():
            return _mentions(step.set.values(), changed)
        case Call():
            # The called flow goes on with what it knew and did, so nothing happens twice.
            shared = x.bot.flows[step.call].slots.keys() & set(changed)
            return bool(shared) or _mentions(step.with_.values(), changed)
    return False


def _is_repeatable(x: Exchange, step: Any) -> bool:  # noqa: ANN401 - one of Step
    """Tell whether a step only makes values, and may do so as often as it likes."""
    return isinstance(step, Set | Call) or (isinstance(step, Act) and _repeatable(x, step))


def _decides_by(step: Any) -> set[str]:  # noqa: ANN401 - one of Step
    """Return the slots that decide which branch of a step is taken."""
    match step:
        case If():
            return set(step.if_.slots())
        case Switch():
            return {step.switch}
        case Choose():
            return {step.choose}
    return set()


def _makes(step: Any) -> set[str]:  # noqa: ANN401 - one of Step
    """Return the slots that a step gives values to."""
    match step:
        case Act() | Call() | Wait():
            return set(step.save.values())
        case Set():
            return set(step.set)
    return set()


def _mentions(texts: Any, slots: Collection[str]) -> bool:  # noqa: ANN401 - values of YAML
    return any(name in slots for text in texts for name in names_in(str(text)))
