"""`tributary knowledge publish` looks first whom it would answer otherwise."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from crm_store.database import Database, utc_now
from knowledge_base import questions
from knowledge_base.questions import NewQuestion
from tests.builders import a_conversation, an_address
from tests.journeys.conftest import ROOT
from tests.journeys.test_live_articles import small_bot

__all__ = ["small_bot"]

QUESTION = "When are you open on Sundays?"
ARTICLE = """---
title: When are you open on Sundays?
questions: [Are you open on Sundays?, Sunday opening hours]
updated: 2026-11-24
---
On Sundays from ten to four.
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(sqlite_url: str, small_bot: Path, tmp_path: Path) -> Run:
    """Run a command below `knowledge`, on a database that has the bot's articles."""
    environment = os.environ | {
        "TRIBUTARY_DATABASE_URL": sqlite_url,
        "TRIBUTARY_BOT": str(small_bot),
        "TRIBUTARY_ENCODER": "none",
        "TRIBUTARY_CACHE": str(tmp_path / "cache"),
    }

    def knowledge(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "bots", "knowledge", *arguments],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    assert knowledge("sync").returncode == 0
    return knowledge


def ask(url: str, question: str, peer: str) -> None:
    """Put a question on record."""
    database = Database(url)
    now = utc_now() - timedelta(hours=1)
    with database.session() as session:
        where = an_address(peer, channel="webchat", account="demo")
        conversation = a_conversation(session, address=where, now=now)
        assert conversation.customer_id is not None
        new = NewQuestion(
            conversation_id=conversation.id,
            seq=1,
            position=0,
            customer_id=conversation.customer_id,
            channel="webchat",
            question=question,
            language="en",
            outcome="answered",
            at=now,
        )
        questions.record(session.connection(), [new])
    database.close()


def test_an_answer_that_would_change_needs_a_yes(
    run: Run, sqlite_url: str, tmp_path: Path
) -> None:
    """A new text that no longer answers what was asked is not published unseen."""
    file = tmp_path / "sundays.en.md"
    file.write_text(ARTICLE, encoding="utf-8")
    drafted = run("draft", str(file))
    quick = run("publish", "sundays")
    ask(sqlite_url, QUESTION, "p1")
    file.write_text(
        "---\ntitle: Where is your workshop?\nquestions: [Workshop address, Way to the workshop]\n"
        "updated: 2026-11-24\n---\nBehind the church.\n",
        encoding="utf-8",
    )
    again = run("draft", str(file))

    tried = run("replay", "sundays", "--json")
    refused = run("publish", "sundays")
    shown = run("show", "sundays", "--json")
    confirmed = run("publish", "sundays", "--yes")

    for done in (drafted, quick, again, tried, shown, confirmed):
        assert done.returncode == 0, done.stdout + done.stderr
    (change,) = json.loads(tried.stdout)["changes"]
    assert change["before"] == "sundays"
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert "add --yes" in refused.stdout + refused.stderr
    assert "church" not in shown.stdout
