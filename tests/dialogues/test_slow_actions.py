"""Slow actions within a conversation: requested with the turn, resumed by their result."""

from datetime import timedelta

from channels.messages import Media
from crm_store.tickets import Ticket
from dialogues.acting import take_result
from dialogues.executor import advance
from dialogues.later import ActionResult
from dialogues.revision import revise
from dialogues.state import ConversationState, Frame
from tests.dialogues.parcel_talks import WaitingTalk
from tests.dialogues.talks import said


def test_a_slow_action_is_requested_and_its_result_goes_on() -> None:
    """The turn asks and says so; the result's turn fills the slots and speaks."""
    talk = WaitingTalk()

    assert talk.say("where is my order CS-1001") == ["looking_up"]
    request = talk.requests[0]
    assert request.action == "look_up_parcel"
    assert request.inputs == {"number": "CS-1001", "note": "where is my order CS-1001"}
    assert request.gives_up_at == talk.clock + timedelta(minutes=2)
    assert talk.state["frames"][0]["waiting"] == request.key

    assert talk.returns(status="on its way", eta="2026-03-05T10:00:00Z") == ["parcel_found"]
    assert talk.texts == ["CS-1001 is on its way, due 2026-03-05."]
    assert talk.last is not None
    assert talk.last.outcome == "answered"
    assert talk.kinds() == ["notice_received", "message_sent"]
    assert talk.flow is None


def test_a_result_has_one_effect_however_often_it_comes() -> None:
    """A second notice of the same request changes nothing and is told as stale."""
    talk = WaitingTalk()
    talk.say("where is my order CS-1001")
    talk.returns(status="on its way")
    before = talk.state

    assert talk.returns(status="lost") == []
    assert talk.last is not None
    assert talk.last.outcome == "recorded"
    assert talk.state == before


def test_a_stale_result_is_recorded_and_moves_no_other_frame() -> None:
    """What was asked for before a cancellation does not resume the flow begun after it."""
    talk = WaitingTalk()
    talk.say("where is my order CS-1001")
    old = talk.requests[0].key
    assert talk.say("cancel") == ["cancelled"]
    assert talk.returns_to(old, status="on its way") == []

    talk.say("where is my order CS-1002")
    assert talk.requests[1].key != old
    assert talk.returns_to(old, status="on its way") == []
    assert {"result": old, "stale": True} in talk.notes
    assert talk.flow == "order_status"
    assert talk.returns(status="lost", eta=None) == ["parcel_found"]


def test_a_failure_goes_to_on_failure_with_its_reason() -> None:
    """The reason is a slot of the flow, and conditions read it."""
    talk = WaitingTalk()
    talk.say("where is my order CS-1001")
    assert talk.returns("not_found") == ["no_such_parcel"]

    talk.say("where is my order CS-1001")
    assert talk.returns("timeout") == ["cannot_tell"]
    assert talk.texts == ["Not now (timeout)."]
    assert talk.flow is None


def test_an_output_of_the_wrong_type_is_a_failure() -> None:
    """A date that is none reaches no customer."""
    talk = WaitingTalk()
    talk.say("where is my order CS-1001")

    assert talk.returns(status="on its way", eta="soon") == ["cannot_tell"]
    assert any(note.get("reason") == "unfit_output" for note in talk.notes)


def test_questions_are_answered_while_the_result_is_awaited() -> None:
    """A digression costs nothing, and that we are at it is said once, not each time."""
    talk = WaitingTalk()
    talk.say("where is my order CS-1001")

    assert talk.say("How do I return a product?") == ["answer"]
    assert talk.say("blargh") == ["still_looking"]
    assert talk.say("blargh blargh") == []
    assert talk.last is not None
    assert talk.last.outcome == "recorded"
    assert len(talk.requests) == 1
    assert talk.returns(status="here") == ["parcel_found"]


def test_a_result_below_another_flow_waits_for_its_turn() -> None:
    """The flow on top is not interrupted; when it is over, the one below goes on by itself."""
    talk = WaitingTalk()
    talk.say("where is my order CS-1001")
    assert talk.say("I have a problem") == ["ask_problem"]

    assert talk.returns(status="here", eta=None) == []
    assert talk.flow == "report"
    talk.say("it leaks")
    assert talk.press("slot:urgency:high") == ["opened", "resuming", "parcel_found"]


def test_a_result_that_comes_while_a_person_has_the_conversation_is_kept_quietly() -> None:
    """Nothing is said over a person; when the bot has the conversation again it goes on."""
    talk = WaitingTalk()
    talk.say("where is my order CS-1001")
    talk.say("human")
    assert talk.owner == "queue"

    assert talk.returns(status="here", eta=None) == []
    assert talk.last is not None
    assert talk.last.replies == ()
    assert talk.press("bot")[-1] == "parcel_found"


def test_nothing_is_said_when_the_reply_window_is_closed() -> None:
    """A result that comes too late to be sent changes the state alone."""
    talk = WaitingTalk(window=timedelta(hours=1))
    talk.say("where is my order CS-1001")
    talk.clock += timedelta(hours=2)

    assert talk.returns(status="here", eta=None) == ["parcel_found"]  # traced
    assert talk.last is not None
    assert talk.last.replies == ()
    assert {"unsaid": "the reply window is closed"} in talk.notes


def test_a_repeated_turn_makes_the_same_request() -> None:
    """A turn whose commit failed asks under the same key when it is taken again."""
    first, again = WaitingTalk(), WaitingTalk()
    for talk in (first, again):
        talk.say("where is my order CS-1001")

    assert first.requests == again.requests


def test_a_state_of_before_is_read() -> None:
    """A frame that was stored by a version without waiting is taken up."""
    talk = WaitingTalk()
    talk.say("where is my order")
    old = {
        "version": 1,
        "frames": [{"flow": "order_status", "flow_hash": "x", "asked": "number"}],
    }

    frame = ConversationState.from_json(old).frames[0]

    assert (frame.waiting, frame.waiting_noted) == (None, False)


def test_an_input_that_does_not_fit_is_a_failure_and_no_crash() -> None:
    """What an action cannot take is traced, and the customer is offered a person."""
    talk = WaitingTalk()
    talk.say("I have a problem")
    talk.say("it leaks")
    talk.state["frames"][0]["slots"]["urgency"] = "extreme"

    spoken = said(talk.take(Media(url="https://x.example/y.png", mime="image/png")))

    assert spoken == ["received_media", "something_went_wrong"]
    assert any(note.get("reason") == "unfit_input" for note in talk.notes)
    assert talk.count(Ticket) == 0


def test_a_value_corrected_meanwhile_is_asked_for_anew() -> None:
    """The first request's result is stale; the same value again is not asked for twice."""
    talk = WaitingTalk()
    flow = talk.bot.flows["order_status"]
    frame = Frame(flow=flow.id, flow_hash=flow.hash, slots={"number": "CS-1001"})
    turn = talk.exchange(frame)
    advance(turn)
    first = frame.waiting

    revise(turn, frame, {"number": "CS-1001"})
    advance(turn)
    assert (frame.waiting, len(turn.requests)) == (first, 1)

    revise(turn, frame, {"number": "CS-1002"})
    advance(turn)
    assert frame.waiting not in {first, None}
    assert turn.requests[1].inputs["number"] == "CS-1002"
    assert take_result(turn, first or "", ActionResult({"status": "old"})) is None
    assert take_result(turn, frame.waiting or "", ActionResult({"status": "new"})) is frame
    assert frame.slots["status"] == "new"


def test_a_result_that_finds_its_frame_elsewhere_lets_the_step_ask_anew() -> None:
    """A correction may lead to another question first; what comes meanwhile is of no use."""
    talk = WaitingTalk()
    flow = talk.bot.flows["order_status"]
    frame = Frame(flow=flow.id, flow_hash=flow.hash, slots={"number": "CS-1001"})
    turn = talk.exchange(frame)
    advance(turn)
    key = frame.waiting or ""
    frame.path, frame.slots = (0,), {}
    advance(turn)
    assert frame.asked == "number"

    assert take_result(turn, key, ActionResult({"status": "old"})) is None
    frame.slots = {"number": "CS-1001"}
    advance(turn)

    assert len(turn.requests) == 2
    assert frame.waiting == turn.requests[1].key


def test_what_waits_for_a_yes_comes_before_the_result() -> None:
    """A result is kept while the customer is asked something; the answer lets the flow go on."""
    talk = WaitingTalk()
    talk.say("where is my order CS-1001")
    talk.state["pending"] = {"kind": "cancel"}

    assert talk.returns(status="here", eta=None) == []
    assert talk.say("no")[-1] == "parcel_found"
