"""Buttons that could not carry their value: the conversation knows what was pressed."""

from channels.button_values import button_value
from tests.dialogues.talks import Talk


def test_a_digest_stands_for_the_option_that_was_offered() -> None:
    """A pressed button that carries a digest has the effect of the whole value."""
    talk = Talk()
    for text in ("i have a problem", "it leaks", "a@b.example"):
        asked = talk.say(text)
    assert asked[-1] == "ask_urgency"
    carried = button_value(talk.options[-1], most=3)

    assert carried.startswith("#")
    assert "ticket_opened" in talk.press(carried)
