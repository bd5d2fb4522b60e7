"""No secret is kept in the project's files."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT

#: What secrets of the services Tributary talks to look like.
PATTERNS = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "Slack token": re.compile(
        r"\bxox[abeoprs]-\d{8,}-[\w-]{10,}|\bxapp-\d-[A-Z0-9]{8,}-\d+-\w{20,}"
    ),
    "Telegram token": re.compile(r"\b\d{8,10}:AA[\w-]{33}\b"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "AWS key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "API key": re.compile(r"\bsk-[A-Za-z0-9_-]{32,}\b"),
    "password in a URL": re.compile(r"://[^\s/:@{}$<>…]+:[^\s/:@{}$<>…]{6,}@[\w.-]+"),
}
#: Secrets given a value in code, where only their names belong.
ASSIGNED = re.compile(
    r"(?i)\b\w*(?:password|secret|api_key|token)\w*\s*[:=]\s*[\"'][\w+/=-]{24,}[\"']"
)

IGNORED_FOLDERS = {
    ".git",
    ".venv",
    ".cache",
    "var",
    "node_modules",
    "build",
    "dist",
    "__pycache__",
}
TEXT = {".py", ".md", ".yml", ".yaml", ".toml", ".js", ".html", ".css", ".json", ".sh", ".env", ""}
BIGGEST = 2_000_000  # bytes


def test_no_file_holds_a_secret() -> None:
    """Nothing that looks like a real credential is in the tree."""
    found = [
        f"{path.relative_to(ROOT)}: {kind}"
        for path in _texts()
        for kind, pattern in PATTERNS.items()
        if pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    ]

    assert found == []


def test_no_package_gives_a_secret_a_value() -> None:
    """Outside the tests, no password, secret, key or token is written into code."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group()[:30]}"
        for path in _texts()
        if "tests" not in path.relative_to(ROOT).parts
        for match in ASSIGNED.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]

    assert found == []


def _texts(folder: Path = ROOT) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in IGNORED_FOLDERS and not path.name.endswith("_cache"):
                yield from _texts(path)
            continue
        # One's own .env holds secrets and is never committed.
        is_text = path.is_file() and path.suffix in TEXT and path.name != ".env"
        if is_text and path.stat().st_size < BIGGEST:
            yield path
