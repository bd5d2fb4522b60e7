"""The runner of a bot's own conversations passes what holds and explains what does not."""

from pathlib import Path

import pytest

from dialogues.conversation_tests import CaseResult, ReadCase, read_cases, run_conversations
from nlu.yaml_file import FaultyFileError
from tests.dialogues.talks import FOLDER, corner_shop, interpreter_of, search


def run(cases: list[ReadCase]) -> list[CaseResult]:
    """Talk `cases` through with the hand-made interpreter and search."""
    return list(
        run_conversations(
            corner_shop(), interpreter=interpreter_of(FOLDER), search=search, cases=cases
        )
    )


@pytest.mark.parametrize("read", read_cases(FOLDER), ids=lambda read: read.case.name)
def test_the_bots_own_conversations_hold(read: ReadCase) -> None:
    """Every case of the test bot passes."""
    result = run([read])[0]

    assert result.passed, str(result)


def test_a_failure_says_what_was_expected_and_what_was_seen(tmp_path: Path) -> None:
    """Each expectation that does not hold is one readable line, with the transcript."""
    (tmp_path / "conversations").mkdir()
    path = tmp_path / "conversations/x.yml"
    path.write_text(
        "- name: all wrong\n  turns:\n    - user: quote for 200 kettles\n      expect:\n"
        "        {flow: null, says: [greet], not_says: [ask_company], text: moon, lead: new,\n"
        "         slots: {quantity: 5, fax: 1}, ticket: true, hand_off: sales, language: zh,\n"
        "         article: returns, near: true, intent: greet, feedback: 3,\n"
        "         entities: {quantity: 1}}\n"
    )
    result = run(read_cases(tmp_path))[0]

    assert not result.passed
    report = str(result)
    for part in (
        f"FAILED {path}:1: all wrong",
        "turn 1, line 3 (quote for 200 kettles): flow: expected null, but it was request_quote",
        "says: expected [greet], but it was [ask_company]",
        "not_says: expected ask_company unsaid, but it was [ask_company]",
        "text: expected moon in a reply, but it was ['For which company?']",
        "slots.quantity: expected 5, but it was 200",
        "slots.fax: expected 1, but it was without a value",
        "ticket: expected true, but it was false",
        "hand_off: expected sales, but it was null",
        "entities.quantity: expected 1, but it was 200",
        "      · ask: company",
        "> quote for 200 kettles",
        "< For which company?",
    ):
        assert part in report, report


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- name: x\n  turns: [{usr: hi}]\n", "x.yml:2: 0.turns.0.usr: .*did you mean 'user'"),
        ("- name: x\n  turns: [{user: hi, press: a}]\n", "exactly one of `user`"),
        ("- name: x\n  turns: [{user: hi, expect: {sayz: [a]}}]\n", "did you mean 'says'"),
        ("- name: x\n  turns: [{user: a}]\n- name: x\n  turns: [{user: b}]\n", "given twice"),
        ("- name: x\n  turns: []\n", "at least 1 item"),
    ],
)
def test_a_conversation_file_is_strict(tmp_path: Path, text: str, message: str) -> None:
    """Typing errors in tests are faults with their line, not tests that pass."""
    (tmp_path / "conversations").mkdir()
    (tmp_path / "conversations/x.yml").write_text(text)

    with pytest.raises(FaultyFileError, match=message):
        read_cases(tmp_path)
