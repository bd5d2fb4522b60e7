"""Whatever comes in the middle is dealt with, and the talk finds its way back."""

import itertools
from pathlib import Path

import pytest

from crm_store.leads import Lead
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import Talk

QUOTE = "quote for 200 kettles, anna@acme.com"

TWO = {
    "change": """\
triggers: [request_quote]
slots:
  order: {type: entity, entity: product, ask: ask_order}
  email: {type: email, ask: ask_email}
  address: {type: text, ask: ask_address}
steps: [{collect: address}, {collect: order}, {collect: email}, {say: done}]
responses:
  ask_order: {en: Which one?, zh: 哪个？}
  ask_email: {en: Which e-mail?, zh: 邮箱？}
  ask_address: {en: Which address?, zh: 地址？}
  done: {en: Done., zh: 好了。}
""",
    "status": """\
triggers: [order_status]
slots:
  order: {type: entity, entity: product, ask: ask_order}
  email: {type: email, ask: ask_email}
  address: {type: text, ask: ask_address}
steps: [{collect: order}, {collect: email}, {collect: address}, {say: found}]
responses:
  ask_order: {en: Which one?, zh: 哪个？}
  ask_email: {en: Which e-mail?, zh: 邮箱？}
  ask_address: {en: Which address?, zh: 地址？}
  found: {en: Found., zh: 找到了。}
""",
}


def test_a_question_in_the_middle_is_followed_by_the_open_question_in_other_words() -> None:
    """Never the same words twice in a row, however often something comes between."""
    talk = Talk()
    talk.say(QUOTE)
    asked = [talk.texts[-1]]
    for _ in range(6):
        assert talk.say("How do I return a product?") == ["answer", "ask_company"]
        asked.append(talk.texts[-1])

    assert all(a != b for a, b in itertools.pairwise(asked))
    assert all("For which company?" in text for text in asked)


def test_the_chinese_question_is_asked_again_in_chinese() -> None:
    """The lead back is in the customer's language."""
    talk = Talk()
    talk.say("我要询价")
    first = talk.texts[-1]

    talk.say("你好")
    assert first in talk.texts[-1]
    assert first != talk.texts[-1]


def test_what_an_interruption_found_out_is_not_asked_again(tmp_path: Path) -> None:
    """The same name and type mean the same; free text does not."""
    talk = Talk(bot=bot_of(tmp_path, TWO))
    talk.press("flow:change")
    talk.press("flow:status")
    for text in ("kettle", "a@x.com"):
        talk.say(text)

    assert talk.say("1 Mill Lane") == ["found", "resuming_with", "ask_address"]
    assert "kettle and a@x.com" in talk.texts[1]
    assert talk.say("2 Mill Lane") == ["done"]


@pytest.mark.parametrize(
    ("text", "waiting"),
    [
        ("I want a quote and also I have a problem", "Report a problem"),
        ("我要询价，另外我要报修", "报修"),
    ],
)
def test_two_goals_of_one_message_are_both_reached(text: str, waiting: str) -> None:
    """The second is announced, waits, and is begun by its name."""
    talk = Talk()

    assert talk.say(text) == ["queued", "ask_product"]
    assert waiting in talk.texts[0]
    for answer in ("kettle", "5", "Acme Ltd", "anna@acme.com"):
        talk.say(answer)
    assert talk.say("skip") == ["quote_done", "beginning", "ask_problem"]
    assert talk.count(Lead) == 1
    assert waiting in talk.texts[1]


def test_a_question_beside_a_goal_is_answered_first() -> None:
    """Then the goal begins, and nothing is lost."""
    talk = Talk()

    says = talk.say("I have a problem. By the way, how do I return a product?")
    assert says == ["answer", "ask_problem"]


def test_a_waiting_goal_that_is_asked_for_again_comes_at_once() -> None:
    """It is not there twice."""
    talk = Talk()
    talk.say("I want a quote and also I have a problem")
    assert talk.say("cancel") == ["cancelled", "beginning", "ask_problem"]
    talk.say("cancel")
    talk.say("I want a quote and also I have a problem")

    assert talk.press("flow:open_ticket") == ["ask_problem"]
    assert [frame["flow"] for frame in talk.state["frames"]] == ["request_quote", "open_ticket"]


def test_entities_of_a_clause_go_to_its_own_goal() -> None:
    """What was said of one goal fills no slot of the other."""
    talk = Talk()
    talk.say("I have a problem and I want a quote for 7 cups")

    quote, ticket = talk.state["frames"]
    assert quote["slots"]["quantity"] == 7
    assert "quantity" not in ticket.get("slots", {})


def test_a_free_answer_is_never_split() -> None:
    """A story may hold anything."""
    talk = Talk()
    talk.say("I have a problem")

    talk.say("I want a quote for this and where is my order CS-1001")
    assert talk.state["frames"][-1]["slots"]["problem"].startswith("I want a quote")


@pytest.mark.parametrize("text", ["go back", "上一步", "返回"])
def test_going_back_asks_the_last_answered_question_again(text: str) -> None:
    """Step by step to the beginning, which says that it is the beginning."""
    talk = Talk()
    for said in (QUOTE, "Acme Ltd"):
        talk.say(said)

    assert talk.say(text) == ["going_back", "ask_company"]
    assert "company" not in talk.slots
    assert talk.say(text) == ["at_the_beginning", "ask_company"]
    assert talk.say("Beta Ltd") == ["ask_phone"]
    assert talk.slots["company"] == "Beta Ltd"


def test_going_back_over_a_branch_takes_the_other_one() -> None:
    """A rating below three asks for a comment; going back and rating well does not."""
    talk = Talk()
    talk.say("I want to rate you")
    assert talk.say("2") == ["ask_comment"]

    assert talk.say("go back") == ["going_back", "ask_rating"]
    assert talk.say("5") == ["feedback_done"]


def test_going_back_without_anything_open_says_so() -> None:
    """The bot offers what it can do."""
    talk = Talk()

    assert talk.say("go back") == ["nothing_to_go_back"]
    assert "flow:request_quote" in talk.options


def test_a_customer_may_ask_why_something_is_asked(tmp_path: Path) -> None:
    """The slot's own reason comes first; otherwise what it is for is named."""
    flow = TWO["status"].replace(
        "email: {type: email, ask: ask_email}", "email: {type: email, ask: ask_email, why: reason}"
    )
    flow += "  reason: {en: To send it there., zh: 用来发送。}\n"
    talk = Talk(bot=bot_of(tmp_path, {"status": flow}))
    talk.press("flow:status")

    assert talk.say("why do you need that?") == ["why_needed", "ask_order"]
    assert "The status" in talk.texts[0]
    talk.say("kettle")
    assert talk.say("为什么要这个") == ["reason", "ask_email"]
    assert talk.say("skip") == ["reason", "cannot_skip", "ask_email"]


def test_a_customer_may_ask_what_is_known() -> None:
    """Each value stands beside the question it answers; then the open question comes again."""
    talk = Talk()
    assert talk.say("what do you know so far?") == ["nothing_known"]
    talk.say(QUOTE)

    assert talk.say("我刚才填了什么") == ["known_so_far", "ask_company"]
    for value in ("200", "水壶", "anna@acme.com"):
        assert f"**{value}**" in talk.texts[0]


def test_a_value_given_early_that_does_not_fit_is_told_when_it_is_asked() -> None:
    """It is neither taken nor dropped silently, and told once."""
    talk = Talk()

    assert talk.say("quote for 20000 kettles") == ["did_not_fit", "ask_quantity"]
    assert "20000" in talk.texts[0]
    assert talk.say("many") == ["invalid_number", "ask_quantity"]


def test_a_second_unclear_text_in_a_row_gets_the_menu() -> None:
    """Not the same question again."""
    talk = Talk()
    talk.say("something about an order")

    assert talk.say("none of these") == ["cannot_handle_menu"]


def test_who_declines_a_person_is_not_offered_one_for_three_turns() -> None:
    """Then the offer may come again."""
    talk = Talk()
    for text in ("qwrtz", "asdf", "zxcv"):
        talk.say(text)

    assert talk.say("no") == ["person_declined"]
    says = [talk.say(text)[0] for text in ("qwe", "wert", "erty", "rtyu")]
    assert says[-1] == "cannot_handle_human"
    assert "cannot_handle_human" not in says[:-1]


def test_going_back_at_the_beginning_of_a_called_flow_asks_its_callers_question(
    tmp_path: Path,
) -> None:
    """For the customer both are one thing."""
    flows = {
        "main": """\
triggers: [request_quote]
slots:
  product: {type: entity, entity: product, ask: ask_product}
steps: [{collect: product}, {call: reach}, {say: done}]
responses:
  ask_product: {en: Which one?, zh: 哪个？}
  done: {en: Done., zh: 好了。}
""",
        "reach": """\
slots:
  email: {type: email, ask: ask_email}
steps: [{collect: email}]
responses:
  ask_email: {en: Which e-mail?, zh: 邮箱？}
""",
    }
    talk = Talk(bot=bot_of(tmp_path, flows))
    talk.press("flow:main")
    assert talk.say("kettle") == ["ask_email"]

    assert talk.say("sorry, cup not kettle") == ["corrected", "ask_email"]
    assert talk.say("go back") == ["going_back", "ask_product"]
    assert talk.say("kettle") == ["ask_email"]
    assert talk.say("a@x.com") == ["done"]


def test_an_offer_made_instead_of_a_repetition_can_be_taken(tmp_path: Path) -> None:
    """Where a text has one wording only, a person is offered, and a yes calls one."""
    flow = TWO["status"].replace("ask: ask_email}", "ask: ask_email, invalid: no_email}")
    flow += "  no_email: {en: That is none., zh: 这不是。}\n"
    talk = Talk(bot=bot_of(tmp_path, {"status": flow}))
    talk.press("flow:status")
    talk.say("kettle")
    assert talk.say("foo") == ["no_email", "ask_email"]

    assert talk.say("foo") == ["cannot_handle_human", "ask_email"]
    assert "human" in talk.options
    assert talk.say("yes") == ["handing_over"]


def test_a_goal_beside_an_answer_waits_until_the_open_one_is_reached() -> None:
    """The answer counts, the open flow goes on, and then the other begins."""
    talk = Talk()
    talk.say(QUOTE)

    assert talk.say("Acme Trading. Also, I have a problem") == ["queued", "ask_phone"]
    assert talk.say("skip") == ["quote_done", "beginning", "ask_problem"]


def test_a_goal_and_a_question_in_two_sentences_are_both_meant() -> None:
    """The question is answered and the goal begun, though nothing introduces the second."""
    talk = Talk()
    responses = talk.say("I want a quote for 30 kettles. How do I return a product?")

    assert responses == ["answer", "ask_company"]
    assert talk.flow == "request_quote"
    assert talk.slots["quantity"] == 30
