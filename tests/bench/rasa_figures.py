"""Measures a real Rasa server on BANKING77: trained, loaded and asked on the same machine."""

import csv
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from bots.local_servers.server_process import ServerProcess
from nlu.rasa_project import make_project
from nlu.training_data import Example, TrainingData

#: Where `make rasa` and `make test` make Rasa's environment.
ENVIRONMENT = Path(".cache/rasa-venv")
#: Longest that training or loading may take, seconds.
_PATIENCE = 3600.0


def rasa_figures(data: Path, told: Callable[[str], None]) -> dict[str, str]:
    """Return what Rasa 3.6 does on BANKING77, by the names of our own figures.

    Nothing is returned where Rasa's environment was not made. The project is the one that
    `tributary export rasa` writes, the questions are asked one after the other by one client.
    """
    if not (ENVIRONMENT / ".installed").exists():
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        examples = tuple(
            Example(text=text, intent=intent, language="en")
            for text, intent in _rows(data / "banking77" / "train.csv")
        )
        project = make_project(TrainingData(examples, languages=("en",)), name="banking77")
        project.write(folder)
        told("Rasa: training on BANKING77")
        command = ["scripts/serve_rasa.sh", str(ENVIRONMENT.absolute()), name]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        training = time.perf_counter() - began
        told("Rasa: starting")
        return {"training": f"{training:.0f}"} | _served(
            command, _rows(data / "banking77/test.csv")
        )


def _served(command: list[str], rows: list[tuple[str, str]]) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"

    def is_ready() -> bool:
        try:
            return bool(httpx.get(f"{url}/status", timeout=5).json().get("model_file"))
        except (httpx.HTTPError, ValueError):
            time.sleep(0.2)
            return False

    server = ServerProcess("rasa", stop_signal=signal.SIGTERM, working_folder=Path.cwd())
    began = time.perf_counter()
    try:
        server.start([*command, str(port)], is_ready=is_ready, patience=_PATIENCE)
        loading = time.perf_counter() - began
        right, times = 0, []
        with httpx.Client(base_url=url, timeout=30) as client:
            for text, intent in rows:
                asked = time.perf_counter()
                answer = client.post("/model/parse", json={"text": text}).json()
                times.append(1000 * (time.perf_counter() - asked))
                # An answer below Rasa's own limit is refused; ours is counted without a limit too.
                ranked = [each["name"] for each in answer["intent_ranking"]]
                right += next((n for n in ranked if n != "nlu_fallback"), None) == intent
        memory = _memory()
    finally:
        server.close()
    cuts = statistics.quantiles(times, n=100)
    rate = 1000 * len(times) / sum(times)
    return {
        "accuracy": f"{100 * right / len(rows):.1f} %",
        "speed": f"{rate:,.0f}/s, p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms",
        "load": f"{loading:.1f}",
        "memory": f"{memory:.0f}",
    }


def _memory() -> float:
    """Return the memory of the largest process below this one, MB."""
    below = psutil.Process(os.getpid()).children(recursive=True)
    return max((process.memory_info().rss / 2**20 for process in below), default=0.0)


def _rows(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1]) for row in list(csv.reader(file))[1:]]
