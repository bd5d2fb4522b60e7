"""The floors of the building: packages import downward only."""

import os
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]


def test_imports_run_downward_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every contract of import-linter in pyproject.toml is kept."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((99, 50)))

    status = lint_imports(config_filename="pyproject.toml", no_logo=True)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
