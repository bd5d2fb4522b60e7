"""Files the programs read can hold data but never code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import PACKAGES, parsed, place, python_files

#: Modules whose files can run code when they are read.
UNSAFE_MODULES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle"}
#: Calls that unpickle or build objects, by the last two parts of their name.
UNSAFE_CALLS = {
    "torch.load",
    "yaml.load",
    "yaml.unsafe_load",
    "yaml.full_load",
    "pandas.read_pickle",
}
#: Arguments that switch such reading on.
UNSAFE_ARGUMENTS = {"allow_pickle", "trust_remote_code"}


def test_nothing_read_from_disk_can_run_code() -> None:
    """No package reads pickles, joblib files, PyTorch checkpoints or YAML that makes objects."""
    found = [
        f"{place(path, node)}: {what}"
        for path in python_files(*PACKAGES)
        for node, what in _unsafe(path)
    ]

    assert found == []


def _unsafe(path: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.partition(".")[0] in UNSAFE_MODULES:
                        yield node, alias.name
            case ast.ImportFrom(module=str(module)):
                if module.partition(".")[0] in UNSAFE_MODULES:
                    yield node, module
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=attribute)):
                # A loader of one's own, derived from the safe one, is fine.
                is_safe = any(keyword.arg == "Loader" for keyword in node.keywords)
                if f"{owner}.{attribute}" in UNSAFE_CALLS and not is_safe:
                    yield node, f"{owner}.{attribute}"
            case ast.keyword(arg=str(argument), value=ast.Constant(value=True)):
                if argument in UNSAFE_ARGUMENTS:
                    yield node, argument
