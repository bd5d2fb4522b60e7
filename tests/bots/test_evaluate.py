"""`tributary evaluate`, `train` and `check` as people and programs call them."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bots.__main__ import build

TESTS = Path(__file__).parents[1]
DATA = TESTS / "nlu" / "evaluation" / "data"
BOT = TESTS / "dialogues" / "corner_shop"


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without an encoder, in a cache of its own."""
    monkeypatch.setenv("TRIBUTARY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TRIBUTARY_ENCODER", "none")
    monkeypatch.setenv("CORNER_SHOP_ORIGINS", "")


def call(*arguments: object) -> Result:
    """Run the command line."""
    words = [str(each) for each in arguments]
    return CliRunner().invoke(build([words[0]]), words)


def document(*arguments: object) -> dict[str, object]:
    """Return what a command prints for programs: one JSON document and nothing else."""
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_files_are_evaluated_and_told_in_tables() -> None:
    """Labels in Chinese stand in columns like all others."""
    result = call(
        "evaluate",
        "--train",
        DATA / "teahouse_train.tsv",
        "--test",
        DATA / "teahouse_test.jsonl",
    )

    assert result.exit_code == 0, result.output
    assert "teahouse_train.tsv on teahouse_test.jsonl" in result.stdout
    for label in ("订座", "推荐茶", "营业时间"):
        assert label in result.stdout
    assert "\x1b" not in result.stdout


def test_files_are_evaluated_for_programs(tmp_path: Path) -> None:
    """With a report, whose place is told on standard error."""
    report = tmp_path / "report"
    found = document(
        "evaluate", "--train", DATA / "library_train.csv", "--folds", 3, "--report", report
    )

    assert (found["known"], found["unknown"], found["languages"]) == (15, 4, ["en"])
    assert "renew-loan" in (report / "report.html").read_text(encoding="utf-8")
    assert {each.name for each in report.iterdir()} == {
        "report.html",
        "calibration.png",
        "confusion.png",
        "scores.png",
    }


def test_a_file_brings_its_own_test_part() -> None:
    """Unless it is cross-validated."""
    own = document("evaluate", "--train", DATA / "parts.json")
    without = document("evaluate", "--train", DATA / "parts.json", "--no-teach-out-of-scope")

    assert (own["known"], own["unknown"], own["taught"]) == (1, 1, 3)
    assert without["taught"] == 2


def test_a_bot_is_evaluated_with_and_without_the_shared_intents(tmp_path: Path) -> None:
    """In one language if wanted; strange texts are tested too."""
    (tmp_path / "strange.json").write_text('["what is the sum of 3 and 4", "今年谁得冠军"]')
    small = document(
        "evaluate",
        BOT,
        "--no-base",
        "--folds",
        2,
        "--out-of-scope-test",
        tmp_path / "strange.json",
    )
    whole = document("evaluate", BOT, "--folds", 2, "--language", "zh")

    assert small["unknown"] == 2
    assert small["languages"] == ["en", "zh"]
    assert whole["languages"] == ["zh"]
    names = [{each["name"] for each in found["by_intent"]} for found in (small, whole)]  # type: ignore[attr-defined] # JSON
    assert "greet" not in names[0]
    assert {"greet", "order_status"} <= names[1]


def test_a_bot_is_tested_with_a_file(tmp_path: Path) -> None:
    """What stands among its examples word for word is not taught."""
    (tmp_path / "test.csv").write_text(
        "text,intent\ntrack my order CS-1001,order_status\nhi,greet\n"
    )
    found = document("evaluate", BOT, "--test", tmp_path / "test.csv")

    assert found["known"] == 2
    assert any("2 examples were not taught" in note for note in found["notes"])  # type: ignore[attr-defined] # JSON


def test_few_examples_are_drawn_by_seed() -> None:
    """Each draw is told."""
    arguments = ("--test", DATA / "library_test.csv", "--examples", 2, "--seed", 7, "--seed", 8)
    found = document("evaluate", "--train", DATA / "library_train.csv", *arguments)

    assert [each["seed"] for each in found["by_seed"]] == [7, 8]  # type: ignore[attr-defined] # JSON
    assert found["taught"] == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--train", DATA / "none.csv"], "none.csv:1: cannot be read"),
        (["--train", DATA / "library_train.csv", BOT], "not both"),
        (["--train", DATA / "library_train.csv", "--label-column", "x"], "is called 'x'"),
        (["--train", DATA / "library_train.csv", "--language", "qq"], "no language code"),
        (["--train", DATA / "library_train.csv", "--encoder", "no/such"], "TRIBUTARY_ENCODER"),
        (["--train", DATA / "evening.conll", "--seed", 1, "--seed", 2], "at least two intents"),
        ([BOT, "--language", "de"], "does not speak 'de'"),
    ],
)
def test_what_cannot_be_evaluated_is_told_in_a_sentence(
    arguments: list[object], message: str
) -> None:
    """And the status says so."""
    result = call("evaluate", *arguments)

    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """After all that work, in a sentence."""
    (tmp_path / "file").write_text("")
    result = call(
        "evaluate", "--train", DATA / "library_train.csv", "--report", tmp_path / "file" / "x"
    )

    assert result.exit_code == 1
    assert "the report cannot be written" in result.stderr


def test_training_is_told_and_taken_from_the_cache() -> None:
    """Unless it is forced."""
    first, second = document("train", BOT), document("train", BOT)
    forced = document("train", BOT, "--force")

    assert [each["trained"] for each in (first, second, forced)] == [True, False, True]
    assert first["model"] == second["model"] == forced["model"]
    assert Path(str(first["model"])).is_file()
    languages = first["languages"]
    assert isinstance(languages, dict)
    assert set(languages) == {"en", "zh"}
    for each in languages.values():
        assert 0 < each["accuracy"] <= 1
        assert 0 < each["threshold_first_stage"] < 1
        assert each["encoder_reads"] is False
    result = call("train", BOT)
    assert "taken from the cache" in result.stdout
    assert str(first["examples"]) in result.stdout.replace(",", "")


def test_training_tells_what_the_encoder_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """English, not Chinese; and how much the first stage answers alone."""
    monkeypatch.setenv("TRIBUTARY_ENCODER", "all-MiniLM-L6-v2")
    monkeypatch.setenv("TRIBUTARY_CACHE", str(TESTS.parent / ".cache" / "tests"))
    found = document("train", BOT)

    languages = found["languages"]
    assert isinstance(languages, dict)
    assert languages["en"]["encoder_reads"] is True
    assert languages["en"]["unknown_tokens"] < 0.05
    assert languages["zh"]["encoder_reads"] is False
    assert languages["zh"]["unknown_tokens"] > 0.5
    first = found["first_stage"]
    assert isinstance(first, dict)
    assert first["messages"] > 10
    assert 0 < first["share"] < 1


def test_warnings_fail_a_check_only_when_strict(tmp_path: Path) -> None:
    """They are told by file, line and key in either case."""
    folder = Path(shutil.copytree(BOT, tmp_path / "bot"))
    assert call("check", folder, "--strict").exit_code == 0
    (folder / "intents" / "more.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: news_sign_up\n  examples:\n  - please take my feedback\n'
    )
    told = call("check", folder)
    strict = call("check", folder, "--strict")

    assert told.exit_code == 0
    assert "more.yml:5: news_sign_up.examples: warning: " in told.stderr
    assert "no faults, 1 warning" in told.stdout
    assert strict.exit_code == 1
    assert "--strict" in strict.stderr


def test_texts_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """Escape sequences, half characters, turned directions and markup are shown, not obeyed."""
    rows = [
        {"text": f"{word} \ud800\x1b[2J\u202e[red]{number}", "intent": label}
        for label, word in (("[bold]\x1b[31ma\ud800", "refund"), ("b", "refund"))
        for number in range(8)
    ]
    path = tmp_path / "[red]x.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    told = call("evaluate", "--train", path, "--folds", 2)
    found = document("evaluate", "--train", path, "--folds", 2, "--report", tmp_path / "report")

    assert told.exit_code == 0, told.output
    assert "[bold]\ufffd[31ma\ufffd" in told.stdout
    assert "[red]x.jsonl" in told.stdout
    assert not {"\x1b", "\u202e", "\ud800"} & set(told.stdout)
    assert found["known"] == 16
