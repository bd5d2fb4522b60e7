"""YAML files with the place of every value, so that a fault can be named by file, key and line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

#: Largest file that is read, in bytes; a bot's files are written by hand.
FILE_MAX = 4 * 1024 * 1024

_TEXT = "tag:yaml.org,2002:str"
#: What Windows editors write before a text that is not UTF-8.
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: How a text in another encoding is recognised, in order, and what to call it.
_OTHER_ENCODINGS = (("gb18030", "GBK"), ("big5", "Big5"))

#: Characters YAML refuses: controls other than tab and line breaks, and what is no character.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)

KeyPath = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands."""

    path: Path
    line: int  #: 1-based

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}"


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
        return cls.parse(read_text(path, size_max=FILE_MAX), path=path)

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
            raise FaultyFileError([_syntax_fault(error, text, path, first_line)]) from error
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


def read_text(path: Path, *, size_max: int) -> str:
    """Return the text of a UTF-8 file, without the mark that some editors put before it.

    Args:
        path: the file.
        size_max: in bytes.

    Raises:
        FaultyFileError: not there, too large, or not UTF-8; the fault names the line.
    """
    try:
        if path.stat().st_size > size_max:
            raise FaultyFileError([Fault(path, 1, "", f"larger than {size_max} bytes")])
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise FaultyFileError([Fault(path, 1, "", f"cannot be read: {reason}")]) from error
    if raw.startswith(_UTF_16_MARKS):
        raise FaultyFileError([Fault(path, 1, "", "is UTF-16, not UTF-8; save it as UTF-8")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        seems = next((f", seems to be {name}" for c, name in _OTHER_ENCODINGS if _is(raw, c)), "")
        message = f"is not UTF-8 (byte 0x{raw[error.start]:02x}){seems}; save it as UTF-8"
        raise FaultyFileError([Fault(path, line, "", message)]) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is(raw: bytes, encoding: str) -> bool:
    """Tell whether `raw` can be read as `encoding` and is Chinese then."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _syntax_fault(error: yaml.YAMLError, text: str, path: Path, first_line: int) -> Fault:
    """Return what YAML's reader tripped over, in words that say how to mend it."""
    lines = text.split("\n")
    position = getattr(error, "position", None)
    if isinstance(position, int):  # a character that no YAML may hold
        at = next((i for i, line in enumerate(lines) if _FORBIDDEN.search(line)), 0)
        found = _FORBIDDEN.search(lines[at])
        what = f"the invisible character U+{ord(found[0]):04X}" if found else "a broken character"
        return Fault(path, at + first_line, "", f"not valid YAML: {what}; delete it")
    mark = getattr(error, "problem_mark", None)
    at = mark.line if mark else 0
    # The reader may stumble a line after the tab that confused it.
    for tabbed in (at, at - 1):
        if 0 <= tabbed < len(lines) and "\t" in lines[tabbed][: _indent(lines[tabbed])]:
            message = "not valid YAML: a tab at the beginning of the line; indent with blanks"
            return Fault(path, tabbed + first_line, "", message)
    problem = getattr(error, "problem", None) or "is not YAML"
    return Fault(path, at + first_line, "", f"not valid YAML: {problem}")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


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
