"""A talk in a private database: its clock, its timers, and going back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from channels.messages import Notice, Text
from crm_store.leads import Lead
from dialogues.conversation_tests import STEP
from dialogues.later import TimerRequest
from dialogues.stubs import Stubbed, Stubs
from dialogues.talk import CLOCK, FIRED_MAX, Talk, open_talk
from tests.dialogues.talks import FOLDER, corner_shop, interpreter_of, search


@pytest.fixture
def talk() -> Iterator[Talk]:
    """Return a talk with the test bot."""
    bot = corner_shop()
    with open_talk(bot, interpreter=interpreter_of(FOLDER), search=search) as opened:
        yield opened


def timer(minutes: float, key: str) -> TimerRequest:
    """Return a timer that is due some minutes after a talk began."""
    due = CLOCK + timedelta(minutes=minutes)
    return TimerRequest("silence", due, {"level": key}, key)


def test_timers_fire_in_the_order_of_time(talk: Talk) -> None:
    """Each becomes a turn at the time it is due, before whatever the customer does next."""
    for minutes, key in ((9, "late"), (3, "early"), (0.5, "at once"), (90, "never")):
        talk.timers[key] = timer(minutes, key)

    first = [*talk.pass_time(STEP), *talk.take(Text(text="hello"))]
    waited = talk.pass_time(timedelta(minutes=10))

    assert [getattr(each.content, "kind", "") for each in first] == ["notice", "text"]
    assert [each.at - CLOCK for each in (*first, *waited)] == [
        timedelta(seconds=30),
        STEP,
        timedelta(minutes=3),
        timedelta(minutes=9),
    ]
    assert isinstance(waited[0].content, Notice)
    assert waited[0].content.data == {"timer": "silence", "level": "early"}
    assert talk.now == CLOCK + STEP + timedelta(minutes=10)
    assert list(talk.timers) == ["never"]


def test_timers_without_end_are_an_error(talk: Talk) -> None:
    """A bot whose timers set each other does not hang its tests."""
    talk.timers = {str(n): timer(0.1, str(n)) for n in range(FIRED_MAX + 1)}

    with pytest.raises(RecursionError, match="timers fell due"):
        talk.pass_time(STEP)


def test_going_back_forgets_everything_since(talk: Talk) -> None:
    """State, clock, language, stubs, timers and what was written in the CRM are as before."""
    talk.stubs = Stubs({"look_up_order": [Stubbed({"status": "sent"}), Stubbed(error="timeout")]})
    for text in ("quote for 5 cups", "Acme Ltd", "a@acme.example"):
        talk.take(Text(text=text))
    before = talk.moment()
    state, now = dict(talk.state), talk.now
    talk.take(Text(text="skip"))
    assert talk.session.scalar(select(func.count()).select_from(Lead)) == 1
    talk.take(Text(text="你好"))
    talk.timers["late"] = timer(90, "late")
    talk.take(Text(text="where is my order CS-1001"))

    talk.go_back(before)

    assert (talk.state, talk.now, talk.seq, talk.timers) == (state, now, 3, {})
    assert (talk.language, talk.stubs.calls, talk.customer.email) == ("en", {}, None)
    assert talk.session.scalar(select(func.count()).select_from(Lead)) == 0
    talk.take(Text(text="skip"))
    assert talk.session.scalar(select(func.count()).select_from(Lead)) == 1
    assert talk.customer.email == "a@acme.example"
