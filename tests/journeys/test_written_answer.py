"""A served bot whose answers a language model words: settings, bot.yml and the way are one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crm_store.database import Database
from tests.bots import models
from tests.bots.partner import Partner, running_partner
from tests.journeys.conftest import ROOT, free_port
from tests.journeys.test_live_articles import Fleet, _wait_until_ready

ARTICLES = ROOT / "tests" / "bots" / "writing_articles"
QUESTION = "How do I return tea?"
GOOD = "You can return unopened tea within fourteen days of delivery."
OWN = "You can return unopened tea within **14 days** of delivery."


@pytest.fixture
def partner() -> Iterator[Partner]:
    """Run the model's server."""
    with running_partner() as running:
        yield running


@pytest.fixture
def served(sqlite_url: str, partner: Partner, tmp_path: Path) -> Iterator[Fleet]:
    """One process that serves a new bot which knows how tea is returned."""
    made = [sys.executable, "-m", "bots", "new", "tea_shop", "--into", str(tmp_path)]
    subprocess.run(made, check=True, cwd=ROOT, capture_output=True)
    folder = tmp_path / "tea_shop"
    for path in ARTICLES.glob("returns.*.md"):
        (folder / "knowledge" / path.name).write_bytes(path.read_bytes())
    with (folder / "bot.yml").open("a", encoding="utf-8") as file:
        file.write("\nwriting: true\n")
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "TRIBUTARY_DATABASE_URL": sqlite_url,
        "TRIBUTARY_BOT": str(folder),
        "TRIBUTARY_ENCODER": "none",
        "TRIBUTARY_CACHE": str(tmp_path / "cache"),
        "TRIBUTARY_SECRET_KEY": "a key of the tests, 32 characters or more",
        "TRIBUTARY_WRITER_URL": f"{partner.url}/v1",
        "TRIBUTARY_WRITER_MODEL": "small",
        "TRIBUTARY_WRITER_KEY": "k",
        "TRIBUTARY_WRITER_HOSTS": f"127.0.0.1:{partner.port}",
        "TRIBUTARY_WRITER_SECONDS": "3",
    }
    with ExitStack() as stack:
        database = Database(sqlite_url)
        stack.callback(database.close)
        output = tmp_path / "out.txt"
        process = subprocess.Popen(
            [sys.executable, "-m", "bots", "serve", "--port", str(port)],
            env=environment,
            cwd=ROOT,
            stdout=stack.enter_context(output.open("wb")),
            stderr=subprocess.STDOUT,
        )
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        _wait_until_ready(process, origin, output)
        yield Fleet(database, origin, [process], [origin])


def test_a_visitor_reads_written_words_or_the_articles(served: Fleet, partner: Partner) -> None:
    """A good model is quoted; one that makes things up is not, and the visitor never notices."""
    partner.answer = models.says(GOOD)
    assert GOOD in served.ask(QUESTION)

    partner.answer = models.says("You can return unopened tea within 90 days of delivery.")
    said = served.ask(QUESTION)
    assert OWN in said
    assert "90" not in said
    assert len(partner.seen) == 2
