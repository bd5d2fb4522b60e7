"""Crash points: places where a fault test may kill this process, and nothing else may happen."""

import os
import signal
import time
from typing import Final

_PLAN: Final = os.environ.get("TRIBUTARY_CRASH_AT", "")
_NAME, _, _COUNT = _PLAN.partition(":")
_left = int(_COUNT or 1)


def crashpoint(name: str) -> None:
    """Kill the process at the n-th passing of `name` when `TRIBUTARY_CRASH_AT=name:n` says so."""
    global _left  # noqa: PLW0603 - one countdown for the process
    if name != _NAME:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
        # Another thread may take the signal, and this one would run on until all are dead.
        time.sleep(1)
