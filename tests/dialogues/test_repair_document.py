"""The documents name every text and flow of repair, and no others."""

import re
from pathlib import Path

from dialogues.bot import REPAIR_FOLDER, REPAIR_PREFIX
from tests.dialogues.talks import corner_shop

DOCS = Path(__file__).parents[2] / "docs"


def test_every_shared_response_is_listed() -> None:
    """Whoever overrides a text finds its id in the list."""
    text = (DOCS / "bot-folder.md").read_text(encoding="utf-8")
    part = text[text.index("### Repair") : text.index("A response with options of its own")]
    codes = [code for code in re.findall(r"`([^`]+)`", part) if re.fullmatch("[a-z_ ]+", code)]
    listed = {word for code in codes for word in code.split()}
    shared = {
        name
        for flow in corner_shop().flows.values()
        if flow.id.startswith(REPAIR_PREFIX)
        for name in flow.responses
    }

    assert shared - listed == set()
    assert listed - shared - {"answer", "says"} == set()


def test_every_repair_flow_is_described() -> None:
    """Each file of the folder is named in what a bot does, or is about our own faults."""
    text = (DOCS / "repair.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`([a-z_]+)`", text))
    ours = {"answer", "changed", "dropped", "error", "receive", "wait"}

    assert {path.stem for path in REPAIR_FOLDER.glob("*.yml")} - described == ours - described


def test_every_repair_flow_speaks_both_languages_in_two_wordings() -> None:
    """What is said often is not always said alike."""
    often = ("corrected", "resuming", "going_back", "ask_again", "confirm_change", "queued")
    for name in often:
        variants = corner_shop().responses[name].variants
        assert all(len(variants[language]) >= 2 for language in ("en", "zh")), name
