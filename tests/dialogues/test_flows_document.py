"""The flows in docs/flows.md work as they stand there."""

import re
from pathlib import Path

from crm_store.tickets import Ticket
from dialogues.bot import load_bot
from tests.dialogues.small_bots import folder_of
from tests.dialogues.talks import Talk

DOCUMENT = Path(__file__).parents[2] / "docs/flows.md"


def test_the_whole_flow_of_the_document_books_a_visit(tmp_path: Path) -> None:
    """It loads without a fault and talks as it promises."""
    folder = folder_of(tmp_path, {})
    blocks = re.findall(
        r"^```yaml\n(id: (\w+)\n.*?)^```", DOCUMENT.read_text("utf-8"), re.M | re.S
    )
    assert [name for _, name in blocks] == ["book_visit", "leave_address"]
    for text, name in blocks:
        (folder / "flows" / f"{name}.yml").write_text(text, encoding="utf-8")
    talk = Talk(bot=load_bot(folder))

    assert talk.press("flow:book_visit") == ["ask_day"]
    assert talk.say("tomorrow at three") == ["ask_tour"]
    assert talk.say("the second one") == ["ask_guests"]
    assert talk.say("8") == ["two_groups", "ask_street"]
    assert talk.say("12 Main Road") == ["ask_email"]
    assert talk.say("anna@acme.com") == ["booked"]
    assert talk.rows(Ticket)[0].subject == "Visit on 3 Mar 2026 at 15:00"
