"""Serving: what a newcomer meets when something is wrong, and restarts nobody notices."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from bots.supervisor import EXIT_CONFIGURATION

ROOT = Path(__file__).resolve().parents[2]


def tributary(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bots", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def small_bot(tmp_path: Path) -> Path:
    """The bot `tributary new` makes."""
    made = tributary("new", "blue_bikes", "--into", str(tmp_path))
    assert made.returncode == 0, made.stderr
    return tmp_path / "blue_bikes"


def test_a_new_bot_checks_and_passes_its_own_talks(small_bot: Path) -> None:
    """What `tributary new` makes has no faults and its conversations pass."""
    checked = tributary("check", str(small_bot))
    assert checked.returncode == 0, checked.stderr

    tested = tributary("test", str(small_bot))
    assert tested.returncode == 0, tested.stderr


def test_a_broken_bot_stops_check_and_serve_naming_the_line(
    small_bot: Path, tmp_path: Path
) -> None:
    """An unknown key is named by file, line and key, and nothing is started."""
    flow = small_bot / "flows" / "report_problem.yml"
    lines = flow.read_text(encoding="utf-8").splitlines()
    lines.insert(3, "colour: blue")
    flow.write_text("\n".join(lines), encoding="utf-8")

    checked = tributary("check", str(small_bot))
    served = tributary(
        "serve",
        "--port",
        "0",
        environment={
            "TRIBUTARY_BOT": str(small_bot),
            "TRIBUTARY_DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
        },
    )

    assert checked.returncode == 1
    assert f"{flow}:4: colour:" in checked.stderr
    assert served.returncode == EXIT_CONFIGURATION
    assert f"{flow}:4: colour:" in served.stderr


@pytest.mark.parametrize(
    ("environment", "arguments", "words"),
    [
        ({"TRIBUTARY_BOT": "/nowhere"}, [], "there is no bot in /nowhere"),
        ({}, ["--role", "web"], "needs PostgreSQL"),
        ({"TRIBUTARY_SECRET_KEY": "short"}, [], "TRIBUTARY_SECRET_KEY needs 32"),
        (
            {"TRIBUTARY_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"},
            [],
            "the database cannot be used",
        ),
        ({"TRIBUTARY_PORT": "abc"}, [], "TRIBUTARY_PORT: Input should be a valid integer"),
        ({"TRIBUTARY_DATABASE_URL": "nonsense"}, [], "TRIBUTARY_DATABASE_URL: must begin with"),
        ({"TRIBUTARY_REDIS_URL": "nonsense"}, [], "TRIBUTARY_REDIS_URL: must begin with"),
        ({"TRIBUTARY_WEBCHAT_ORIGINS": "*"}, [], "TRIBUTARY_WEBCHAT_ORIGINS: '*' is no origin"),
    ],
)
def test_wrong_configuration_says_how_to_mend_it(
    small_bot: Path,
    tmp_path: Path,
    environment: dict[str, str],
    arguments: list[str],
    words: str,
) -> None:
    """A setting that cannot work ends the start with a sentence, not a stack trace."""
    base = {
        "TRIBUTARY_BOT": str(small_bot),
        "TRIBUTARY_DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
    }

    served = tributary("serve", "--port", "0", *arguments, environment=base | environment)

    assert served.returncode == EXIT_CONFIGURATION
    assert words in " ".join(served.stderr.split())
    assert "Traceback" not in served.stderr


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("options: {", "options: {identity: requierd, ", "'requierd' is neither"),
        ("options: {", "options: {widget_kye: x, ", "unknown options ['widget_kye']"),
        ("time_zone:", "patterns: {code: '(?<=x)y'}\ntime_zone:", "patterns"),
    ],
)
def test_a_slip_in_an_account_or_pattern_ends_the_start(
    small_bot: Path, tmp_path: Path, before: str, after: str, words: str
) -> None:
    """Nothing is switched off by a misspelt option, and nothing starts over and over."""
    file = small_bot / "bot.yml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    base = {
        "TRIBUTARY_BOT": str(small_bot),
        "TRIBUTARY_DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
    }

    served = tributary("serve", "--port", "0", environment=base)

    assert served.returncode == EXIT_CONFIGURATION
    assert words in " ".join(served.stderr.split())
    assert "Traceback" not in served.stderr


def test_a_taken_port_is_named() -> None:
    """Another program on the port gives a sentence that tells the way out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        served = tributary("serve", "--port", port)

    assert served.returncode == EXIT_CONFIGURATION
    assert "--port" in served.stderr


@pytest.fixture
def served(small_bot: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A small bot, served under a supervisor."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "bots", "serve", "--port", str(port)],
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "TRIBUTARY_BOT": str(small_bot),
            "TRIBUTARY_DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
            "TRIBUTARY_SECRET_KEY": "a key of the tests, 32 characters or more",
        },
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


def is_ready(origin: str) -> bool:
    """Ask once; a connection to a starting server waits in the queue."""
    return httpx.get(f"{origin}/readyz", timeout=120).status_code == 200


def wait_ready(origin: str) -> None:
    """Wait until the supervisor listens and its child answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            assert is_ready(origin)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def test_a_killed_process_is_started_again_on_the_same_socket(
    served: tuple[subprocess.Popen[bytes], str],
) -> None:
    """A request made while the process is dead waits and is answered by the next one."""
    process, origin = served
    wait_ready(origin)
    (child,) = psutil.Process(process.pid).children()

    child.kill()
    child.wait(10)

    assert is_ready(origin)
    (again,) = psutil.Process(process.pid).children()
    assert again.pid != child.pid


def test_sigterm_stops_everything_quickly(
    served: tuple[subprocess.Popen[bytes], str],
) -> None:
    """After SIGTERM supervisor and child are gone within the promised time."""
    process, origin = served
    wait_ready(origin)
    (child,) = psutil.Process(process.pid).children()
    started = time.monotonic()

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert time.monotonic() - started < 8
    assert not psutil.pid_exists(child.pid)


def test_a_child_ends_when_its_supervisor_is_killed(
    served: tuple[subprocess.Popen[bytes], str],
) -> None:
    """Killing the supervisor does not leave a server nobody watches."""
    process, origin = served
    wait_ready(origin)
    (child,) = psutil.Process(process.pid).children()

    process.kill()
    process.wait(10)

    child.wait(15)


def test_a_second_process_on_the_same_file_is_refused(
    served: tuple[subprocess.Popen[bytes], str], tmp_path: Path, small_bot: Path
) -> None:
    """Two processes would break recovery, so the second says who holds the file."""
    _, origin = served
    wait_ready(origin)

    second = tributary(
        "serve",
        "--port",
        "0",
        environment={
            "TRIBUTARY_BOT": str(small_bot),
            "TRIBUTARY_DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
        },
    )

    assert second.returncode == EXIT_CONFIGURATION
    assert "another process serves" in " ".join(second.stderr.split())
