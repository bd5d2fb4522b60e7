"""The supervisor: keeps one child process serving; a child that dies is started again.

It holds the listening socket, so connections wait in the system's queue while a child restarts
instead of being refused.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Final

import structlog

log = structlog.get_logger()

#: Pause before a restart: first and longest, seconds.
PAUSE_FIRST: Final = 0.1
PAUSE_LONGEST: Final = 5.0
#: A child that lived so long was healthy; the next pause is the first again.
HEALTHY_SECONDS: Final = 10.0
#: How long a child may take to stop after SIGTERM before it is killed.
STOP_SECONDS: Final = 6.0
#: Exit status of a child whose configuration is wrong; starting it again cannot help.
EXIT_CONFIGURATION: Final = 78
#: Name of the variable that hands the listening socket's descriptor to the child.
SOCKET_VARIABLE: Final = "TRIBUTARY_LISTEN_FD"
#: Name of the variable that tells the child whom to outlive never.
SUPERVISOR_VARIABLE: Final = "TRIBUTARY_SUPERVISOR_PID"


def listen(host: str, port: int) -> socket.socket:
    """Return a bound, listening socket.

    Raises:
        OSError: the address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(2048)
    return listening


class Supervisor:
    """Runs `command` until told to stop."""

    def __init__(self, command: Sequence[str], listening: socket.socket) -> None:
        self._command = list(command)
        self._listening = listening
        self._child: subprocess.Popen[bytes] | None = None
        self._signals = 0

    def run(self) -> int:
        """Start the child again and again; return the exit status once told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        pause = PAUSE_FIRST
        while True:
            started = time.monotonic()
            status = self._run_child()
            if self._signals or status in {0, EXIT_CONFIGURATION}:
                return 0 if self._signals else status
            if time.monotonic() - started > HEALTHY_SECONDS:
                pause = PAUSE_FIRST
            log.error("supervisor.child_died", status=status, restart_in=pause)
            time.sleep(pause)
            pause = min(pause * 2, PAUSE_LONGEST)

    def _run_child(self) -> int:
        descriptor = self._listening.fileno()
        self._child = subprocess.Popen(  # noqa: S603 - our own command line
            self._command,
            env=os.environ
            | {SOCKET_VARIABLE: str(descriptor), SUPERVISOR_VARIABLE: str(os.getpid())},
            pass_fds=[descriptor],
            # A Ctrl-C reaches the whole group; the child must only hear of it through us.
            start_new_session=True,
        )
        deadline: float | None = None
        while True:
            try:
                return self._child.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                if self._signals and deadline is None:
                    deadline = time.monotonic() + STOP_SECONDS
                if deadline is not None and time.monotonic() > deadline:
                    self._child.kill()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        child = self._child
        if child is None:
            sys.exit(0)
        if self._signals == 1:
            child.terminate()
        else:
            child.kill()
