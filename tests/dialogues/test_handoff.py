"""A person takes over with everything they need, and the bot never speaks over them."""

from channels.messages import Text
from crm_store.handoffs import Handoff
from tests.dialogues.talks import Talk


def test_a_handoff_carries_goal_values_messages_searches_and_language() -> None:
    """Nothing has to be asked again by the person who takes over."""
    talk = Talk()
    talk.say("quote for 200 kettles, anna@acme.com")
    talk.say("how do I return a product?")
    talk.say("human")

    handoff = talk.rows(Handoff)[0]
    assert (handoff.status, handoff.desk, handoff.reason) == ("queued", "service", "asked")
    assert handoff.summary["goal"] == "request_quote"
    assert handoff.summary["slots"]["quantity"] == 200
    assert handoff.summary["searches"] == ["how do I return a product?"]
    assert handoff.summary["language"] == "en"
    assert handoff.summary["messages"][-1] == {"actor": "customer", "text": "human"}
    assert (talk.owner, talk.owner_epoch) == ("queue", 1)
    assert talk.last is not None
    assert talk.last.outcome == "handed_over"
    assert "handoff_requested" in talk.kinds()


def test_a_waiting_customer_is_told_once_and_then_not_disturbed() -> None:
    """One polite note, then silence; every message is recorded all the same."""
    talk = Talk()
    talk.say("human")

    assert talk.say("hello?") == ["in_queue"]
    assert talk.say("anyone?") == []
    assert talk.kinds() == ["message_received"]
    assert talk.last is not None
    assert talk.last.outcome == "handed_over"


def test_the_bot_is_silent_while_staff_have_the_conversation() -> None:
    """Not even a cancel makes it speak."""
    talk = Talk(owner="staff", owner_epoch=3)

    for text in ("hello", "cancel", "human"):
        result = talk.take(Text(text=text))
        assert result.replies == ()
        assert (result.owner, result.owner_epoch) == ("staff", 3)
        assert [e.kind for e in result.entries] == ["message_received"]


def test_a_waiting_customer_can_return_to_the_bot_and_go_on() -> None:
    """The open flow is where it was, under a new epoch; the hand-off is closed."""
    for press in (True, False):
        talk = Talk()
        talk.say("quote for 200 kettles, anna@acme.com")
        talk.say("human")
        says = talk.press("bot") if press else talk.say("never mind")

        assert says == ["back_to_bot", "ask_company"]
        assert (talk.owner, talk.owner_epoch) == ("bot", 2)
        assert talk.rows(Handoff)[0].status == "returned"
        assert talk.say("Acme Ltd") == ["ask_phone"]


def test_a_person_can_be_called_again_after_returning() -> None:
    """Each call is a hand-off of its own."""
    talk = Talk()
    talk.say("human")
    talk.say("cancel")
    talk.say("human")

    assert talk.owner_epoch == 3
    assert talk.count(Handoff) == 2
