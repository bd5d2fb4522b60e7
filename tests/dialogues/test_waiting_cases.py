"""Conversations in files, with what they wait for: slow actions, notices and time."""

from pathlib import Path

import pytest

from dialogues.case_references import Names
from dialogues.cases import read_cases
from dialogues.conversation_tests import CaseResult, run_conversations
from dialogues.later import ActionRequest, ActionResult
from tests.dialogues.parcel_talks import parcels
from tests.dialogues.talks import FakeInterpreter, search


class Partner:
    """Answers slow actions."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def run_request(self, request: ActionRequest) -> ActionResult:
        """Return where the parcel is."""
        self.asked.append(str(request.inputs["number"]))
        return ActionResult({"status": "at sea", "eta": "2026-03-09"})


def results(folder: Path, text: str, *, runner: Partner | None = None) -> list[CaseResult]:
    """Talk the conversations in `text` through with the bot that waits."""
    (folder / "conversations").mkdir()
    (folder / "conversations/x.yml").write_text(text, encoding="utf-8")
    bot = parcels()
    cases = read_cases(folder)
    assert Names.of(bot).faults(cases) == []
    return list(
        run_conversations(
            bot,
            interpreter=FakeInterpreter(bot),
            search=search,
            runner=runner,
            cases=cases,
        )
    )


SLOW = """
- name: stubbed
  stubs:
    look_up_parcel:
      - {result: {status: on its way, eta: 2026-03-04}}
      - {error: not_found}
      - {error: timeout}
  turns:
    - user: where is my order CS-1001
      expect:
        says: [looking_up, parcel_found]
        text: [Looking up CS-1001, on its way]
        acts: [look_up_parcel]
        ends: [order_status]
        timeline: [message_received, notice_received]
    - user: where is my order CS-1002
      expect: {says: [looking_up, no_such_parcel], flow: null}
    - user: where is my order CS-1003
      expect: {says: [cannot_tell], text: timeout}
    - user: where is my order CS-1004
      expect: {says: [cannot_tell]}
"""


def test_slow_actions_go_as_a_case_says(tmp_path: Path) -> None:
    """A result comes at once, in the same expectations; the last outcome is repeated."""
    partner = Partner()
    (result,) = results(tmp_path, SLOW, runner=partner)

    assert result.passed, str(result)
    assert partner.asked == []


def test_slow_actions_that_are_not_stubbed_are_run(tmp_path: Path) -> None:
    """By whoever runs them; where nobody does, they fail."""
    text = """
- name: an order
  turns:
    - user: where is my order CS-1001
      expect: {says: [looking_up, parcel_found], text: at sea}
"""
    partner = Partner()
    (result,) = results(tmp_path, text, runner=partner)
    assert result.passed, str(result)
    assert partner.asked == ["CS-1001"]
    (tmp_path / "without").mkdir()
    (alone,) = results(tmp_path / "without", text)

    assert "Not now (unavailable)." in str(alone)


def test_notices_from_outside_let_a_flow_go_on(tmp_path: Path) -> None:
    """With their data; those the bot does not wait for are recorded."""
    (result,) = results(
        tmp_path,
        """
- name: paid
  turns:
    - user: I want a quote
      expect: {says: [pay_here], flow: pay}
    - notice: {name: door_opened}
      expect: {silent: true, flow: pay, timeline: [notice_received]}
    - notice: {name: payment_received, data: {amount: "12 pounds"}}
      expect: {says: [paid], text: Paid 12 pounds., ends: [pay], slots: {amount: 12 pounds}}
""",
    )

    assert result.passed, str(result)


def test_time_passes_in_the_order_of_what_falls_due(tmp_path: Path) -> None:
    """A reminder, then the end; what falls due before the next message comes before it."""
    waits, slips = results(
        tmp_path,
        """
- name: too late
  turns:
    - user: I want a quote
    - wait: 29m
      expect: {silent: true, says: [], flow: pay}
    - wait: 2m
      expect: {says: [unpaid], not_says: [too_late], flow: pay}
    - wait: 1h
      expect: {says: [too_late], ends: [pay], flow: null}
- name: all at once
  turns:
    - user: I want a quote
    - wait: 2h
      expect: {says: [unpaid, too_late], flow: null}
    - user: send me news
    - wait: 270s
      expect: {silent: true}
    - user: hello
      expect: {says: [greet], not_says: [awake], flow: null}
""",
    )

    assert waits.passed, str(waits)
    assert slips.passed, str(slips)
    replies = [reply for turn in slips.turns[-2:] for reply in turn.replies]
    assert replies[:1] == ["Here I am again."]


def test_a_notice_nobody_waits_for_is_a_fault(tmp_path: Path) -> None:
    """Its name is misspelt, or the test would tell nothing."""
    (tmp_path / "conversations").mkdir()
    (tmp_path / "conversations/x.yml").write_text(
        "- {name: x, turns: [{notice: {name: payment_recieved}}]}\n"
    )
    (fault,) = Names.of(parcels()).faults(read_cases(tmp_path))

    assert fault.key == "turns.0.notice.name"
    assert "did you mean 'payment_received'" in fault.message


@pytest.mark.parametrize("name", ["look_up_parcle", "open_tickt"])
def test_a_stub_of_no_action_is_a_fault(tmp_path: Path, name: str) -> None:
    """Whether the action is the bot's own or in the box."""
    (tmp_path / "conversations").mkdir()
    (tmp_path / "conversations/x.yml").write_text(
        f"- {{name: x, stubs: {{{name}: [{{error: timeout}}]}}, turns: [{{user: a}}]}}\n"
    )
    (fault,) = Names.of(parcels()).faults(read_cases(tmp_path))

    assert f"no action is called {name!r}; did you mean" in fault.message
