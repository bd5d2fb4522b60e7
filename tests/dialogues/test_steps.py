"""Every kind of step does what a flow states, once, and the walk goes on behind it."""

from pathlib import Path

import pytest

from channels.messages import Choices
from crm_store.handoffs import Handoff
from crm_store.tickets import Ticket
from dialogues.bot import Bot
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import Talk, corner_shop

TALK = """
  one: {en: "One.", zh: "一。"}
  two: {en: "Two.", zh: "二。"}
"""


def begun(bot: Bot, flow: str = "main") -> Talk:
    """Return a talk in which `flow` was pressed."""
    talk = Talk(bot=bot)
    talk.press(f"flow:{flow}")
    return talk


def texts_of(tmp_path: Path, body: str, *others: tuple[str, str]) -> Talk:
    """Return a talk with a bot whose flow `main` is `body`."""
    return begun(bot_of(tmp_path, {"main": "triggers: [x]\n" + body, **dict(others)}))


CHOOSE = """\
slots:
  name: {type: name, ask: ask_name}
steps:
  - choose: size
    ask: ask_size
    options:
      small: {en: Small one, zh: 小的}
      large: {en: Large one, zh: 大的}
      none: {en: Neither, zh: 都不要}
    then:
      small: [{say: small}]
      large: [{collect: name}, {say: large}]
      none: []
    attempts: 1
    give_up: [{say: pity}, {hand_off: sales}]
  - say: done
responses:
  ask_size: {en: {text: "Which size?", style: buttons}, zh: "多大？"}
  ask_name: {en: "Your name?", zh: "怎么称呼？"}
  small: {en: "Small it is.", zh: "小的。"}
  large: {en: "Large, {name}.", zh: "大的，{name}。"}
  pity: {en: "A pity.", zh: "可惜。"}
  done: {en: "Done: {size}.", zh: "好了：{size}。"}
"""


@pytest.mark.parametrize("answer", ["small", "1", "the first one", "Smal one", "小的"])
def test_what_is_chosen_in_any_words_takes_its_branch(tmp_path: Path, answer: str) -> None:
    """Numbers, ordinals, labels in any language and typing errors all count."""
    talk = texts_of(tmp_path, CHOOSE)
    assert isinstance(talk.last.replies[-1].content, Choices)  # type: ignore[union-attr] # was taken
    assert talk.options == ["slot:size:small", "slot:size:large", "slot:size:none"]

    assert talk.say(answer) == ["small", "done"]
    assert "Small" in talk.texts[-1] or "小的" in talk.texts[-1]


def test_a_branch_of_a_choice_may_ask_and_the_flow_goes_on_behind_it(tmp_path: Path) -> None:
    """What was chosen stays chosen, and a value without a branch goes straight on."""
    talk = texts_of(tmp_path, CHOOSE)
    assert talk.press("slot:size:large") == ["ask_name"]
    assert talk.say("Anna") == ["large", "done"]

    talk = texts_of(tmp_path, CHOOSE)
    assert talk.press("slot:size:none") == ["done"]


def test_a_choice_that_is_corrected_takes_the_other_branch(tmp_path: Path) -> None:
    """What does not depend on it is not said again."""
    talk = texts_of(tmp_path, CHOOSE)
    talk.press("slot:size:large")

    assert talk.press("slot:size:small") == ["corrected", "small", "done"]


def test_the_way_out_is_taken_after_as_many_unfit_answers_as_allowed(tmp_path: Path) -> None:
    """One more than `attempts`, and the steps of `give_up` run instead of an apology."""
    talk = texts_of(tmp_path, CHOOSE)
    assert talk.say("qwrtz") == ["invalid_choice", "ask_size"]
    assert talk.say("zzzz") == ["pity", "handing_over"]
    assert talk.rows(Handoff)[0].desk == "sales"


COLLECT = """\
slots:
  quantity: {type: quantity, ask: ask_quantity, max: 10}
  name: {type: name, ask: ask_name}
steps:
  - collect: quantity
    attempts: 1
    give_up: [{say: one}, {set: {quantity: 5}}]
  - collect: name
  - say: two
responses:
  ask_quantity: {en: "How many?", zh: "多少？"}
  ask_name: {en: "Your name?", zh: "怎么称呼？"}
  one: {en: "Five, then.", zh: "那就五个。"}
  two: {en: "{quantity} for {name}.", zh: "{name}：{quantity}。"}
"""


def test_a_way_out_may_go_on_with_a_default(tmp_path: Path) -> None:
    """The question that was given up is not asked again, not even after a correction."""
    talk = texts_of(tmp_path, COLLECT)
    assert talk.say("99") == ["invalid_number", "ask_quantity"]
    assert talk.say("98") == ["one", "ask_name"]
    assert talk.slots["quantity"] == 5
    assert talk.press("slot:quantity:7") == ["corrected", "ask_name"]
    assert talk.say("Anna") == ["two"]
    assert talk.texts == ["7 for Anna."]


SWITCH = """\
slots:
  agreed: {type: boolean, ask: ask_agreed}
  number: {type: number, ask: ask_number}
steps:
  - collect: agreed
  - switch: agreed
    cases: {yes: [{say: one}], no: [{say: two}]}
  - collect: number
  - switch: number
    cases: {7: [{say: one}]}
    else: [{say: two}]
  - switch: language
    cases: {en: [{say: one}], zh: [{say: two}]}
  - switch: customer.stage
    cases: {visitor: [{say: one}]}
    else: [{say: two}]
  - switch: channel
    cases: {webchat: [{say: one}]}
    else: [{say: two}]
responses:
  ask_agreed: {en: "Agreed?", zh: "同意吗？"}
  ask_number: {en: "Number?", zh: "数字？"}
"""


@pytest.mark.parametrize(
    ("agreed", "number", "said"), [("yes", "7", ["one", "one"]), ("no", "8", ["two", "two"])]
)
def test_a_switch_takes_the_case_of_a_value(
    tmp_path: Path, agreed: str, number: str, said: list[str]
) -> None:
    """Yes, no and numbers are cases as well as words; settings are asked like slots."""
    talk = texts_of(tmp_path, SWITCH + TALK)
    assert talk.say(agreed) == [said[0], "ask_number"]
    talk.customer.stage = "visitor"
    assert talk.say(number) == [said[1], "one", "one", "one"]


SET = """\
slots:
  quantity: {type: quantity, ask: ask_quantity}
  other: {type: quantity, ask: ask_other}
steps:
  - collect: quantity
  - set: {copied: "{quantity}", label: "{quantity} pieces", fixed: true}
  - set: {other: 3}
  - set: {other: null}
  - if: {all: [{slot: copied, greater: 4}, {slot: fixed, is: true}]}
    then: [{say: one}]
  - collect: other
  - say: done
responses:
  ask_quantity: {en: "How many?", zh: "多少？"}
  ask_other: {en: "How many others?", zh: "另外多少？"}
  done: {en: "{label}, {copied}", zh: "{label}"}
"""


def test_set_keeps_types_makes_texts_and_forgets(tmp_path: Path) -> None:
    """A lone placeholder keeps its type; null asks again; a correction sets anew."""
    talk = texts_of(tmp_path, SET + TALK.rpartition("  two")[0])
    assert talk.say("5") == ["one", "ask_other"]
    assert talk.slots == {"quantity": 5, "copied": 5, "label": "5 pieces", "fixed": True}
    talk.press("slot:quantity:6")
    assert talk.slots["label"] == "6 pieces"
    assert talk.say("2") == ["done"]
    assert talk.texts == ["6 pieces, 6"]


SEARCH = """\
slots:
  question: {type: text, ask: ask_question}
  name: {type: name, ask: ask_name}
steps:
  - collect: question
  - search: "{question}"
    found: [{collect: name}, {say: one}]
    missing: [{say: two}]
  - say: done
responses:
  ask_question: {en: "What?", zh: "什么？"}
  ask_name: {en: "Name?", zh: "名字？"}
  done: {en: "Done.", zh: "好了。"}
"""


def test_a_search_takes_the_branch_of_its_outcome(tmp_path: Path) -> None:
    """What was found is shown once, and the branch is taken again after a correction."""
    talk = texts_of(tmp_path, SEARCH + TALK)
    assert talk.say("the lid does not fit") == ["answer", "ask_name"]
    assert talk.say("Anna") == ["one", "done"]

    talk = texts_of(tmp_path, SEARCH + TALK)
    assert talk.say("the moon is round") == ["two", "done"]


YES_NO = """\
steps:
  - choose: agreed
    ask: ask
    options: {yes: {en: I agree, zh: 我同意}, no: {en: Rather not, zh: 还是不要}}
    then: {yes: [{say: one}], no: [{say: two}]}
responses:
  ask: {en: "Agreed?", zh: "同意吗？"}
"""


def test_options_may_be_called_yes_and_no(tmp_path: Path) -> None:
    """YAML reads them as true and false, which is nobody's concern."""
    talk = texts_of(tmp_path, YES_NO + TALK)
    assert talk.options == ["slot:agreed:yes", "slot:agreed:no"]
    assert talk.say("rather not") == ["two"]


def test_an_act_that_was_done_is_not_done_again_in_a_longer_flow() -> None:
    """A correction behind it walks past it."""
    talk = Talk(bot=corner_shop())
    for text in ("I have a problem", "It leaks all over the table", "urgent", "anna@acme.com"):
        talk.say(text)
    assert talk.flow == "give_feedback"
    assert talk.count(Ticket) == 1
