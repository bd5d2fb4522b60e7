"""A customer who loses patience and is not understood is offered a person at once."""

import pytest

from tests.dialogues.talks import Talk


@pytest.mark.parametrize(
    "text",
    ["I have explained the qwrtz three times already!!!", "qwrtz都说了三遍了，还没人理我"],
)
def test_being_upset_and_not_understood_offers_a_person(text: str) -> None:
    """Two reasons together skip the first two fallbacks; a yes then calls the person."""
    talk = Talk()

    assert talk.say(text) == ["cannot_handle_human"]
    assert talk.say("yes")[0] == "handing_over"


def test_being_upset_alone_offers_nobody() -> None:
    """What is understood is answered, however it is said; feelings alone trigger nothing."""
    talk = Talk()

    assert talk.say("HOW DO I RETURN A PRODUCT???") == Talk().say("how do i return a product")


def test_not_being_understood_alone_asks_for_other_words_first() -> None:
    """A calm customer is asked to put it another way."""
    assert Talk().say("the qwrtz is in the cupboard") == ["cannot_handle"]
