"""Values are taken back whenever it occurs to the customer, and where they have gone already."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crm_store.leads import Lead
from crm_store.tickets import Ticket
from dialogues.action import load_action
from dialogues.endings import KEPT_FOR
from dialogues.handoff import summary
from dialogues.state import ConversationState
from tests.dialogues import talks
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import Talk

QUOTE = "quote for 200 kettles, anna@acme.com"
WHOLE_QUOTE = (QUOTE, "Acme Ltd", "skip")


def told(*texts: str) -> Talk:
    """Return a talk in which these were said."""
    talk = Talk()
    for text in texts:
        talk.say(text)
    return talk


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("make it 30 and the email is b@x.com", "30 and b@x.com"),
        ("数量改成30，邮箱是 b@x.com", "30和b@x.com"),
    ],
)
def test_several_corrections_get_one_acknowledgement(text: str, shown: str) -> None:
    """Each is understood, and all new values are named at once."""
    talk = told(QUOTE)
    talk.language = "zh" if "和" in shown else "en"

    assert talk.say(text) == ["corrected", "ask_company"]
    assert shown in talk.texts[0]
    assert talk.slots == {**talk.slots, "quantity": 30, "email": "b@x.com"}
    assert talk.last is not None
    told_in_trace = {"command": "CorrectSlots"} | {
        "slots": ["request_quote.quantity", "request_quote.email"]
    }
    assert told_in_trace in talk.last.trace


@pytest.mark.parametrize("text", ["Acme Ltd, and it's 50 not 200", "Acme Ltd，不是200，是50"])
def test_the_answer_beside_a_correction_is_not_lost(text: str) -> None:
    """The open question is answered by the same message."""
    talk = told(QUOTE)

    assert talk.say(text) == ["corrected", "ask_phone"]
    assert (talk.slots["company"], talk.slots["quantity"]) == ("Acme Ltd", 50)


def test_a_value_of_a_flow_below_can_be_corrected() -> None:
    """The interruption goes on, and the flow below has the new value when its turn comes."""
    talk = told(QUOTE, "where is my order")

    assert talk.say("no, 2000 not 200") == ["corrected", "ask_number"]
    assert talk.say("CS-1001") == ["order_found", "resuming", "big_order", "ask_company"]
    assert talk.slots["quantity"] == 2000


def test_a_value_held_under_one_name_by_several_open_flows_is_corrected_in_all() -> None:
    """Nobody has two e-mail addresses because they said one twice."""
    talk = told("I have a problem")
    talk.state["frames"][0]["slots"] = {"email": "anna@acme.com"}
    talk.press("flow:request_quote")
    talk.say("200 kettles, anna@acme.com")
    talk.say("200")

    talk.say("my email is b@x.com")
    assert [frame["slots"]["email"] for frame in talk.state["frames"]] == ["b@x.com"] * 2


def test_what_was_passed_on_is_changed_only_after_a_yes() -> None:
    """The bot says what has gone out, asks, and leaves everything as it is until then."""
    talk = told(*WHOLE_QUOTE)
    lead = talk.rows(Lead)[0]

    assert talk.say("no, 50 not 200") == ["confirm_change"]
    assert "200" in talk.texts[0]
    assert "50" in talk.texts[0]
    assert talk.options == ["confirm:yes", "confirm:no"]
    assert lead.details["quantity"] == 200


def test_a_no_leaves_what_was_passed_on() -> None:
    """Nothing changes, no note is left, and the old value is named."""
    talk = told(*WHOLE_QUOTE, "no, 50 not 200")

    assert talk.say("no") == ["value_kept"]
    assert "200" in talk.texts[0]
    assert talk.rows(Lead)[0].details["quantity"] == 200
    assert talk.count(Ticket) == 0
    assert "pending" not in talk.state


def test_a_yes_has_the_action_change_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """`amend` gets the new inputs and what `run` returned; what depended on it is said again."""
    amended: list[tuple[dict[str, Any], dict[str, Any]]] = []
    module = load_action("open_lead")

    def amend(turn: Any, inputs: dict[str, Any], results: dict[str, Any]) -> None:  # noqa: ANN401 - a turn
        del turn
        amended.append((dict(inputs), dict(results)))

    monkeypatch.setattr(module, "amend", amend, raising=False)
    talk = told(*WHOLE_QUOTE, "no, 50 not 200")

    assert talk.press("confirm:yes") == ["change_made", "quote_done"]
    inputs, results = amended[0]
    assert (inputs["quantity"], inputs["need"], inputs["company"]) == (
        50,
        "50 x kettle",
        "Acme Ltd",
    )
    assert results["status"] == "qualified"
    assert talk.count(Lead) == 1
    assert "50 x kettle" in talk.texts[1]


def test_what_no_action_can_change_is_left_for_the_desk() -> None:
    """A rating cannot be amended: a ticket and the next hand-off say what changed."""
    talk = told("I want to rate you", "2", "too slow")
    assert talk.say("no, 4 not 2") == ["confirm_change"]

    assert talk.say("yes")[0] == "change_noted"
    ticket = talk.rows(Ticket)[0]
    assert ticket.details["correction"] == {"rating": {"before": 2, "now": 4}}
    assert "ticket_opened" in talk.kinds()
    assert talk.state["notes"] == ["Give feedback: 2 → 4"]


def test_the_summary_for_staff_names_corrections() -> None:
    """Whoever takes over sees what changed late."""
    talk = told("I want to rate you", "2", "too slow", "no, 4 not 2", "yes")
    seen = SimpleNamespace(
        state=ConversationState.from_json(talk.state), bot=talk.bot, language="en", channel="web"
    )

    assert summary(seen)["corrections"] == ["Give feedback: 2 → 4"]  # type: ignore[arg-type] # all it reads


@pytest.mark.parametrize("text", ["cancel", "算了", "leave it"])
def test_a_correction_that_waits_can_be_cancelled(text: str) -> None:
    """Cancel means the change, not what was open besides."""
    talk = told("I have a problem", "It leaks on the table", "urgent", "anna@acme.com")
    talk.say("it can wait, not urgent")

    assert talk.say(text) == ["value_kept", "ask_rating"]
    assert talk.flow == "give_feedback"


def test_another_value_replaces_the_one_that_waits() -> None:
    """The question is put again with the newest value."""
    talk = told(*WHOLE_QUOTE, "no, 50 not 200")

    assert talk.say("no, 60 not 200") == ["confirm_change"]
    assert "60" in talk.texts[0]


def test_a_question_that_waits_is_put_twice_at_most() -> None:
    """Whoever talks of other things does not want the change."""
    talk = told(*WHOLE_QUOTE, "no, 50 not 200")

    assert talk.say("How do I return a product?") == ["answer", "confirm_change"]
    assert talk.say("How do I return a product?") == ["answer", "value_kept"]
    assert "pending" not in talk.state


def test_a_person_can_be_called_while_a_correction_waits() -> None:
    """A confirmation is no wall."""
    talk = told(*WHOLE_QUOTE, "no, 50 not 200")

    assert talk.say("a person please") == ["handing_over"]


def test_what_only_looked_something_up_runs_again_for_a_flow_that_is_over() -> None:
    """No question is needed where nothing is passed on."""
    talk = told("send me news", "where is my order CS-1001")
    order = talk.bot.orders["CS-1001"]
    talk.bot = replace(talk.bot, orders={"CS-1001": order, "CS-1002": order})

    says = talk.say("sorry, CS-1002 not CS-1001")
    assert says == ["corrected", "order_found", "resuming", "ask_agreed"]
    assert "CS-1002" in talk.texts[1]


def test_what_is_over_is_kept_for_a_day() -> None:
    """Then its values are nobody's any more."""
    talk = told(*WHOLE_QUOTE)
    assert talk.state["ended"]["flow"] == "request_quote"
    talk.state["ended_at"] = (talks.NOW - KEPT_FOR - timedelta(hours=1)).isoformat()

    assert talk.say("no, 50 not 200") == ["cannot_handle"]
    assert "ended" not in talk.state


def test_a_slot_that_is_to_change_is_asked_anew() -> None:
    """No new value is needed to say that one is wrong."""
    talk = told(QUOTE, "Acme Ltd")

    assert talk.say("换个邮箱") == ["changing", "ask_email"]
    assert talk.say("b@x.com") == ["ask_phone"]
    assert (talk.slots["email"], talk.slots["company"]) == ("b@x.com", "Acme Ltd")


def test_a_value_of_what_is_over_is_asked_for_and_then_confirmed() -> None:
    """First what it should be, then whether it shall go out."""
    talk = told(*WHOLE_QUOTE)

    assert talk.say("I want to change the e-mail") == ["ask_new_value"]
    assert "anna@acme.com" in talk.texts[0]
    assert talk.say("b@x.com") == ["confirm_change"]
    assert talk.say("never mind") == ["value_kept"]


def test_a_correction_that_takes_another_branch_asks_only_what_is_new(tmp_path: Path) -> None:
    """Answers of the common part stay, the other branch is gone through, back again nothing is."""
    bot = bot_of(
        tmp_path,
        {
            "invoice": """\
triggers: [request_invoice]
slots:
  kind:
    type: choice
    ask: ask_kind
    options: {me: {en: Personal, zh: 个人}, firm: {en: Business, zh: 公司}}
  title: {type: text, ask: ask_title}
  email: {type: email, ask: ask_email}
  note: {type: text, ask: ask_note}
steps:
  - collect: kind
  - if: {slot: kind, is: firm}
    then: [{collect: title}]
  - collect: email
  - collect: note
  - say: done
responses:
  ask_kind: {en: Which kind?, zh: 哪种？}
  ask_title: {en: Which title?, zh: 抬头？}
  ask_email: {en: Which e-mail?, zh: 邮箱？}
  ask_note: {en: A note?, zh: 备注？}
  done: {en: "{kind} {email}", zh: "{kind} {email}"}
"""
        },
    )
    talk = Talk(bot=bot)
    talk.press("flow:invoice")
    talk.say("personal")
    assert talk.say("a@x.com") == ["ask_note"]

    assert talk.say("sorry, business not personal") == ["corrected", "ask_title"]
    assert talk.say("Acme") == ["ask_note"]
    assert talk.say("sorry, personal not business") == ["corrected", "ask_note"]
    assert talk.say("sorry, business not personal") == ["corrected", "ask_note"]
    assert talk.say("thanks a lot") == ["done"]


def test_a_slot_that_would_not_be_asked_next_is_asked_for_here_and_now() -> None:
    """The open question waits for the new value."""
    talk = told("quote for 200, anna@acme.com")

    assert talk.say("I want to change the e-mail") == ["ask_new_value"]
    assert talk.say("b@x.com") == ["corrected", "ask_product"]
    assert talk.slots["email"] == "b@x.com"


def test_what_was_made_of_a_value_is_made_anew(tmp_path: Path) -> None:
    """A text that names only what was derived from the value is said again too."""
    bot = bot_of(
        tmp_path,
        {
            "order": """\
triggers: [request_quote]
slots:
  quantity: {type: quantity, ask: ask_quantity}
  email: {type: email, ask: ask_email}
  line: {type: text}
steps:
  - collect: quantity
  - set: {line: "{quantity} pieces"}
  - say: noted
  - collect: email
responses:
  ask_quantity: {en: How many?, zh: 多少？}
  ask_email: {en: Which e-mail?, zh: 邮箱？}
  noted: {en: "Noted, {line}.", zh: "记下了：{line}。"}
"""
        },
    )
    talk = Talk(bot=bot)
    talk.press("flow:order")
    assert talk.say("15") == ["noted", "ask_email"]

    assert talk.say("no, 50 not 15") == ["corrected", "noted", "ask_email"]
    assert "50 pieces" in talk.texts[1]


def test_a_flow_that_led_to_another_does_not_lead_there_again() -> None:
    """A correction of the ticket does not ask again for the rating that was cancelled."""
    talk = told("I have a problem", "It leaks on the table", "urgent", "anna@acme.com", "cancel")
    talk.say("it can wait, not urgent")

    assert talk.say("yes") == ["change_made"]
    assert talk.rows(Ticket)[0].priority == "low"
    assert talk.flow is None
