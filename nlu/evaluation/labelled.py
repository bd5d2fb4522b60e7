"""Texts with their meaning known, from the files that people keep them in."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nlu.annotations import Annotation, parse_example
from nlu.evaluation.conll import read_conll
from nlu.evaluation.rows import Columns, Row, read_row, table_rows
from nlu.language import written_in
from nlu.text import han_count, normalise, tokens
from nlu.training_data import OUT_OF_SCOPE, Example, example_lines
from nlu.yaml_file import Fault, FaultyFileError, Place, YamlFile, read_text

#: Largest file that is read, in bytes.
FILE_MAX: Final = 256 * 1024 * 1024
#: Labels that say "this means nothing known", lower case, with _ for blanks and hyphens.
OUT_OF_SCOPE_LABELS: Final = frozenset({OUT_OF_SCOPE, "outofscope", "oos", "ood"})
#: Half a character, which JSON may hold and no report can.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: Faults told of one file; the rest is the same mistake again.
_FAULTS_MAX: Final = 20
#: What the parts of a file are called that has several.
_PARTS: Final = {
    "train": ("train", "training"),
    "test": ("test", "testing"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to read files that do not say it themselves."""

    text_column: str | None = None  #: None: found by its name
    label_column: str | None = None
    out_of_scope: frozenset[str] = frozenset()  #: more labels of texts that mean nothing known
    unlabelled: bool = False  #: texts without a label are out of scope


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """The texts of a file, in its parts; a file without parts has one, called ""."""

    path: Path
    parts: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)

    def part(self, role: str) -> tuple[Example, ...]:
        """Return the texts to train with (`role` "train") or to test with ("test").

        Raises:
            FaultyFileError: the file has parts, but none for this.
        """
        if "" in self.parts:
            return self.parts[""]
        for name in _PARTS[role]:
            if name in self.parts:
                return self.parts[name]
        message = f"has the parts {', '.join(sorted(self.parts))}, but none is called {role!r}"
        raise FaultyFileError([Fault(self.path, 1, "", message)])

    @property
    def has_own_test(self) -> bool:
        """Tell whether the file brings the texts to test with."""
        return any(name in self.parts for name in _PARTS["test"])


def read_labelled(path: Path, options: Options = Options()) -> LabelledFile:
    """Read texts with labels from Rasa NLU YAML, CSV, TSV, JSONL, JSON or CoNLL.

    JSON may be a list of objects or of [text, label], or a mapping from the name of a part
    ("train", "test", "oos_test" ...) to such a list. The languages of the examples are not known
    yet: `in_languages` sets them.

    Raises:
        FaultyFileError: with file and line (of JSON: the number of the row) and how to mend it.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        known = ", ".join(sorted(_READERS))
        message = f"{path.suffix or 'no ending'!r} is no known kind of file; known are {known}"
        raise FaultyFileError([Fault(path, 1, "", message)])
    faults: list[Fault] = []
    parts = read(path, options, faults)
    if not faults and not any(parts.values()):
        faults.append(Fault(path, 1, "", "has no texts"))
    if faults:
        more = len(faults) - _FAULTS_MAX
        shown = faults[:_FAULTS_MAX]
        if more > 0:
            shown.append(Fault(path, faults[_FAULTS_MAX].line, "", f"and {more} faults more"))
        raise FaultyFileError(shown)
    return LabelledFile(path, parts)


def in_languages(examples: Iterable[Example], languages: Sequence[str]) -> tuple[Example, ...]:
    """Return `examples` with the language that each is written in."""
    return tuple(
        Example(
            each.text,
            each.intent,
            written_in(normalise(each.text), languages=languages),
            each.annotations,
            each.place,
        )
        for each in examples
    )


def detect_languages(examples: Sequence[Example]) -> tuple[str, ...]:
    """Return which of English and Chinese the texts are in, the more frequent first.

    A language of less than 2 % of the texts is left out: it is a name or a quotation.
    """
    chinese = sum(_is_chinese(each.text) for each in examples)
    shares = {"en": len(examples) - chinese, "zh": chinese}
    found = [name for name, count in shares.items() if count >= 0.02 * len(examples)]
    return tuple(sorted(found, key=lambda name: -shares[name]))


def _is_chinese(text: str) -> bool:
    """Tell whether Chinese characters are at least a third of the words of a text."""
    folded = normalise(text[:400]).folded
    return 3 * han_count(folded) >= max(1, len(tokens(folded)))


def _label(label: str, options: Options) -> str:
    plain = label.lower().replace("-", "_").replace(" ", "_")
    return OUT_OF_SCOPE if label in options.out_of_scope or plain in OUT_OF_SCOPE_LABELS else label


def _example(row: Row, path: Path, options: Options) -> Example:
    label = _label(row.label, options) if row.label else OUT_OF_SCOPE
    text, label = (_SURROGATE.sub("\ufffd", each) for each in (row.text, label))
    return Example(text, label, "", row.annotations, Place(path, row.line))


_Parts = dict[str, tuple[Example, ...]]
_Reader = Callable[[Path, Options, list[Fault]], _Parts]


def _read_table(path: Path, options: Options, faults: list[Fault]) -> _Parts:
    columns = Columns(options.text_column, options.label_column, options.unlabelled)
    text = read_text(path, size_max=FILE_MAX)
    rows = table_rows(text, path, columns, faults)
    return {"": tuple(_example(row, path, options) for row in rows)}


def _read_json_lines(path: Path, options: Options, faults: list[Fault]) -> _Parts:
    columns = Columns(options.text_column, options.label_column, options.unlabelled)
    found: list[Example] = []
    for line, raw in enumerate(read_text(path, size_max=FILE_MAX).split("\n"), 1):
        if not raw.strip():
            continue
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError) as error:
            faults.append(Fault(path, line, "", f"is not JSON: {error}"))
            continue
        row = read_row(value, path, line, "", columns, faults)
        if row is not None:
            found.append(_example(row, path, options))
    return {"": tuple(found)}


def _read_json(path: Path, options: Options, faults: list[Fault]) -> _Parts:
    columns = Columns(options.text_column, options.label_column, options.unlabelled)
    try:
        data = json.loads(read_text(path, size_max=FILE_MAX))
    except json.JSONDecodeError as error:
        faults.append(Fault(path, error.lineno, "", f"is not JSON: {error.msg}"))
        return {}
    except (ValueError, RecursionError) as error:
        faults.append(Fault(path, 1, "", f"is not JSON: {error}"))
        return {}
    found: dict[str, list[Example]] = {}
    for name, values in _json_lists(data).items():
        part = name.lower().removeprefix("oos_")
        for number, value in enumerate(values, 1):
            key = f"{name}.{number}" if name else f"row {number}"
            row = read_row(value, path, 1, key, columns, faults)
            if row is not None:
                found.setdefault(part, []).append(_example(row, path, options))
    if not found and not faults:
        message = "must be a list of rows, or a mapping from parts (train, test) to lists of rows"
        faults.append(Fault(path, 1, "", message))
    return {name: tuple(examples) for name, examples in found.items()}


def _json_lists(data: Any) -> dict[str, list[Any]]:  # noqa: ANN401 - JSON is untyped until checked here
    if isinstance(data, list):
        return {"": data}
    if not isinstance(data, dict):
        return {}
    older = data.get("rasa_nlu_data")  # the JSON that Rasa wrote before its YAML
    if isinstance(older, dict) and isinstance(older.get("common_examples"), list):
        return {"": older["common_examples"]}
    return {str(name): value for name, value in data.items() if isinstance(value, list)}


def _read_conll_file(path: Path, options: Options, faults: list[Fault]) -> _Parts:
    rows = read_conll(read_text(path, size_max=FILE_MAX), path, faults)
    return {"": tuple(_example(row, path, options) for row in rows)}


def _read_yaml(path: Path, options: Options, faults: list[Fault]) -> _Parts:
    file = YamlFile.parse(read_text(path, size_max=FILE_MAX), path=path)
    items = file.data.get("nlu") if isinstance(file.data, dict) else None
    if not isinstance(items, list):
        faults.append(file.fault(("nlu",), "must be Rasa NLU YAML: a list of intents under nlu"))
        return {}
    found: list[Example] = []
    for index, item in enumerate(items):
        if not isinstance(item, dict) or "intent" not in item:
            continue
        key = ("nlu", index)
        intent = item["intent"]
        if not isinstance(intent, str) or not intent.strip():
            faults.append(file.fault((*key, "intent"), "must be a name"))
            continue
        lines, wrong = example_lines(file, (*key, "examples"), item.get("examples"))
        faults.extend(wrong)
        for raw, line in lines:
            text, annotations = _annotated(raw, path, line, faults)
            row = Row(text, intent.strip(), line, annotations)
            found.append(_example(row, path, options))
    return {"": tuple(found)}


def _annotated(
    raw: str, path: Path, line: int, faults: list[Fault]
) -> tuple[str, tuple[Annotation, ...]]:
    try:
        return parse_example(raw)
    except ValueError as error:
        faults.append(Fault(path, line, "", f"bad annotation: {error}"))
        return raw, ()


_READERS: Final[Mapping[str, _Reader]] = {
    ".yml": _read_yaml,
    ".yaml": _read_yaml,
    ".csv": _read_table,
    ".tsv": _read_table,
    ".jsonl": _read_json_lines,
    ".json": _read_json,
    ".conll": _read_conll_file,
    ".conllu": _read_conll_file,
}
