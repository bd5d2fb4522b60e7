"""Question-answer tables: CSV, TSV, XLSX, YAML, JSON and JSON lines."""

import csv
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson
from lxml.html import fragment_fromstring

from knowledge_base.archive import open_archive, refuse_entities
from knowledge_base.decoding import decode
from knowledge_base.document import (
    DOCUMENT_BYTES_MAX,
    QUESTIONS_MAX,
    TAGS_MAX,
    Document,
    Extract,
    Note,
    Reading,
    UnreadableError,
    clean,
    one_line,
    shorten,
)
from knowledge_base.markup import remove_hidden, to_markdown
from knowledge_base.table_columns import OFF, Column, find_columns, read_audience, read_day
from knowledge_base.terms import question_key
from nlu.yaml_file import FaultyFileError, YamlFile

SUFFIXES: Final = (".csv", ".tsv", ".xlsx", ".xlsm", ".yml", ".yaml", ".json", ".jsonl")
MEDIA_TYPES: Final = (
    "text/csv", "text/tab-separated-values", "application/json", "application/x-ndjson",
    "application/yaml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip

#: Most rows that are read of one table.
ROWS_MAX: Final = 200_000
#: Longest cell, in characters: more than a spreadsheet can hold.
CELL_MAX: Final = 200_000
#: Most columns that are looked at.
_COLUMNS_MAX: Final = 100
#: A table's headings stand in one of its first rows; templates have remarks above.
_HEADER_WITHIN: Final = 10
#: Bytes in which the separator is looked for.
_SNIFFED: Final = 20_000
_DELIMITERS: Final = ",;\t|"
_BETWEEN: Final = re.compile(r"[\n|｜]|；；|\|\|")
_TAG: Final = re.compile(r"</?(?:p|br|div|ul|ol|li|b|strong|a|span|table|h\d)\b[^>]*>", re.I)

_Row = tuple[str, Sequence[object]]  # (where, cells)


def read(document: Document) -> Reading:
    """Return an article for every row that has a question and an answer.

    Raises:
        UnreadableError: it is broken, encrypted, or no table of questions and answers.
    """
    suffix = PurePosixPath(document.key).suffix.lower()
    if document.raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or suffix.startswith(".xls"):
        return _read_sheets(_workbook(document.raw))
    text = decode(document.raw, declared=document.charset)
    if suffix in {".json", ".jsonl"} or (not suffix and text.lstrip()[:1] in {"[", "{"}):
        return _read_sheets([("", _records(_json(text)))])
    if suffix in {".yml", ".yaml"}:
        return _read_sheets([("", _records(_yaml(text)))])
    return _read_sheets([("", _lines(text, tabs=suffix == ".tsv"))])


def _read_sheets(sheets: Iterable[tuple[str, Iterable[_Row]]]) -> Reading:
    extracts: list[Extract] = []
    notes: list[Note] = []
    headings: list[str] = []
    left = 0
    for name, rows in sheets:
        waiting = iter(rows)
        columns = _header(waiting, headings)
        if columns is None:
            continue
        for where, cells in waiting:
            place = f"{name}, {where}" if name else where
            if len(extracts) >= ROWS_MAX:
                left += 1
            elif found := _extract(cells, columns, place, notes):
                extracts.append(found)
    if left:
        notes.append(Note(f"{left:,} rows beyond {ROWS_MAX:,} left out; divide the table"))
    if not extracts and not notes:
        seen = ", ".join(repr(h) for h in headings[:8]) or "nothing"
        message = f"has no rows below columns for questions and answers (its first row: {seen})"
        raise UnreadableError(message)
    return Reading(tuple(extracts), tuple(notes))


def _header(rows: Iterator[_Row], headings: list[str]) -> dict[Column, list[int]] | None:
    for _ in range(_HEADER_WITHIN):
        row = next(rows, None)
        if row is None:
            return None
        cells = row[1][:_COLUMNS_MAX]
        columns = find_columns(cells)
        if "question" in columns and "answer" in columns:
            return columns
        if not headings:
            headings.extend(shorten(str(cell), 40) for cell in cells if cell not in (None, ""))
    return None


def _extract(
    cells: Sequence[object], columns: Mapping[Column, list[int]], where: str, notes: list[Note]
) -> Extract | None:
    def every(column: Column) -> list[object]:
        return [cells[n] for n in columns.get(column, ()) if n < len(cells)]

    def text(column: Column) -> str:
        return clean(_as_text(next(iter(every(column)), None))).strip()

    question, answer = text("question"), text("answer")
    if not question and not answer:
        return None
    wordings = [one_line(part) for part in _BETWEEN.split(question) if one_line(part)]
    if not wordings or not question_key(wordings[0]):
        notes.append(Note("has an answer but no question", where))
        return None
    if not answer:
        notes.append(Note("has a question but no answer", where))
        return None
    if len(answer) > CELL_MAX:
        notes.append(Note(f"its answer has more than {CELL_MAX:,} characters", where))
        return None
    if text("status").lower() in OFF:
        notes.append(Note(f"is switched off ({shorten(text('status'), 20)})", where))
        return None
    similar = [p for cell in every("similar") for p in _BETWEEN.split(clean(_as_text(cell)))]
    questions = _wordings([*wordings[1:], *similar], wordings[0], where, notes)
    tags = [t for cell in every("tags") for t in re.split(r"[\n|,，、;；/>]", _as_text(cell))]
    days = {
        c: _day(next(iter(every(c)), None), where, notes)
        for c in ("valid_from", "valid_to", "updated")
    }
    audience = read_audience(text("audience"))
    if audience is None and text("audience"):
        # Nothing is shown to customers that may have been meant for staff.
        audience = "staff"
        named = shorten(text("audience"), 40)
        notes.append(Note(f"audience {named!r} is unknown: taken as staff", where))
    return Extract(
        title=shorten(text("title") or wordings[0]),
        body=answer_markdown(answer),
        key=shorten(text("id"), 100) or question_key(wordings[0]),
        where=where,
        questions=(wordings[0], *questions) if text("title") else questions,
        tags=tuple(dict.fromkeys(t for tag in tags if (t := shorten(tag))))[:TAGS_MAX],
        language=shorten(text("language"), 35) or None,
        audience=audience,
        updated=days["updated"],
        valid_from=days["valid_from"],
        valid_to=days["valid_to"],
        url=one_line(text("url")) or None,
        answer_kind="whole",
    )


def _wordings(
    similar: Iterable[str], first: str, where: str, notes: list[Note]
) -> tuple[str, ...]:
    kept: dict[str, str] = {question_key(first): first}
    for wording in similar:
        key = question_key(wording)
        if key and key not in kept:
            kept[key] = shorten(wording)
    if len(kept) > QUESTIONS_MAX:
        notes.append(Note(f"similar questions beyond {QUESTIONS_MAX} left out", where))
    return tuple(list(kept.values())[1:QUESTIONS_MAX])


def _day(value: object, where: str, notes: list[Note]) -> date | None:
    try:
        return read_day(value)
    except ValueError:
        notes.append(Note(f"{shorten(str(value), 40)!r} is no date like 2026-05-31", where))
        return None


def answer_markdown(answer: str) -> str:
    """Return the answer of a cell as Markdown: HTML is converted, line breaks are kept."""
    if _TAG.search(answer):
        root = fragment_fromstring(answer, create_parent="div")
        remove_hidden(root)
        if converted := to_markdown(root):
            return converted
    blocks: list[str] = []
    for line in answer.split("\n"):
        item = re.match(r"\s*(?:[-*+]|\d{1,3}[.)]|\|)", line)
        if item and blocks and re.match(r"\s*(?:[-*+]|\d{1,3}[.)]|\|)", blocks[-1]):
            blocks[-1] += f"\n{line.rstrip()}"
        elif line.strip():
            blocks.append(line.rstrip())
    return "\n\n".join(blocks)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(map(_as_text, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _lines(text: str, *, tabs: bool) -> Iterator[_Row]:
    csv.field_size_limit(DOCUMENT_BYTES_MAX)  # of the process, so the same for every table
    delimiter = "\t" if tabs else _delimiter(text[:_SNIFFED])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield f"row {reader.line_num}", cells
    except csv.Error as error:
        message = f"is no table of values: {error} in line {reader.line_num}"
        raise UnreadableError(message) from error


def _delimiter(head: str) -> str:
    """Return the separator under which the first rows show headings, else the most even one."""
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        rows = list(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))[:20]
        found = any(len(find_columns(row)) > 1 for row in rows[:_HEADER_WITHIN])
        score = 1000 * found + min((len(row) for row in rows if row), default=0)
        if score > most:
            best, most = delimiter, score
    return best


def _workbook(raw: bytes) -> Iterator[tuple[str, Iterator[_Row]]]:
    """Yield the visible sheets with the values that stood in the cells when it was saved."""
    from openpyxl import load_workbook

    with open_archive(raw) as archive:
        refuse_entities(archive)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions nobody reads here
            book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # the library lets through whatever trips it
        message = f"is a broken workbook ({type(error).__name__})"
        raise UnreadableError(message) from error
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            yield sheet.title, _rows(sheet)


def _rows(sheet: Any) -> Iterator[_Row]:  # noqa: ANN401 - the library has no types
    sheet.reset_dimensions()  # what a file says of its size may be wrong
    rows = sheet.iter_rows(values_only=True, max_col=_COLUMNS_MAX)
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows, None)
        except Exception as error:  # as above
            message = f"is a broken workbook ({type(error).__name__} in row {number})"
            raise UnreadableError(message) from error
        if cells is None:
            return
        yield f"row {number}", cells


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        lines = [line for line in text.split("\n") if line.strip()]
        try:
            return [orjson.loads(line) for line in lines]
        except orjson.JSONDecodeError:
            message = f"is not valid JSON: {error}"
            raise UnreadableError(message) from error


def _yaml(text: str) -> object:
    try:
        return YamlFile.parse(text, path=Path("file")).data
    except FaultyFileError as error:
        fault = error.faults[0]
        message = f"line {fault.line}: {fault.message}"
        raise UnreadableError(message) from error


def _records(data: object) -> Iterator[_Row]:
    """Yield a list of mappings as a table, also one a level below; a mapping of questions too."""
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        if lists:
            data = max(lists, key=len)
        elif all(isinstance(value, str) for value in data.values()):
            data = [{"question": key, "answer": value} for key, value in data.items()]
    records = [r for r in data if isinstance(r, dict)] if isinstance(data, list) else []
    names = list(dict.fromkeys(str(name) for r in records for name in r))[:_COLUMNS_MAX]
    yield "names", names
    for number, record in enumerate(records, start=1):
        named = {str(name): value for name, value in record.items()}
        yield f"entry {number}", [named.get(name) for name in names]
