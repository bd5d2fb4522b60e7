"""A flow is called again when what it was called with is corrected, unless it acts only once."""

from pathlib import Path

import pytest

from crm_store.tickets import Ticket
from tests.dialogues.test_steps import texts_of

ASKER = """\
slots:
  quantity: {type: quantity, ask: ask_quantity}
steps:
  - collect: quantity
  - call: price
    save: {price: price, gift: gift}
  - if: {slot: gift, known: true}
    then: [{say: gift}]
  - say: done
responses:
  ask_quantity: {en: "How many?", zh: "多少？"}
  gift: {en: "You get {gift}.", zh: "送{gift}。"}
  done: {en: "{quantity} for {price}.", zh: "{price}"}
"""
ANSWERER = """\
slots:
  quantity: {type: quantity}
steps:
  - set: {price: "{quantity}0 euros"}
  - if: {slot: quantity, greater: 9}
    then: [{set: {gift: a cup}}]
  - act: THE_ACT
    with: INPUTS
"""


@pytest.mark.parametrize("corrected_late", [True, False])
def test_a_flow_is_called_again_when_what_it_was_called_with_is_corrected(
    tmp_path: Path, *, corrected_late: bool
) -> None:
    """What it brought for the old value is gone, also what it does not bring for the new one."""
    more = "" if corrected_late else "  - collect: note\n"
    body = ASKER.replace("slots:\n", "slots:\n  note: {type: text, ask: ask_quantity}\n")
    body = body.replace("  - say: done\n", more + "  - say: done\n")
    answerer = ANSWERER.replace("THE_ACT", "learn_customer").replace("INPUTS", "{}")
    talk = texts_of(
        tmp_path,
        body if more else body.replace("  note: {type: text, ask: ask_quantity}\n", ""),
        ("price", answerer),
    )
    talk.say("12")
    assert "You get a cup." in talk.texts
    talk.say("no, 3 not 12")
    if not corrected_late:
        talk.say("fine")
    assert talk.texts[-1] == "3 for 30 euros."
    assert "You get a cup." not in talk.texts


def test_what_may_happen_only_once_is_not_called_again(tmp_path: Path) -> None:
    """A called flow that opens a ticket opens no second one."""
    inputs = '{subject: "{quantity}", description: x}'
    answerer = ANSWERER.replace("THE_ACT", "open_ticket").replace("INPUTS", inputs)
    talk = texts_of(tmp_path, ASKER, ("price", answerer))
    talk.say("12")
    talk.say("no, 3 not 12")
    assert talk.count(Ticket) == 1
