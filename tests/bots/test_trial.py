"""`tributary chat` as people type into it, and as scripts pipe into it."""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bots.__main__ import build
from dialogues.cases import read_cases

BOT = Path(__file__).parents[1] / "dialogues" / "corner_shop"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder where the bot's model is kept once it is trained."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setenv("TRIBUTARY_CACHE", str(cache))
    monkeypatch.setenv("TRIBUTARY_ENCODER", "none")
    monkeypatch.setenv("CORNER_SHOP_ORIGINS", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the test bot."""
    copy = tmp_path / "corner_shop"
    shutil.copytree(BOT, copy)
    return copy


def call(folder: Path, *lines: str, options: tuple[str, ...] = ()) -> Result:
    """Pipe lines into `tributary chat`."""
    words = ["chat", str(folder), *options]
    typed = "".join(f"{line}\n" for line in lines)
    return CliRunner().invoke(build(["chat", "test"]), words, input=typed)


def test_lines_are_messages_and_numbers_are_presses(folder: Path) -> None:
    """Replies are shown as the channel would, and what can be pressed is numbered."""
    result = call(folder, "I have a problem", "the lid is broken", "2", "a@b.example")

    assert result.exit_code == 0, result.output
    for line in (
        "> I have a problem",
        "< What happened?",
        "< How urgent?",
        "  1 [Can wait]  2 [Urgent]",
        "< Your e-mail?",
    ):
        assert line in result.stdout
    assert "ticket" in result.stdout.casefold()


def test_another_channel_shows_it_its_own_way(folder: Path) -> None:
    """Where there are no buttons the options stand in the text, and their number is written."""
    result = call(folder, "I have a problem", "the lid is broken", "/as wechat", "2", "/state")
    typed = call(folder, "I have a problem", "broken lid", options=("--as", "wechat"))

    assert "1 [Can wait]" in result.stdout
    assert "  1. Can wait\n  2. Urgent" in result.stdout
    assert "urgency: high" in result.stdout
    assert "channel      wechat" in result.stdout
    assert "[Can wait]" not in typed.stdout
    assert "1. Can wait" in typed.stdout


def test_why_and_state_explain(folder: Path) -> None:
    """What was understood with its score, commands, steps, and what the CRM kept."""
    result = call(folder, "I want a quote for 200 kettles", "/why", "/state", "/back", "/state")

    for part in ("flow=request_quote", "request_quote/2", "product: kettle", "by embedded"):
        assert part in result.stdout, result.stdout
    assert "quantity: 200" in result.stdout
    assert "(taken back: I want a quote for 200 kettles)" in result.stdout
    assert "no flow is open" in result.stdout


def test_a_turn_is_taken_back_with_what_it_did(folder: Path) -> None:
    """Also in the CRM; further back than the first turn there is nothing."""
    result = call(folder, "send me news", "yes", "Ann", "/back", "/state", *["/back"] * 3)

    assert "Thanks, Ann." in result.stdout
    assert result.stdout.count("< Your name?") == 2
    assert "customer     unknown" in result.stdout
    assert "there is no turn to take back" in result.stderr


def test_time_passes_and_a_talk_begins_anew(folder: Path) -> None:
    """What needs a talk says so when there is none."""
    result = call(folder, "/why", "/wait 2h", "/wait soon", "hello", "/restart", "/why", "/save x")

    assert result.stdout.count("(nothing is said)") == 1
    assert "say e.g. /wait 90s" in result.stderr
    assert result.stderr.count("there is no turn yet") == 2
    assert "nothing was said yet" in result.stderr


def test_commands_that_are_none_name_the_nearest(folder: Path) -> None:
    """As do channels and languages; a command without what it needs says its form."""
    result = call(folder, "/stat", "/as wechatt", "/language fr", "/as", "/back 3", "/help")

    assert result.exit_code == 0
    for part in ("'state'", "'wechat'", "no language is called 'fr'", "say /as CHANNEL"):
        assert part in result.stderr
    assert "say /back" in result.stderr
    for command in ("state", "why", "back", "as", "language", "wait", "save", "restart", "quit"):
        assert f"/{command}" in result.stdout


def test_the_language_can_be_said(folder: Path) -> None:
    """At the start or later; two strokes begin a message with one."""
    result = call(folder, "//hello", "/language", options=("--language", "zh"))
    later = call(folder, "/language zh", "1234")

    assert "> //hello" in result.stdout
    assert "(language:" in result.stdout
    assert any("\u4e00" <= character <= "\u9fff" for character in later.stdout.split("1234")[1])
    assert call(folder, options=("--language", "fr")).exit_code == 1
    assert "did you mean 'slack'" in call(folder, options=("--as", "slak")).stderr


def test_a_talk_is_saved_as_a_test_that_holds(folder: Path) -> None:
    """With what the bot said as expectations, below others of the same file."""
    talk = ("I have a problem", "the lid is broken", "1", "/wait 1h", "a@b.example")
    first = call(folder, *talk, "/save 盖子 broke!", "/save 盖子 broke!")
    again = call(folder, "/as console", "你好", "/save 盖子 broke")
    (path,) = (folder / "conversations").glob("盖子*")
    cases = {read.case.name: read.case for read in read_cases(folder) if read.path == path}

    assert f"(written to {path})" in first.stdout.replace("\n", "")
    assert "choose another" in first.stderr
    assert again.exit_code == 0
    assert list(cases) == ["盖子 broke!", "盖子 broke"]
    assert cases["盖子 broke"].channel == "console"
    turns = cases["盖子 broke!"].turns
    assert turns[1].expect.says == ("ask_urgency",)
    assert turns[1].expect.asks == "urgency"
    assert (turns[2].press, turns[2].expect.asks) == ("slot:urgency:low", "email")
    assert turns[3].expect.silent is True
    assert turns[4].expect.ticket is True
    run = CliRunner().invoke(build(["test"]), ["test", str(folder), "-k", "盖子"])
    assert run.exit_code == 0, run.output


def test_a_name_leads_nowhere_else(folder: Path, tmp_path: Path) -> None:
    """A test is written into the bot's folder whatever its name says."""
    result = call(folder, "hello", "/save ../../evil", "/save ...")

    assert (folder / "conversations/evil.yml").is_file()
    assert not (tmp_path / "evil.yml").exists()
    assert "a name has letters or digits" in result.stderr


def test_very_long_lines_are_refused(folder: Path) -> None:
    """As every channel refuses them."""
    result = call(folder, "x" * 4001, "hello")

    assert "at most 4000 characters" in result.stderr
    assert "> hello" in result.stdout


def test_a_faulty_folder_is_told(folder: Path) -> None:
    """With every fault, before anybody talks."""
    (folder / "flows/newsletter.yml").write_text("id: newsletter\n")
    result = call(folder, "hello")

    assert result.exit_code == 1
    assert "newsletter.yml" in result.stderr


@contextmanager
def terminal(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the command in a real terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bots", "chat", str(folder)]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            os.close(ours)


def read_until(terminal: int, wanted: str) -> str:
    """Return what a terminal shows until the expression `wanted` is found."""
    seen = b""
    while not re.search(wanted.encode(), seen) and select.select([terminal], [], [], 30)[0]:
        try:
            seen += os.read(terminal, 65536)
        except OSError:  # the other side is closed
            break
    return seen.decode(errors="replace")


def press_interrupt(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C, and again when it came just as Python began to wait, which loses it."""
    for _ in range(5):
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
            return


@pytest.mark.parametrize("leave", ["interrupt", "end of file"])
def test_one_leaves_a_terminal_without_a_trace(folder: Path, leave: str) -> None:
    """By Ctrl-C and by Ctrl-D, with status 0, no traceback and no file left behind."""
    before = sorted(folder.rglob("*"))
    with terminal(folder) as (process, ours):
        assert "/help lists commands" in read_until(ours, "> ")
        os.write(ours, b"hello\n")
        assert "<" in read_until(ours, r"(?s)<.*\].*> ")
        if leave == "interrupt":
            press_interrupt(process)
        else:
            os.write(ours, b"\x04")
        rest = read_until(ours, "never there")
        assert process.wait(timeout=30) == 0

    assert "Traceback" not in rest
    assert sorted(folder.rglob("*")) == before
