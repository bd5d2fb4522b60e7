"""Coverage counts what conversations can reach, and nothing else."""

from pathlib import Path

from dialogues.coverage import coverage
from tests.dialogues.small_bots import bot_of


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
