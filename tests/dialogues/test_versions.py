"""A conversation in the middle of a flow that is changed goes on, moves over, or begins again."""

from pathlib import Path
from typing import Any

import pytest

from crm_store.tickets import Ticket
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import Talk

FLOW = """\
triggers: [x]
slots:
  problem: {type: text, ask: ask_problem, min_length: 3}
  size: {type: choice, ask: ask_size, options: {small: {en: Small, zh: 小}, large: {en: L, zh: L}}}
  rating: {type: rating, ask: ask_rating}
steps:
  - say: hello
  - collect: problem
  - act: open_ticket
    with: {subject: "{problem}", description: "{problem}"}
    save: {number: ticket}
  - collect: size
  - collect: rating
  - say: bye
responses:
  hello: {en: "Hello.", zh: "你好。"}
  ask_problem: {en: "What?", zh: "什么？"}
  ask_size: {en: "Size?", zh: "多大？"}
  ask_rating: {en: "Rating?", zh: "评分？"}
  bye: {en: "Bye, {ticket}.", zh: "再见，{ticket}。"}
"""
SECOND = '  second: {en: "Second.", zh: "第二。"}\n'


class Changing:
    """A talk with a bot of one flow, which is changed between turns."""

    def __init__(self, path: Path, flow: str = FLOW, **others: str) -> None:
        self.path = path
        self.count = 0
        self.others = others
        self.flow = flow
        self.talk = Talk()
        self.change(flow)
        self.talk.press("flow:main")

    def change(self, flow: str | None = None, *, name: str = "main", **others: str) -> None:
        """Give the bot other flows."""
        self.count += 1
        self.flow = flow if flow is not None else self.flow
        self.others |= others
        flows = {name: self.flow, **self.others}
        self.talk.bot = bot_of(self.path / f"v{self.count}", flows)

    def replace(self, old: str, new: str, **more: Any) -> None:  # noqa: ANN401 - passed on
        """Change one place of the flow."""
        assert old in self.flow
        self.change(self.flow.replace(old, new, 1), **more)


@pytest.fixture
def asked_size(tmp_path: Path) -> Changing:
    """A conversation that opened a ticket and is asked for a size."""
    changing = Changing(tmp_path)
    assert changing.talk.say("the lid is loose") == ["ask_size"]
    assert changing.talk.count(Ticket) == 1
    return changing


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('en: "Bye, {ticket}."', 'en: "Good bye, {ticket}."'),
        ('en: "Size?"', 'en: "Which size is it?"'),
        ("  - say: bye\n", "  - say: bye\n  - end: true\n"),
        ("  - say: hello\n", ""),
        (
            "  - collect: size\n",
            "  - if: {slot: problem, known: false}\n    then: [{say: bye}]\n  - collect: size\n",
        ),
        (
            "    save: {number: ticket}\n",
            "    save: {number: ticket}\n    on_failure: [{say: bye}]\n",
        ),
        ('description: "{problem}"}', 'description: "{problem}", priority: high}'),
        ("  - act: open_ticket\n", "  - id: book\n    act: open_ticket\n"),
        (
            "  - collect: size\n",
            "  - switch: size\n    cases: {small: [], large: []}\n  - collect: size\n",
        ),
    ],
)
def test_a_change_that_does_not_matter_here_is_not_noticed(
    asked_size: Changing, old: str, new: str
) -> None:
    """The same question is open, and no act is done twice."""
    text = asked_size.flow.replace(old, new, 1)
    if "say: hello" not in text:
        text = text.replace('  hello: {en: "Hello.", zh: "你好。"}\n', "")
    asked_size.change(text)

    assert asked_size.talk.say("small") == ["ask_rating"]
    assert asked_size.talk.say("5") == ["bye"]
    assert asked_size.talk.count(Ticket) == 1
    assert asked_size.talk.texts[0].endswith(f"{asked_size.talk.rows(Ticket)[0].number}.")


def test_steps_put_before_the_open_question_are_said_with_an_explanation(
    asked_size: Changing,
) -> None:
    """What was said and done before is not said and done again, and the answer still counts."""
    asked_size.change(
        asked_size.flow.replace("  - collect: size\n", "  - say: second\n  - collect: size\n")
        + SECOND
    )

    assert asked_size.talk.say("small") == ["flow_changed", "second", "ask_rating"]
    assert asked_size.talk.count(Ticket) == 1


def test_a_question_put_before_the_open_one_is_asked_first(asked_size: Changing) -> None:
    """The customer is told why; what they pressed below the earlier question still counts."""
    asked_size.replace(
        "  - collect: size\n  - collect: rating\n", "  - collect: rating\n  - collect: size\n"
    )
    assert asked_size.talk.say("small") == ["flow_changed", "ask_rating"]
    assert asked_size.talk.say("5") == ["bye"]


def test_a_declared_rename_of_flow_slots_and_steps_is_followed(tmp_path: Path) -> None:
    """Under new names it is the same conversation."""
    flow = FLOW.replace("  - act: open_ticket\n", "  - id: book\n    act: open_ticket\n")
    changing = Changing(tmp_path, flow)
    changing.talk.say("the lid is loose")
    renamed = (
        "renamed: {flow: [main], slots: {size: extent, problem: trouble}, "
        "steps: {book: ticketing}}\n"
        + flow.replace("id: book", "id: ticketing")
        .replace("  size: {type", "  extent: {type")
        .replace("collect: size", "collect: extent")
        .replace("  problem: {type", "  trouble: {type")
        .replace("collect: problem", "collect: trouble")
        .replace("{problem}", "{trouble}")
    )
    changing.change(renamed, name="complaint")

    assert changing.talk.say("small") == ["ask_rating"]
    assert changing.talk.flow == "complaint"
    assert changing.talk.slots["extent"] == "small"
    assert changing.talk.slots["trouble"] == "the lid is loose"
    assert changing.talk.count(Ticket) == 1


def test_a_value_that_fits_no_more_is_asked_for_again(asked_size: Changing) -> None:
    """An option that is gone is no answer any longer."""
    asked_size.talk.say("small")
    asked_size.replace("small: {en: Small, zh: 小}", "tiny: {en: Tiny, zh: 很小}")

    assert asked_size.talk.say("5") == ["flow_changed", "ask_size"]
    assert asked_size.talk.say("tiny") == ["ask_rating"]


@pytest.mark.parametrize("flow_hash", ["", "0123456789abcdef"])
def test_a_state_of_the_earlier_layout_goes_on(asked_size: Changing, flow_hash: str) -> None:
    """It kept paths of what was done; they name the same steps."""
    frame = asked_size.talk.state["frames"][0]
    frame["done"] = ["0", "2"]
    frame["flow_hash"] = flow_hash or frame["flow_hash"]
    del frame["step"]

    assert asked_size.talk.say("small") == ["ask_rating"]
    assert asked_size.talk.count(Ticket) == 1
    assert asked_size.talk.state["frames"][0]["done"][0] == "say:hello"


OTHER = """\
triggers: [y]
slots: {mood: {type: text, ask: ask_mood}}
steps: [{collect: mood}]
responses: {ask_mood: {en: "Mood?", zh: "心情？"}}
"""


def test_a_flow_that_changed_while_interrupted_explains_itself_when_it_goes_on(
    tmp_path: Path,
) -> None:
    """Not before: the customer is busy with something else."""
    changing = Changing(tmp_path, other=OTHER)
    changing.talk.say("the lid is loose")
    assert changing.talk.press("flow:other") == ["ask_mood"]
    changing.replace(
        "  - collect: size\n  - collect: rating\n", "  - collect: rating\n  - collect: size\n"
    )

    assert changing.talk.say("splendid mood") == ["flow_changed", "ask_rating"]
    assert changing.talk.count(Ticket) == 1


CALLER = """\
triggers: [x]
slots: {rating: {type: rating, ask: ask_rating}}
steps:
  - call: part
  - collect: rating
responses: {ask_rating: {en: "Rating?", zh: "评分？"}}
"""
PART = """\
slots:
  mood: {type: text, ask: ask_mood}
  taste: {type: text, ask: ask_taste}
steps: [{collect: mood}, {collect: taste}]
responses:
  ask_mood: {en: "Mood?", zh: "心情？"}
  ask_taste: {en: "Taste?", zh: "口味？"}
"""


def test_a_call_stated_differently_is_still_the_same_call(tmp_path: Path) -> None:
    """The called flow returns behind it and is not called again."""
    changing = Changing(tmp_path, CALLER, part=PART)
    assert changing.talk.say("splendid mood") == ["ask_taste"]
    changing.replace("  - call: part\n", '  - call: part\n    with: {taste: "{turn.text}"}\n')

    assert changing.talk.say("quite sweet") == ["ask_rating"]
    assert changing.talk.flow == "main"


def test_a_caller_that_is_gone_leaves_what_it_called(tmp_path: Path) -> None:
    """The question that is open stays open, and nothing is returned to."""
    changing = Changing(tmp_path, CALLER, part="triggers: [z]\n" + PART)
    changing.talk.say("splendid mood")
    changing.change(OTHER, name="other")

    assert changing.talk.say("quite sweet") == []
    assert changing.talk.flow is None


def test_a_called_flow_that_is_gone_leaves_its_caller(tmp_path: Path) -> None:
    """The goal begins again with an explanation."""
    changing = Changing(tmp_path, CALLER, part=PART)
    changing.others.clear()
    changing.replace("  - call: part\n", "")

    assert changing.talk.say("splendid mood") == ["flow_changed", "ask_rating"]


@pytest.mark.parametrize("done", [["99"], ["x/y/z"], ["act:gone:00000000", "2.then.1", "/"]])
def test_marks_that_mean_nothing_any_more_are_forgotten(
    asked_size: Changing, done: list[str]
) -> None:
    """No state stops a conversation."""
    asked_size.talk.state["frames"][0] |= {"done": done, "flow_hash": "0"}

    assert asked_size.talk.say("small")
    assert all(name in {"say:hello", "/"} or ":" in name for name in _done(asked_size))


def _done(changing: Changing) -> list[str]:
    return [name for frame in changing.talk.state["frames"] for name in frame.get("done", [])]
