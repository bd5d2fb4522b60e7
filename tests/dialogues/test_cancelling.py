"""Cancel stops what is meant, and says what stays done."""

from pathlib import Path

import pytest

from crm_store.tickets import Ticket
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import Talk

FLOW = """\
triggers: [report_problem]
slots:
  problem: {type: text, ask: ask_problem}
  day: {type: text, ask: ask_day}
steps:
  - collect: problem
  - act: open_ticket
    with: {subject: "{problem}", description: "{problem}"}
    save: {number: ticket_number}
  - collect: day
  - say: done
responses:
  ask_problem: {en: What happened?, zh: 怎么了？}
  ask_day: {en: Which day?, zh: 哪天？}
  done: {en: "Done, {day}.", zh: "好了，{day}。"}
"""


def opened(path: Path) -> Talk:
    """Return a talk in a flow that has opened a ticket and goes on."""
    talk = Talk(bot=bot_of(path, {"repair": FLOW}))
    talk.press("flow:repair")
    talk.say("It leaks on the table")
    return talk


def test_cancelling_after_something_was_passed_on_is_confirmed(tmp_path: Path) -> None:
    """The customer hears what stays, with its number, before and after."""
    talk = opened(tmp_path)
    number = talk.rows(Ticket)[0].number

    assert talk.say("cancel") == ["confirm_cancel"]
    assert number in talk.texts[0]
    assert talk.options == ["confirm:yes", "confirm:no"]
    assert talk.say("yes") == ["cancelled_rest"]
    assert number in talk.texts[0]
    assert talk.flow is None


def test_cancelling_twice_needs_no_yes(tmp_path: Path) -> None:
    """Whoever says it again means it."""
    talk = opened(tmp_path)
    talk.say("cancel")

    assert talk.say("cancel") == ["cancelled_rest"]


@pytest.mark.parametrize("text", ["no", "keep going", "继续"])
def test_who_does_not_confirm_goes_on(tmp_path: Path, text: str) -> None:
    """The open question is asked again."""
    talk = opened(tmp_path)
    talk.say("cancel")

    assert talk.say(text) == ["going_on", "ask_day"]
    assert talk.say("Monday") == ["done"]


def test_cancel_stops_the_open_goal_only() -> None:
    """What was interrupted goes on."""
    talk = Talk()
    for text in ("send me news", "where is my order"):
        talk.say(text)

    assert talk.say("取消") == ["cancelled", "resuming", "ask_agreed"]


@pytest.mark.parametrize(
    "text", ["forget everything", "cancel everything", "全部取消", "都不要了"]
)
def test_everything_can_be_cancelled_at_once(text: str) -> None:
    """All goals are named, and the bot asks what to do instead."""
    talk = Talk()
    for said in ("send me news", "where is my order"):
        talk.say(said)

    assert talk.say(text) == ["all_cancelled"]
    assert talk.flow is None
    assert "flow:request_quote" in talk.options


def test_everything_is_cancelled_with_care(tmp_path: Path) -> None:
    """One goal that has passed something on is enough to ask."""
    talk = opened(tmp_path)
    talk.state["frames"].insert(0, {**talk.state["frames"][0], "done": [], "path": [0]})
    talk.state["frames"][0]["flow"] = "repair"

    assert talk.say("forget everything") == ["confirm_cancel"]
    assert talk.say("yes") == ["all_cancelled_rest"]
    assert talk.flow is None


def test_going_back_behind_what_was_passed_on_asks_for_the_new_value(tmp_path: Path) -> None:
    """It is a late correction, so it is confirmed."""
    talk = opened(tmp_path)

    assert talk.say("go back") == ["ask_new_value"]
    assert talk.say("It leaks on the floor") == ["confirm_change"]
    assert talk.say("yes")[-1] == "ask_day"
    assert talk.slots["problem"] == "It leaks on the floor"
