"""YAML files with the place of every value, so that a fault can be named by file, key and line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

#: Largest file that is read, in bytes; a bot's files are written by hand.
FILE_MAX = 4 * 1024 * 1024

_TEXT = "tag:yaml.org,2002:str"

KeyPath = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a bot folder: where, what, and how to mend it."""

    path: Path
    line: int  #: 1-based
    key: str  #: dotted path inside the file, "" for the whole file
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class FaultyFileError(Exception):
    """A bot folder cannot be used; `faults` names every place found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The data of one YAML document and the line of every key path in it."""

    path: Path
    data: Any
    lines: Mapping[KeyPath, int]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read `path`.

        Raises:
            FaultyFileError: unreadable, too large, not UTF-8, not YAML, or a key given twice.
        """
        try:
            if path.stat().st_size > FILE_MAX:
                raise FaultyFileError([Fault(path, 1, "", f"larger than {FILE_MAX} bytes")])
            return cls.parse(path.read_text(encoding="utf-8"), path=path)
        except (OSError, UnicodeDecodeError) as error:
            raise FaultyFileError([Fault(path, 1, "", f"cannot be read: {error}")]) from error

    @classmethod
    def parse(cls, text: str, *, path: Path, first_line: int = 1) -> Self:
        """Parse `text`, which starts at line `first_line` of `path`."""
        try:
            loader = yaml.CSafeLoader(text)
            try:
                node = loader.get_single_node()
                lines: dict[KeyPath, int] = {}
                data = None
                if node is not None:
                    _note_lines(node, (), lines, path=path, offset=first_line)
                    _check_values(node, path=path, offset=first_line)
                    data = loader.construct_document(node)
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = (mark.line if mark else 0) + first_line
            problem = getattr(error, "problem", None) or "is not YAML"
            raise FaultyFileError([Fault(path, line, "", f"not valid YAML: {problem}")]) from error
        except RecursionError as error:
            raise FaultyFileError([Fault(path, first_line, "", "nested too deeply")]) from error
        return cls(path=path, data=data, lines=lines)

    def line(self, key: KeyPath) -> int:
        """Return the line of `key`, or of its nearest parent that is in the file."""
        while key not in self.lines and key:
            key = key[:-1]
        return self.lines.get(key, 1)

    def fault(self, key: KeyPath, message: str) -> Fault:
        """Return a fault at `key`."""
        return Fault(self.path, self.line(key), ".".join(map(str, key)), message)

    def validate(self, model: type[ModelT]) -> ModelT:
        """Return the data as `model`.

        Raises:
            FaultyFileError: with one fault for each thing pydantic found.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            faults = [self.fault(tuple(e["loc"]), e["msg"]) for e in error.errors()]
            raise FaultyFileError(faults) from error


def _note_lines(
    node: yaml.Node, key: KeyPath, lines: dict[KeyPath, int], *, path: Path, offset: int
) -> None:
    lines.setdefault(key, node.start_mark.line + offset)
    for child_key, key_node, child in _children(node):
        child_path = (*key, child_key)
        if key_node is not None:
            line = key_node.start_mark.line + offset
            if child_path in lines:
                fault = Fault(path, line, ".".join(map(str, child_path)), "given twice")
                raise FaultyFileError([fault])
            lines[child_path] = line
        _note_lines(child, child_path, lines, path=path, offset=offset)


def _check_values(node: yaml.Node, *, path: Path, offset: int) -> None:
    """Find scalars that look like a date or number and are none: YAML's reader trips over them."""
    if not isinstance(node, yaml.ScalarNode):
        for _, key_node, child in _children(node):
            for each in (key_node, child):
                if each is not None:
                    _check_values(each, path=path, offset=offset)
        return
    if node.tag == _TEXT:
        return
    try:
        yaml.SafeLoader("").construct_object(node)
    except (ValueError, OverflowError) as error:
        message = f"{node.value!r} is not a value YAML can read ({error}); quote it if it is text"
        raise FaultyFileError([Fault(path, node.start_mark.line + offset, "", message)]) from error


def _children(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node | None, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key_node, value in node.value:
            yield str(key_node.value), key_node, value
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield index, None, value
