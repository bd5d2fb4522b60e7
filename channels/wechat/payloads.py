"""WeChat's bodies, XML or JSON, as one kind of mapping: bounded, without entities, total.

Whatever the bytes are, the answer is a payload or a `PayloadError`. Nothing here knows what the
fields mean.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

#: Largest body that is parsed, bytes.
BODY_MAX: Final = 256 * 1024
#: Deepest nesting; WeChat's deepest payloads have 5 levels.
DEPTH_MAX: Final = 10
#: Most elements or values of one payload.
VALUES_MAX: Final = 2_000
#: Longest number that is read, digits.
DIGITS_MAX: Final = 30

#: Names with a text, a nested payload, or a list of either.
Payload = Mapping[str, object]

# Databases refuse NUL, and terminals obey the rest.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


class PayloadError(ValueError):
    """A body that is no payload; the text says why, without any of the body."""


def read_payload(body: bytes) -> Payload:
    """Return the fields of a body, XML or JSON by its first character.

    Texts are without control characters; JSON numbers are texts, as in XML.

    Raises:
        PayloadError: too large, not UTF-8, not well-formed, with a DTD or entities, too deep,
            with too many values, or with one JSON key twice.
    """
    if len(body) > BODY_MAX:
        message = f"a body may have {BODY_MAX} bytes"
        raise PayloadError(message)
    try:
        text = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        message = "the body is not UTF-8"
        raise PayloadError(message) from error
    if text.startswith("<"):
        return _read_xml(text)
    if text.startswith("{"):
        return _read_json(text)
    message = "the body is neither XML nor JSON"
    raise PayloadError(message)


def text_of(payload: Payload, name: str) -> str:
    """Return the text of a field, "" where there is none."""
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def inner(payload: Payload, name: str) -> Payload:
    """Return the nested payload of a field, an empty one where there is none."""
    value = payload.get(name)
    return value if isinstance(value, dict) else {}


def items_of(payload: Payload, name: str) -> list[Payload]:
    """Return the nested payloads under `name`, be there one, several or none."""
    value = payload.get(name)
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, dict)]


class _Target:
    """What the XML parser tells; children become a mapping, repeated ones a list."""

    def __init__(self) -> None:
        self.root: object = ""
        self._open: list[tuple[str, dict[str, object], list[str]]] = []
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if len(self._open) >= DEPTH_MAX or self._count > VALUES_MAX:
            message = f"the XML is deeper than {DEPTH_MAX} or has over {VALUES_MAX} elements"
            raise PayloadError(message)
        self._open.append((tag, {}, []))

    def data(self, data: str) -> None:
        self._open[-1][2].append(data)

    def end(self, tag: str) -> None:
        name, children, texts = self._open.pop()
        value: object = children or _clean("".join(texts)).strip()
        if not self._open:
            self.root = value
            return
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(there := siblings[name], list):
            there.append(value)
        else:
            siblings[name] = [there, value]

    def close(self) -> object:
        return self.root


def _read_xml(text: str) -> Payload:
    parser = XMLParser(target=_Target(), forbid_dtd=True)
    try:
        parser.feed(text)
        root = parser.close()
    except PayloadError:
        raise
    except DefusedXmlException as error:
        message = "the XML has a DTD or entities"
        raise PayloadError(message) from error
    except (ParseError, ValueError) as error:
        message = "the body is not well-formed XML"
        raise PayloadError(message) from error
    if not isinstance(root, dict):
        message = "the XML has no fields"
        raise PayloadError(message)
    return root


def _read_json(text: str) -> Payload:
    _check_shape(text)
    count = 0

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal count
        count += len(found)
        made = {_clean(key): value for key, value in found}
        if count > VALUES_MAX or len(made) != len(found):
            message = f"the JSON has a key twice or over {VALUES_MAX} values"
            raise PayloadError(message)
        return made

    try:
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_number,
        )
    except PayloadError:
        raise
    except (ValueError, RecursionError) as error:
        message = "the body is not well-formed JSON"
        raise PayloadError(message) from error
    plain = _plain(value)
    assert isinstance(plain, dict)  # noqa: S101 - it begins with a brace
    return plain


def _check_shape(text: str) -> None:
    """Refuse a JSON text with more nesting than is read, before anything is built from it."""
    depth = count = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        match found[0]:
            case "[" | "{":
                depth, count = depth + 1, count + 1
                if depth > DEPTH_MAX or count > VALUES_MAX:
                    message = f"the JSON is deeper than {DEPTH_MAX} or over {VALUES_MAX} values"
                    raise PayloadError(message)
            case "]" | "}":
                depth -= 1


def _number(digits: str) -> str:
    if len(digits) > DIGITS_MAX or not digits[-1].isdecimal():
        message = "the JSON has a number that is none"
        raise PayloadError(message)
    return digits


def _plain(value: object) -> object:
    """Return a JSON value with texts in place of all scalars; nesting is bounded by now."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case str():
            return _clean(value)
        case bool():
            return "true" if value else "false"
    return ""


def _clean(text: str) -> str:
    """Return `text` without control characters and halves of surrogate pairs."""
    return _CONTROLS.sub("", text.encode("utf-8", "replace").decode())
