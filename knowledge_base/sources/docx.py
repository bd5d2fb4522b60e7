"""Word documents: headings, lists, tables and emphasis by way of HTML."""

import io
from datetime import date
from typing import Any, Final
from zipfile import ZipFile

from defusedxml.ElementTree import ParseError, fromstring
from lxml.html import fragment_fromstring

from knowledge_base.archive import open_archive, read_entry, refuse_entities
from knowledge_base.document import Document, Extract, Reading, UnreadableError, shorten
from knowledge_base.markup import remove_hidden, to_markdown
from knowledge_base.sources.markdown import first_heading, name_as_title

SUFFIXES: Final = (".docx", ".docm")
MEDIA_TYPES: Final = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)

_PROPERTIES: Final = "docProps/core.xml"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_MODIFIED: Final = "{http://purl.org/dc/terms/}modified"
#: Styles of Word in its Chinese version and of others, beside those the library knows.
_STYLES: Final = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='标题'] => h1:fresh
p[style-name='標題'] => h1:fresh
p[style-name='标题 1'] => h1:fresh
p[style-name='标题 2'] => h2:fresh
p[style-name='标题 3'] => h3:fresh
p[style-name='标题 4'] => h4:fresh
p[style-name='標題 1'] => h1:fresh
p[style-name='標題 2'] => h2:fresh
p[style-name='標題 3'] => h3:fresh
p[style-name='标题1'] => h1:fresh
p[style-name='标题2'] => h2:fresh
p[style-name='标题3'] => h3:fresh
p[style-name='toc 1'] => !
p[style-name='toc 2'] => !
p[style-name='toc 3'] => !
r[style-name='Strong'] => strong
"""
#: Titles that programs put in by themselves.
_NO_TITLES: Final = frozenset({"", "word document", "microsoft word", "document", "untitled"})


def read(document: Document) -> Reading:
    """Return the document as one article; pictures, headers and footers are left out.

    Raises:
        UnreadableError: it is broken or encrypted, or has no text.
    """
    import mammoth

    with open_archive(document.raw) as archive:
        refuse_entities(archive)
        title, updated = _properties(archive)
    try:
        converted = mammoth.convert_to_html(
            io.BytesIO(document.raw),
            style_map=_STYLES,
            # What a document links to must not be opened here.
            convert_image=_no_picture,
            external_file_access=False,
        )
    except Exception as error:  # the library lets through whatever trips it
        message = f"is a broken Word document ({type(error).__name__})"
        raise UnreadableError(message) from error
    if not converted.value.strip():
        message = "has no text; is it a scan?"
        raise UnreadableError(message)
    root = fragment_fromstring(converted.value, create_parent="div")
    remove_hidden(root)
    heading, body = first_heading(to_markdown(root))
    if not body.strip():
        message = "has no text below its heading"
        raise UnreadableError(message)
    if title.lower() in _NO_TITLES:
        title = ""
    name = heading or title or name_as_title(document.key)
    return Reading((Extract(shorten(name), body, updated=updated),))


def _no_picture(_image: object) -> list[Any]:
    return []


def _properties(archive: ZipFile) -> tuple[str, date | None]:
    """Return the title and the day of the last change as the document's properties say."""
    if _PROPERTIES not in archive.namelist():
        return "", None
    try:
        root = fromstring(read_entry(archive, archive.getinfo(_PROPERTIES)))
        modified = (root.findtext(_MODIFIED) or "")[:10]
        day = date.fromisoformat(modified) if modified else None
    except (ParseError, ValueError):
        return "", None
    return shorten(root.findtext(_TITLE) or ""), day
