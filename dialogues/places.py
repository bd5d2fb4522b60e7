"""Places: where a frame stands in its flow, what comes next, and what need not run again.

What a step came to is kept by the step's name (`Flow.names`), never by its place, so that it holds
when the flow around it changes: `say:hello`, or with the branch taken, `search:1f3a9c/found`.
"""

from typing import Any

from dialogues.flow import StepPath
from dialogues.state import Frame
from dialogues.step import branches


def following(path: StepPath) -> StepPath:
    """Return the path of the step after the one at `path`."""
    return (*path[:-1], int(path[-1]) + 1)


def into(path: StepPath, step: Any, branch: str) -> StepPath:  # noqa: ANN401 - one of Step
    """Return where the step at `path` goes on in `branch`: behind it when there is none."""
    nested = dict(branches(step)).get(branch)
    return (*path, branch, 0) if nested else following(path)


def place_name(path: StepPath) -> str:
    """Return the name of the place `path`, as traces tell it."""
    return ".".join(map(str, path))


def mark(frame: Frame, branch: str = "", *, step: str | None = None) -> None:
    """Note that a step has run, by default the one the frame is at, and which branch it took."""
    name = step if step is not None else frame.step
    frame.done = [*unmarked(frame.done, name), f"{name}/{branch}" if branch else name]


def outcome(frame: Frame, name: str) -> str | None:
    """Return the branch that the step called `name` took, "" for none, None: it has not run."""
    for done in frame.done:
        step, _, branch = done.partition("/")
        if step == name:
            return branch
    return None


def unmarked(done: list[str], name: str) -> list[str]:
    """Return `done` without what the step called `name` came to."""
    return [each for each in done if each.partition("/")[0] != name]
