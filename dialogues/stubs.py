"""Stubs: actions that are not run in a talk but return, or fail, as it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from dialogues.action import Action, ActionError, ActionTurn, load_action
from dialogues.action_values import Input, Output
from dialogues.later import ActionRequest, ActionResult, ActionRunner


@dataclass(frozen=True, slots=True)
class Stubbed:
    """How one call of an action goes."""

    result: Mapping[str, JsonValue] = field(default_factory=dict)
    error: str | None = None  #: why it fails, e.g. "timeout"


@dataclass
class Stubs:
    """What each action brings, call by call; those not named run as they are."""

    #: action -> how each call goes; the last is repeated
    outcomes: Mapping[str, Sequence[Stubbed]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    runner: ActionRunner | None = None  #: runs slow actions that no stub stands for

    def run_request(self, request: ActionRequest) -> ActionResult:
        """Return the result of a slow action: as the talk is told, else as it really is."""
        if request.action in self.outcomes:
            stubbed = self.next(request.action)
            return ActionResult(dict(stubbed.result), stubbed.error)
        if self.runner is None:
            return ActionResult(reason="unavailable")
        return self.runner.run_request(request)

    def action(self, name: str) -> Action | None:
        """Return the action to run in place of that called `name`, or that one."""
        real = load_action(name)
        outcomes = self.outcomes.get(name)
        return real if not outcomes else _Stub(self, name, real)

    def next(self, name: str) -> Stubbed:
        """Return how the next call goes."""
        outcomes = self.outcomes[name]
        call = self.calls.get(name, 0)
        self.calls[name] = call + 1
        return outcomes[min(call, len(outcomes) - 1)]


class _Stub:
    """An action that does nothing."""

    def __init__(self, stubs: Stubs, name: str, real: Action | None) -> None:
        self._stubs = stubs
        self._name = name
        self.INPUTS: Mapping[str, Input] = real.INPUTS if real is not None else {}
        self.OUTPUTS: Mapping[str, Output] = real.OUTPUTS if real is not None else {}
        self.REPEATABLE: bool = real.REPEATABLE if real is not None else True

    def run(self, turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return what the test says, or fail.

        Raises:
            ActionError: the test says so.
        """
        del turn, inputs
        stubbed = self._stubs.next(self._name)
        if stubbed.error is not None:
            raise ActionError(stubbed.error)
        return dict(stubbed.result)
