"""Places: where a frame stands in its flow, by name and by what comes next."""

from dialogues.flow import StepPath
from dialogues.state import Frame


def following(path: StepPath) -> StepPath:
    """Return the path of the step after the one at `path`."""
    return (*path[:-1], int(path[-1]) + 1)


def place_name(path: StepPath) -> str:
    """Return the name of the step at `path`, as states and traces keep it."""
    return ".".join(map(str, path))


def first_time(frame: Frame) -> bool:
    """Tell whether the step at the frame's path has not run yet, and note that it has now."""
    name = place_name(frame.path)
    if name in frame.done:
        return False
    frame.done = [*frame.done, name]
    return True
