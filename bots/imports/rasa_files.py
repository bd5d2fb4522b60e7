"""The files of a Rasa project, 2.x or 3.x, told apart by what stands in them, as Rasa does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bots.imports.report import Report
from nlu.yaml_file import FILE_MAX, Fault, FaultyFileError, YamlFile

#: Files that are looked at; a project has some hundreds at most.
_FILES_MAX: Final = 5000
_TOP: Final = ("config", "domain", "credentials", "endpoints")
_SUFFIXES: Final = (".yml", ".yaml", ".md", ".json")
_FOLDERS: Final = ("data", "domain", "tests")
_DOMAIN_KEYS: Final = {
    "intents", "entities", "slots", "responses", "templates", "actions", "forms",
    "session_config", "e2e_actions",
}  # fmt: skip
_KNOWN: Final = {"nlu", "stories", "rules", "pipeline", "policies", *_DOMAIN_KEYS}
_HEADING: Final = re.compile(r"##\s*(intent|synonym|lookup|regex):\s*(.+)")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of `nlu:`, with its examples as they are written."""

    kind: str  #: intent, synonym, lookup or regex
    name: str
    examples: tuple[tuple[str, int], ...]  #: text and line
    path: Path


@dataclass(slots=True)
class RasaFiles:
    """Everything a project says."""

    root: Path
    items: list[Item] = field(default_factory=list)
    #: key of a domain (intents, responses, …) -> its files
    domain: dict[str, list[YamlFile]] = field(default_factory=dict)
    talks: list[tuple[str, Any, Path]] = field(default_factory=list)  #: "rule" or "story", steps
    language: str | None = None  #: of config.yml


def read_project(root: Path, report: Report) -> RasaFiles:
    """Read a Rasa project, or one file of its training data.

    Raises:
        FaultyFileError: naming every file and line that is no YAML, and a project without files.
    """
    found = RasaFiles(root if root.is_dir() else root.parent)
    faults: list[Fault] = []
    for path in _paths(root):
        try:
            if path.suffix == ".md":
                _read_markdown(path, found, report)
            elif path.suffix == ".json":
                report.leave("training data", path, "JSON of Rasa 1: `rasa data convert nlu`")
            else:
                _sort(YamlFile.read(path), found, report)
        except FaultyFileError as error:
            faults += error.faults
    if faults:
        raise FaultyFileError(faults)
    if not found.items and not found.domain:
        raise FaultyFileError([Fault(root, 1, "", "no training data or domain of Rasa is here")])
    return found


def _paths(root: Path) -> Iterator[Path]:
    """Yield the files of a project that may hold training data, a domain or settings."""
    if root.is_file():
        yield root
        return
    folders = [root / name for name in _FOLDERS if (root / name).is_dir()]
    yield from (path for path in sorted(root.glob("*.y*ml")) if path.stem.startswith(_TOP))
    whole = [root] if not (root / "data").is_dir() else folders
    count = 0
    for folder in whole:
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(root).parts
            passed = len(parts) == 1 and path.stem.startswith(_TOP)
            hidden = any(part.startswith(".") for part in parts)
            if path.suffix in _SUFFIXES and path.is_file() and not passed and not hidden:
                count += 1
                if count > _FILES_MAX:
                    return
                yield path


def _sort(file: YamlFile, found: RasaFiles, report: Report) -> None:
    data, path = file.data, file.path
    if not isinstance(data, dict):
        return
    if path.stem.startswith(("credentials", "endpoints")):
        report.leave("channels and servers", path, "set them here anew", count=len(data))
        return
    for key in _DOMAIN_KEYS & set(data):
        if data[key]:
            found.domain.setdefault(key, []).append(file)
    language = data.get("language")
    if isinstance(language, str) and ("pipeline" in data or "recipe" in data):
        found.language = language
    for key in ("pipeline", "policies"):
        parts = data.get(key)
        if isinstance(parts, list) and parts:
            report.leave(key, path, "what is here needs no such settings", count=len(parts))
    for index, item in enumerate(_list(data.get("nlu"))):
        _read_item(file, index, item, found, report)
    for key, kind in (("rules", "rule"), ("stories", "story")):
        for talk in _list(data.get(key)):
            steps = talk.get("steps") if isinstance(talk, dict) else None
            whole = steps if not (isinstance(talk, dict) and talk.get("condition")) else None
            found.talks.append((kind, whole, path))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _read_item(
    file: YamlFile,
    index: int,
    item: Any,  # noqa: ANN401 - YAML is untyped until checked here
    found: RasaFiles,
    report: Report,
) -> None:
    key = ("nlu", index)
    kinds = ("intent", "synonym", "lookup", "regex")
    kind = next((k for k in kinds if isinstance(item, dict) and item.get(k)), None)
    if kind is None:
        line = file.line(key)
        report.leave("training data", file.path, "unknown kind of entry", line=line)
        return
    examples = item.get("examples")
    lines: list[tuple[str, int]] = []
    if isinstance(examples, str):
        first = file.line((*key, "examples")) + 1
        for offset, raw in enumerate(examples.split("\n")):
            text = raw.strip()
            if text.startswith("-"):
                lines.append((text[1:].strip(), first + offset))
            elif text and not text.startswith("#"):
                why = "a line that does not start with '- '"
                report.leave("examples", file.path, why, line=first + offset)
    else:
        for place, each in enumerate(_list(examples)):
            said = each.get("text") if isinstance(each, dict) else each
            line = file.line((*key, "examples", place))
            lines.append((" ".join(str(said or "").split()).removeprefix("- "), line))
    kept = tuple((text, line) for text, line in lines if text)
    found.items.append(Item(kind, str(item[kind]), kept, file.path))


def _read_markdown(path: Path, found: RasaFiles, report: Report) -> None:
    """Read training data in the Markdown of Rasa 1 and 2; stories in it are only counted."""
    try:
        if path.stat().st_size > FILE_MAX:
            raise FaultyFileError([Fault(path, 1, "", f"larger than {FILE_MAX} bytes")])
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FaultyFileError([Fault(path, 1, "", f"cannot be read: {error}")]) from error
    if not any(_HEADING.match(line) for line in lines):
        if stories := sum(line.startswith("## ") for line in lines):
            why = "dialogues of Rasa 1; write flows"
            report.leave("stories", path, why, count=stories)
        return
    head: tuple[str, str] | None = None
    examples: list[tuple[str, int]] = []
    for number, line in enumerate([*lines, "##"], start=1):
        text = line.strip()
        if text.startswith("#"):
            if head is not None:
                found.items.append(Item(*head, tuple(examples), path))
            heading = _HEADING.match(text)
            head = (heading[1], heading[2].strip()) if heading else None
            examples = []
        elif text[:1] in {"-", "*", "+"} and text[1:].strip():
            examples.append((text[1:].strip(), number))
        elif head is not None and head[0] == "lookup" and text:
            examples += _lines_of(found.root / text, found.root)


def _lines_of(path: Path, root: Path) -> list[tuple[str, int]]:
    """Return the lines of a lookup's file, as long as it lies in the project."""
    inside = path.resolve().is_relative_to(root.resolve())
    if not inside or not path.is_file() or path.stat().st_size > FILE_MAX:
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [(line.strip(), number) for number, line in enumerate(lines, 1) if line.strip()]
