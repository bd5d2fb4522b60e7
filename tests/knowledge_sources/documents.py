"""Documents for tests, made by the programs' own libraries: PDF, Word and spreadsheets."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from knowledge_base.document import Document

#: A font with Chinese characters, of the machine's.
CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
DAY = date(2026, 3, 2)


def a_document(key: str, kind: str, raw: bytes | str, *, url: str | None = None) -> Document:
    """Return a document as a folder hands it out."""
    data = raw.encode() if isinstance(raw, str) else raw
    return Document(key, kind, data, DAY, url)


def a_pdf(
    pages: Sequence[Sequence[tuple[int, str]]],
    *,
    chinese: bool = False,
    outline: bool = False,
    title: str = "",
    footer: str = "",
    password: str = "",
) -> bytes:
    """Return a PDF; each page is (size, text) of its parts, size 11 is the text's."""
    from fpdf import FPDF
    from fpdf.enums import AccessPermission, EncryptionMethod

    pdf = FPDF()
    family = "cjk" if chinese else "helvetica"
    if chinese:
        pdf.add_font("cjk", "", CHINESE_FONT, collection_font_number=2)
    if title:
        pdf.set_title(title)
    for number, parts in enumerate(pages, start=1):
        pdf.add_page()
        for size, text in parts:
            pdf.set_font(family, "", size)
            if size > 11 and outline:
                pdf.start_section(text, level=0 if size > 18 else 1)
            pdf.multi_cell(0, size * 0.55, text, new_x="LMARGIN", new_y="NEXT")
            pdf.ln(4)
        if footer:
            pdf.set_y(-25)
            pdf.set_font(family, "", 8)
            pdf.cell(0, 5, f"{footer} - page {number}")
    if password:
        pdf.set_encryption(
            owner_password="owner",
            user_password=password,
            encryption_method=EncryptionMethod.AES_256,
            permissions=AccessPermission.all(),
        )
    return bytes(pdf.output())


def a_docx(build: Callable[[Any], object]) -> bytes:
    """Return a Word document that `build` wrote into."""
    import docx

    made = docx.Document()
    build(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def an_xlsx(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a workbook with these sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_zip(files: dict[str, bytes], *, packed: bool = True) -> bytes:
    """Return a zip file."""
    out = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return out.getvalue()


def changed_zip(raw: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a zip file with one file in it changed."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    files[name] = change(files.get(name, b""))
    return a_zip(files)
