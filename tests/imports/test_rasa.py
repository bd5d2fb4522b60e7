"""`tributary import rasa`: what has a form here arrives, the rest is counted and named."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bots.__main__ import build
from bots.conversation_runs import talk_through
from bots.preparation import prepare_bot, read_folder
from dialogues.check import check_folder

HERE = Path(__file__).parent


def bring(project: Path, into: Path, *options: str) -> tuple[int, str, str]:
    """Run the command; return its status and what it printed on both streams."""
    words = ["import", "rasa", str(project), "--into", str(into), *options]
    done = CliRunner().invoke(build(["import", "export"]), words)
    return done.exit_code, done.stdout, done.stderr


def brought(project: Path, into: Path, name: str) -> dict[str, Any]:
    """Import and return the report."""
    status, out, err = bring(project, into, "--name", name, "--json")
    assert status == 0, err
    report: dict[str, Any] = json.loads(out)
    return report


def counts(report: dict[str, Any], what: str) -> tuple[int, dict[str, int]]:
    """Return how many of a thing were brought, and how many were left for each reason."""
    lines = [line for line in report["lines"] if line["what"] == what]
    left = {line["why"]: line["left"] for line in lines if line["left"]}
    return sum(line["brought"] for line in lines), left


def test_the_folder_is_without_faults_and_its_conversations_pass(tmp_path: Path) -> None:
    """A project of 3.x becomes a bot that check accepts, and that answers as its rules said."""
    report = brought(HERE / "rasa3", tmp_path, "library_desk")
    folder = tmp_path / "library_desk"

    assert report["faults"] == []
    assert check_folder(folder) == []
    brain = prepare_bot(folder, encoder="none", cache=tmp_path / "cache", public_url="")
    results = list(talk_through(brain))
    assert {result.path.stem for result in results} == {
        "ask_weather",
        "faq_membership_fee",
        "faq_opening_hours",
        "reserve_book",
    }
    assert [str(result) for result in results if not result.passed] == []


def test_examples_entities_and_word_lists_arrive(tmp_path: Path) -> None:
    """Every form of annotation is read, under our spelling of names; the rest keeps its value."""
    report = brought(HERE / "rasa3", tmp_path, "library_desk")

    _, _, data = read_folder(tmp_path / "library_desk")
    renewals = {e.text: e.annotations for e in data.examples if e.intent == "renew_loan"}
    assert {t: [(a.name, a.value) for a in marks] for t, marks in renewals.items()} == {
        "renew my copy of Middle Earth": [("book_title", "Middle Earth")],
        "can I keep the atlas for longer": [("book_title", "atlas")],
        "extend my loan until June": [("month", "June")],
        "extend my loan from May on": [("month", "May")],
        "I need two more weeks": [("count", "2")],
        "keep it longer": [("count", "3")],
    }
    (mark,) = renewals["extend my loan from May on"]
    assert (mark.role, mark.group) == ("start", "1")
    assert data.synonyms == {"atlas": ("book of maps",)}
    assert data.lookups == {"book_title": ("Winter Tales", "The Long Field")}
    assert data.patterns == {"card_number": (r"LC-\d{6}",)}
    assert report["renamed"]["intent Renew-Loan"] == "renew_loan"
    assert report["renamed"]["entity BookTitle"] == "book_title"
    assert report["renamed"]["intent faq/Opening-Hours"] == "faq/opening_hours"
    assert report["renamed"]["intent bot_challenge"] == "chitchat_bot"


def test_what_is_left_is_counted_and_named(tmp_path: Path) -> None:
    """Stories, forms, actions and all else that has no form here, with file, line and reason."""
    report = brought(HERE / "rasa3", tmp_path, "library_desk")

    assert counts(report, "examples") == (
        18,
        {
            "a line that does not start with '- '": 1,
            "also under renew_loan": 1,
            'bad annotation: an annotation needs entity (and perhaps value), not {"value": '
            '"no entity"}': 1,
            "belongs to the shared thank": 1,
            "twice under its intent": 1,
            "without a word": 1,
        },
    )
    assert counts(report, "intents") == (7, {"fewer than 2 examples: faq/lonely": 1})
    assert counts(report, "rules")[0] == 5
    assert counts(report, "stories") == (1, {"dialogues; write flows": 2})
    assert counts(report, "regular expressions")[0] == 1
    assert len(counts(report, "regular expressions")[1]) == 2
    for what, left in {
        "forms": 1,
        "slots": 1,
        "custom actions": 2,
        "session config": 1,
        "pipeline": 3,
        "policies": 1,
        "channels and servers": 1,
        "training data": 1,
        "entity annotations": 1,
        "values in buttons": 1,
        "wordings of responses": 2,
        "parts of responses: custom": 1,
    }.items():
        assert sum(counts(report, what)[1].values()) == left, what
    places = {place for line in report["lines"] for place in line["files"]}
    assert {"data/nlu.yml:21", "domain/responses.yml:45", "tests/test_stories.yml"} <= places


def test_responses_keep_texts_buttons_and_pictures(tmp_path: Path) -> None:
    """Buttons start flows, pictures become links, and what nothing says is kept aside."""
    brought(HERE / "rasa3", tmp_path, "library_desk")
    folder = tmp_path / "library_desk"
    said = yaml.safe_load((folder / "responses.yml").read_text(encoding="utf-8"))
    spare = yaml.safe_load((folder / "responses_not_used.yml").read_text(encoding="utf-8"))

    assert said["greet"]["en"][1] == {
        "text": "Good to see you.",
        "style": "buttons",
        "options": {
            "flow:reserve_book": "Reserve something",
            "flow:faq_opening_hours": "When we open",
        },
    }
    assert "{customer.name}" in said["greet"]["en"][0]["text"]
    assert "https://library.example/robot.png" in said["chitchat_bot"]["en"][0]
    assert said["utter_faq_membership_fee"] == {"en": ["A card is free."]}
    assert said["utter_reserve"] == {"en": ["Which book is it, after …?"]}
    assert said["cannot_handle"] == {"en": ["That is beyond a library."]}
    assert list(spare) == ["utter_ask_renew_form_book_title"]


def test_a_bilingual_project_in_markdown(tmp_path: Path) -> None:
    """Rasa's old format is read; languages are those that every intent speaks."""
    report = brought(HERE / "rasa2", tmp_path, "bank")

    assert report["languages"] == ["zh", "en"]
    assert report["faults"] == []
    assert report["renamed"] == {"intent 查询余额": "intent_1"}
    _, _, data = read_folder(tmp_path / "bank")
    assert {"intent_1", "transfer_money"} <= set(data.intents)
    assert data.lookups == {"bank": ("蓝河银行", "Blue River Bank")}
    assert data.patterns == {"account_number": (r"\d{8}",)}
    assert counts(report, "stories") == (0, {"dialogues of Rasa 1; write flows": 2})
    assert counts(report, "translations of responses") == (0, {"no text in en": 1})


def test_the_table_shows_the_same(tmp_path: Path) -> None:
    """Without --json the report is a table for people, markup in it shown as it is."""
    status, out, _ = bring(HERE / "rasa3", tmp_path)

    words = " ".join(out.split())
    assert status == 0
    assert "data/nlu.yml:21" in out
    assert "Renew-Loan" in out
    assert "tributary test" in words
    assert (tmp_path / "rasa3" / "bot.yml").is_file()


def test_bad_yaml_is_named_by_file_and_line_and_nothing_is_made(tmp_path: Path) -> None:
    """Every broken file is named at once, and no half of a bot is left behind."""
    project = tmp_path / "project"
    shutil.copytree(HERE / "rasa3", project)
    (project / "data" / "nlu.yml").write_text('nlu:\n- intent: a\n  examples: "x\n', "utf-8")
    (project / "data" / "rules.yml").write_text("rules:\n- a: 1\n- [\n", "utf-8")

    status, _, err = bring(project, tmp_path, "--name", "broken")

    assert status == 1
    assert f"{project}/data/nlu.yml:4: not valid YAML" in err
    assert f"{project}/data/rules.yml:4: not valid YAML" in err
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no training data or domain of Rasa"),
        ({"data/nlu.yml": "- 1\n- 2\n"}, "no training data or domain of Rasa"),
        ({"domain.yml": b"\xff\xfe"}, "is UTF-16"),
    ],
)
def test_what_is_no_project_is_refused(
    tmp_path: Path, files: dict[str, str | bytes], words: str
) -> None:
    """An empty folder and files that are not Rasa's get a sentence."""
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (project / name).write_bytes(raw)

    status, _, err = bring(project, tmp_path, "--name", "none")

    assert status == 1
    assert words in " ".join(err.split())


def test_odd_shapes_do_not_end_it(tmp_path: Path) -> None:
    """Wrong types anywhere in a project are passed over, and what is right still arrives."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "domain.yml").write_text(
        "intents: 5\nentities: {a: b}\nresponses: [1]\nactions: [1, {x: y}]\nforms: 3\n"
        "slots: word\nsession_config: [1]\n",
        "utf-8",
    )
    (project / "data").mkdir()
    (project / "data" / "all.yml").write_text(
        "nlu:\n- 1\n- {intent: 5, examples: [a b c, d e f, null, {text: [x]}]}\n"
        "- {intent: order, examples: 7}\n- {lookup: x, examples: null}\n"
        "- {regex: '?', examples: a}\n"
        "- {intent: buy_tea, examples: [some tea please, {text: I take tea}]}\n"
        "rules: [1, {steps: 3}, {steps: [1]}, {steps: []}, {steps: [{or: [1]}, {action: 2}]},"
        " {steps: [{intent: 5}, {action: [1]}]}]\nstories: {a: 1}\n",
        "utf-8",
    )

    report = brought(project, tmp_path, "odd")

    assert report["faults"] == []
    _, _, data = read_folder(tmp_path / "odd")
    assert {"buy_tea", "n5"} <= set(data.intents)


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written over."""
    (tmp_path / "shop").mkdir()

    status, _, err = bring(HERE / "rasa3", tmp_path, "--name", "shop")

    assert status == 1
    assert "exists already" in " ".join(err.split())
    assert list((tmp_path / "shop").iterdir()) == []


def test_there_and_back(tmp_path: Path) -> None:
    """A bot that is exported as a Rasa project and imported again teaches the same examples."""
    brought(HERE / "rasa3", tmp_path, "library_desk")
    _, _, before = read_folder(tmp_path / "library_desk")
    words = ["export", "rasa", str(tmp_path / "library_desk"), str(tmp_path / "project")]
    assert CliRunner().invoke(build(["import", "export"]), words).exit_code == 0

    report = brought(tmp_path / "project", tmp_path, "again")

    assert report["faults"] == []
    _, _, after = read_folder(tmp_path / "again")
    own = {"renew_loan", "reserve_book", "faq/opening_hours", "ask_weather"}
    taught = [
        {(e.intent, e.text, e.annotations) for e in data.examples if e.intent in own}
        for data in (before, after)
    ]
    assert taught[0] == taught[1]


def test_names_that_fall_together_or_mean_something_here(tmp_path: Path) -> None:
    """Two intents of one spelling become one; flows and files never overwrite each other."""
    long = "very_long_name_" * 6
    names = ["faq/tea", "faq_tea", "repair_kettle", "Repair-Kettle", long]
    nlu = "".join(
        f"- intent: {name}\n  examples: |\n    - first way to say {n}\n    - way {n} is second\n"
        for n, name in enumerate(names)
    )
    rules = "".join(
        f"- rule: r{n}\n  steps:\n  - intent: {name}\n  - action: utter_{said}\n"
        for n, name in enumerate(names)
        for said in [name.lower().replace("-", "_")]
    )
    texts = "".join(f"  utter_{n}:\n  - text: it is {n}\n" for n in [*names[:3], long])
    project = tmp_path / "project"
    project.mkdir()
    (project / "nlu.yml").write_text(f"nlu:\n{nlu}rules:\n{rules}responses:\n{texts}", "utf-8")

    report = brought(project, tmp_path, "names")

    assert report["faults"] == []
    assert counts(report, "responses") == (3, {"its name falls together with another's": 1})
    bot, _, data = read_folder(tmp_path / "names")
    ours = {"faq/tea", "faq_tea", "repair_kettle"}
    counted = {name: sum(e.intent == name for e in data.examples) for name in ours}
    assert counted == {"faq/tea": 2, "faq_tea": 2, "repair_kettle": 4}
    assert ours <= set(bot.triggers)
    assert len({bot.triggers[name] for name in ours}) == 3
    assert not bot.triggers["repair_kettle"].startswith("repair_")
