"""Faults on order: what a provider's interface does next instead of what it should."""

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one call.

    `none`: this one goes well, so that a later one may go wrong; `code`: refused with an error
    code of the provider; `http`: a status with a page of HTML, as gateways send it; `hang`: no
    answer; `reset`: the connection breaks before anything was done; `reset_after`: it was done,
    and the connection breaks before the answer.
    """

    kind: Literal["none", "code", "http", "hang", "reset", "reset_after"]
    number: int = 0  #: error code or HTTP status


class Faults:
    """Faults by the path of the interface, each used once, in order."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)

    def order(self, path: str, *faults: Fault) -> None:
        """Let the next calls of `path` go wrong."""
        self._waiting[path].extend(faults)

    def take(self, path: str) -> Fault | None:
        """Return the fault of this call, None when it goes well."""
        waiting = self._waiting[path]
        fault = waiting.popleft() if waiting else None
        return None if fault is None or fault.kind == "none" else fault

    @property
    def left(self) -> int:
        """How many have not happened yet."""
        return sum(len(waiting) for waiting in self._waiting.values())
