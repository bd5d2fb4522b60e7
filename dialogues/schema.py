"""JSON Schemas of a bot's files, made of the models that read them, for editors."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from dialogues.bot import BotFile
from dialogues.cases import Circumstances, StatedCase
from dialogues.flow import Flow, Response
from dialogues.http_action import HttpAction
from dialogues.strict import Id, Strict

#: Kind of file -> what it holds, and what it is for.
_FILES: Final[Mapping[str, tuple[Any, str]]] = {
    "bot": (BotFile, "bot.yml: what a bot is called, speaks, recognises, and where it works."),
    "flow": (Flow, "flows/*.yml: a dialogue for one goal."),
    "responses": (dict[Id, Response], "responses.yml: texts that override or add to the shared."),
    "action": (HttpAction, "actions/*.yml: one call of your own API."),
    "conversations": (tuple[StatedCase, ...], "conversations/*.yml: the bot's own tests."),
    "fixtures": (dict[Id, Circumstances], "conversations/fixtures.yml: what tests share."),
}

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_MARK: Final = "#:"

JsonSchema = dict[str, Any]


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles that only repeat the keys."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401 - pydantic's
        return False


def schemas() -> dict[str, JsonSchema]:
    """Return the schema of every kind of file, by a name for it."""
    found: dict[str, JsonSchema] = {}
    for name, (kind, description) in _FILES.items():
        schema = TypeAdapter(kind).json_schema(by_alias=True, schema_generator=_Untitled)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            _describe(schema, kind)
        for model in _models(Strict):
            if (part := schema.get("$defs", {}).get(model.__name__)) is not None:
                _describe(part, model)
        schema = _closed(_with_one_step(schema))
        found[name] = {"$schema": _DIALECT, **schema, "description": description}
    return found


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _describe(schema: JsonSchema, model: type[BaseModel]) -> None:
    """Put what the comments beside the fields of `model` say into its schema."""
    properties = schema.get("properties", {})
    for owner in reversed(model.__mro__):
        if not (issubclass(owner, Strict) and owner is not Strict):
            continue
        for name, comment in _comments(owner):
            field = model.model_fields.get(name)
            key = field.alias or name if field is not None else name
            if key in properties:
                properties[key]["description"] = comment


def _comments(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Yield each field of `model` that a comment describes, before it or at its end."""
    source = textwrap.dedent(inspect.getsource(model))
    lines = source.split("\n")
    body = ast.parse(source).body[0]
    for node in body.body if isinstance(body, ast.ClassDef) else ():
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        before: list[str] = []
        at = node.lineno - 2
        while at >= 0 and lines[at].strip().startswith(_MARK):
            before.insert(0, lines[at].strip().removeprefix(_MARK).strip())
            at -= 1
        last = lines[(node.end_lineno or node.lineno) - 1]
        _, mark, behind = last.partition(f"  {_MARK}")
        words = " ".join([*before, *([behind.strip()] if mark else [])])
        if words:
            yield node.target.id, words


def _closed(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the schema so that keys which fit no pattern are refused."""
    if isinstance(node, dict):
        closed = {key: _closed(value) for key, value in node.items()}
        if isinstance(closed.get("patternProperties"), dict):
            closed.setdefault("additionalProperties", False)
        return closed
    return [_closed(each) for each in node] if isinstance(node, list) else node


def _with_one_step(schema: JsonSchema) -> JsonSchema:
    """Return the schema with its many unions of all steps replaced by one that has a name."""
    parts = schema.get("$defs", {})
    if "Say" not in parts:
        return schema
    union: list[JsonSchema] = []

    def named(node: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(node, dict):
            every = node.get("oneOf")
            if isinstance(every, list) and {"$ref": "#/$defs/Say"} in every:
                union[:] = every
                return {"$ref": "#/$defs/Step"}
            return {key: named(value) for key, value in node.items()}
        return [named(each) for each in node] if isinstance(node, list) else node

    changed: JsonSchema = named(schema)
    step = {"description": "One step of a flow.", "oneOf": union}
    return {**changed, "$defs": {**changed["$defs"], "Step": step}}
