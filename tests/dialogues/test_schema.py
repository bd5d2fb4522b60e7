"""The JSON Schemas take what a bot's files may state, refuse what is unknown, and explain it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped] # has no types
import pytest
import yaml
from typer.testing import CliRunner

from bots.__main__ import build
from dialogues.schema import schemas
from tests.dialogues.talks import FOLDER
from tests.dialogues.test_flow_faults import FLOWS

EXAMPLE = Path(__file__).parents[2] / "bots/library/moss_and_kettle"
SCHEMAS = schemas()


def plain(text: str) -> Any:  # noqa: ANN401 - any YAML
    """Return YAML as an editor sees it: keys are texts, dates as well."""

    def as_json(node: Any) -> Any:  # noqa: ANN401 - any YAML
        if isinstance(node, dict):
            words = {True: "yes", False: "no"}
            return {
                words[key] if isinstance(key, bool) else str(key): as_json(value)
                for key, value in node.items()
            }
        if isinstance(node, list):
            return [as_json(each) for each in node]
        return node if isinstance(node, str | int | float | None) else node.isoformat()

    return as_json(yaml.load(text, Loader=yaml.CSafeLoader))


def faults(kind: str, data: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Return what a schema finds wrong."""
    validator = jsonschema.Draft202012Validator(SCHEMAS[kind])
    return [str(error.message) for error in validator.iter_errors(data)]


def files() -> Iterator[tuple[str, Path]]:
    """Yield every file of the example bot that has a schema."""
    yield "bot", EXAMPLE / "bot.yml"
    yield "responses", EXAMPLE / "responses.yml"
    for path in sorted((EXAMPLE / "actions").glob("*.yml")):
        yield "action", path
    for folder in (EXAMPLE, FOLDER):
        for path in sorted((folder / "flows").glob("*.yml")):
            yield "flow", path
        for path in sorted((folder / "conversations").glob("*.yml")):
            yield "fixtures" if path.stem == "fixtures" else "conversations", path


@pytest.mark.parametrize("kind", SCHEMAS)
def test_each_schema_is_one(kind: str) -> None:
    """Editors read no others."""
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[kind])


@pytest.mark.parametrize(
    ("kind", "path"), [*files()], ids=lambda each: getattr(each, "name", each)
)
def test_the_example_bot_fits_its_schemas(kind: str, path: Path) -> None:
    """What the bot may state, an editor does not underline."""
    assert faults(kind, plain(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_with_every_kind_of_step_fits(name: str) -> None:
    """Branches by value, cards, channels and conditions included."""
    text = f"id: {name}\ndescription: {{en: x, zh: x}}\n{FLOWS[name]}"
    assert faults("flow", plain(text)) == []


@pytest.mark.parametrize(
    ("kind", "path", "key", "value"),
    [
        ("bot", (), "colour", "red"),
        ("bot", ("desks", "service"), "hour", "9"),
        ("bot", ("desks", "service", "hours"), "monday", "09:00-18:00"),
        ("flow", (), "trigger", []),
        ("flow", ("slots", "product"), "askk", "x"),
        ("flow", ("steps", 0), "atempts", 3),
        ("responses", (), "Not An Id", {"en": "x"}),
        ("conversations", (0,), "turn", []),
        ("conversations", (0,), "fors", [1]),
    ],
)
def test_an_unknown_key_is_refused(
    kind: str, path: tuple[str | int, ...], key: str, value: object
) -> None:
    """A slip is underlined where it stands."""
    file = {
        "flow": EXAMPLE / "flows/request_quote.yml",
        "conversations": next(EXAMPLE.glob("conversations/*.yml")),
    }.get(kind, EXAMPLE / f"{kind}.yml")
    data = plain(file.read_text(encoding="utf-8"))
    node = data
    for part in path:
        node = node[part]
    node[key] = value
    assert faults(kind, data)


@pytest.mark.parametrize("kind", ["bot", "flow", "responses"])
def test_every_key_is_explained(kind: str) -> None:
    """Whoever writes a bot reads it beside the key."""
    parts = {"": SCHEMAS[kind], **SCHEMAS[kind].get("$defs", {})}
    silent = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, each in part.get("properties", {}).items()
        if "description" not in each
    ]
    assert silent == []


def test_the_command_writes_them(tmp_path: Path) -> None:
    """One file each, readable as JSON, and the line that names them to an editor."""
    target = tmp_path / "new" / "schemas"
    result = CliRunner().invoke(build(["schema", "check"]), ["schema", str(target)])
    assert result.exit_code == 0, result.output
    assert "yaml-language-server" in result.output
    for kind, schema in SCHEMAS.items():
        assert json.loads((target / f"{kind}.schema.json").read_text("utf-8")) == schema

    (tmp_path / "file").write_text("")
    refused = CliRunner().invoke(build(["schema", "check"]), ["schema", str(tmp_path / "file/x")])
    assert refused.exit_code == 1
