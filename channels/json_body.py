"""JSON bodies of webhooks: read strictly and cheaply, whatever the bytes are."""

import json
import re
from typing import Any, Final

#: Deepest nesting that is read; providers stay under twenty.
DEPTH_MAX: Final = 64

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class JsonBodyError(ValueError):
    """The body is no JSON object that is read; the message says why, without its content."""


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`.

    Raises:
        JsonBodyError: it is not UTF-8, not JSON, not an object, names a key twice, or is nested
            deeper than DEPTH_MAX.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"the body is not UTF-8: byte {error.start}"
        raise JsonBodyError(message) from error
    if _depth(body) > DEPTH_MAX:
        message = f"the body is nested deeper than {DEPTH_MAX}"
        raise JsonBodyError(message)
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        message = f"the body is not JSON: line {error.lineno}, column {error.colno}"
        raise JsonBodyError(message) from error
    except JsonBodyError:
        raise
    except ValueError as error:  # a number of thousands of digits
        message = "the body holds a number that is not read"
        raise JsonBodyError(message) from error
    if not isinstance(data, dict):
        message = "the body is not a JSON object"
        raise JsonBodyError(message)
    return data


def _depth(body: bytes) -> int:
    """Return how deep brackets are nested outside strings."""
    if body.count(b"{") + body.count(b"[") <= DEPTH_MAX:
        return 0
    deepest = depth = 0
    for byte in _STRING.sub(b"", body):
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "the body names a key twice in one object"
        raise JsonBodyError(message)
    return found


def _refuse(constant: str) -> Any:  # noqa: ANN401 - what json asks for
    message = f"the body holds {constant}, which is not JSON"
    raise JsonBodyError(message)
