"""Customers who fall silent: reminded once, then let go politely; never more than one timer."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.messages import Address, InboundContent
from dialogues.turn import TurnResult
from tests.dialogues.parcel_talks import WaitingTalk

MINUTE = timedelta(minutes=1)


def test_an_open_question_is_asked_again_once_and_then_closed() -> None:
    """Ten minutes, and a day; in between and afterwards nothing."""
    talk = WaitingTalk()
    talk.say("where is my order")

    assert talk.passes(9 * MINUTE) == []
    assert talk.passes(2 * MINUTE) == ["still_there", "ask_number"]
    assert talk.passes(timedelta(hours=23)) == []
    assert talk.passes(timedelta(hours=1)) == ["closed_for_silence"]
    assert "Where is my parcel" in talk.texts[0]
    assert (talk.flow, talk.timers) == (None, {})
    assert talk.passes(timedelta(days=3)) == []


def test_a_customer_who_writes_is_not_reminded_early() -> None:
    """The pending timer fires early and sets itself again for the time that is left."""
    talk = WaitingTalk()
    talk.say("where is my order")
    talk.passes(8 * MINUTE)
    talk.say("How do I return a product?")
    assert len(talk.timers) == 1

    assert talk.passes(9 * MINUTE) == []  # fired early within, unnoticed
    assert talk.passes(2 * MINUTE) == ["still_there", "ask_number"]


def test_one_timer_in_ten_minutes_is_written_at_most() -> None:
    """However many turns ask something, the first sets the timer for all of them."""
    talk = WaitingTalk()
    written = 0
    for _ in range(20):
        talk.clock += timedelta(seconds=20)
        talk.say("where is my order")
        written += len(talk.last.timers) if talk.last else 0

    assert written == 1


def test_an_answer_in_time_ends_it() -> None:
    """Nothing is open any more when the timer fires, and none is set again."""
    talk = WaitingTalk()
    talk.say("I have a problem")
    talk.say("it leaks")
    talk.press("slot:urgency:low")

    assert talk.flow is None
    assert talk.passes(timedelta(days=2)) == []
    assert talk.timers == {}
    assert "silence" not in talk.state


def test_a_reminded_customer_who_answers_is_reminded_again_of_the_next_question() -> None:
    """One reminder for each silence, not for each conversation."""
    talk = WaitingTalk()
    talk.say("I have a problem")
    assert talk.passes(11 * MINUTE)[0] == "still_there"
    talk.say("it leaks")

    assert talk.passes(11 * MINUTE) == ["still_there", "ask_urgency"]


def test_silence_with_a_person_is_none_of_the_bots_business() -> None:
    """A conversation that a person has is neither reminded nor closed."""
    talk = WaitingTalk()
    talk.say("where is my order")
    talk.say("human")

    assert talk.passes(timedelta(days=2)) == []
    assert talk.timers == {}


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("callback", ["closed_for_silence"]), ("quiet", []), ("webchat", ["still_there"])],
)
def test_a_channel_has_limits_of_its_own(channel: str, expected: list[str]) -> None:
    """Only a close on one, nothing on another, the general ones elsewhere."""
    talk = WaitingTalk(address=Address(channel=channel, account="demo", peer="v1"))
    talk.say("where is my order")

    assert talk.passes(timedelta(hours=2))[: len(expected) or None] == expected


def test_nothing_is_said_outside_the_reply_window() -> None:
    """The flow is closed all the same, without a word."""
    talk = WaitingTalk(window=timedelta(hours=12))
    talk.say("where is my order")
    talk.passes(11 * MINUTE)

    talk.passes(timedelta(days=2))

    assert talk.flow is None
    assert talk.last is not None
    assert talk.last.replies == ()
    assert {"unsaid": "the reply window is closed"} in talk.notes


@dataclass
class Counting(WaitingTalk):
    """Counts how many silence timers are pending at once."""

    most: int = field(default=0)

    def take(self, content: InboundContent) -> TurnResult:
        """Take one turn and count the timers after it."""
        result = super().take(content)
        self.most = max(self.most, len(self.timers))
        return result


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["where is my order", "CS-1001", "blargh", "cancel", "I have a problem", "hello"]
            ),
            st.integers(min_value=0, max_value=40),
        ),
        max_size=12,
    )
)
def test_whatever_is_said_one_timer_is_pending_and_it_ends(said: list[tuple[str, int]]) -> None:
    """No sequence of messages and pauses leaves two timers, or one that never ends."""
    talk = Counting()
    for text, minutes in said:
        talk.say(text)
        talk.passes(minutes * MINUTE)
    talk.passes(timedelta(days=3))

    assert talk.most <= 1
    assert talk.timers == {}


def test_a_question_that_is_not_the_flows_own_is_repeated_as_it_was() -> None:
    """What waits for a yes is asked again, and is void once the matter is closed."""
    talk = WaitingTalk()
    talk.say("where is my order")
    talk.state["pending"] = {"kind": "cancel_all"}
    asked = talk.texts[-1]

    assert talk.passes(11 * MINUTE) == ["still_there"]
    assert talk.texts[1:] == [asked]
    assert talk.passes(timedelta(days=1)) == ["closed_for_silence"]
    assert "pending" not in talk.state
