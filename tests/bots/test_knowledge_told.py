"""`tributary knowledge answered|asof|correction`: what was said, and putting it right."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import func, select

from crm_store.database import Database, utc_now
from crm_store.outbox import OutboxItem
from tests.bots.test_knowledge_commands import Terminal
from tests.builders import a_conversation, an_address
from tests.dialogues.test_answer_corrections import NEW, OLD, cite, put


@pytest.fixture
def terminal(database: Database) -> Terminal:
    """A terminal of the example bot, where one visitor was given an old text."""
    now = utc_now() - timedelta(days=3)
    where = an_address(peer="ann", channel="webchat", account="demo")
    with database.session() as session:
        old = put(session, OLD, now)
        conversation = a_conversation(session, address=where, now=now)
        cite(session, conversation, old, now + timedelta(minutes=1))
        put(session, NEW, now + timedelta(days=1))
    terminal = Terminal(database)
    terminal.environment["TRIBUTARY_ENCODER"] = "none"
    return terminal


def test_who_was_given_what_is_listed_with_the_very_text(terminal: Terminal) -> None:
    """As a table, as JSON and as CSV; by day and by version."""
    told = json.loads(terminal.run("answered", "returns", "--json"))
    (answer,) = told["answers"]
    (text,) = told["texts"]
    assert (answer["revision"], answer["channel"]) == (1, "webchat")
    assert (text["body"], text["revisions"]) == (OLD, [1])

    (row,) = csv.DictReader(StringIO(terminal.run("answered", "returns", "--csv")))
    assert row["version"] == text["version"]
    shown = terminal.run("answered", "returns")
    assert "You have **30 days**." in shown
    assert "1 answers" in shown
    assert "0 answers" in terminal.run("answered", "returns", "--at", "2001-01-01")
    assert "0 answers" in terminal.run("answered", "returns", "--version", "0123456789ab")


def test_a_question_is_answered_with_what_was_live_then(terminal: Terminal) -> None:
    """What would we have said: before, then, and now."""
    question = "How do I return it?"
    days = [(utc_now() - timedelta(days=n)).isoformat() for n in (10, 2.5, 1)]
    told = [json.loads(terminal.run("asof", day, question, "--json")) for day in days]

    assert [each["articles"] for each in told] == [0, 1, 1]
    assert told[0]["answer"] is None
    assert [each["answer"]["revision"] for each in told[1:]] == [1, 2]
    assert told[1]["answer"]["version"] != told[2]["answer"]["version"]
    assert "revision 2" in terminal.run("asof", days[2], question)


def test_a_correction_is_shown_before_it_is_sent_once(
    terminal: Terminal, database: Database
) -> None:
    """Nothing leaves without `--send`, and nothing leaves twice."""

    def queued() -> int:
        with database.session() as session:
            return session.scalar(select(func.count()).select_from(OutboxItem)) or 0

    arguments = ("correction", "returns", "--since", "1")
    shown = terminal.run(*arguments)
    assert "1 people were given an earlier text; 1 can be told" in shown
    assert "You have 30 days." in shown
    assert queued() == 0

    own = ("--text", "Not {old} but {new}", "--by", "ann", "--json")
    told = json.loads(terminal.run(*arguments, *own, "--send"))
    (person,) = told["recipients"]
    assert person["sent"]
    assert person["message"].startswith("Not You have 30 days. but You have 14 days.")
    again = json.loads(terminal.run(*arguments, *own, "--send"))
    assert [(r["sent"], r["exclusion"]) for r in again["recipients"]] == [(False, "told")]
    assert queued() == 1
    assert "no other text" in terminal.run("correction", "returns", "--since", "2", status=1)
    assert "1 to 3000" in terminal.run(*arguments, "--text", " ", status=2)
    assert "cannot be read" in terminal.run(*arguments, "--text-file", "/nowhere", status=2)
