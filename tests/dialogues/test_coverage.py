"""Coverage of the branches of every kind of step, as traces tell of them."""

from pathlib import Path

from dialogues.cases import read_cases
from dialogues.conversation_tests import run_conversations
from dialogues.coverage import Coverage, coverage
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import FakeInterpreter, search

FLOW = """\
triggers: [request_quote]
steps:
  - choose: size
    ask: ask_size
    options: {small: {en: Small, zh: 小}, large: {en: Large, zh: 大}}
    then:
      small: []
      large: [{say: heavy}]
  - switch: size
    cases:
      small: [{say: light}]
    else: [{say: carried}]
  - call: wrapping
  - say: done
responses:
  ask_size: {en: Which size?, zh: 多大？}
  heavy: {en: Heavy., zh: 重。}
  light: {en: Light., zh: 轻。}
  carried: {en: We carry it., zh: 我们搬。}
  done: {en: Done., zh: 好了。}
"""
WRAPPING = """\
steps:
  - if: {slot: size, is: large}
    then: [{say: boxed}]
responses:
  boxed: {en: Boxed., zh: 装箱。}
slots:
  size: {type: text}
"""


def covered(folder: Path, *sizes: str) -> Coverage:
    """Return what conversations reach in which these sizes are chosen."""
    bot = bot_of(folder, {"ordering": FLOW, "wrapping": WRAPPING})
    cases = "".join(
        f'- {{name: "{size}", turns: [{{user: I want a quote}}, {{press: {size}}}]}}\n'
        for size in sizes
    )
    (folder / "conversations").mkdir()
    (folder / "conversations/x.yml").write_text(cases)
    results = list(
        run_conversations(
            bot, interpreter=FakeInterpreter(bot), search=search, cases=read_cases(folder)
        )
    )
    return coverage(bot, [result.reached for result in results])


def missed(found: Coverage, kind: str) -> set[str]:
    """Return the names of a kind's parts that were not reached."""
    return {part.name for part in found.missed if part.kind == kind}


def test_a_branch_is_reached_when_it_is_taken(tmp_path: Path) -> None:
    """Of choices, switches and conditions, also in a flow that is called."""
    small = covered(tmp_path / "a", "small")
    large = covered(tmp_path / "b", "large")
    both = covered(tmp_path / "c", "small", "large")

    assert missed(small, "branches") == {
        "ordering/0.then/large",
        "ordering/1.else",
        "wrapping/0.then",
    }
    assert missed(large, "branches") == {"ordering/1.cases/small", "wrapping/0.else"}
    assert missed(both, "branches") == set()
    assert missed(both, "steps") == missed(both, "flows") == set()
    assert missed(small, "steps") == {
        "ordering/0.then/large.0 (say heavy)",
        "ordering/1.else.0 (say carried)",
        "wrapping/0.then.0 (say boxed)",
    }
    kinds = {kind: (every, reached) for kind, every, reached, _ in both.lines()}
    assert kinds["responses (en)"] == (6, 6)
    assert kinds["responses (zh)"] == (6, 0)


def test_a_complete_switch_has_no_else_to_cover(tmp_path: Path) -> None:
    """Coverage asks for the `else` only where a value may have no case."""
    options = "{a: {en: A, zh: 甲}, b: {en: B, zh: 乙}}"
    closed = (
        f"triggers: [x]\nslots: {{size: {{type: choice, ask: ask, options: {options}}}}}\n"
        "steps: [{collect: size}, {switch: size, cases: {a: [{say: one}], b: [{say: one}]}}]\n"
        "responses: {ask: {en: Which?, zh: 哪个？}, one: {en: One, zh: 一}}\n"
    )
    unbounded = (
        "triggers: [y]\nsteps: [{switch: customer.tier, cases: {gold: [{say: one}]}}]\n"
        "responses: {one: {en: One, zh: 一}}\n"
    )
    found = coverage(bot_of(tmp_path, {"closed": closed, "more": unbounded}), [])
    names = {part.name for part in found.parts if part.kind == "branches"}
    assert names == {"closed/1.cases/a", "closed/1.cases/b", "more/0.cases/gold", "more/0.else"}
