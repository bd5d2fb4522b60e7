"""One call of an action over HTTP as data: the request its templates make, and its answer read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson
from pydantic import JsonValue

from dialogues.action_values import UnfitValueError, fit
from dialogues.http_action import FIELD, LANGUAGE, SECRET, Failure, HttpAction


class CallError(Exception):
    """The call cannot be made, or its answer is a failure; `reason` is its short name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class HttpCall:
    """What is sent; never shown, because it holds secrets and what the customer said."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False, default=None)


def make_call(
    action: HttpAction,
    inputs: Mapping[str, JsonValue],
    *,
    language: str,
    key: str,
    environment: Mapping[str, str],
) -> HttpCall:
    """Return the request of `action`.

    Args:
        action: as the bot's folder states it.
        inputs: fitted to its types.
        language: of the conversation.
        key: names the request, the same at every attempt.
        environment: where secrets and addresses of the installation are.

    Raises:
        CallError: something of the environment is missing or wrong, or a value has no place.
    """
    values = {**{name: inputs.get(name) for name in action.inputs}, LANGUAGE: language}
    url = _expanded(_filled_url(action.url, values), environment)
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise CallError("misconfigured")
    if query := _query(action, values):
        url += ("&" if "?" in url else "?") + query
    headers = {
        name: _expanded(FIELD.sub(lambda match: _shown(values[match[1]]), text), environment)
        for name, text in action.headers.items()
    }
    if any(not value.isprintable() or not value.isascii() for value in headers.values()):
        raise CallError("misconfigured")
    headers["idempotency-key"] = key
    headers.setdefault("accept", "application/json")
    body = None
    if action.body is not None:
        body = orjson.dumps(_filled_body(action.body, values))
        headers["content-type"] = "application/json"
    return HttpCall(action.method, url, headers, body)


def _expanded(text: str, environment: Mapping[str, str]) -> str:
    if any(not environment.get(name) for name in SECRET.findall(text)):
        raise CallError("misconfigured")
    return SECRET.sub(lambda match: environment[match[1]].strip(), text)


def _shown(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _filled_url(template: str, values: Mapping[str, JsonValue]) -> str:
    """Return the address with each value encoded, so that none can end the place it stands in."""
    path_ends = template.find("?") if "?" in template else len(template)

    def encoded(name: str, at: int) -> str:
        value = _shown(values[name])
        # Servers resolve "." and ".." as steps through folders, even when they are encoded.
        if at < path_ends and value in {"", ".", ".."}:
            raise CallError("unfit_input")
        return quote(value, safe="")

    return FIELD.sub(lambda match: encoded(match[1], match.start()), template)


def _query(action: HttpAction, values: Mapping[str, JsonValue]) -> str:
    """Return the query's parameters, without those whose only value is not known."""
    parts = []
    for name, template in action.query.items():
        lone = FIELD.fullmatch(template)
        if lone is not None and values[lone[1]] is None:
            continue
        text = FIELD.sub(lambda match: _shown(values[match[1]]), template)
        parts.append(f"{quote(name, safe='')}={quote(text, safe='')}")
    return "&".join(parts)


def _filled_body(value: JsonValue, values: Mapping[str, JsonValue]) -> JsonValue:
    if isinstance(value, str):
        lone = FIELD.fullmatch(value)
        if lone is not None:
            return values[lone[1]]
        return FIELD.sub(lambda match: _shown(values[match[1]]), value)
    if isinstance(value, dict):
        return {name: _filled_body(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled_body(inner, values) for inner in value]
    return value


#: Stands for a place of an answer that is not there.
_NOTHING: Final = object()


def named_failure(action: HttpAction, status: int, body: bytes) -> str | None:
    """Return the name the action gives to this answer as a failure, or None."""
    data: Any = _NOTHING
    for name, failure in action.failures.items():
        if failure.statuses and status not in failure.statuses:
            continue
        if failure.pointer is None:
            return name
        data = _parsed(body) if data is _NOTHING else data
        if _tells(failure, data):
            return name
    return None


def _tells(failure: Failure, data: Any) -> bool:  # noqa: ANN401 - parsed JSON
    found = pointed(data, failure.pointer or "")
    return found is not _NOTHING and found == failure.is_ and type(found) is type(failure.is_)


def read_answer(action: HttpAction, body: bytes, *, language: str) -> dict[str, JsonValue]:
    """Return the outputs in a good answer.

    Raises:
        CallError: it is no JSON, or a value is missing or of another type.
    """
    if not action.outputs:
        return {}
    data = _parsed(body)
    if data is _NOTHING:
        raise CallError("unfit_output")
    found: dict[str, JsonValue] = {}
    for name, output in action.outputs.items():
        value = pointed(data, output.pointer.replace("{" + LANGUAGE + "}", language))
        if value is _NOTHING or value is None:
            if output.required:
                raise CallError("unfit_output")
            found[name] = None
            continue
        if isinstance(value, list) and output.type == "text":
            value = ("、" if language.startswith("zh") else ", ").join(map(str, value))
        try:
            found[name] = fit(value, output.kind)
        except UnfitValueError as error:
            raise CallError("unfit_output") from error
    return found


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _NOTHING


def pointed(data: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a JSON pointer (RFC 6901) points at, or a mark that there is nothing."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, dict) and name in data:
            data = data[name]
        elif isinstance(data, list) and name.isdecimal() and int(name) < len(data):
            data = data[int(name)]
        else:
            return _NOTHING
    return data
