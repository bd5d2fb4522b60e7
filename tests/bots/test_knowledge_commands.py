"""`tributary knowledge`: staff look after articles from a terminal."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bots.commands.knowledge import app
from crm_store.database import Database, utc_now
from knowledge_base.article_file import article_file
from knowledge_base.articles import read_article
from knowledge_base.drafts import save_draft
from knowledge_base.publishing import publish
from knowledge_base.revisions import FOLDER, live_articles
from tests.knowledge_base.test_revisions import an_article

ROOT = Path(__file__).resolve().parents[2]
BOT = ROOT / "bots/library/moss_and_kettle"


class Terminal:
    """A terminal of somebody who looks after articles."""

    def __init__(self, database: Database) -> None:
        url = database.url.render_as_string(hide_password=False)
        self.environment = {"TRIBUTARY_DATABASE_URL": url, "TRIBUTARY_BOT": str(BOT)}

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run `tributary knowledge …` and return what it prints."""
        done = CliRunner().invoke(app, arguments, env=self.environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == status, done.stdout + done.stderr
        return done.stdout if status == 0 else done.stderr


@pytest.fixture
def terminal(database: Database) -> Terminal:
    """A terminal on a fresh database."""
    return Terminal(database)


def a_file(folder: Path, name: str = "holidays.en.md", body: str = "We are closed.") -> str:
    """Write an article as staff would, without questions or a date."""
    path = folder / name
    path.write_text(f"---\ntitle: Are you open at New Year?\n---\n{body}\n", encoding="utf-8")
    return str(path)


def test_an_article_is_drafted_published_corrected_and_compared(
    terminal: Terminal, database: Database, tmp_path: Path
) -> None:
    """From a file to the live text, with the history and the difference to read."""
    assert "revision 1 is draft" in terminal.run("draft", a_file(tmp_path), "--by", "ann")
    assert "revision 1 is published" in terminal.run("publish", "holidays", "--by", "ben")
    newer = a_file(tmp_path, body="We open at noon.")
    terminal.run("draft", newer, "--by", "ann", "--note", "new hours", "--publish")

    told = json.loads(terminal.run("history", "holidays", "--json"))
    assert [(r["number"], r["status"], r["note"]) for r in told] == [
        (2, "published", "new hours"),
        (1, "retired", ""),
    ]
    assert (told[1]["created_by"], told[1]["published_by"]) == ("staff:ann", "staff:ben")
    shown = terminal.run("history", "holidays")
    assert "new hours" in shown
    assert "\x1b" not in shown
    lines = terminal.run("diff", "holidays", "1").splitlines()
    assert "-We are closed." in lines
    assert "+We open at noon." in lines
    assert "We open at noon." in terminal.run("show", "holidays")
    assert "We are closed." in terminal.run("show", "holidays", "-r", "1")
    again = tmp_path / "holidays.zh.md"
    again.write_text(terminal.run("show", "holidays", "--markdown"), encoding="utf-8")
    article = read_article(again, ("zh",), today=date(2026, 1, 1))
    assert article.body == "We open at noon."

    listed = json.loads(terminal.run("list", "--json"))
    assert [(a["article_id"], a["live"], a["source"]) for a in listed] == [
        ("holidays", 2, "staff")
    ]
    assert "1 articles" in terminal.run("list", "--words", "new year")
    assert "0 articles" in terminal.run("list", "--status", "draft")
    terminal.run("restore", "holidays", "1")
    terminal.run("retire", "holidays")
    with database.reading() as connection:
        assert live_articles(connection, utc_now().date()) == []


def test_a_draft_is_planned_where_the_company_is(
    terminal: Terminal, database: Database, tmp_path: Path
) -> None:
    """Nine o'clock is nine o'clock in the company's time zone."""
    terminal.run("draft", a_file(tmp_path))
    told = json.loads(terminal.run("schedule", "holidays", "2099-12-01T09:00", "--json"))

    assert told["status"] == "scheduled"
    assert datetime.fromisoformat(told["publish_at"]) == datetime(2099, 12, 1, 1, tzinfo=UTC)


def test_the_folder_is_published_without_a_restart(terminal: Terminal) -> None:
    """`sync` does what every start does, once."""
    first = json.loads(terminal.run("sync", "--json"))
    again = json.loads(terminal.run("sync", "--json"))

    assert len(first["added"]) == again["unchanged"] > 50
    assert again["added"] == again["changed"] == again["removed"] == []


def test_what_cannot_be_done_is_told_in_a_line(
    terminal: Terminal, database: Database, tmp_path: Path
) -> None:
    """Every refusal says what is wrong and how to mend it, and changes nothing."""
    with database.session() as session:
        for language in ("en", "zh"):
            article = an_article(language=language)
            draft = save_draft(session, article, by="x", now=utc_now(), source=FOLDER)
            publish(session, draft, by="x", now=utc_now())
    bad = tmp_path / "returns.en.md"
    bad.write_text("---\ntitle: A\ncolour: blue\n---\ntext\n", encoding="utf-8")

    assert f"{bad}:3: colour" in terminal.run("draft", str(bad), status=1)
    folder = a_file(tmp_path, "returns.en.md")
    assert "knowledge/returns" in terminal.run("draft", folder, status=1)
    assert "say which with --language" in terminal.run("show", "returns", status=2)
    assert "no revision 9" in terminal.run("show", "returns", "-l", "en", "-r", "9", status=1)
    assert "no article 'nothing'" in terminal.run("show", "nothing", status=1)
    assert "has no draft" in terminal.run("publish", "returns", "-l", "en", status=1)
    assert "nothing of" in terminal.run("retire", "nothing", status=1)
    assert "is no time" in terminal.run("schedule", "returns", "soon", status=2)
    assert "fr is not a language" in terminal.run(
        "draft", a_file(tmp_path, "holidays.fr.md"), status=1
    )
    with database.reading() as connection:
        assert len(live_articles(connection, utc_now().date())) == 2


def test_hostile_texts_cannot_steer_a_terminal(terminal: Terminal, database: Database) -> None:
    """What was imported or written is shown as text, markup and escapes included."""
    evil = an_article("\x1b[2J[red]gone[/red]", title="[bold]A\u202e[/bold] title")
    with database.session() as session:
        publish(session, save_draft(session, evil, by="x", now=utc_now()), by="x", now=utc_now())

    for shown in (terminal.run("show", "returns"), terminal.run("list")):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "[red]gone[/red]" in terminal.run("show", "returns")
    assert "[bold]A" in terminal.run("list")


def test_an_article_as_a_file_reads_back_the_same(tmp_path: Path) -> None:
    """What `show --markdown` prints, `draft` takes."""
    article = replace(
        an_article("怎樣 *都* 可以：\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
        title='A "quoted": title # no comment',
        questions=("- is this a list?", "是嗎？"),
        tags=("a, b",),
        url="/help/x",
        answer_kind="whole",
        audience="staff",
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 2, 1),
        review_by=date(2026, 1, 15),
        owner="Ann: Returns",
    )
    path = tmp_path / "returns.en.md"
    path.write_text(article_file(article), encoding="utf-8")
    read = read_article(path, ("en",), today=date(2000, 1, 1))

    assert replace(read, version="") == article
