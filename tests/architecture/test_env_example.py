"""`.env.example` and `docker-compose.yml` tell the truth about the settings."""

import re

from bots.settings import Settings
from scripts.env_example import render
from tests.architecture.sources import ROOT


def test_env_example_lists_exactly_the_settings() -> None:
    """Every variable stands there with its description and default, and nothing else does."""
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == render(), (
        "run `make env-example`"
    )


def test_every_setting_says_what_it_is_for() -> None:
    """No variable goes without a description."""
    silent = [name for name, field in Settings.model_fields.items() if not field.description]

    assert silent == []


def test_documents_name_only_variables_that_exist() -> None:
    """A TRIBUTARY_ variable in a document, the image or the compose file is a setting."""
    known = {f"TRIBUTARY_{name.upper()}" for name in Settings.model_fields}
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    files += [ROOT / "Dockerfile", ROOT / "docker-compose.yml", ROOT / "Makefile"]

    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in re.findall(r"TRIBUTARY_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))
        if name not in known
    }

    assert unknown == set()
