"""Runs the bench and prints one table; ratios count, absolute figures depend on the machine."""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from rich.console import Console
from rich.table import Table

from bots.local_servers import LocalPostgres
from tests.bench import texts
from tests.bench.load import Figures, HttpConnection, Visitor, closed_loop, open_loop

BOT = Path("bots/library/moss_and_kettle")
CLIENTS = (1, 8, 32)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server while the block runs."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield process
        except BaseException:
            output.seek(0)
            sys.stderr.write(output.read().decode()[-4000:])
            raise
        finally:
            process.terminate()
            process.wait(10)


async def first_answer(port: int) -> None:
    """Return when the server has answered a visitor."""
    while True:
        try:
            async with Visitor(port) as visitor:
                await visitor.ask("hello")
                return
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.02)


def resident_mb(process: subprocess.Popen[bytes]) -> float:
    """Return the resident memory of a process and its children, in MB."""
    root = psutil.Process(process.pid)
    family = [root, *root.children(recursive=True)]
    return sum(one.memory_info().rss for one in family) / 1e6


async def measure_bare(port: int, *, seconds: float) -> dict[int, Figures]:
    """Measure the bare route at each number of clients."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                break
        except OSError:
            await asyncio.sleep(0.05)
    figures = {}
    source = texts.wordings(BOT, seed=1)
    for clients in CLIENTS:
        connections = [HttpConnection(port) for _ in range(clients)]

        def asking(connection: HttpConnection) -> Callable[[str], Awaitable[Any]]:
            async def ask(text: str) -> None:
                body = {"client_msg_id": uuid4().hex, "content": {"kind": "text", "text": text}}
                status, _ = await connection.post("/messages", body)
                assert status == 202

            return ask

        figures[clients] = await closed_loop(
            [asking(each) for each in connections], source, seconds=seconds
        )
        for connection in connections:
            await connection.close()
    return figures


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Return the CPU time of a process and its children, in seconds."""
    root = psutil.Process(process.pid)
    times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
    return sum(each.user + each.system for each in times)


async def measure_whole(
    port: int, process: subprocess.Popen[bytes], *, seconds: float
) -> tuple[dict[int, Figures], Figures]:
    """Measure the whole path at each number of clients, then at half of what it carries."""
    figures = {}
    source = texts.wordings(BOT, seed=2)
    visitors = [Visitor(port) for _ in range(max(CLIENTS) * 4)]
    for visitor in visitors:
        await visitor.__aenter__()
    try:
        for clients in CLIENTS:
            asks: list[Any] = [visitor.ask for visitor in visitors[:clients]]
            used = cpu_seconds(process)
            figures[clients] = await closed_loop(asks, source, seconds=seconds)
            figures[clients].cpu = cpu_seconds(process) - used
        half = await open_loop(
            [visitor.ask for visitor in visitors],
            source,
            rate=figures[max(CLIENTS)].rate / 2,
            seconds=seconds,
        )
    finally:
        for visitor in visitors:
            await visitor.__aexit__(None, None, None)
    return figures, half


def bench_store(name: str, urls: Iterator[str], *, seconds: float) -> dict[str, Any]:
    """Measure one database."""
    port = free_port()
    bare_command = [sys.executable, "-m", "tests.bench.bare", next(urls), str(port)]
    with running(bare_command, {}):
        bare = asyncio.run(measure_bare(port, seconds=seconds))
    port = free_port()
    environment = {
        "TRIBUTARY_DATABASE_URL": next(urls),
        "TRIBUTARY_WEBCHAT_BURST": "1000000",
        "TRIBUTARY_WEBCHAT_PER_SECOND": "1000000",
        "TRIBUTARY_WEBCHAT_SESSIONS_PER_HOUR": "1000000",
        "TRIBUTARY_LOG_LEVEL": "warning",
        "HF_HUB_OFFLINE": "1",
    }
    command = [sys.executable, "-m", "bots", "serve", "--port", str(port)]
    started = time.perf_counter()
    with running(command, environment) as process:
        asyncio.run(first_answer(port))
        start_seconds = time.perf_counter() - started
        whole, half = asyncio.run(measure_whole(port, process, seconds=seconds))
        memory = resident_mb(process)
    return {
        "store": name,
        "bare": bare,
        "whole": whole,
        "half": half,
        "start_seconds": start_seconds,
        "memory_mb": memory,
    }


def show(results: list[dict[str, Any]]) -> None:
    """Print the table."""
    console = Console()
    table = Table(
        "store", "clients", "bare/s", "whole/s", "ratio", "p50 ms", "p95 ms", "p99 ms", "CPU ms"
    )
    for result in results:
        for clients in CLIENTS:
            bare, whole = result["bare"][clients], result["whole"][clients]
            table.add_row(
                result["store"],
                str(clients),
                f"{bare.rate:.0f}",
                f"{whole.rate:.0f}",
                f"{whole.rate / bare.rate:.2f}",
                *(f"{whole.percentile(share):.1f}" for share in (0.5, 0.95, 0.99)),
                f"{whole.cpu / len(whole.latencies) * 1000:.2f}",
            )
        half = result["half"]
        table.add_row(
            result["store"],
            "half load",
            "",
            f"{half.rate:.0f}",
            "",
            *(f"{half.percentile(share):.1f}" for share in (0.5, 0.95, 0.99)),
        )
        table.add_section()
    console.print(table)
    for result in results:
        console.print(
            f"{result['store']}: start to first answer {result['start_seconds']:.1f} s, "
            f"resident memory {result['memory_mb']:.0f} MB"
        )


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], help="only this database")
    parser.add_argument("--json", action="store_true", help="print figures for programs")
    options = parser.parse_args()
    prepared = subprocess.run([sys.executable, "-m", "bots", "prepare"], check=False)
    if prepared.returncode:
        raise SystemExit(prepared.returncode)
    results = []
    if options.store != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            urls = (f"sqlite:///{folder}/{name}.db" for name in ("bare", "whole"))
            results.append(bench_store("SQLite", urls, seconds=options.seconds))
    if options.store != "sqlite":
        with LocalPostgres(durable=True) as server:
            urls = (server.new_database() for _ in range(2))
            results.append(bench_store("PostgreSQL", urls, seconds=options.seconds))
    if options.json:
        rows = [
            {
                "store": r["store"],
                "clients": n,
                "bare": r["bare"][n].rate,
                "whole": r["whole"][n].rate,
                "p99_ms": r["whole"][n].percentile(0.99),
            }
            for r in results
            for n in CLIENTS
        ]
        sys.stdout.write(json.dumps(rows) + "\n")
    else:
        show(results)


if __name__ == "__main__":
    main()
