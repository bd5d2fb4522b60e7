"""The walk: where a flow goes on from a step that needs nothing done, and where it stops."""

from typing import Final

from dialogues.exchange import Exchange
from dialogues.flow import Flow, StepPath
from dialogues.places import following, into, outcome
from dialogues.state import Frame
from dialogues.step import Choose, Collect, If, Switch

#: What a `switch` may be about besides slots -> attribute of the setting.
SETTINGS: Final = {
    "channel": "channel",
    "language": "language",
    "customer.tier": "tier",
    "customer.stage": "stage",
}

#: Steps of one look ahead; a flow has fewer, and none is passed twice.
_STEPS_MAX: Final = 2000


def passed(x: Exchange, frame: Frame, flow: Flow, path: StepPath) -> StepPath | None:
    """Return where the flow goes on from the step at `path`; None: the step has to run first."""
    step = flow.step_at(path)
    branch: str | None = None
    match step:
        case If():
            branch = "then" if x.holds(step.if_, frame.slots) else "else"
        case Switch():
            branch = _case(x, frame, step)
        case Collect() if step.collect in frame.slots:
            branch = ""
        case Choose() if step.choose in frame.slots:
            branch = f"then/{frame.slots[step.choose]}"
        case _:
            branch = outcome(frame, flow.names[path])
    return None if branch is None else into(path, step, branch)


def stop(x: Exchange, frame: Frame, flow: Flow) -> StepPath | None:
    """Return the first step that would have to run when the flow began anew; None: none."""
    path: StepPath | None = (0,)
    for _ in range(_STEPS_MAX):
        if path is None or flow.step_at(path) is None:
            path = following(path[:-2]) if path is not None and len(path) >= 3 else None
            if path is None:
                return None
            continue
        onward = passed(x, frame, flow, path)
        if onward is None:
            return path
        path = onward
    return None


def _case(x: Exchange, frame: Frame, step: Switch) -> str:
    if (setting := SETTINGS.get(step.switch)) is not None:
        value = getattr(x.setting, setting)
    else:
        value = x.known(step.switch, frame.slots)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    case = "" if value is None else str(value)
    return f"cases/{case}" if case in step.cases else "else"
