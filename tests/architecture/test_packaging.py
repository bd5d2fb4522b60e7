"""What an installed Tributary is made of."""

import re
import tomllib
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.architecture.sources import PACKAGES, ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = dict(
    line.split("==")
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if "==" in line
)


def test_every_data_file_is_installed() -> None:
    """Flows, intents, pages and whatever else is not Python belongs to the package data."""
    listed = PROJECT["tool"]["setuptools"]["package-data"]

    left_behind = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*"))
        if path.is_file() and path.suffix not in (".py", ".pyc")
        if not _matches(path.relative_to(ROOT / package), listed.get(package, []))
    ]

    assert left_behind == []


def test_every_requirement_is_pinned() -> None:
    """The lock file pins each package that running and testing ask for."""
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    names = [re.split(r"[\s<>=\[;]", line)[0].lower().replace("_", "-") for line in asked]

    assert [name for name in names if name not in PINS] == []


def test_the_tests_run_with_the_pinned_pytorch() -> None:
    """The one package that is installed apart from the others has the pinned version."""
    assert version("torch").partition("+")[0] == PINS["torch"]


def _matches(path: Path, patterns: list[str]) -> bool:
    # fnmatch's star crosses folders, as the double star of setuptools does.
    return any(fnmatch(path.as_posix(), pattern.replace("**/*", "*")) for pattern in patterns)
