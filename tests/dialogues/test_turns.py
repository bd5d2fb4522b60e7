"""Turns are repeatable, survive changes of the bot and any input, and record everything."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect

from channels.messages import (
    Choice,
    Contact,
    InboundContent,
    Location,
    Media,
    Notice,
    Text,
    Unsupported,
)
from crm_store.consents import Consent
from crm_store.feedback import Feedback
from crm_store.handoffs import Handoff
from crm_store.leads import Lead
from crm_store.tickets import Ticket
from crm_store.timeline import TimelineEvent, record
from dialogues.bot import Bot
from dialogues.flow import Flow
from dialogues.state import ConversationState
from dialogues.turn import apology, needs_search, take_turn
from nlu.understanding import IntentScore, Understanding
from tests.dialogues.talks import Talk, corner_shop, said

TABLES = (Lead, Ticket, Feedback, Consent, Handoff)


@pytest.mark.parametrize(
    "talked",
    [
        ["quote for 200 kettles, anna@acme.com", "Acme Ltd", "skip"],
        ["I have a problem", "It leaks on the table", "urgent", "anna@acme.com"],
        ["I want to rate you", "5"],
        ["send me news", "yes", "Anna"],
        ["hello", "human"],
        ["hello", "refnds"],
    ],
)
def test_a_turn_taken_twice_has_one_effect(talked: list[str]) -> None:
    """The same turn gives the same rows, replies and entries."""
    talk = Talk()
    for text in talked[:-1]:
        talk.say(text)
    talk.seq += 1
    turn = talk.input(Text(text=talked[-1]))

    first = take_turn(turn)
    talk.session.flush()
    rows = [_rows(talk, table) for table in TABLES]
    second = take_turn(turn)
    talk.session.flush()

    assert first.replies == second.replies
    assert first.state == second.state
    kinds = [e.kind for e in first.entries]
    again = [e.kind for e in second.entries]
    assert [k for k in kinds if k != "customer_changed"] == [
        k for k in again if k != "customer_changed"
    ]
    assert rows == [_rows(talk, table) for table in TABLES]


def _rows(talk: Talk, table: type[Any]) -> list[dict[str, Any]]:
    columns = [c.key for c in inspect(table).columns]
    return [{c: getattr(row, c) for c in columns} for row in talk.rows(table)]


def test_every_entry_of_a_turn_has_its_place() -> None:
    """Positions count up from what was received, and the timeline takes them as they are."""
    talk = Talk()
    for text in ("quote for 200 kettles, anna@acme.com", "how do I return a product?", "human"):
        talk.say(text)
        assert talk.last is not None
        entries = talk.last.entries
        assert [e.position for e in entries] == list(range(len(entries)))
        assert entries[0].kind == "message_received"
        assert {e.source for e in entries} == {f"turn:{talk.address.conversation_id}:{talk.seq}"}
        sent = [e for e in entries if e.kind == "message_sent"]
        assert len(sent) == len(talk.last.replies)
        record(talk.session, list(entries))
    assert talk.count(TimelineEvent) > 6


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (Media(url="https://x.example/a.jpg", mime="image/jpeg"), "received_media"),
        (Location(latitude=1, longitude=2), "received_location"),
        (Unsupported(what="poll"), "unsupported"),
    ],
)
def test_what_is_not_text_is_acknowledged_and_the_question_asked_again(
    content: InboundContent, says: str
) -> None:
    """Nothing is dropped silently."""
    talk = Talk()
    result = talk.take(content)
    assert (said(result), result.outcome) == ([says], "recorded")
    talk.say("quote for 200 kettles, anna@acme.com")
    assert said(talk.take(content)) == [says, "ask_company"]


def test_notices_are_recorded_and_not_answered() -> None:
    """Opening the widget is no message."""
    talk = Talk()
    result = talk.take(Notice(name="opened"))

    assert (result.outcome, result.replies) == ("recorded", ())
    assert [e.kind for e in result.entries] == ["notice_received"]


def _flow(flow: Flow, **changes: Any) -> Flow:  # noqa: ANN401 - fields of a flow
    fields = {name: getattr(flow, name) for name in Flow.model_fields}
    return Flow(**{**fields, **changes})


def _changed(bot: Bot, flows: dict[str, Flow]) -> Bot:
    return Bot(
        folder=bot.folder,
        file=bot.file,
        flows=flows,
        responses=bot.responses,
        triggers=bot.triggers,
        orders=bot.orders,
    )


def test_a_flow_that_changed_but_asks_the_same_goes_on() -> None:
    """A new text elsewhere in the flow is no reason to begin again."""
    talk = Talk()
    talk.say("quote for 200 kettles, anna@acme.com")
    flow = _flow(talk.bot.flows["request_quote"], triggers=("other",))
    talk.bot = _changed(talk.bot, {**talk.bot.flows, flow.id: flow})

    assert talk.say("Acme Ltd") == ["ask_phone"]


def test_a_flow_whose_step_is_gone_begins_again_with_what_it_knows() -> None:
    """The customer is told, and is not asked for what they said already."""
    talk = Talk()
    talk.say("quote for 200 kettles, anna@acme.com")
    flow = talk.bot.flows["request_quote"]
    changed = _flow(flow, steps=flow.steps[5:])
    talk.bot = _changed(talk.bot, {**talk.bot.flows, flow.id: changed})

    assert talk.say("Acme Ltd") == ["flow_changed", "ask_phone"]
    assert talk.slots["quantity"] == 200


def test_a_flow_that_is_gone_is_explained() -> None:
    """No state of an older bot stops a conversation."""
    talk = Talk()
    talk.say("send me news")
    flows = {k: v for k, v in talk.bot.flows.items() if k != "newsletter"}
    talk.bot = _changed(talk.bot, flows)

    assert talk.say("yes") == ["flow_gone"]
    assert talk.flow is None


@pytest.mark.parametrize(
    "state",
    [
        {"version": 99},
        {"version": 1, "frames": "x"},
        {"version": 1, "frames": [{"flow": "newsletter", "flow_hash": "", "path": []}]},
        {"version": 1, "frames": [{"flow": "newsletter", "flow_hash": "", "path": ["a", 9]}]},
        {"version": 1, "frames": [{"flow": "newsletter", "flow_hash": "", "asked": "gone"}]},
        {"garbage": True},
    ],
)
def test_a_state_that_cannot_be_read_is_no_end(state: dict[str, Any]) -> None:
    """The conversation goes on, at worst from the start."""
    talk = Talk(state=state)

    assert talk.say("hello")


_TEXTS = st.sampled_from(
    [
        *("quote for 200 kettles, anna@acme.com", "I have a problem", "send me news", "hello"),
        *("where is my order", "where is my order CS-1001", "I want to rate you", "我要询价"),
        *(
            "Acme Ltd",
            "anna@acme.com",
            "50",
            "两百",
            "yes",
            "no",
            "好的",
            "5",
            "urgent",
            "1",
            "二",
        ),
        *("skip", "repeat", "start over", "human", "没有", "no, 50 not 200", "不是200，是50"),
        *(
            "How do I return a product?",
            "qwrtz",
            "refnds",
            "something about an order",
            "{x} **b**",
        ),
    ]
) | st.text(min_size=1, max_size=80)
_CONTENTS: st.SearchStrategy[InboundContent] = st.one_of(
    _TEXTS.map(lambda text: Text(text=text)),
    _TEXTS.map(lambda text: Text(text=text)),
    st.sampled_from(
        [
            *("bot", "human", "cancel", "none", "skip", "flow:newsletter", "flow:repair_cancel"),
            *("slot:urgency:high", "slot:quantity:5", "slot:x:y", "slot:", "kb:helpful:returns"),
            *("kb:not_helpful:returns", "kb:ask:refnds", "kb:", "flow:", ":", "yes", "0"),
        ]
    ).map(lambda value: Choice(value=value)),
    st.just(Contact(phone="+442079460018")),
    st.just(Contact(phone="nonsense")),
    st.just(Unsupported(what="poll")),
    st.just(Notice(name="timer")),
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(_CONTENTS, max_size=12))
def test_no_sequence_of_messages_breaks_the_dialogue(contents: list[InboundContent]) -> None:
    """Every state is valid JSON data, every wait has its question, and cancel always works."""
    talk = Talk()
    for content in contents:
        result = talk.take(content)
        state = ConversationState.from_json(result.state)
        assert state.to_json() == result.state
        for frame in state.frames:
            assert talk.bot.flows[frame.flow].step_at(frame.path) is not None
        if state.frame is not None and result.owner == "bot" and result.replies:
            assert state.frame.asked is not None
        if isinstance(content, Text) and result.owner == "bot":
            assert result.replies
    if talk.owner == "queue":
        talk.say("cancel")
    for _ in range(len(talk.state.get("frames", []))):
        assert talk.say("cancel")[0] == "cancelled"
    assert talk.flow is None
    talk.session.get_bind().dispose()  # type: ignore[union-attr] # bound to an engine


def test_only_texts_that_nothing_else_answers_need_a_search() -> None:
    """The hint saves searches for greetings, repair and goals."""
    bot = corner_shop()
    for intent, needed in (
        ("greet", False),
        ("cancel", False),
        ("request_quote", False),
        ("ask_human", False),
        ("ask_knowledge", True),
    ):
        scores = (IntentScore(intent, 0.9),)
        clear = Understanding("x", "en", scores, outcome="clear")
        assert needs_search(bot, clear) is needed
        assert needs_search(bot, Understanding("x", "en", scores, outcome="ambiguous"))


def test_an_apology_is_in_the_customers_language_and_announces_a_person() -> None:
    """It is what a dead letter says."""
    bot = corner_shop()
    assert "colleague" in apology(bot, "en").text
    assert "同事" in apology(bot, "zh").text
    assert apology(bot, None) == apology(bot, "en")
    assert apology(bot, f"xx-{uuid4()}").text
