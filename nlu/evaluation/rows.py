"""Rows of tables and JSON files: which column is the text, which the label, and what is wrong."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nlu.annotations import Annotation
from nlu.yaml_file import Fault

#: Names of columns, the surest first.
TEXT_NAMES: Final = (
    *("text", "query", "utterance", "sentence", "message", "question", "review", "comment"),
    *("content", "input", "example", "文本", "句子", "语句", "問題", "问题", "内容", "內容"),
    *("评论", "評論", "消息"),
)
LABEL_NAMES: Final = (
    *("intent", "label", "category", "class", "domain", "intention", "target"),
    *("意图", "意圖", "标签", "標籤", "类别", "類別", "分类", "分類"),
)
_DELIMITERS: Final = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are asked for."""

    text: str | None = None  #: None: found by its name
    label: str | None = None
    label_optional: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One text and what it means, as written; an empty label: none was given."""

    text: str
    label: str
    line: int
    annotations: tuple[Annotation, ...] = ()


def table_rows(text: str, path: Path, columns: Columns, faults: list[Fault]) -> list[Row]:
    """Return the rows of a CSV or TSV file whose first line names the columns.

    Cells are separated by tab in a .tsv file, else by whatever the first line has most of.
    """
    first = text.split("\n", 1)[0]
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    places: tuple[int, int | None] | None = None
    width, last = 0, 0
    try:
        for cells in reader:
            line, last = last + 1, reader.line_num
            if places is None:
                places = _header(cells, path, columns, faults)
                width = len(cells)
                if places is None:
                    return []
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > width:
                message = (
                    f"{len(cells)} cells where the header has {width}; put texts that hold "
                    f'{delimiter!r} between quotes (")'
                )
                faults.append(Fault(path, line, "", message))
                continue
            row = _from_cells(cells, places, path, line, columns, faults)
            if row is not None:
                rows.append(row)
    except csv.Error as error:
        faults.append(Fault(path, max(1, reader.line_num), "", f"cannot be read: {error}"))
    if places is None and not faults:
        faults.append(Fault(path, 1, "", "is empty; its first line must name the columns"))
    return rows


def read_row(
    value: Any,  # noqa: ANN401 - JSON is untyped until checked here
    path: Path,
    line: int,
    key: str,
    columns: Columns,
    faults: list[Fault],
) -> Row | None:
    """Return a row of a JSON file: an object, or a pair of text and label."""
    if isinstance(value, dict):
        names = _chosen([str(name) for name in value], path, line, key, columns, faults)
        if names is None:
            return None
        text, label = value.get(names[0]), value.get(names[1]) if names[1] is not None else ""
        entities = value.get("entities")
    elif isinstance(value, list) and len(value) == 2:
        text, label, entities = value[0], value[1], None
    elif isinstance(value, str) and columns.label_optional:
        text, label, entities = value, "", None
    else:
        faults.append(Fault(path, line, key, "must be an object, or a list of text and label"))
        return None
    if not isinstance(text, str) or not text.strip():
        faults.append(Fault(path, line, key, "has no text; write one or delete the row"))
        return None
    if isinstance(label, bool) or not isinstance(label, str | int) or not str(label).strip():
        if not columns.label_optional:
            faults.append(Fault(path, line, key, "has no label; write one or delete the row"))
            return None
        label = ""
    annotations = _entities(entities, text, path, line, key, faults)
    return Row(text, str(label).strip(), line, annotations)


def _entities(
    entities: object, text: str, path: Path, line: int, key: str, faults: list[Fault]
) -> tuple[Annotation, ...]:
    if not isinstance(entities, list):
        return ()
    found: list[Annotation] = []
    for each in entities:
        match each:
            case {"start": int(start), "end": int(end), "entity": str(name)} if (
                0 <= start < end <= len(text)
            ):
                value = str(each.get("value", text[start:end]))
                found.append(Annotation(name, start, end, value))
            case _:
                message = "an entity needs start, end (inside the text) and entity (its name)"
                faults.append(Fault(path, line, key, message))
    return tuple(found)


def _header(
    cells: Sequence[str], path: Path, columns: Columns, faults: list[Fault]
) -> tuple[int, int | None] | None:
    """Return which cell of a row is the text and which the label; None: a fault was found."""
    names = [cell.strip() for cell in cells]
    chosen = _chosen(names, path, 1, "", columns, faults)
    if chosen is None:
        return None
    return names.index(chosen[0]), names.index(chosen[1]) if chosen[1] is not None else None


def _chosen(
    names: Sequence[str], path: Path, line: int, key: str, columns: Columns, faults: list[Fault]
) -> tuple[str, str | None] | None:
    """Return the names of the columns of text and label; None: a fault was found."""
    text = _find(names, columns.text, TEXT_NAMES)
    label = _find(names, columns.label, LABEL_NAMES)
    if text is None:
        faults.append(Fault(path, line, key, _no_column("text", columns.text, names)))
        return None
    if label is None and not (columns.label_optional and columns.label is None):
        faults.append(Fault(path, line, key, _no_column("label", columns.label, names)))
        return None
    return text, label


def _from_cells(
    cells: Sequence[str],
    places: tuple[int, int | None],
    path: Path,
    line: int,
    columns: Columns,
    faults: list[Fault],
) -> Row | None:
    values: Mapping[str, str] = {
        name: cells[at].strip() if at is not None and at < len(cells) else ""
        for name, at in zip(("text", "label"), places, strict=True)
    }
    for name, value in values.items():
        if not value and not (name == "label" and columns.label_optional):
            faults.append(Fault(path, line, "", f"has no {name}; write one or delete the line"))
            return None
    return Row(values["text"], values["label"], line)


def _find(names: Sequence[str], wanted: str | None, known: Sequence[str]) -> str | None:
    """Return the name that was asked for, or the surest of the known ones, whatever its case."""
    if wanted is not None:
        return next((name for name in names if name == wanted), None)
    folded = {name.strip().lower(): name for name in reversed(names)}
    return next((folded[name] for name in known if name in folded), None)


def _no_column(kind: str, wanted: str | None, names: Sequence[str]) -> str:
    there = ", ".join(repr(name) for name in names[:12])
    problem = f"is called {wanted!r}" if wanted is not None else f"is known as the {kind}"
    return f"no column {problem}; there are {there}; name it with --{kind}-column"
