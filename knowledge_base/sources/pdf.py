"""PDF files: text with guessed headings, and the page each heading stands on."""

import io
import logging
import math
import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from knowledge_base.document import (
    Document,
    Extract,
    Note,
    Reading,
    UnreadableError,
    shorten,
)
from knowledge_base.pdf_lines import Line, drop_running, lines_markdown, page_headings, readable
from knowledge_base.sources.markdown import first_heading, name_as_title
from knowledge_base.terms import has_han

if TYPE_CHECKING:
    from pypdf import PdfReader

SUFFIXES: Final = (".pdf",)
MEDIA_TYPES: Final = ("application/pdf",)

#: Most pages that are read of one file.
PAGES_MAX: Final = 3000
#: Most entries of an outline that are looked at.
_OUTLINE_MAX: Final = 5000
#: Titles that programs put in by themselves.
_NO_TITLE: Final = re.compile(
    r"|untitled.*|microsoft (?:word|powerpoint|excel)\b.*|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|tex)|"
    r"幻灯片 ?\d*|文档 ?\d*",
    re.I,
)
_PAGE_REMARK: Final = re.compile(r"\s*(?:\(p\. \d+\)|（第 \d+ 页）)$")


def read(document: Document) -> Reading:
    """Return the file as one article; each heading names its page.

    Raises:
        UnreadableError: it is broken or encrypted, or has no text.
    """
    from pypdf import PdfReader

    # What it remarks about broken files goes into the report instead.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(document.raw))
        if reader.is_encrypted and not reader.decrypt(""):
            message = "is encrypted with a password; save it without"
            raise UnreadableError(message)
        count = len(reader.pages)
    except UnreadableError:
        raise
    except Exception as error:  # the library lets through whatever trips it
        message = f"is a broken PDF ({type(error).__name__})"
        raise UnreadableError(message) from error
    notes: list[Note] = []
    if count > PAGES_MAX:
        notes.append(Note(f"pages beyond {PAGES_MAX:,} left out; divide the file"))
    pages = [_lines(reader, n, notes) for n in range(1, min(count, PAGES_MAX) + 1)]
    lines = drop_running(pages)
    if not lines:
        message = "has no text; is it a scan? only text can be read, not pictures of it"
        raise UnreadableError(message)
    body = lines_markdown(lines, _outline(reader))
    heading, below = first_heading(body)
    heading = _PAGE_REMARK.sub("", heading)
    if not heading and count > 1:
        chinese = has_han("".join(line.text for line in lines[:20]))
        by_page = [[each for each in lines if each.page == n] for n in range(1, count + 1)]
        below = page_headings(by_page, chinese=chinese)
    title, updated = _properties(reader)
    plain = re.sub(r"\s", "", title)
    if heading and (plain in re.sub(r"\s", "", heading) or plain not in _words(pages[0])):
        # A title that is nowhere on the first page is another document's, or a program's.
        title = ""
    name = title or heading or name_as_title(document.key)
    extract = Extract(shorten(name), below if below.strip() else body, updated=updated)
    return Reading((extract,), tuple(notes))


def _words(lines: list[Line]) -> str:
    return re.sub(r"\s", "", "".join(line.text for line in lines))


def _lines(reader: "PdfReader", number: int, notes: list[Note]) -> list[Line]:
    """Return the lines of a page; one that cannot be read becomes a note."""
    lines: list[Line] = [Line(number)]

    def visit(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:  # noqa: ANN401 - pypdf
        for index, part in enumerate(text.split("\n")):
            if index and lines[-1].cells:
                lines.append(Line(number))
            if part.strip():
                _add(lines[-1], part, cm, tm, font, size)

    try:
        page = reader.pages[number - 1]
        page.extract_text(visitor_text=visit)
    except RecursionError:
        notes.append(Note("cannot be read (nested too deeply)", f"page {number}"))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the library lets through whatever trips it
        notes.append(Note(f"cannot be read ({type(error).__name__})", f"page {number}"))
    found = [line for line in lines if line.text]
    if not found and not any(note.where == f"page {number}" for note in notes):
        notes.append(Note("has no text (a picture?)", f"page {number}"))
    return found


def _add(line: Line, text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:  # noqa: ANN401
    scale = math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
    points = abs(float(size or 0)) * scale
    name = str((font or {}).get("/BaseFont", "")).lower()
    if not line.cells:
        line.top = tm[5] * cm[3] + cm[5]
        line.bold = True
    line.bold = line.bold and any(word in name for word in ("bold", "black", "heavy", "semibold"))
    line.size = max(line.size, points)
    line.add(tm[4] * cm[0] + cm[4], text)


def _outline(reader: "PdfReader") -> dict[tuple[int, str], int]:
    """Return (page, title without blanks) -> depth of what the outline names."""
    found: dict[tuple[int, str], int] = {}
    try:
        for depth, entry in _entries(reader.outline, 1):
            page = reader.get_destination_page_number(entry)
            title = re.sub(r"\s+", "", readable(str(entry.title or "")))
            if page is not None and title and len(found) < _OUTLINE_MAX:
                found.setdefault((page + 1, title), depth)
    except Exception:  # noqa: BLE001 - a broken outline is no reason to lose the text
        return found
    return found


def _entries(outline: Any, depth: int) -> Iterator[tuple[int, Any]]:  # noqa: ANN401 - pypdf
    for entry in outline:
        if isinstance(entry, list):
            yield from _entries(entry, depth + 1)
        else:
            yield depth, entry


def _properties(reader: "PdfReader") -> tuple[str, date | None]:
    try:
        metadata = reader.metadata
        if metadata is None:
            return "", None
        title = readable(str(metadata.title or ""))
        changed = metadata.modification_date or metadata.creation_date
    except Exception:  # noqa: BLE001 - a broken date is no reason to lose the text
        return "", None
    return "" if _NO_TITLE.fullmatch(title) else title, changed.date() if changed else None
