"""What is published is answered within two seconds, in every process, without a restart."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from crm_store.database import Database, utc_now
from knowledge_base.articles import Article
from knowledge_base.drafts import save_draft
from knowledge_base.publishing import publish, retire
from tests.journeys.conftest import ROOT, START_SECONDS, free_port

QUESTION = "Do you lend out cargo bikes for the weekend?"
TEXT = "Yes: cargo bikes can be borrowed from Friday evening to Monday morning for 40 euros."


@dataclass
class Fleet:
    """Processes of one bot on one database."""

    database: Database
    origin: str  # of the one with pages and web chat
    processes: list[subprocess.Popen[bytes]]
    ready: list[str]  # origins whose readiness tells what they know

    def generations(self) -> list[int]:
        """Return what each process answers from."""
        found = [httpx.get(f"{origin}/readyz", timeout=5).json() for origin in self.ready]
        return [each["checks"]["knowledge"]["generation"] for each in found]

    def ask(self, question: str) -> str:
        """Ask as a new visitor and return everything the bot says."""
        with httpx.Client(base_url=f"{self.origin}/webchat/v1", timeout=30) as visitor:
            opened = visitor.post("/session", json={"widget_key": "demo"})
            assert opened.status_code == 200, opened.text
            visitor.headers["Authorization"] = f"Bearer {opened.json()['visitor_token']}"
            content = {"kind": "text", "text": question}
            sent = visitor.post("/messages", json={"client_msg_id": "m1", "content": content})
            assert sent.status_code == 202, sent.text
            after, said = 0, ""
            while not said:
                page = visitor.get("/events", params={"after": after, "wait": 20})
                assert page.status_code == 200, page.text
                for event in page.json()["events"]:
                    after = event["seq"]
                    said += _words(event) if event.get("from") == "bot" else ""
            return said


def _words(event: dict[str, Any]) -> str:
    return str(event["fallback_text"])


@pytest.fixture(scope="module")
def small_bot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bot `tributary new` makes."""
    into = tmp_path_factory.mktemp("bots")
    subprocess.run(
        [sys.executable, "-m", "bots", "new", "blue_bikes", "--into", str(into)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    return into / "blue_bikes"


@pytest.fixture(params=["sqlite", "postgresql"])
def fleet(request: pytest.FixtureRequest, small_bot: Path, tmp_path: Path) -> Iterator[Fleet]:
    """One process on SQLite; one web and two worker processes on PostgreSQL, without Redis."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    roles = {"sqlite": ["all"], "postgresql": ["web", "worker", "worker"]}[request.param]
    origins = [f"http://127.0.0.1:{free_port()}" for _ in roles]
    environment = os.environ | {
        "TRIBUTARY_DATABASE_URL": url,
        "TRIBUTARY_BOT": str(small_bot),
        "TRIBUTARY_ENCODER": "none",
        "TRIBUTARY_CACHE": str(tmp_path / "cache"),
        "TRIBUTARY_PUBLIC_URL": origins[0],
        "TRIBUTARY_SECRET_KEY": "a key of the tests, 32 characters or more",
        "TRIBUTARY_WEBCHAT_SESSIONS_PER_HOUR": "1000",
    }
    with ExitStack() as stack:
        database = Database(url)
        stack.callback(database.close)
        processes: list[subprocess.Popen[bytes]] = []
        for number, (role, origin) in enumerate(zip(roles, origins, strict=True)):
            output = stack.enter_context((tmp_path / f"{number}.txt").open("wb"))
            port = origin.rpartition(":")[2]
            process = subprocess.Popen(
                [sys.executable, "-m", "bots", "serve", "--role", role, "--port", port],
                env=environment,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
            processes.append(process)
        for number, (process, origin) in enumerate(zip(processes, origins, strict=True)):
            _wait_until_ready(process, origin, tmp_path / f"{number}.txt")
        yield Fleet(database, origins[0], processes, origins)


def _wait_until_ready(process: subprocess.Popen[bytes], origin: str, output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        try:
            if httpx.get(f"{origin}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)


def _publish(database: Database, body: str) -> None:
    article = Article(
        id="cargo_bikes",
        language="en",
        title=QUESTION,
        questions=(),
        body=body,
        audience="public",
        updated=utc_now().date(),
        tags=(),
        url=None,
        version="",
    )
    with database.session() as session:
        draft = save_draft(session, article, by="ann", now=utc_now())
        publish(session, draft, by="ann", now=utc_now())


@pytest.mark.timeout(600)
def test_published_texts_are_answered_at_once_and_retired_ones_declined(fleet: Fleet) -> None:
    """Every process follows a publication, a correction and a retirement within two seconds."""
    assert TEXT not in fleet.ask(QUESTION)
    before = fleet.generations()
    assert len(set(before)) == 1

    for step, body in enumerate((TEXT, TEXT.replace("40", "45"), None), start=1):
        if body is not None:
            _publish(fleet.database, body)
        else:
            with fleet.database.session() as session:
                retire(session, "cargo_bikes", by="ann", now=utc_now())
        told = time.monotonic()
        while set(fleet.generations()) != {before[0] + step}:
            assert time.monotonic() - told < 2.0, fleet.generations()
        # More askers than processes, so that each of them answers some.
        answers = [fleet.ask(QUESTION) for _ in range(6)]
        page = httpx.get(f"{fleet.origin}/knowledge/cargo_bikes", timeout=5)
        if body is not None:
            assert all(body in answer for answer in answers), answers
            assert (page.status_code, body in page.text) == (200, True)
        else:
            assert not any("cargo bikes can be borrowed" in answer for answer in answers)
            assert page.status_code == 404
    assert all(process.poll() is None for process in fleet.processes)
