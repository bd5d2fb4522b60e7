"""What README.md, CHANGELOG.md and docs/ say about files, commands and settings is so."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from bots.__main__ import COMMANDS, build
from bots.settings import Settings
from channels.webchat.tokens import read_identity_token
from scripts.settings_table import DOCUMENT, with_table

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
FENCES = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CALL = re.compile(r"(?<![\w./:-])tributary ([a-z][^`#|\n]*)")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _code(path: Path) -> list[str]:
    return CODE.findall(_text(path))


def _anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _text(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def _missing(path: Path, target: str) -> bool:
    if re.match(r"[a-z]+:", target):
        return False
    name, _, anchor = target.partition("#")
    found = (path.parent / name).resolve() if name else path
    return not found.exists() or bool(anchor and anchor not in _anchors(found))


def _unknown_parts(group: TyperGroup, words: list[str]) -> list[str]:
    """Return which words of a call the command line does not have."""
    name, *rest = words
    if name not in group.commands:
        return [name]
    command = group.commands[name]
    if isinstance(command, TyperGroup):
        return _unknown_parts(command, rest) if rest else []
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    return [word for word in rest if word.startswith("--") and word not in known]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(path: Path) -> None:
    """Every file, picture and heading that a document links to exists."""
    targets = LINK.findall(CODE.sub("", _text(path)))

    assert [target for target in targets if _missing(path, target)] == []


def test_commands_in_documents_exist() -> None:
    """Every `tributary …` in a document is a command of the command line, with its options."""
    whole = typer.main.get_command(build(list(COMMANDS)))
    assert isinstance(whole, TyperGroup)
    calls = [
        (path.name, call)
        for path in DOCUMENTS
        for code in _code(path)
        for call in CALL.findall(code)
    ]

    unknown = {(name, call): _unknown_parts(whole, call.split()) for name, call in calls}
    assert {place: parts for place, parts in unknown.items() if parts} == {}
    assert {call.split()[0] for _, call in calls} >= {"serve", "new", "check", "test", "ledger"}


def test_make_targets_in_documents_exist() -> None:
    """Every `make …` in a document is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    named = {
        name
        for path in DOCUMENTS
        for code in _code(path)
        for name in re.findall(r"(?<![\w-])make ([a-z-]+)", code)
    }

    assert named - targets == set()
    assert {"run", "test", "scale", "bench"} <= named


def test_variables_in_documents_are_settings() -> None:
    """Every TRIBUTARY_ variable in a document is one that the settings read."""
    known = {f"TRIBUTARY_{name.upper()}" for name in Settings.model_fields}
    named = {
        name for path in DOCUMENTS for name in re.findall(r"TRIBUTARY_[A-Z_]*[A-Z]", _text(path))
    }

    assert named - known == set()


def test_the_table_of_settings_is_made_from_the_settings() -> None:
    """Name, default and meaning of each variable stand in the operations guide as in the code."""
    text = _text(DOCUMENT)

    assert text == with_table(text), "run `python -m scripts.settings_table`"


def test_the_python_example_signs_what_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host site that copies the example from the embedding guide is believed."""
    secret = "a secret of at least 32 characters"
    monkeypatch.setenv("TRIBUTARY_WEBCHAT_IDENTITY_SECRET", secret)
    blocks = FENCES.findall(_text(ROOT / "docs" / "embedding.md"))
    (example,) = [body for language, body in blocks if language == "python"]
    names: dict[str, Any] = {}
    exec(compile(example, "embedding.md", "exec"), names)

    token = names["identity_token"]("c-1", email="ada@example.com", name="Ada 艾达")
    found = read_identity_token(token, secret=secret, widget_key="demo", now=datetime.now(UTC))

    assert (found.sub, found.email, found.name) == ("c-1", "ada@example.com", "Ada 艾达")
