"""Small files of labelled texts, English and Chinese."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def files() -> Path:
    """The folder of the files."""
    return Path(__file__).parent / "data"
