"""A server process, the folder it lives in, and the guard that ends both with their owner."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

#: A killed postmaster's children hold its shared memory for a moment, in seconds.
RESTART_SECONDS: Final = 10.0
#: Longest wait for a server to answer or to leave, in seconds; slow disks sync on both.
ANSWER_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.01


# Waits for its standard input to close, which happens when the owner ends, even by SIGKILL.
_GUARD: Final = """
trap "" HUP INT TERM
cat >/dev/null
kill -CONT "$1"; kill "-$2" "$1"
rm -rf "$3"; sleep 1; rm -rf "$3"  # twice: the server may still write while it ends
"""


class ServerMissingError(RuntimeError):
    """No binary of a server is on this machine; the message tells how to get one."""


class ServerStartError(RuntimeError):
    """A server did not start; the message holds the end of its log."""


def machine_binary(name: str) -> Path | None:
    """Return the path of a program of the machine, not of the virtual environment's wheels."""
    folders = os.get_exec_path()
    outside = [folder for folder in folders if not Path(folder).is_relative_to(sys.prefix)]
    found = shutil.which(name, path=os.pathsep.join(outside))
    return Path(found) if found else None


def wheel_folders(package: str) -> list[Path]:
    """Return where an installed wheel's files are, without importing it."""
    spec = find_spec(package)
    return [Path(p) for p in spec.submodule_search_locations or ()] if spec else []


class ServerProcess:
    """One server process, its folder, and the guard that ends both when this process ends.

    Args:
        name: begins the folder's name.
        stop_signal: the signal that ends the server.
        account: whom it runs as; ourselves if not given.
        working_folder: where it runs; its own folder if not given.
        environment: its variables; ours if not given.
    """

    def __init__(
        self,
        name: str,
        *,
        stop_signal: signal.Signals,
        account: str | None = None,
        working_folder: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        # Socket paths are limited to about 100 bytes, so not under a long temporary folder.
        short = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 - mkdtemp makes it private
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=short))
        self.identity: dict[str, Any] = {}
        if account is not None:
            entry = pwd.getpwnam(account)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        self.stop_signal = stop_signal
        self.working_folder = working_folder or self.folder
        self.environment = environment
        self.log = self.folder / "server.log"
        self._running: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's process id; 0 while it is not running."""
        return self._running.pid if self._running and self._running.poll() is None else 0

    def run(self, command: list[str]) -> None:
        """Run `command` to its end as the server's account."""
        done = subprocess.run(  # noqa: S603 - our own servers
            command,
            cwd=self.working_folder,
            env=self.environment,
            capture_output=True,
            check=False,
            **self.identity,
        )
        if done.returncode != 0:
            raise ServerStartError((done.stdout + done.stderr).decode(errors="replace"))

    def start(
        self,
        command: list[str],
        *,
        is_ready: Callable[[], bool],
        patience: float = ANSWER_SECONDS,
    ) -> None:
        """Start `command` and wait until it is ready; try again while an old one lets go.

        Args:
            command: program and arguments.
            is_ready: tells whether the server answers.
            patience: longest wait for the first answer, in seconds.

        Raises:
            ServerStartError: it ended, or was not ready in time.
        """
        if self.pid:
            return
        give_up = time.monotonic() + RESTART_SECONDS
        while not self._start_once(command, is_ready, time.monotonic() + patience):
            if time.monotonic() > give_up:
                log = self.log.read_text(errors="replace")[-2000:]
                message = f"{command[0]} ended or was not ready within {patience:.0f} s\n{log}"
                raise ServerStartError(message)
            time.sleep(0.1)

    def _start_once(
        self, command: list[str], is_ready: Callable[[], bool], give_up: float
    ) -> bool:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(  # noqa: S603 - our own servers
                command,
                cwd=self.working_folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.identity,
                start_new_session=True,  # Ctrl-C is for the owner, who then ends the server
            )
        self._watch(self._running.pid)
        while self._running.poll() is None and time.monotonic() < give_up:
            if is_ready():
                return True
            time.sleep(POLL_SECONDS)
        self.end(signal.SIGKILL)
        return False

    def _watch(self, pid: int) -> None:
        number = str(int(self.stop_signal))
        self._guard = subprocess.Popen(  # noqa: S603 - a fixed script
            ["/bin/sh", "-c", _GUARD, "guard", str(pid), number, str(self.folder)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the server if it runs."""
        if self._running and self._running.poll() is None:
            self._running.send_signal(number)

    def end(self, number: signal.Signals) -> None:
        """Send a signal that ends the server and wait until it has left."""
        if self._guard:
            self._guard.kill()
            self._guard.wait()
            if self._guard.stdin:
                self._guard.stdin.close()
            self._guard = None
        if self._running:
            self.send(signal.SIGCONT)
            self.send(number)
            try:
                self._running.wait(ANSWER_SECONDS)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()

    def close(self) -> None:
        """End the server and remove its data."""
        self.end(self.stop_signal)
        shutil.rmtree(self.folder, ignore_errors=True)
