"""The policy as a pure function: a message and a state give commands, in both languages."""

import copy
from dataclasses import fields, replace

import pytest

from channels.messages import Choice, Text
from dialogues.commands import Command
from dialogues.policy import Situation, decide
from dialogues.state import ConversationState
from nlu.clauses import interpret
from nlu.understanding import Understanding
from tests.dialogues.policy_table import ROWS, STATES
from tests.dialogues.talks import NOW, corner_shop, interpreter_of, search


def told(command: Command) -> str:
    """Return a command in short: its kind and what it names."""
    values = {f.name: getattr(command, f.name) for f in fields(command)}
    parts = [type(command).__name__]
    match values:
        case {"corrections": corrections}:
            parts += [f"{c.flow}.{c.slot}={c.value}" for c in corrections]
        case {"starts": starts}:
            parts += [start.flow for start in starts]
        case {"flows": flows}:
            parts += flows
        case {"flow": flow, "slots": slots, "misfits": misfits}:
            parts += [flow, *(f"{n}={v}" for n, v in slots.items())]
            parts += [f"misfit:{n}={w}" for n, w in misfits.items()]
        case {"flow": flow, "slot": slot}:
            parts.append(f"{flow}.{slot}")
        case {"slot": slot, "value": value, "asked": asked}:
            shown = "…" if slot == "problem" else value
            parts += [f"{slot}={shown}", *(["asked"] if asked else [])]
        case {"slot": slot, "words": words}:
            parts.append(f"{slot}={words}")
        case {"slot": slot, "yes": yes}:
            parts.append(f"{slot}={yes}")
        case {"slot": slot}:
            parts.append(slot)
        case {"yes": yes}:
            parts.append(str(yes))
        case {"intent": intent}:
            parts.append(intent)
    return " ".join(parts)


def situation(state: ConversationState, said: str) -> Situation:
    """Return where the dialogue stands when `said` is written, or pressed behind a "!"."""
    bot = corner_shop()
    understanding = None
    if not said.startswith("!"):
        interpreter = interpreter_of(bot.folder)
        understanding = interpret(interpreter, [said], languages=[None], nows=[NOW])[0]
    return Situation(
        bot=bot,
        state=copy.deepcopy(state),
        content=Choice(value=said[1:]) if said.startswith("!") else Text(text=said),
        understanding=understanding,
        region="GB",
        search=lambda question: search(question, "en"),
        now=NOW,
    )


@pytest.mark.parametrize(("name", "said", "expected"), ROWS)
def test_each_message_gives_its_commands(name: str, said: str, expected: list[str]) -> None:
    """The table holds, and neither state nor situation is touched by deciding."""
    here = situation(STATES[name], said)

    assert [told(command) for command in decide(here)] == expected
    assert here.state == STATES[name]
    assert [told(command) for command in decide(here)] == expected


def test_the_table_covers_both_languages() -> None:
    """At least 120 rows, a third of them Chinese."""
    chinese = [said for _, said, _ in ROWS if any(c > "\u2fff" for c in said)]
    assert len(ROWS) >= 120
    assert len(chinese) >= 40


@pytest.mark.parametrize(
    ("name", "text", "abuse", "expected"),
    [
        ("nothing", "you stupid thing", 0.7, ["ChitChat insult"]),
        ("company", "shut up", 0.7, ["ChitChat insult"]),
        ("name", "废物", 0.8, ["ChitChat insult"]),
        ("problem", "idiots", 0.7, ["ChitChat insult"]),
        (
            "problem",
            "the stupid lid is broken and water runs out of it",
            0.5,
            ["FillSlot problem=… asked"],
        ),
        ("nothing", "where is my order, idiots", 0.7, ["StartFlow order_status"]),
        ("company", "you stupid thing", 0.2, ["FillSlot company=you stupid thing asked"]),
    ],
)
def test_an_insult_is_no_answer_unless_it_says_something(
    name: str, text: str, abuse: float, expected: list[str]
) -> None:
    """Insults are not taken for names; whoever asks for something besides gets it."""
    here = situation(STATES[name], text)
    assert isinstance(here.understanding, Understanding)
    here = replace(here, understanding=replace(here.understanding, abuse=abuse))

    assert [told(command) for command in decide(here)] == expected
