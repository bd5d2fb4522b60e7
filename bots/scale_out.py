"""`make scale`: the shape of `docker-compose.yml` without containers, on this machine.

Private PostgreSQL and Redis servers, two web and two worker processes, and a relay in front of the
web processes. Nothing is kept: its databases are gone when it ends.
"""

import asyncio
import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self
from urllib.error import URLError
from urllib.request import urlopen

from rich.console import Console

from bots.local_servers import LocalPostgres, LocalRedis
from bots.local_servers.server_process import ServerProcess
from bots.settings import Settings

#: How much the relay reads at once, in bytes.
CHUNK: Final = 65_536
#: Longest wait for a process to be ready, in seconds; a busy machine loads models slowly.
START_SECONDS: Final = 180.0
COMMAND: Final = (sys.executable, "-m", "bots")


class Node:
    """One `tributary serve` process of a role, with a port of its own."""

    def __init__(self, role: Literal["web", "worker"], environment: dict[str, str]) -> None:
        self.role = role
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = ServerProcess(
            role,
            stop_signal=signal.SIGTERM,
            working_folder=Path.cwd(),
            environment={
                **environment,
                "TRIBUTARY_HOST": "127.0.0.1",
                "TRIBUTARY_PORT": str(self.port),
            },
        )

    @property
    def pid(self) -> int:
        """The process id; 0 while it is not running."""
        return self._process.pid

    def start(self) -> None:
        """Start the process; return when it is ready for messages."""
        command = [*COMMAND, "serve", "--role", self.role]
        self._process.start(command, is_ready=self._is_ready, patience=START_SECONDS)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310 - our own http
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def kill(self) -> None:
        """Kill the process with SIGKILL, and whatever it started."""
        if self.pid:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.end(signal.SIGKILL)

    def close(self) -> None:
        """Stop the process in order and remove its log."""
        self._process.close()


class Deployment:
    """All processes of a scaled-out Tributary; a block of `with` starts and ends them.

    Args:
        webs: processes that talk with browsers and providers.
        workers: processes that answer and send.
    """

    def __init__(self, *, webs: int = 2, workers: int = 2) -> None:
        self.postgres = LocalPostgres(durable=True)
        self.redis = LocalRedis()
        self.webs: list[Node] = []
        self.workers: list[Node] = []
        self._counts = (webs, workers)

    def start(self) -> None:
        """Start the servers, migrate, prepare the bot once, then start all processes."""
        self.postgres.start()
        self.redis.start()
        settings = Settings()
        environment = {
            **os.environ,
            "TRIBUTARY_DATABASE_URL": self.postgres.url(),
            "TRIBUTARY_REDIS_URL": self.redis.url,
            "TRIBUTARY_SECRET_KEY": secrets.token_urlsafe(32),
            # Links to articles lead to the relay: a worker has no pages.
            "TRIBUTARY_PUBLIC_URL": settings.public_url
            or f"http://{settings.host}:{settings.port}",
            "TRIBUTARY_BOT": str(settings.bot.resolve()),
            "TRIBUTARY_CACHE": str(settings.cache.resolve()),
        }
        for verb in ("migrate", "prepare"):
            subprocess.run([*COMMAND, verb], env=environment, check=True)  # noqa: S603 - our own
        webs, workers = self._counts
        self.webs = [Node("web", environment) for _ in range(webs)]
        self.workers = [Node("worker", environment) for _ in range(workers)]
        for node in self.nodes:
            node.start()

    @property
    def nodes(self) -> list[Node]:
        """All web and worker processes."""
        return [*self.webs, *self.workers]

    def close(self) -> None:
        """End all processes, web before worker, then the servers."""
        for node in self.nodes:
            node.close()
        self.redis.close()
        self.postgres.close()

    def __enter__(self) -> Self:
        """Start everything."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End everything."""
        self.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(answer: Answer, *, host: str, port: int) -> AsyncIterator[int]:
    """Call `answer` for every connection; at the end of the block close all that are open.

    Yields:
        The port listened on: `port`, or a free one if that is 0.
    """
    running: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            running.add(task)
            task.add_done_callback(running.discard)
        try:
            await answer(reader, writer)
        finally:
            await _close(writer)

    server = await asyncio.start_server(accept, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()


def relay(targets: Sequence[int]) -> Answer:
    """Return what hands each connection to the next of the local ports `targets` that answers."""
    turns = itertools.count()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        turn = next(turns)
        for offset in range(len(targets)):
            port = targets[(turn + offset) % len(targets)]
            try:
                replies, requests = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue  # that process is down; the next one takes over
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, requests))
                both.create_task(_copy(replies, writer))
            return

    return answer


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # one side left; closing the other tells it
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _serve(deployment: Deployment, settings: Settings, console: Console) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    ports = [web.port for web in deployment.webs]
    async with listening(relay(ports), host=settings.host, port=settings.port) as port:
        for node in deployment.nodes:
            console.print(f"  {node.role:<7} process {node.pid}, {node.url}")
        console.print(f"Open http://{settings.host}:{port} - Ctrl-C ends everything.")
        await stopped.wait()


def main() -> None:
    """Run a whole deployment until told to stop."""
    # Until the relay listens, being told to stop must still end what has been started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    console = Console()
    console.print("Starting PostgreSQL, Redis, two web and two worker processes …")
    with Deployment() as deployment:
        asyncio.run(_serve(deployment, Settings(), console))


if __name__ == "__main__":
    main()
