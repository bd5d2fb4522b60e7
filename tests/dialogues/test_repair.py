"""What goes wrong in a conversation is mended: corrected, cancelled, repeated, asked back."""

import itertools
from pathlib import Path

import pytest

from dialogues.question_texts import asking_part, once_more
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import Talk

QUOTE = "quote for 200 kettles, anna@acme.com"


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("no, 50 not 200", "quantity", 50),
        ("not 200 but 50", "quantity", 50),
        ("50 instead of 200", "quantity", 50),
        ("不是200，是50", "quantity", 50),
        ("应该是50，不是200", "quantity", 50),
        ("actually my email is bob@acme.com", "email", "bob@acme.com"),
        ("sorry, my email is bob@acme.com", "email", "bob@acme.com"),
        ("change the quantity to 50", "quantity", 50),
        ("数量改成50", "quantity", 50),
        ("邮箱错了，是 bob@acme.com", "email", "bob@acme.com"),
        ("郵箱錯了，應該是 bob@acme.com", "email", "bob@acme.com"),
        ("數量改為50", "quantity", 50),
    ],
)
def test_a_correction_replaces_the_value_and_asks_on(text: str, slot: str, value: object) -> None:
    """Corrections change one slot, say so, keep the others and ask the open question again."""
    talk = Talk()
    talk.say(QUOTE)
    before = talk.slots

    assert talk.say(text) == ["corrected", "ask_company"]
    assert talk.slots == {**before, slot: value}
    assert str(value) in talk.texts[0]


def test_a_correction_runs_only_what_depended_on_it_again() -> None:
    """What was said already is not said again, a branch that is now taken is."""
    talk = Talk()
    talk.say(QUOTE)

    assert talk.say("no, 2000 not 200") == ["corrected", "big_order", "ask_company"]
    assert talk.say("no, 3000 not 2000") == ["corrected", "big_order", "ask_company"]
    assert talk.say("actually my email is bob@acme.com") == ["corrected", "ask_company"]


@pytest.mark.parametrize(
    "text",
    ["cancel", "Cancel please", "never mind", "stop", "forget it", "算了", "取消吧", "不办了"],
)
def test_a_bare_cancel_stops_the_flow_whatever_is_asked(text: str) -> None:
    """Cancel names what it stopped, even where any text would be an answer."""
    for opening in (QUOTE, "I have a problem", "send me news"):
        talk = Talk()
        talk.say(opening)

        assert talk.say(text) == ["cancelled"], opening
        assert talk.flow is None


def test_cancelling_an_order_is_not_a_cancel() -> None:
    """A cancel about something is a goal of its own."""
    talk = Talk()
    talk.say("send me news")

    assert "cancelled" not in talk.say("cancel my order")
    assert talk.flow == "newsletter"
    assert talk.say("get me out of this form") == ["cancelled"]


def test_cancelling_an_interruption_returns_to_what_was_open() -> None:
    """The flow below goes on with its question."""
    talk = Talk()
    talk.say("send me news")
    assert talk.say("where is my order") == ["ask_number"]

    assert talk.say("cancel") == ["cancelled", "resuming", "ask_agreed"]
    assert talk.flow == "newsletter"


def test_an_interruption_is_finished_before_the_first_flow_goes_on() -> None:
    """The open question is asked again after the other goal is reached."""
    talk = Talk()
    talk.say("send me news")

    says = talk.say("where is my order CS-1001")
    assert says == ["order_found", "resuming", "ask_agreed"]


def test_a_question_in_the_middle_is_answered_and_costs_no_attempt() -> None:
    """Answer, then the open question again."""
    talk = Talk()
    talk.say(QUOTE)

    for _ in range(5):
        assert talk.say("How do I return a product?") == ["answer", "ask_company"]
    assert talk.say("Acme Ltd") == ["ask_phone"]


def test_repeat_sends_the_last_replies_again() -> None:
    """Word by word, with the options."""
    talk = Talk()
    assert talk.say("repeat") == ["nothing_to_repeat"]
    talk.say("send me news")
    texts, options = talk.texts, talk.options

    talk.say("say that again")
    assert (talk.texts, talk.options) == (texts, options)


def test_start_over_forgets_what_was_open() -> None:
    """Everything open is closed and the menu is offered."""
    talk = Talk()
    talk.say(QUOTE)

    assert talk.say("重新开始") == ["started_over"]
    assert talk.flow is None
    assert "flow:request_quote" in talk.options


def test_not_understanding_climbs_three_levels_and_never_repeats_itself() -> None:
    """Rephrase, menu, person; two fallbacks in a row always differ."""
    talk = Talk()
    ids, texts = [], []
    for text in ("qwrtz", "asdf", "zxcv", "vbnm", "yxcv", "hjkl"):
        ids += talk.say(text)
        texts.append(talk.texts[0])

    assert ids[:3] == ["cannot_handle", "cannot_handle_menu", "cannot_handle_human"]
    assert all(a != b for a, b in itertools.pairwise(texts))
    assert "human" in talk.options
    talk.say("hello")
    assert talk.say("qwrtz") == ["cannot_handle"]


def test_a_yes_to_the_offer_of_a_person_calls_one() -> None:
    """The offer can be answered in words."""
    talk = Talk()
    for text in ("qwrtz", "asdf", "zxcv"):
        talk.say(text)

    assert talk.say("yes") == ["handing_over"]


def test_an_unclear_text_is_asked_back_once() -> None:
    """At most three goals and none of them; a second time is a fallback."""
    talk = Talk()

    assert talk.say("something about an order") == ["clarify"]
    assert talk.options == ["flow:order_status", "flow:request_quote", "none"]
    assert talk.say("something about an order") != ["clarify"]


def test_a_typed_label_or_number_picks_what_was_offered() -> None:
    """Options work without buttons."""
    for typed in ("1", "１", "一", "Where is my order", "the first one"):
        talk = Talk()
        talk.say("something about an order")

        assert talk.say(typed) == ["ask_number"], typed


def test_small_talk_in_a_flow_returns_to_the_question() -> None:
    """A greeting is no name."""
    talk = Talk()
    talk.say("send me news")
    talk.say("yes")

    assert talk.say("hello") == ["greet_briefly", "ask_name"]
    assert talk.say("thanks") == ["thank_briefly", "ask_name"]


def test_no_is_not_a_name() -> None:
    """A required question that is declined says that it is needed."""
    talk = Talk()
    talk.say("send me news")
    talk.say("yes")

    assert talk.say("no") == ["cannot_skip", "ask_name"]


def test_a_person_can_be_called_at_any_time() -> None:
    """Bare words and unmistakable meaning both do, in a flow and outside."""
    for text in (
        "human",
        "转人工",
        "I want to talk to a person",
        "I would rather have someone alive",
    ):
        for opening in (None, QUOTE, "I have a problem"):
            talk = Talk()
            if opening:
                talk.say(opening)

            assert talk.say(text) == ["handing_over"], (text, opening)


@pytest.mark.parametrize("text", ["上一步", "上一题", "one step back"])
def test_a_command_with_a_figure_in_it_is_no_figure(text: str) -> None:
    """Where a number is asked for, too."""
    talk = Talk()
    talk.press("flow:give_feedback")

    assert talk.say(text) == ["at_the_beginning", "ask_rating"]
    assert "rating" not in talk.slots


def test_a_summary_repeats_of_a_question_what_asks() -> None:
    """Courtesies and hints around the question are left out."""
    assert asking_part("With pleasure. Which product is it for?") == "Which product is it for?"
    assert asking_part("How many? A rough number will do.") == "How many?"
    assert asking_part("好的，我来安排。订单号是多少？格式像 MK-204518。") == "订单号是多少？"
    assert asking_part("An e-mail address, please.") == "An e-mail address, please."


def test_no_option_is_offered_twice(tmp_path: Path) -> None:
    """A person whom a response offers itself is not offered once more below it."""
    flow = "triggers: [x]\nsteps: [{say: one}]\nresponses: {one: {en: One, zh: 一}}\n"
    own = (
        "insult:\n  en: {text: Sorry., style: buttons, options: {human: One of us}}\n"
        "  zh: {text: 抱歉。, style: buttons, options: {human: 同事}}\n"
    )
    talk = Talk(bot=bot_of(tmp_path, {"main": flow}, responses=own))
    assert talk.say("you are useless") == ["insult"]
    assert talk.options == ["human"]


def test_courtesies_before_a_question_are_said_once() -> None:
    """Asked again, it is the question that is said, and what helps to answer it."""
    assert once_more("Lovely. What would you like to see?") == "What would you like to see?"
    again = once_more("Of course. For which order? It looks like MK-204518.")
    assert again == "For which order? It looks like MK-204518."
    assert once_more("好的，请问要哪款产品？") == "请问要哪款产品？"
    assert once_more("没问题，请告诉我订单号。") == "请告诉我订单号。"
    assert once_more("An e-mail address, please.") == "An e-mail address, please."
    assert once_more("好的。") == "好的。"
