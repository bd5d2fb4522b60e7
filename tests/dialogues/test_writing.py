"""An answer that is being written: one of two is said, once, in order, and never over a person."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from channels.messages import Card, InboundContent, Notice
from dialogues.later import ActionRequest, ActionResult, TimerRequest, result_notice
from dialogues.turn import TurnInput, TurnResult
from tests.dialogues.talks import NOW, Talk, said

QUESTION = "How do I return a product?"
WRITTEN = "Send it back within 30 days."
#: The article's own words.
OWN = "You can return it within **30 days**."


@dataclass
class WrittenTalk(Talk):
    """A conversation whose answers may be written for six seconds."""

    clock: datetime = NOW
    allowed: timedelta | None = timedelta(seconds=6)
    timers: dict[str, TimerRequest] = field(default_factory=dict)
    requests: list[ActionRequest] = field(default_factory=list)

    def input(self, content: InboundContent) -> TurnInput:
        """Return the next turn's input."""
        return replace(super().input(content), now=self.clock, writing=self.allowed)

    def take(self, content: InboundContent) -> TurnResult:
        """Take one turn and keep what it leaves to be done later."""
        result = super().take(content)
        self.timers |= {timer.idem_key: timer for timer in result.timers}
        for key in result.unset:
            self.timers.pop(key, None)
        self.requests += result.requests
        return result

    def returns(self, reason: str | None = None, **values: JsonValue) -> list[str]:
        """Let the newest request come back."""
        notice = result_notice(self.requests[-1].key, ActionResult(values, reason))
        return said(self.take(notice))

    def time_ends(self) -> list[str]:
        """Let the timer of the newest request fire."""
        timer = self.timers.pop(self.requests[-1].key)
        self.clock = timer.due_at
        return said(self.take(Notice(name="timer", data={"timer": timer.kind, **timer.payload})))

    @property
    def card(self) -> Card:
        """The card that was said last."""
        assert self.last is not None
        content = self.last.replies[-1].content
        assert isinstance(content, Card)
        return content


def test_the_written_answer_takes_the_place_of_the_articles_words() -> None:
    """Only the text is another: title, source, buttons and record are the answer's own."""
    plain = Talk()
    plain.say(QUESTION)
    talk = WrittenTalk()

    assert talk.say(QUESTION) == []
    assert talk.returns(text=WRITTEN, outcome="written", model="small") == ["answer"]

    assert plain.last is not None
    before = plain.last.replies[0].content
    assert isinstance(before, Card)
    assert talk.card == before.model_copy(update={"text": WRITTEN})
    assert "article_cited" in talk.kinds()
    assert talk.timers == {}
    assert talk.press("kb:helpful:returns") == ["answer_helpful"]


def test_a_writing_explains_itself() -> None:
    """The turn that says it tells model, tokens, cost and time, but no words."""
    talk = WrittenTalk()
    talk.say(QUESTION)
    values: dict[str, JsonValue] = {
        "model": "small",
        "tokens_in": 400,
        "tokens_out": 40,
        "cost": 0.1,
    }
    talk.returns(None, text=WRITTEN, outcome="written", milliseconds=900, **values)

    assert talk.last is not None
    note = next(n for n in talk.last.trace if isinstance(n, dict) and "writing" in n)
    assert note == {"writing": "written", "milliseconds": 900, **values}


def test_what_fails_is_answered_in_the_articles_own_words() -> None:
    """Whatever the reason, and whatever else comes with it."""
    results: list[tuple[str | None, dict[str, JsonValue]]] = [
        ("unsupported", {"outcome": "unsupported", "sentence": 2, "why": "value"}),
        ("timeout", {}),
        ("given_up", {}),
        (None, {}),
        (None, {"text": ""}),
        (None, {"text": 7}),
        (None, {"text": "x" * 5000}),
        ("refused", {"text": WRITTEN}),
    ]
    for reason, values in results:
        talk = WrittenTalk()
        talk.say(QUESTION)

        assert talk.returns(reason, **values) == ["answer"]
        assert talk.card.text == OWN


def test_time_that_is_over_is_answered_at_once_and_once() -> None:
    """The customer has the answer before the time allowed ends; what comes later is not said."""
    talk = WrittenTalk()
    talk.say(QUESTION)
    [timer] = talk.timers.values()
    assert NOW + timedelta(seconds=5) <= timer.due_at < NOW + timedelta(seconds=6)

    assert talk.time_ends() == ["answer"]
    assert talk.card.text == OWN
    assert talk.returns(text=WRITTEN) == []


def test_a_timer_that_fires_late_says_nothing_more() -> None:
    """It may have been turned into a notice in the moment the answer came."""
    talk = WrittenTalk()
    talk.say(QUESTION)
    timer = next(iter(talk.timers.values()))
    talk.returns(text=WRITTEN)

    late = Notice(name="timer", data={"timer": timer.kind, **timer.payload})
    assert said(talk.take(late)) == []


def test_the_next_message_is_answered_behind_the_awaited_answer() -> None:
    """The article's words come first, then what the new message asks; the written one is late."""
    talk = WrittenTalk()
    talk.say(QUESTION)

    assert talk.say("hello")[0] == "answer"
    assert talk.last is not None
    first = talk.last.replies[0].content
    assert isinstance(first, Card)
    assert first.text == OWN
    assert talk.timers == {}
    assert talk.returns(text=WRITTEN) == []


def test_a_second_question_is_written_while_the_first_is_said() -> None:
    """Each question has one answer, in order."""
    talk = WrittenTalk()
    talk.say(QUESTION)

    assert talk.say("How are refunds paid?") == ["answer"]
    assert talk.card.text == OWN
    assert len(talk.requests) == 2
    late = result_notice(talk.requests[0].key, ActionResult({"text": WRITTEN}))
    assert said(talk.take(late)) == []
    assert talk.returns(text="To the card you paid with.") == ["answer"]
    assert talk.card.text == "To the card you paid with."


def test_an_answer_in_another_language_is_not_written() -> None:
    """A model might translate what cannot be checked: the article's words are said as they are."""
    talk = WrittenTalk()

    assert talk.say("可以退货退到英国吗") == ["answer"]
    assert talk.card.text.endswith(f"\n\n{OWN}")
    assert talk.requests == []


def test_nothing_is_said_over_a_person() -> None:
    """Who took the conversation over meanwhile answers; the result is only recorded."""
    for comes_back in (True, False):
        talk = WrittenTalk()
        talk.say(QUESTION)
        talk.owner, talk.owner_epoch = "staff", 1

        assert (talk.returns(text=WRITTEN) if comes_back else talk.time_ends()) == []
        assert talk.last is not None
        assert talk.last.replies == ()
        assert "awaited" not in talk.state


def test_a_message_to_a_person_drops_the_awaited_answer() -> None:
    """Nobody hears the bot when it is called back, either."""
    talk = WrittenTalk()
    talk.say(QUESTION)
    talk.owner, talk.owner_epoch = "staff", 1

    assert talk.say("hello") == []
    assert "awaited" not in talk.state
    assert talk.timers == {}


def test_an_answer_beside_an_open_question_is_not_written() -> None:
    """It is said at once, and the open question is asked again behind it."""
    talk = WrittenTalk()
    assert talk.say("quote for 200 kettles, anna@acme.com") == ["ask_company"]

    assert talk.say("如何退货？") == ["answer", "ask_company"]
    assert talk.requests == []


def test_without_a_writer_nothing_changes() -> None:
    """No request, no timer, the answer at once."""
    talk = WrittenTalk(allowed=None)

    assert talk.say(QUESTION) == ["answer"]
    assert talk.requests == []
    assert talk.timers == {}


def test_the_request_names_nobody() -> None:
    """The customer's facts, addresses and numbers are not in what a model will see."""
    talk = WrittenTalk()
    talk.customer.name = "Anna Schmidt"
    question = QUESTION
    talk.say(question)

    inputs = talk.requests[0].inputs
    assert inputs["question"] == question
    assert set(inputs) == {"question", "article", "version", "passage"}

    from knowledge_base.writing import anonymous

    text = "I am Anna Schmidt, anna@acme.com, +44 20 7946 0958: where is order CS-10012345?"
    hidden = anonymous(text, [("Anna Schmidt", "name")])
    for word in ("Anna", "acme", "7946", "10012345"):
        assert word not in hidden
    assert anonymous("x" * 5000).count("x") == 600


def test_a_state_of_another_version_loses_the_wording_only() -> None:
    """What cannot be read any more ends in an apology, never in silence or a crash."""
    talk = WrittenTalk()
    talk.say(QUESTION)
    talk.state = {**talk.state, "awaited": {**talk.state["awaited"], "answer": {"text": 1}}}

    assert talk.returns(text=WRITTEN) == ["something_went_wrong"]


def test_the_question_is_recorded_once_with_its_answer() -> None:
    """What was asked and answered is kept as for any other answer."""
    talk = WrittenTalk()
    talk.say(QUESTION)
    talk.returns(text=WRITTEN)

    assert talk.last is not None
    [asked] = talk.last.asked
    assert (asked.outcome, asked.question) == ("answered", QUESTION)
