"""Importing knowledge from the command line, as people and programs do it."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from bots.__main__ import build
from bots.live_knowledge import read_edition
from crm_store.database import Database, utc_now
from knowledge_base.prepare import build_knowledge
from knowledge_base.search import Question
from tests.knowledge_sources.documents import a_docx, a_pdf, an_xlsx
from tests.knowledge_sources.site import Page, local_site, page


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """A fresh database of each kind, and the example bot's languages."""
    monkeypatch.setenv("TRIBUTARY_DATABASE_URL", database_url)
    monkeypatch.setenv("TRIBUTARY_KNOWLEDGE_HOSTS", "127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a handbook in English and Chinese, of which one file is broken."""
    made = tmp_path / "handbook"
    made.mkdir()
    rows = [["标准问题", "相似问法", "答案"], ["怎么开票？", "发票在哪里开", "在订单页申请发票。"]]
    (made / "faq.xlsx").write_bytes(an_xlsx({"a": rows}))
    text = "Screens are replaced within two working days."
    (made / "repairs.pdf").write_bytes(a_pdf([[(20, "Repairs"), (15, "Screens"), (11, text)]]))
    word = a_docx(lambda to: (to.add_heading("门店", 0), to.add_paragraph("周日休息。")))
    (made / "stores.docx").write_bytes(word)
    (made / "broken.pdf").write_bytes(b"%PDF-1.7")
    (made / "\x1b[2Jx.png").write_bytes(b"")
    return made


def call(*words: object) -> Result:
    """Run the command line."""
    return CliRunner().invoke(build([str(words[0])]), [str(each) for each in words])


def document(*words: object) -> Any:  # noqa: ANN401 - JSON
    """Return what a command prints for programs."""
    result = call(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_import_is_reported_and_answers(
    folder: Path, database: Database, tmp_path: Path
) -> None:
    """People read what was brought and what not and why; customers are answered from it."""
    result = call("import", "knowledge", folder, "--by", "ann")

    assert result.exit_code == 0, result.output
    assert "3 read, 0 as before, 2 not read" in result.stdout
    assert "is a broken PDF" in result.stdout
    assert "\x1b" not in result.stdout
    edition = read_edition(database, ZoneInfo("UTC"), now=utc_now())
    knowledge = build_knowledge(
        list(edition.articles.values()),
        encoder=None,
        cache_dir=tmp_path / "cache",
        out_of_scope=(),
        public_url_of=lambda article: f"/knowledge/{article.id}",
    )
    asked = [Question("发票在哪里开？", "zh"), Question("when are screens replaced?", "en")]
    answers = [found.answer for found in knowledge.search(asked)]
    assert [answer and answer.text for answer in answers] == [
        "在订单页申请发票。",
        "Screens are replaced within two working days.",
    ]


def test_a_program_gets_every_figure_and_reason(folder: Path) -> None:
    """One JSON document with counts, what was left, what failed and what was removed."""
    found = document("import", "knowledge", folder, folder / "none", "--dry-run")

    (source,) = found["sources"]
    assert (source["name"], source["kind"]) == ("handbook", "folder")
    assert source["counts"]["new"] == 3
    assert {left["document"] for left in source["left"]} == {"broken.pdf", "\x1b[2Jx.png"}
    assert found["failed"] == [
        {"location": str(folder / "none"), "why": "there is no such file or folder"}
    ]
    assert document("knowledge", "sources") == []


def test_sources_are_listed_refreshed_and_removed(folder: Path) -> None:
    """A refresh imports as the first time did, and tells nothing new; removing forgets."""
    call("import", "knowledge", folder, "--name", "book", "--tags", "shop", "--audience", "staff")
    (source,) = document("knowledge", "sources")
    assert (source["name"], source["articles"]) == ("book", 3)
    assert (source["settings"]["audience"], source["settings"]["tags"]) == ("staff", ["shop"])
    assert "published, staff, shop" in call("knowledge", "sources").stdout

    (folder / "stores.docx").unlink()
    (refreshed,) = document("knowledge", "refresh", "book")["sources"]
    counts = refreshed["counts"]
    assert (counts["new"], counts["unchanged"], counts["removed"]) == (0, 2, 1)

    assert "book: 2 articles removed" in call("import", "knowledge", "--remove", "book").stdout
    assert document("knowledge", "sources") == []


def test_a_site_is_imported_from_the_command_line() -> None:
    """Pages of an allowed private host are read; the report names what was not."""
    with local_site() as site:
        site.pages = {"/": page("Home", "", "/a", "/b"), "/a": page("A"), "/b": Page(status=500)}
        found = document("import", "knowledge", f"{site.url}/", "--max-pages", "5")

    (source,) = found["sources"]
    assert (source["kind"], source["counts"]["new"]) == ("site", 2)
    assert source["left"][0]["why"] == "is not given (HTTP 500)"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say what to read"),
        (["/none"], "/none: there is no such file or folder"),
        (["http://127.0.0.1:9/"], "cannot be reached"),
        (["ftp://a.example/"], "is no address of the web"),
        (["http://u:p@a.example/"], "without a password in it"),
        (["--remove", "nobody"], "no source is called 'nobody'"),
        (["/", "--language", "xx"], "xx is not a language of this bot (en, zh"),
        (["/", "/tmp", "--name", "a"], "--name is for one source at a time"),
        ([".", "--name", "folder"], "'folder' cannot be a name"),
    ],
)
def test_what_cannot_be_read_ends_with_one(words: list[str], told: str) -> None:
    """Nothing read at all is status 1 with a sentence, and leaves no source behind."""
    result = call("import", "knowledge", *words)

    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output
    assert document("knowledge", "sources") == []
