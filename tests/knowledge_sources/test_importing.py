"""An import brings what is new, changes what changed, takes out what is gone, and nothing else."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge_base.articles import Article
from knowledge_base.document import UnreadableError
from knowledge_base.drafts import save_draft
from knowledge_base.generation import generation
from knowledge_base.publishing import publish
from knowledge_base.revisions import Revision, history
from knowledge_base.source_items import find_source, sources
from knowledge_base.source_places import (
    ImportSettings,
    Surroundings,
    find_place,
    import_place,
    place_of,
    remove_place,
)
from tests.knowledge_sources.documents import a_zip, an_xlsx
from tests.knowledge_sources.imports import NOW, figures, imported, live


def test_a_folder_of_every_kind_becomes_articles(around: Surroundings, folder: Path) -> None:
    """Each document can be said after the import, in the language it is written in."""
    outcome = imported(around, folder, tags=["shop"])

    assert (figures(outcome), outcome.left) == ((8, 0, 0, 0), [])
    found = live(around)
    assert {title: article.language for title, article in found.items()} == {
        "Returns": "en",
        "退货": "zh",
        "notes": "en",
        "怎么付款？": "zh",
        "多久到货？": "zh",
        "Gift cards": "en",
        "Manual": "en",
        "保修": "zh",
    }
    assert found["Returns"].id == found["退货"].id
    assert found["保修"].body == "保修两年。"
    assert found["怎么付款？"].answer_kind == "whole"
    assert {article.tags for article in found.values()} == {("shop",)}


def test_importing_again_reads_and_changes_nothing(around: Surroundings, folder: Path) -> None:
    """What is as it was is not even read, and no process has to look for changes."""
    imported(around, folder)
    with around.database.reading() as connection:
        before = generation(connection)
    again = imported(around, folder)

    assert figures(again) == (0, 0, 8, 0)
    assert (again.read, again.same) == (0, 7)
    with around.database.reading() as connection:
        assert generation(connection) == before


def test_changes_come_and_what_is_gone_goes(around: Surroundings, folder: Path) -> None:
    """An article keeps its id when its text changes; a removed file or row takes its own along."""
    imported(around, folder)
    before = live(around)
    (folder / "notes.txt").write_text("Our workshop is open from ten to six.")
    (folder / "faq.csv").write_text("问题,答案\n新问题？,新答案。\n怎么付款？,支持微信支付。\n")
    (folder / "manual.pdf").unlink()
    outcome = imported(replace(around, now=NOW + timedelta(days=1)), folder)

    assert figures(outcome) == (1, 1, 5, 2)
    after = live(around)
    assert after["notes"].id == before["notes"].id
    assert "ten to six" in after["notes"].body
    assert {"Manual", "多久到货？"}.isdisjoint(after)
    assert "新问题？" in after
    with around.database.session() as session:
        texts = [r.body for r in history(session, after["notes"].id)]
    assert len(texts) == 2


def test_a_file_that_came_back_has_its_article_back(around: Surroundings, folder: Path) -> None:
    """The same place in the same source is the same article for ever."""
    imported(around, folder)
    first = live(around)["Manual"].id
    kept = (folder / "manual.pdf").read_bytes()
    (folder / "manual.pdf").unlink()
    imported(around, folder)
    assert "Manual" not in live(around)
    (folder / "manual.pdf").write_bytes(kept)
    imported(around, folder)

    assert live(around)["Manual"].id == first


def test_a_dry_run_tells_the_same_and_does_nothing(around: Surroundings, folder: Path) -> None:
    """The figures are those of the real import; the database stays as it was."""
    dry = replace(around, dry_run=True)
    assert figures(imported(dry, folder)) == (8, 0, 0, 0)
    with around.database.session() as session:
        assert sources(session) == []
        assert session.scalars(select(Revision)).all() == []

    imported(around, folder)
    (folder / "notes.txt").write_text("changed by now")
    (folder / "page.html").unlink()
    assert figures(imported(dry, folder)) == (0, 1, 6, 1)
    assert "Gift cards" in live(around)


def test_a_document_that_breaks_keeps_its_article(around: Surroundings, folder: Path) -> None:
    """A file that cannot be read any more loses nothing, and the others are brought."""
    imported(around, folder)
    (folder / "manual.pdf").write_bytes(b"%PDF-1.7 cut off")
    (folder / "notes.txt").write_text("Open on Sundays.")
    outcome = imported(around, folder)

    assert figures(outcome) == (0, 1, 6, 0)
    (left,) = outcome.left
    assert left.key == "manual.pdf"
    assert "broken PDF" in left.why
    assert "(kept as read on 2026-11-24)" in left.why
    assert {"Manual", "notes"} <= set(live(around))


def test_drafts_are_not_said_until_they_are_published(around: Surroundings, folder: Path) -> None:
    """`draft` brings texts nobody is told; the same import as `published` publishes them."""
    assert imported(around, folder, state="draft").new == 8
    assert live(around) == {}

    outcome = imported(around, folder)
    assert figures(outcome) == (0, 8, 0, 0)
    assert len(live(around)) == 8


def test_two_documents_of_one_id_are_told_apart(around: Surroundings, tmp_path: Path) -> None:
    """The second is left out with the first one's name; when that one goes, it takes its place."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("---\nid: hours\n---\n# Hours\n\nNine to five.")
    (docs / "b.md").write_text("---\nid: hours\n---\n# Opening\n\nTen to six.")
    outcome = imported(around, docs)
    assert [(left.key, left.why) for left in outcome.left] == [
        ("b.md", "the id hours is taken by a.md")
    ]
    assert list(live(around)) == ["Hours"]

    (docs / "a.md").rename(docs / "c.md")
    (docs / "b.md").unlink()
    outcome = imported(around, docs)
    assert (outcome.new, outcome.removed, outcome.left) == (1, 1, [])
    assert [article.id for article in live(around).values()] == ["hours"]


def test_an_article_of_others_is_not_written_over(around: Surroundings, tmp_path: Path) -> None:
    """An id that staff, the bot's folder or another source has is left to them."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("---\nid: hours\n---\n# Hours\n\nNine to five.")
    (docs / "b.md").write_text("# Other\n\nOther text.")
    written = Article(
        "hours", "en", "Hours", (), "Ours.", "public", date(2026, 1, 1), (), None, ""
    )
    with around.database.session() as session:
        draft = save_draft(session, written, by="staff:bob", now=NOW, source="folder")
        publish(session, draft, by="staff:bob", now=NOW)
    outcome = imported(around, docs)

    assert outcome.new == 1
    assert [left.why for left in outcome.left] == [
        "the article hours is in the bot's folder; give it another id"
    ]
    assert live(around)["Hours"].body == "Ours."


def test_staff_documents_stay_with_staff(around: Surroundings, tmp_path: Path) -> None:
    """A source imported for staff gives customers nothing, whatever a document in it says."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("---\naudience: public\n---\n# Margins\n\nForty per cent.")
    imported(around, docs, audience="staff")

    assert live(around)["Margins"].audience == "staff"


def test_a_language_the_bot_lacks_is_left_out(around: Surroundings, tmp_path: Path) -> None:
    """A page that says it is German is not told to customers as English, unless it must be."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.html").write_text(
        "<html lang=de><main><h1>Rückgabe</h1><p>Sie können innerhalb von dreißig Tagen jedes "
        "Gerät zurückgeben, auch ohne Angabe von Gründen.</p></main></html>"
    )
    outcome = imported(around, docs)
    assert outcome.new == 0
    assert "is in 'de', which the bot does not speak (en, zh)" in outcome.left[0].why

    assert imported(around, docs, language="en").new == 1
    assert live(around)["Rückgabe"].language == "en"


def test_a_page_in_chinese_that_claims_to_be_english_is_chinese(
    around: Surroundings, tmp_path: Path
) -> None:
    """Templates leave `lang=en` on Chinese pages; between scripts the text decides."""
    docs = tmp_path / "docs"
    docs.mkdir()
    text = "您可以在三十天内退货，运费由我们承担。" * 5
    (docs / "a.html").write_text(f"<html lang=en><main><h1>退货</h1><p>{text}</p></main></html>")
    imported(around, docs)

    assert live(around)["退货"].language == "zh"


def test_documents_in_a_zip_file_are_read(around: Surroundings, tmp_path: Path) -> None:
    """A zip file is a folder; a bomb in it costs one line."""
    packed = a_zip({"zh/退货.md": "# 退货\n\n可以退。".encode(), "x.bin": b"1"})
    bomb = a_zip({"b.txt": b"a" * 3_000_000})
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.zip").write_bytes(packed)
    (tmp_path / "docs" / "b.zip").write_bytes(bomb)
    outcome = imported(around, tmp_path / "docs")

    assert live(around)["退货"].body == "可以退。"
    assert {left.key: left.why.partition(":")[0] for left in outcome.left} == {
        "a.zip/x.bin": ".bin files cannot be read",
        "b.zip": "holds a file that is packed 1025 times, more than 200",
    }


def test_five_megabytes_on_one_line_are_refused_and_the_rest_brought(
    around: Surroundings, tmp_path: Path
) -> None:
    """A document too long for an article is named; one of many long lines is cut to paragraphs."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "huge.md").write_text("word " * 1_000_000)
    (docs / "long.md").write_text(
        "# Long\n\n" + "This is a sentence of eight plain words. " * 2000
    )
    outcome = imported(around, docs)

    assert [left.why for left in outcome.left] == ["has more than 2,000,000 characters; divide it"]
    body = live(around)["Long"].body
    assert max(map(len, body.split("\n"))) <= 4000
    assert body.replace("\n\n", " ").count("sentence") == 2000


def test_removing_a_source_takes_its_articles_out(around: Surroundings, folder: Path) -> None:
    """All articles of a source are retired, the history stays, and the source is forgotten."""
    imported(around, folder)
    with around.database.session() as session:
        source = find_source(session, str(folder.resolve()))
        assert source is not None
        assert find_source(session, "docs") is source
    assert remove_place(source, replace(around, dry_run=True)) == 8
    assert len(live(around)) == 8
    assert remove_place(source, around) == 8

    assert live(around) == {}
    with around.database.session() as session:
        assert sources(session) == []
        assert len(session.scalars(select(Revision)).all()) == 8


def test_a_source_that_is_not_there_is_not_taken_for_empty(
    around: Surroundings, folder: Path
) -> None:
    """A disk that is not mounted retires nothing; the message says what to do."""
    imported(around, folder)
    shutil.move(folder, folder.with_name("elsewhere"))
    with around.database.session() as session:
        (source,) = sources(session)
    with pytest.raises(UnreadableError, match="--remove docs"):
        import_place(place_of(source), around, lambda _key: None)

    assert len(live(around)) == 8


def test_an_import_that_is_cut_short_goes_on(around: Surroundings, tmp_path: Path) -> None:
    """What was brought before a crash is whole, and the next import brings the rest."""
    docs = tmp_path / "docs"
    docs.mkdir()
    rows = "".join(f"question number {n}?,answer {n}\n" for n in range(500))
    (docs / "a.csv").write_text(f"question,answer\n{rows}")
    (docs / "b.csv").write_text("question,answer\nlast?,end\n")

    def stop(key: str) -> None:
        if key == "b.csv":
            raise KeyboardInterrupt

    with around.database.session() as session:
        place = find_place(session, str(docs), ImportSettings())
    with pytest.raises(KeyboardInterrupt):
        import_place(place, around, stop)
    assert len(live(around)) == 500

    assert figures(import_place(place, around, lambda _key: None)) == (1, 0, 500, 0)


def test_a_workbook_of_many_sheets_is_one_document(around: Surroundings, tmp_path: Path) -> None:
    """Rows of all sheets are articles; the same question twice is told with both places."""
    rows = [["问题", "答案"], ["怎么退货", "三十天内"], ["怎么退货？", "重复"]]
    (tmp_path / "kb.xlsx").write_bytes(an_xlsx({"售后": rows, "说明": [["只是说明"]]}))
    outcome = imported(around, tmp_path / "kb.xlsx")

    assert outcome.new == 1
    assert [(left.where, left.why) for left in outcome.left] == [
        ("售后, row 3", "is the same as 售后, row 2")
    ]
