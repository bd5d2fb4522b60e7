"""Not an engine fault but a tool: freezes the process the first time it passes a point."""

import os
import signal
import time
from types import ModuleType

from bots import batch, ingest, scheduler, senders, worker

MODULES: tuple[ModuleType, ...] = (batch, ingest, scheduler, senders, worker)


def bend() -> None:
    """Stop this process by SIGSTOP at the point `FREEZE_AT` names."""
    waiting = {os.environ["FREEZE_AT"]}

    def crashpoint(name: str) -> None:
        if name in waiting:
            waiting.clear()
            os.kill(os.getpid(), signal.SIGSTOP)
            # Another thread may take the signal, and this one would run on until all have stopped.
            time.sleep(0.2)

    for module in MODULES:
        module.crashpoint = crashpoint  # type: ignore[attr-defined]
