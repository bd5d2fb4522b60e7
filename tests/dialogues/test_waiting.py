"""Flows that wait: for a notice from outside, or for time to pass."""

from datetime import timedelta

from tests.dialogues.parcel_talks import WaitingTalk


def test_a_notice_lets_the_flow_that_waits_go_on() -> None:
    """What the notice brings fills the slots the step saves."""
    talk = WaitingTalk()
    assert talk.say("I want a quote") == ["pay_here"]

    assert talk.told("payment_received", amount="12 pounds", other="x") == ["paid"]
    assert talk.texts == ["Paid 12 pounds."]
    assert talk.last is not None
    entry = talk.last.entries[0]
    assert (entry.kind, entry.actor) == ("notice_received", "api:")


def test_a_notice_of_another_name_or_a_second_one_has_no_effect() -> None:
    """Only what the step names moves it, and once."""
    talk = WaitingTalk()
    talk.say("I want a quote")

    assert talk.told("door_opened") == []
    assert talk.flow == "pay"
    talk.told("payment_received", amount="1")
    assert talk.told("payment_received", amount="2") == []
    assert any(note.get("stale") for note in talk.notes)


def test_it_reminds_half_way_once_and_then_takes_the_way_out() -> None:
    """One timer at a time is set, at half the time and at its end."""
    talk = WaitingTalk()
    talk.say("I want a quote")
    assert len(talk.timers) == 1

    assert talk.passes(timedelta(minutes=29)) == []
    assert talk.passes(timedelta(minutes=2)) == ["unpaid"]
    assert len(talk.timers) == 1
    assert talk.passes(timedelta(minutes=28)) == []
    assert talk.passes(timedelta(minutes=2)) == ["too_late"]
    assert (talk.flow, talk.timers) == (None, {})


def test_without_a_way_out_the_flow_is_closed_politely() -> None:
    """The customer is told what was closed."""
    talk = WaitingTalk()
    talk.say("I want to rate you")

    assert talk.passes(timedelta(minutes=11)) == ["closed_for_silence"]
    assert "Pick it up" in talk.texts[0]
    assert talk.flow is None


def test_a_wait_for_time_alone_goes_on_by_itself() -> None:
    """Nothing has to happen but the time."""
    talk = WaitingTalk()
    assert talk.say("send me news") == []

    assert talk.passes(timedelta(minutes=6)) == ["awake"]


def test_a_timer_of_a_frame_that_moved_on_has_no_effect() -> None:
    """Neither after the notice came, nor when the same flow waits anew."""
    talk = WaitingTalk()
    talk.say("I want a quote")
    talk.told("payment_received", amount="1")
    talk.clock += timedelta(minutes=1)
    talk.say("I want a quote")

    assert talk.passes(timedelta(minutes=29, seconds=30)) == []
    assert talk.flow == "pay"
    assert talk.passes(timedelta(minutes=1)) == ["unpaid"]


def test_a_cancelled_wait_stays_cancelled() -> None:
    """Its timers fire and find nobody."""
    talk = WaitingTalk()
    talk.say("I want a quote")
    assert talk.say("cancel") == ["cancelled"]

    assert talk.passes(timedelta(hours=2)) == []


def test_what_the_customer_writes_meanwhile_is_dealt_with_as_ever() -> None:
    """Questions are answered; anything else hears once that we wait."""
    talk = WaitingTalk()
    talk.say("I want a quote")

    assert talk.say("How do I return a product?") == ["answer"]
    assert talk.say("blargh") == ["still_looking"]
    assert talk.say("blargh") == []
    assert talk.told("payment_received", amount="3") == ["paid"]


def test_time_that_passes_with_a_person_is_not_spoken_about() -> None:
    """The bot never speaks over a person, whatever its timers say."""
    talk = WaitingTalk()
    talk.say("I want a quote")
    talk.say("human")

    talk.passes(timedelta(hours=2))
    assert talk.last is not None
    assert talk.last.replies == ()
