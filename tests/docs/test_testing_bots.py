"""What docs/testing-bots.md shows of test files is what they may state, and all of it."""

import json
import re
from pathlib import Path

import pytest
import yaml

from dialogues.cases import Case, KnownCustomer, KnownFact, TurnSpec, read_cases
from dialogues.expect import COMMANDS, Expect
from dialogues.schema import schemas

TEXT = (Path(__file__).parents[2] / "docs" / "testing-bots.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
FIXTURES = [block for block in BLOCKS if block.startswith("# conversations/fixtures.yml")]


def test_every_key_is_described() -> None:
    """In a table, as code; none was forgotten when it was added."""
    described = set(re.findall(r"`([a-z_]+)`", TEXT))
    keys = {*Case.model_fields, *TurnSpec.model_fields, *Expect.model_fields, "for", "channels"}
    facts = {*KnownCustomer.model_fields}

    assert (keys | facts) - described == set()
    assert all(
        f"{key}:" in "".join(BLOCKS) for key in (*KnownFact.model_fields, "result", "error")
    )


@pytest.mark.parametrize("block", [block for block in BLOCKS if block not in FIXTURES])
def test_examples_are_read(tmp_path: Path, block: str) -> None:
    """Every example of a file is a file without faults."""
    (tmp_path / "conversations").mkdir()
    (tmp_path / "conversations/x.yml").write_text(block, encoding="utf-8")
    (tmp_path / "conversations/fixtures.yml").write_text(FIXTURES[0], encoding="utf-8")

    assert read_cases(tmp_path)


def test_examples_of_expectations_are_read() -> None:
    """Those in the table are what an expectation may be."""
    rows = re.findall(r"^\| `[a-z_` ]+` \| .* \| `([a-z_]+: .*)` \|$", TEXT, re.MULTILINE)

    assert len(rows) >= 25
    for row in rows:
        Expect.model_validate(yaml.safe_load(row))


def test_commands_named_as_examples_exist() -> None:
    """Names of commands in the table are commands."""
    row = next(line for line in TEXT.splitlines() if line.startswith("| `commands`"))

    assert set(re.findall(r"`([a-z]+_[a-z]+)`", row)) <= set(COMMANDS)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block not in FIXTURES])
def test_editors_accept_the_examples(block: str) -> None:
    """The schema of conversations knows every key and form that is shown."""
    jsonschema = pytest.importorskip("jsonschema")
    # Times become texts, as JSON has them.
    data = json.loads(json.dumps(yaml.safe_load(block), default=str))

    jsonschema.Draft202012Validator(schemas()["conversations"]).validate(data)
