"""`tributary import rasa-tests`: what maps becomes conversations that run, the rest is told."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from bots.__main__ import build
from dialogues.cases import read_cases
from dialogues.conversation_tests import run_conversations
from tests.dialogues.talks import FOLDER, corner_shop, interpreter_of, search

END_TO_END = """
fixtures:
  - ann:
      - name: Ann
      - membership: gold
metadata:
  - in_london: {city: London}
stub_custom_actions:
  look_up_order:
    events:
      - {event: slot, name: status, value: at the door}
    responses: []
  an order::look_up_order:
    events:
      - {event: slot, name: status, value: in the van}
      - {event: action, name: anything}
test_cases:
  - test_case: a quote, with corrections
    steps:
      - user: quote for 200 kettles
        assertions:
          - flow_started: request-quote
          - bot_uttered:
              utter_name: askCompany
              text_matches: "^For which"
          - bot_did_not_utter: {utter_name: answer, text_matches: thirty}
          - slot_was_set: [{name: quantity, value: 200}, {name: product}]
          - slot_was_not_set: [{name: company}, {name: quantity, value: 5}]
      - user: Acme Ltd
      - slot_was_set:
          - company: Acme Ltd
          - email: null
      - user: never mind
        assertions: [{flow_cancelled: {flow_id: request_quote, flow_step_id: x}}]
      - utter: cancelled
  - test_case: an order
    steps:
      - user: where is my order CS-1001
        assertions:
          - action_executed: look_up_order
          - flow_completed: {flow_id: order_status}
          - generative_response_is_relevant: {threshold: 0.9}
      - bot: in the van
  - test_case: an order
    fixtures: [ann]
    assertion_order_enabled: true
    steps:
      - utter: before_anything
      - user: send me news
        assertions:
          - bot_uttered: {buttons: [{title: "Yes", payload: /SetSlots(agreed=True)}]}
      - user: /SetSlots(agreed=yes)
      - slot_was_set: [agreed]
      - bot: Ann
  - test_case: unclear
    steps:
      - user: something about an order
        assertions:
          - pattern_clarification_contains: [order_status, request_quote]
  - test_case: a payload
    steps: [{user: /greet}]
  - test_case: unknown step
    steps: [{user: hello}, {weather: sunny}]
"""

STORIES = """
version: "3.1"
stories:
  - story: hello and an order
    steps:
      - user: |
          hello
        intent: greet
      - action: utter_greet
      - user: where is my order [CS-1001](order_number)
        intent: order_status
        entities: [{order_number: CS-1001}]
      - slot_was_set: [{number: CS-1001}]
      - action: look_up_order
      - action: action_listen
  - story: no words
    steps: [{intent: greet}]
  - story: a checkpoint
    steps: [{user: hello, intent: greet}, {checkpoint: later}]
"""


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """Return a copy of the test bot."""
    copy = tmp_path / "corner_shop"
    shutil.copytree(FOLDER, copy)
    return copy


def call(bot: Path, *paths: Path, options: tuple[str, ...] = ()) -> Result:
    """Run the command."""
    words = ["import", "rasa-tests", *map(str, paths), "--bot", str(bot), *options]
    return CliRunner().invoke(build(["import"]), words)


def bring(bot: Path, text: str, *, name: str = "rasa-e2e.yml") -> dict[str, Any]:
    """Import a file and return the report."""
    path = bot.parent / name
    path.write_text(text)
    result = call(bot, path, options=("--json",))
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def left(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Return how many of each thing were left, for which reason."""
    found: dict[str, dict[str, int]] = {}
    for line in report["lines"]:
        if line["left"]:
            found.setdefault(line["what"], {})[line["why"]] = line["left"]
    return found


def test_end_to_end_tests_become_conversations_that_hold(bot: Path) -> None:
    """Each step and assertion that maps is compared when the conversation is talked through."""
    report = bring(bot, END_TO_END)
    (file,) = report["files"]
    cases = [read for read in read_cases(bot) if str(read.path) == file]
    results = list(
        run_conversations(
            corner_shop(), interpreter=interpreter_of(FOLDER), search=search, cases=cases
        )
    )

    assert report["faults"] == []
    assert [result.name for result in results] == [
        "a quote, with corrections",
        "an order",
        "an order (2)",
        "unclear",
    ]
    assert [str(result) for result in results if not result.passed] == []
    data = yaml.safe_load(Path(file).read_text())
    assert data[0]["turns"] == [
        {
            "user": "quote for 200 kettles",
            "expect": {
                "starts": ["request_quote"],
                "says": ["ask_company"],
                "matches": ["^For which"],
                "not_says": ["answer"],
                "not_matches": ["thirty"],
                "slots": {"quantity": 200},
                "has_slots": ["product"],
                "no_slots": ["company"],
            },
        },
        {
            "user": "Acme Ltd",
            "expect": {"slots": {"company": "Acme Ltd"}, "no_slots": ["email"]},
        },
        {
            "user": "never mind",
            "expect": {"cancels": ["request_quote"], "says": ["cancelled"]},
        },
    ]
    assert data[1]["stubs"] == {"look_up_order": [{"result": {"status": "in the van"}}]}
    assert data[2]["customer"] == {"name": "Ann"}
    assert data[2]["turns"][1]["press"] == "slot:agreed:yes"
    assert data[3]["turns"][0]["expect"]["options"] == ["flow:order_status", "flow:request_quote"]


def test_what_does_not_map_is_counted_with_its_reason(bot: Path) -> None:
    """And with file and line, so that one can look."""
    report = bring(bot, END_TO_END)

    assert left(report) == {
        "metadata": {"a channel delivers it": 1},
        "slots of fixtures": {"a slot that is set before the talk; say it in a turn": 1},
        "parts of stubs": {"an action returns values here and says nothing itself": 1},
        "assertions": {
            "slot_was_not_set with a value: no_slots means any value": 1,
            "flow_step_id of flow_cancelled: only the flow is compared": 1,
            "generative_response_is_relevant needs a model to judge a text": 1,
        },
        "steps": {"before the customer said anything": 1},
        "tests": {
            "a button's payload that has no form here: /greet": 1,
            "a step with 'weather', which has no form here": 1,
        },
    }
    (where,) = [line["files"] for line in report["lines"] if "/greet" in line["why"]]
    assert where == ["rasa-e2e.yml:60"]


def test_test_stories_become_conversations(bot: Path) -> None:
    """Messages lose the marks of entities; intents and actions are expected."""
    report = bring(bot, STORIES, name="test_stories.yml")
    (file,) = report["files"]

    assert report["faults"] == []
    assert yaml.safe_load(Path(file).read_text()) == [
        {
            "name": "hello and an order",
            "turns": [
                {"user": "hello", "expect": {"intent": "greet", "says": ["greet"]}},
                {
                    "user": "where is my order CS-1001",
                    "expect": {
                        "intent": "order_status",
                        "slots": {"number": "CS-1001"},
                        "acts": ["look_up_order"],
                    },
                },
            ],
        }
    ]
    assert left(report)["tests"] == {
        "the intent greet without the words of a customer": 1,
        "a step with 'checkpoint', which has no form here": 1,
    }


def test_names_the_bot_does_not_have_are_told(bot: Path) -> None:
    """At the line of the file that was made."""
    (bot.parent / "x.yml").write_text(
        "test_cases:\n- test_case: x\n  steps: [{user: hi, assertions: [{flow_started: fly}]}]\n"
    )
    result = call(bot, bot.parent / "x.yml")

    assert result.exit_code == 0
    assert "no flow is called 'fly'" in result.stderr
    assert "tests" in result.stdout


def test_files_that_are_no_tests_are_refused(bot: Path) -> None:
    """As are files that would replace others; then nothing is written."""
    before = sorted((bot / "conversations").iterdir())
    (bot.parent / "good.yml").write_text("test_cases:\n- {test_case: x, steps: [{user: a}]}\n")
    (bot.parent / "nlu.yml").write_text("nlu: []\n")
    (bot.parent / "other.yml").write_text("test_cases: []\n")
    result = call(bot, *(bot.parent / name for name in ("good.yml", "nlu.yml", "other.yml")))

    assert result.exit_code == 1
    assert "nlu.yml:1: has neither `test_cases` nor `stories`" in result.stderr
    assert "conversations/other.yml is there already" in result.stderr
    assert sorted((bot / "conversations").iterdir()) == before
    assert "is no bot" in call(bot.parent, bot.parent / "good.yml").stderr
