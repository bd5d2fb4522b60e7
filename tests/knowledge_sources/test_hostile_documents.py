"""Documents made to harm: each is refused with a clear word, in bounded time and memory."""

import os
import signal
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.archive import entry_name, open_archive
from knowledge_base.document import Document, Skipped, UnreadableError
from knowledge_base.kinds import kinds
from knowledge_base.reader import Reader
from knowledge_base.sources import table
from knowledge_base.sources.folder import Folder
from tests.knowledge_sources.documents import (
    a_document,
    a_docx,
    a_zip,
    an_xlsx,
    changed_zip,
)


def why(document: Document) -> str:
    """Read a document that cannot be read, and return why."""
    with pytest.raises(UnreadableError) as caught:
        kinds()[document.kind].read(document)
    return str(caught.value)


def hello(made: Any) -> None:  # noqa: ANN401 - the library has no types
    """Write a paragraph into a Word document."""
    made.add_heading("Hello", 1)
    made.add_paragraph("World.")


@pytest.mark.parametrize("kind", ["docx", "table"])
def test_zip_bombs_are_not_unpacked(kind: str) -> None:
    """An office file that unpacks a thousand times its size is refused before it is read."""
    raw = a_docx(hello) if kind == "docx" else an_xlsx({"a": [["question", "answer"]]})
    bomb = changed_zip(raw, "word/media/a.bin", lambda _: b"\0" * 5_000_000)
    name = "a.docx" if kind == "docx" else "a.xlsx"

    assert "a zip bomb?" in why(a_document(name, kind, bomb))


def test_zip_files_of_too_many_files_are_refused() -> None:
    """The number of files is looked at before any of them."""
    bomb = a_zip({f"{number}.txt": b"" for number in range(10_001)})
    with pytest.raises(UnreadableError, match="10,001 files"):
        open_archive(bomb)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_in_office_files_are_refused(encoding: str) -> None:
    """A document type in any XML of an office file, however written, stops the reading."""
    laugh = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'.encode(encoding)
    word = changed_zip(a_docx(hello), "word/document.xml", lambda _: laugh)
    book = changed_zip(an_xlsx({"a": [[1]]}), "xl/sharedStrings.xml", lambda _: laugh)

    assert "XML entities" in why(a_document("a.docx", "docx", word))
    assert "XML entities" in why(a_document("a.xlsx", "table", book))


def test_broken_and_encrypted_office_files_say_so() -> None:
    """Cut, garbled, old and encrypted files each get a sentence, not a trace."""
    whole = a_docx(hello)
    garbled = changed_zip(whole, "word/document.xml", lambda raw: raw[: len(raw) // 2])
    book = changed_zip(an_xlsx({"a": [[1]]}), "xl/workbook.xml", lambda _: b"<nothing")

    assert "no zip file inside" in why(a_document("a.docx", "docx", whole[:500]))
    assert "broken Word document" in why(a_document("a.docx", "docx", garbled))
    assert "broken workbook" in why(a_document("a.xlsx", "table", book))
    assert "encrypted or of an old" in why(a_document("a.xlsx", "table", b"\xd0\xcf\x11\xe0" * 9))


def test_pictures_a_word_document_links_to_are_not_opened(tmp_path: Path) -> None:
    """A linked picture that is a file of this machine stays unread."""
    secret = tmp_path / "secret.png"
    os.mkfifo(secret)  # whoever opened it would wait for ever
    link = (
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/image" Target="file://{secret}" TargetMode="External"/></Relationships>'
    )
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/'
        '2006/wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/'
        'drawingml/2006/main"><a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.'
        'org/drawingml/2006/picture"><pic:blipFill><a:blip r:link="rId99"/></pic:blipFill>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p></w:body>"
    )
    raw = changed_zip(
        a_docx(hello),
        "word/_rels/document.xml.rels",
        lambda raw: raw.replace(b"</Relationships>", link.encode()),
    )
    raw = changed_zip(
        raw, "word/document.xml", lambda raw: raw.replace(b"</w:body>", drawing.encode())
    )

    (extract,) = kinds()["docx"].read(a_document("a.docx", "docx", raw)).extracts
    assert extract.body == "World."


def test_paths_that_lead_out_of_a_zip_file_are_left_out(tmp_path: Path) -> None:
    """Nothing is unpacked to disk, and a path with dots or a root is not even read."""
    (tmp_path / "a.zip").write_bytes(
        a_zip(
            {"../up.md": b"# up", "/etc/x.md": b"# root", "C:\\x.md": b"# c", "ok/a.md": b"# a\nb"}
        )
    )
    found = list(Folder(tmp_path / "a.zip").walk())

    assert [each.key for each in found if isinstance(each, Document)] == ["a.zip/ok/a.md"]
    assert len([each for each in found if isinstance(each, Skipped)]) == 3


def test_chinese_names_in_zip_files_are_read_as_written() -> None:
    """Names in GBK without a mark, as Windows in Chinese writes them, come out right."""
    entry = zipfile.ZipInfo("退货/说明.md".encode("gb18030").decode("cp437"))
    assert entry_name(entry) == "退货/说明.md"


def test_links_that_leave_the_folder_are_not_followed(tmp_path: Path) -> None:
    """A symbolic link to a file outside, or to the folder itself, brings nothing."""
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret.md").write_text("# secret\nx")
    (inside / "a.md").write_text("# a\nb")
    (inside / "link.md").symlink_to(tmp_path / "secret.md")
    (inside / "loop").symlink_to(inside)
    (inside / ".hidden.md").write_text("# hidden\nx")
    (inside / "b.png").write_bytes(b"\x89PNG")

    found = list(Folder(inside).walk())

    assert [each.key for each in found if isinstance(each, Document)] == ["a.md"]
    assert [(e.key, e.why) for e in found if isinstance(e, Skipped)] == [
        ("b.png", ".png files cannot be read"),
        ("link.md", "leads out of the folder"),
    ]


def test_a_document_that_takes_for_ever_is_given_up() -> None:
    """The reader's process is stopped, the reason told, and the next document read."""
    endless = b"question,answer\n" + b"a,b\n" * 8_000_000
    with Reader(seconds=0.5) as reader:
        reader.read(a_document("warm.txt", "text", "warm"))
        with pytest.raises(UnreadableError, match=r"longer than 0\.5 seconds"):
            reader.read(a_document("a.csv", "table", endless))
        assert reader._process is None


def test_a_document_that_takes_all_memory_harms_only_its_reader() -> None:
    """A page that would fill the memory ends with a message, and the next one is read."""
    deep = "<ul><li>" * 200_000
    with Reader(bytes_max=300_000_000) as reader:
        started = time.monotonic()
        with pytest.raises(UnreadableError, match=r"memory|deeply|cannot be read"):
            reader.read(a_document("a.yml", "table", _aliases()))
        reading = reader.read(a_document("a.html", "html", f"<main><p>Hello.</p>{deep}"))
        assert reading.extracts[0].body == "Hello."
        assert time.monotonic() - started < 100


def _aliases() -> str:
    """Return YAML of a few lines that stand for more text than any memory holds."""
    lines = ["- &a0 [xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join([*lines, "- {question: q, answer: *a11}"])


def test_a_reader_whose_process_died_is_started_again() -> None:
    """Somebody who kills the process loses one document, not the import."""
    with Reader() as reader:
        reader.read(a_document("a.txt", "text", "one"))
        assert reader._process is not None
        os.kill(reader._process.pid, signal.SIGKILL)
        reader._process.wait()
        with pytest.raises(UnreadableError, match="makes the reader fail"):
            reader.read(a_document("b.txt", "text", "two"))
        assert reader.read(a_document("c.txt", "text", "three")).extracts[0].body == "three"


def test_rows_beyond_the_limit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows beyond the limit are counted in one line of the report."""
    monkeypatch.setattr(table, "ROWS_MAX", 40)
    rows = "".join(f"q{number},a\n" for number in range(50))
    reading = table.read(a_document("a.csv", "table", f"question,answer\n{rows}"))

    assert len(reading.extracts) == 40
    assert [note.message for note in reading.notes] == [
        "10 rows beyond 40 left out; divide the table"
    ]


def test_the_reader_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that reads strangers' documents has no passwords in its environment."""
    monkeypatch.setenv("TRIBUTARY_SECRET_KEY", "a secret of the test")
    with Reader() as reader:
        reader.read(a_document("a.txt", "text", "one"))
        assert reader._process is not None
        environment = Path(f"/proc/{reader._process.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"secret" not in environment
