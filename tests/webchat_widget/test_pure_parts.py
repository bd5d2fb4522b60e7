"""The widget's parts without a page, run by Node."""

import shutil
import subprocess
from pathlib import Path

from tests.webchat_widget.scripted import STATIC

PURE = Path(__file__).parent / "pure"


def test_pure_parts_keep_their_promises(tmp_path: Path) -> None:
    """Markdown, addresses, the outbox, back-off, the transcript and labels pass their tests."""
    # Node takes ".js" for modules only where a package says so; browsers need no package.
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copytree(STATIC / "widget", tmp_path / "widget")
    shutil.copytree(PURE, tmp_path / "pure")
    tests = sorted(str(path) for path in (tmp_path / "pure").glob("*.test.js"))

    run = subprocess.run(
        ["node", "--test", *tests], capture_output=True, text=True, timeout=120, check=False
    )

    assert tests
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
