"""What a turn leaves to be done later: timers, and requests to slow actions with their results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import orjson
from pydantic import JsonValue

from channels.messages import Notice

#: Largest result of an action that returns to its conversation, in bytes of JSON.
RESULT_MAX: Final = 16 * 1024

#: Requests that may follow from one turn of a conversation that is tried.
SETTLED_MAX: Final = 20


@dataclass(frozen=True)
class TimerRequest:
    """A wish to be woken later."""

    kind: str
    due_at: datetime  #: UTC
    payload: dict[str, str]
    idem_key: str  #: a second request of the same key has no effect
    replaces: str | None = None  #: key of a pending timer that is taken away


@dataclass(frozen=True)
class ActionRequest:
    """A slow action to be run outside the turn; stored with it, or not at all."""

    id: UUID  #: the idempotency key, the same at every attempt
    action: str
    inputs: dict[str, JsonValue]
    language: str
    gives_up_at: datetime  #: UTC; no attempt begins later

    @property
    def key(self) -> str:
        """What a frame waits for, and the external id of the notice with the result."""
        return f"action:{self.id}"


@dataclass(frozen=True, slots=True)
class ActionResult:
    """How a slow action ended: with values, or with the reason of its failure."""

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    reason: str | None = None  #: None: it was done


class ActionRunner(Protocol):
    """Runs a slow action to its end, for conversations that are not served but tried."""

    def run_request(self, request: ActionRequest) -> ActionResult:
        """Return the result of `request`, from outside or made up."""
        ...


def result_notice(key: str, result: ActionResult) -> Notice:
    """Return the notice that brings a result back into its conversation."""
    data = orjson.dumps({"values": dict(result.values), "reason": result.reason})
    if len(data) > RESULT_MAX:
        data = orjson.dumps({"values": {}, "reason": "too_large"})
    return Notice(name="action_result", data={"key": key, "result": data.decode()})


def read_result(notice: Notice) -> tuple[str, ActionResult]:
    """Return the key and the result in a notice; one that cannot be read is a failure."""
    try:
        data = orjson.loads(notice.data.get("result", ""))
        result = ActionResult(dict(data["values"]), data["reason"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        result = ActionResult(reason="unfit_output")
    return notice.data.get("key", ""), result


def settle_at_once(
    requests: Sequence[ActionRequest],
    runner: ActionRunner,
    take: Callable[[Notice], Sequence[ActionRequest]],
) -> None:
    """Run what a turn requested and take each result as a turn of its own, until none is left.

    Args:
        requests: of the turn that was just taken.
        runner: answers the requests.
        take: takes the turn of a notice and returns what that turn requested.
    """
    todo = list(requests)
    for _ in range(SETTLED_MAX):
        if not todo:
            return
        request = todo.pop(0)
        todo += take(result_notice(request.key, runner.run_request(request)))
