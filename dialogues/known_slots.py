"""Known slots: which slots a flow can read, declared or made by its steps."""

from collections.abc import Iterator
from typing import Any

from dialogues.flow import Flow
from dialogues.step import Act, Call, Set, Wait


def known_slots(flow: Flow) -> set[str]:
    """Return the slots a flow can read: declared ones and those that its steps fill."""
    return {*flow.slots, *(name for _, step in flow.walked for name in _filled(step))}


def _filled(step: Any) -> Iterator[str]:  # noqa: ANN401 - one of Step
    match step:
        case Act() | Call() | Wait():
            yield from step.save.values()
        case Set():
            yield from step.set
