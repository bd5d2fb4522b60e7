"""`tributary test` as people and programs call it."""

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from bots.__main__ import build
from bots.conversation_runs import TURNS_MIN, Preparation, processes_for, run_cases
from bots.junit import write_junit
from bots.preparation import prepare_bot
from dialogues.cases import read_cases

BOT = Path(__file__).parents[1] / "dialogues" / "corner_shop"

WRONG = """
- name: 询价少了公司
  turns:
    - user: 我要询价 200 水壶
      expect: {says: [ask_email], text: 邮箱}
    - user: 算了
- name: a wrong order
  turns:
    - user: where is my order CS-1001
      expect: {flow: order_status}
"""


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
    """Return a copy of the test bot with two conversations that fail and some that pass."""
    copy = tmp_path / "corner_shop"
    shutil.copytree(BOT, copy)
    for path in (copy / "conversations").glob("*.yml"):
        path.unlink()
    (copy / "conversations/order_status.yml").write_text(
        "- name: an order\n  turns:\n    - user: where is my order CS-1001\n"
        "      expect: {says: [order_found], text: on its way}\n"
    )
    (copy / "conversations/others.yml").write_text(
        "- name: named\n  turns:\n    - user: hello\n      expect:\n"
        "        {says: [greet], not_says: [cannot_handle]}\n"
        "- {name: more, turns: [{user: bye, expect: {says: [goodbye]}}]}\n"
    )
    for flow in ("request_quote", "open_ticket", "give_feedback", "newsletter"):
        name = copy / f"conversations/{flow}.yml"
        name.write_text(f"- {{name: {flow}, turns: [{{user: hello}}]}}\n")
    (copy / "conversations/wrong.yml").write_text(WRONG, encoding="utf-8")
    return copy


def call(*arguments: object) -> Result:
    """Run `tributary test`."""
    return CliRunner().invoke(build(["test"]), ["test", *map(str, arguments)])


def document(*arguments: object) -> dict[str, Any]:
    """Return what is printed for programs: one JSON document and nothing else."""
    found: dict[str, Any] = json.loads(call(*arguments, "--json").stdout)
    return found


def names(*arguments: object) -> list[str]:
    """Return the names of the conversations that were run."""
    return [case["name"] for case in document(*arguments)["cases"]]


def test_a_failure_is_told_with_all_that_was_said(folder: Path) -> None:
    """What was expected beside what came, the transcript with steps, status 1, no colours."""
    result = call(folder)

    assert result.exit_code == 1
    assert f"FAILED {folder}/conversations/wrong.yml:2  询价少了公司" in result.stdout
    for part in ("ask_email", "[ask_company]", "> 我要询价 200 水壶", "· ask: company", "✗ 1"):
        assert part in result.stdout
    assert "\x1b" not in result.stdout
    assert "│ 9             │ 7      │ 2      │" in result.stdout


def test_columns_stand_below_each_other_in_chinese(folder: Path) -> None:
    """A Chinese character takes two cells, also in the table of differences."""
    lines = call(folder, "-k", "询价").stdout.splitlines()
    head = next(line for line in lines if line.lstrip().startswith("turn"))
    says, text = (next(line for line in lines if f" {key} " in line) for key in ("says", "text"))

    assert says.index("[ask_company]") == head.index("came")
    assert cell_len(text[: text.index("['")]) == head.index("came")
    assert text.index("邮箱 in a reply") == head.index("expected")


def test_some_are_chosen_by_name_and_by_what_failed(folder: Path) -> None:
    """`-k` looks in files and names; `--failed` takes those of the last run until they pass."""
    assert names(folder, "-k", "OTHERS") == ["named", "more"]
    assert names(folder, "-k", "wrong ord") == ["a wrong order"]
    document(folder)
    assert names(folder, "--failed") == ["询价少了公司", "a wrong order"]
    path = folder / "conversations/wrong.yml"
    path.write_text(path.read_text().replace("{flow: order_status}", "{flow: null}"))
    assert document(folder, "--failed")["failed"] == 1
    assert document(folder, "-k", "named")["failed"] == 0
    assert names(folder, "--failed") == ["询价少了公司"]


def test_nothing_to_run_is_not_a_success(folder: Path) -> None:
    """A name that no conversation has, and a folder with faults, give status 2."""
    nothing = call(folder, "-k", "no such conversation")
    (folder / "conversations/wrong.yml").write_text("- {name: x, turns: [{user: a, expct: {}}]}")
    faulty = call(folder)

    assert (nothing.exit_code, faulty.exit_code) == (2, 2)
    assert "no conversation is chosen" in nothing.stderr
    assert "wrong.yml:1: 0.turns.0.expct: is not a key" in faulty.stderr
    assert "did you mean 'expect'" in faulty.stderr


def test_programs_read_json(folder: Path) -> None:
    """Every case with its place, its differences and its transcript."""
    found = document(folder)

    assert (found["passed"], found["failed"]) == (7, 2)
    (case,) = [case for case in found["cases"] if case["name"] == "a wrong order"]
    assert (Path(case["file"]).name, case["line"], case["passed"]) == ("wrong.yml", 7, False)
    assert case["differences"] == [
        {
            "turn": 1,
            "line": 9,
            "said": "where is my order CS-1001",
            "key": "flow",
            "expected": "order_status",
            "came": "null",
        }
    ]
    assert "< CS-1001 is on its way" in case["transcript"]
    assert "coverage" not in found


def test_continuous_integration_reads_junit(folder: Path, tmp_path: Path) -> None:
    """Valid XML: a suite for each file, a case for each conversation, failures with the diff."""
    path = tmp_path / "reports" / "junit.xml"
    status = call(folder, "--junit", path).exit_code
    root = ET.parse(path).getroot()

    assert status == 1
    assert (root.tag, root.attrib["tests"], root.attrib["failures"]) == ("testsuites", "9", "2")
    suites = {suite.attrib["name"]: suite for suite in root}
    assert suites["others"].attrib["tests"] == "2"
    assert suites["wrong"].attrib["failures"] == "2"
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert cases["named"].find("failure") is None
    failure = cases["询价少了公司"].find("failure")
    assert failure is not None
    assert "says: expected [ask_email]" in failure.attrib["message"]
    assert "> 我要询价 200 水壶" in (failure.text or "")
    assert float(cases["named"].attrib["time"]) > 0
    assert cases["named"].attrib["classname"] == "others"


def test_junit_survives_what_xml_cannot_hold(folder: Path, tmp_path: Path, cache: Path) -> None:
    """Control characters that a customer may send do not break the report."""
    (folder / "conversations/wrong.yml").write_text(
        '- name: strange\n  turns:\n    - user: "\\u0007 <b>&\\u0001 ]]>"\n'
        "      expect: {says: [greet]}\n"
    )
    brain = prepare_bot(folder, encoder="none", cache=cache, public_url="")
    preparation = Preparation(folder, "none", cache)
    cases = [read for read in read_cases(folder) if read.case.name == "strange"]
    results = list(run_cases(brain, cases, preparation=preparation, processes=1))
    write_junit(results, tmp_path / "x.xml", name="x")

    (failure,) = ET.parse(tmp_path / "x.xml").getroot().iter("failure")
    assert "<b>&" in (failure.text or "")


def test_a_report_that_cannot_be_written_is_told(folder: Path, tmp_path: Path) -> None:
    """With the reason, instead of a crash."""
    (tmp_path / "file").touch()
    result = call(folder, "--junit", tmp_path / "file" / "junit.xml")

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_coverage_names_what_no_conversation_reached(folder: Path) -> None:
    """Flows, steps, branches, responses of each language and commands, with their share."""
    found = document(folder, "--coverage")["coverage"]
    missed = {(part["kind"], part["language"], part["name"]) for part in found["missed"]}

    assert ("flows", None, "newsletter") in missed
    assert ("flows", None, "order_status") not in missed
    assert ("steps", None, "order_status/0 (collect number)") in missed
    assert ("steps", None, "order_status/1 (act look_up_order)") not in missed
    assert ("branches", None, "order_status/1.on_failure") in missed
    assert ("branches", None, "order_status/2.else") in missed
    assert ("branches", None, "order_status/2.then") not in missed
    assert ("responses", "zh", "order_status: order_found") in missed
    assert ("responses", "en", "order_status: order_found") not in missed
    assert ("responses", "zh", "request_quote: ask_company") not in missed
    assert ("commands", None, "correct_slots") in missed
    assert ("commands", None, "start_flow") not in missed
    assert found["kinds"]["commands"]["reached"] == 3
    assert 0 < found["percent"] < 60


def test_branches_without_steps_are_covered_by_passing_them(folder: Path) -> None:
    """An `if` without `else` has two ways, and each has to be gone."""
    name = "request_quote/2.else"

    def missed() -> bool:
        parts = document(folder, "--coverage")["coverage"]["missed"]
        return name in {part["name"] for part in parts if part["kind"] == "branches"}

    few = "- {name: a quote, turns: [{user: I want a quote for %d cups}]}\n"
    path = folder / "conversations/request_quote.yml"
    path.write_text(few % 2000)
    (folder / "conversations/wrong.yml").unlink()
    assert missed()
    path.write_text(few % 2)
    assert not missed()


def test_low_coverage_fails(folder: Path) -> None:
    """Below the percent that is asked for the status is 1, with the table."""
    (folder / "conversations/wrong.yml").unlink()

    assert call(folder, "--fail-under", 5).exit_code == 0
    low = call(folder, "--fail-under", 99)
    assert low.exit_code == 1
    assert "below 99 %" in low.stderr
    assert "no conversation reached" in low.stdout


def test_several_processes_bring_the_same(folder: Path) -> None:
    """Order, differences and coverage do not depend on where a conversation was talked."""
    one, two = (document(folder, "--coverage", "--jobs", jobs) for jobs in (1, 2))
    for found in (one, two):
        found.pop("seconds")
        for case in found["cases"]:
            case.pop("seconds")

    assert one == two


def test_processes_are_only_started_where_they_save_time(folder: Path) -> None:
    """A handful of conversations is talked through sooner than a process starts."""
    cases = read_cases(folder)

    assert processes_for(cases) == 1
    assert processes_for(cases * TURNS_MIN * 2) >= 1
