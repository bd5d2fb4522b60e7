"""`tributary knowledge gaps`: from a miss to an answer in the terminal, and out as CSV."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.commands.gap_tables import safe_cell
from crm_store.database import Database, utc_now
from knowledge_base import questions
from knowledge_base.questions import NewQuestion
from tests.builders import a_conversation, an_address
from tests.journeys.conftest import ROOT
from tests.journeys.test_live_articles import small_bot

__all__ = ["small_bot"]

LEND = ("Do you lend tandem bikes?", "Can you lend me tandem bikes?")


class Terminal:
    """Runs commands on one database."""

    def __init__(self, url: str, bot: Path, cache: Path) -> None:
        self._environment = os.environ | {
            "TRIBUTARY_DATABASE_URL": url,
            "TRIBUTARY_BOT": str(bot),
            "TRIBUTARY_ENCODER": "none",
            "TRIBUTARY_CACHE": str(cache),
        }

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a command below `knowledge gaps` and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bots", "knowledge", "gaps", *arguments],
            env=self._environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if status == 0 else done.stdout + done.stderr

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command with --json and return what it prints."""
        read: dict[str, Any] = json.loads(self.run(*arguments, "--json"))
        return read


@pytest.fixture
def terminal(sqlite_url: str, small_bot: Path, tmp_path: Path) -> Terminal:
    """Return a terminal with the bot `tributary new` makes."""
    return Terminal(sqlite_url, small_bot, tmp_path / "cache")


@pytest.fixture
def asked(sqlite_url: str) -> None:
    """Have three people ask what nobody answers, one of them what looks like a formula."""
    database = Database(sqlite_url)
    now = utc_now() - timedelta(hours=1)
    with database.session() as session:
        for number, text in enumerate((*LEND, "=HYPERLINK(“http://x”) 怎么\x1b[31m回事")):
            where = an_address(f"p{number}", channel="webchat", account="demo")
            conversation = a_conversation(session, address=where, now=now)
            assert conversation.customer_id is not None
            new = NewQuestion(
                conversation_id=conversation.id,
                seq=1,
                position=0,
                customer_id=conversation.customer_id,
                channel="webchat",
                question=text,
                language="en" if text in LEND else "zh",
                outcome="declined",
                at=now,
            )
            questions.record(session.connection(), [new])
    database.close()


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("asked")
def test_a_gap_is_closed_in_the_terminal(terminal: Terminal, tmp_path: Path) -> None:
    """Gather, list, write, replay, publish, and see who can be told."""
    assert terminal.json("gather") == {"questions": 3, "opened": 2, "grown": 0}
    listed = terminal.run("list")
    assert LEND[0] in listed or LEND[1] in listed
    assert "\x1b[31m" not in listed
    [gap, other] = terminal.json("list")["write"]
    assert (gap["people"], other["people"]) == (2, 1)
    assert LEND[1] in terminal.run("show", gap["id"][:8])

    form = tmp_path / "tandems.en.md"
    terminal.run("write", gap["id"], "--id", "tandems", "--to", str(form))
    assert "questions:" in form.read_text(encoding="utf-8")
    assert "there already" in terminal.run(
        "write", gap["id"], "--id", "tandems", "--to", str(form), status=1
    )
    text = tmp_path / "text.md"
    text.write_text("For a weekend, 55 euros.", encoding="utf-8")
    draft = terminal.json("write", gap["id"], "--id", "tandems", "--body", str(text))
    assert draft == {"article": "tandems", "language": "en", "number": 1}
    assert terminal.json("replay", gap["id"])["gained"] == 2
    assert "2 misses would be answered" in terminal.run("publish", gap["id"], "--by", "ann")
    people = terminal.json("tell", gap["id"])["askers"]
    assert {asker["article_id"] for asker in people} == {"tandems"}

    ignored = terminal.run("ignore", other["id"], "--reason", "nonsense", "--until", "3")
    assert "4 people" in ignored
    assert "ignored already" in terminal.run("ignore", other["id"], "--reason", "again", status=1)
    assert "nonsense" in terminal.run("show", other["id"])


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("asked")
def test_an_export_opens_in_a_spreadsheet_without_running(
    terminal: Terminal, tmp_path: Path
) -> None:
    """A question that looks like a formula is text; Excel takes the file for UTF-8."""
    terminal.run("gather")
    target = tmp_path / "gaps.csv"
    terminal.run("export", "--to", str(target))
    raw = target.read_bytes()
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))

    assert raw.startswith(b"\xef\xbb\xbf")
    assert len(rows) == 2
    assert rows[1]["question"].startswith("'=HYPERLINK")
    assert "no gap begins" in terminal.run("show", "0000", status=1)
    assert "--body FILE" in terminal.run("write", rows[0]["id"], "--id", "x", status=2)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "|x", "%0A"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    """What a spreadsheet might run is marked as text; other cells stay as they are."""
    assert safe_cell(cell) == f"'{cell}"
    assert safe_cell("a=1") == "a=1"
    assert safe_cell(None) == ""
