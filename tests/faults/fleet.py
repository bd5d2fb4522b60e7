"""A fleet: the node processes of one fault test, killed, frozen and started again."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

ROOT = Path(__file__).parents[2]
#: Longest wait for anything a healthy node does in moments, seconds.
PATIENCE = 60.0


def wait_until(true: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> float:
    """Wait until `true()`, and return how long it took; fail when it takes too long."""
    started = time.monotonic()
    pause = threading.Event()
    while not true():
        assert time.monotonic() - started < seconds, f"not within {seconds} s: {what}"
        pause.wait(0.01)
    return time.monotonic() - started


@dataclass
class Member:
    """One place in the fleet: a listening port, and the process that serves it now."""

    name: str
    port: int
    plan: dict[str, Any]
    pid: int = 0  #: 0: none runs
    statuses: list[int] = field(default_factory=list)  #: exit statuses; negative: the signal


class Nursery:
    """The warm parent all node processes are forked from; one for a whole test run."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )
        self._answers: deque[dict[str, int]] = deque()
        self._answered = threading.Condition()
        self._lock = threading.Lock()
        self.dead: dict[int, int] = {}  #: process id -> exit status
        self.ports = 0
        self._reader = threading.Thread(target=self._read, name="nursery", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._parent.stdout is not None
        for line in self._parent.stdout:
            told: dict[str, int] = json.loads(line)
            with self._answered:
                if "died" in told:
                    self.dead[told["died"]] = told["status"]
                else:
                    self._answers.append(told)
                self._answered.notify_all()

    def ask(self, plan: dict[str, Any]) -> dict[str, int]:
        """Send one command and return its answer."""
        assert self._parent.stdin is not None
        with self._lock:
            self._parent.stdin.write(json.dumps(plan).encode() + b"\n")
            self._parent.stdin.flush()
            with self._answered:
                assert self._answered.wait_for(lambda: self._answers, PATIENCE), "no answer"
                return self._answers.popleft()

    def close(self) -> None:
        """End the parent and with it every child."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._parent.stdout.close()


class Fleet:
    """The processes of one test on one database.

    Args:
        nursery: where processes come from.
        database_url: what they share; with SQLite there is one process, else web and workers.
        recorder_url: where replies of the callback channel go.
        folder: for logs.
        web: how many gateways, on PostgreSQL.
        workers: how many workers, on PostgreSQL.
        plan: more for every process, see `process.serve`.
    """

    def __init__(
        self,
        nursery: Nursery,
        database_url: str,
        *,
        recorder_url: str,
        folder: Path,
        web: int = 1,
        workers: int = 1,
        plan: dict[str, Any] | None = None,
    ) -> None:
        self._nursery = nursery
        self.log = folder / "fleet.log"
        self._stopping = threading.Event()
        self.kills = 0
        common = {
            "database_url": database_url,
            "recorder_url": recorder_url,
            "log": str(self.log),
            **(plan or {}),
        }
        roles = ["all"] if database_url.startswith("sqlite") else ["web"] * web
        roles += [] if database_url.startswith("sqlite") else ["worker"] * workers
        self.members = [self._place(role, common) for role in roles]
        self._keeper = threading.Thread(target=self._keep_alive, name="keeper", daemon=True)

    def _place(self, role: str, common: dict[str, Any]) -> Member:
        port = self._nursery.ask({"listen": True})["port"]
        listener = self._nursery.ports
        self._nursery.ports += 1
        return Member(role, port, {**common, "role": role, "listener": listener})

    @property
    def gateways(self) -> list[Member]:
        """The members that take messages in."""
        return [member for member in self.members if member.name != "worker"]

    @property
    def workers(self) -> list[Member]:
        """The members that answer."""
        return [member for member in self.members if member.name != "web"]

    @property
    def ports(self) -> list[int]:
        """Where messages are taken in."""
        return [member.port for member in self.gateways]

    def start(self, member: Member, **plan: object) -> None:
        """Start a member's process; `plan` holds for this life only."""
        member.pid = self._nursery.ask({**member.plan, **plan})["started"]

    def start_others(self, but: Member) -> None:
        """Start every member that does not run, except one."""
        for member in self.members:
            if member is not but and not member.pid:
                self.start(member)

    def halt(self, member: Member) -> None:
        """Kill a member's process and wait until it is gone."""
        self.send(member, signal.SIGKILL)
        self.await_death(member)

    def start_all(self, *, keep_alive: bool = True) -> None:
        """Start every member, and start it again whenever it dies."""
        for member in self.members:
            if not member.pid:
                self.start(member)
        if keep_alive:
            self._keeper.start()

    def died(self, member: Member) -> bool:
        """Tell whether the member's process is dead, and note how it ended."""
        status = self._nursery.dead.get(member.pid)
        if status is None:
            return False
        member.statuses.append(status)
        member.pid = 0
        return True

    def _keep_alive(self) -> None:
        while not self._stopping.wait(0.01):
            for member in self.members:
                if member.pid and self.died(member) and not self._stopping.is_set():
                    self.start(member)

    def send(self, member: Member, number: signal.Signals) -> None:
        """Send a signal to a member's process."""
        if (pid := member.pid) and pid not in self._nursery.dead:
            with suppress(ProcessLookupError):  # it died this moment
                os.kill(pid, number)

    def kill(self, member: Member) -> None:
        """Kill a member's process without warning."""
        self.send(member, signal.SIGKILL)
        self.kills += 1

    def await_death(self, member: Member, *, seconds: float = PATIENCE) -> int:
        """Wait until a member's process is dead and return its exit status."""
        wait_until(lambda: self.died(member), f"{member.name} dies", seconds=seconds)
        return member.statuses[-1]

    def await_freeze(self, member: Member) -> None:
        """Wait until a member's process is stopped by a signal."""
        process = psutil.Process(member.pid)
        wait_until(lambda: process.status() == psutil.STATUS_STOPPED, f"{member.name} freezes")

    def await_ready(self, member: Member) -> None:
        """Wait until a member's process answers that it is ready."""

        def is_ready() -> bool:
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{member.port}/readyz", timeout=2
                ) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        wait_until(is_ready, f"{member.name} is ready")

    def stop(self) -> None:
        """Kill whatever runs."""
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for member in self.members:
            if member.pid and not self.died(member):
                self.send(member, signal.SIGCONT)
                self.send(member, signal.SIGKILL)
                self.await_death(member)

    def __enter__(self) -> Self:
        """Return the fleet, not started yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill whatever runs; show the end of the log when the test failed."""
        self.stop()
        if error is not None and self.log.exists():
            sys.stderr.write(self.log.read_text(errors="replace")[-6000:])
