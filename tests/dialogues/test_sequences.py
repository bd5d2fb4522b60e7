"""Any sequence of turns: the state stays valid, nothing loops, nothing known is asked again."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from channels.messages import Choice, Contact, InboundContent, Location, Media, Text
from crm_store.database import Base
from crm_store.migrations import load_models
from dialogues.state import DEPTH_MAX, ConversationState
from dialogues.step import asked_slot
from tests.dialogues.talks import ADDRESS, Talk, corner_shop, said

#: Sixty thousand turns.
pytestmark = pytest.mark.timeout(1800)

#: What customers write, in no order: goals, answers, corrections, repair, questions, nonsense.
WORDS = (
    *("hello", "你好", "thanks", "bye", "yes", "no", "是的", "不是", "ok", "not now"),
    *("i want a quote", "quote for 30 kettles", "我要询价", "i need a quote for 5 mugs"),
    *("i have a problem", "我要报修", "where is my order", "查订单 MK-204518"),
    *(
        "i want to rate you",
        "send me news",
        "kettle",
        "mug",
        "水壶",
        "30",
        "三十",
        "5000",
        "-3",
        "about 12",
    ),
    *("Acme Ltd", "杭州青山科技有限公司", "a@b.example", "b@c.example", "not an address"),
    *("+44 20 7946 0018", "13800138000", "MK-204518", "MK-999999", "2", "the second", "第一个"),
    *("no, 50 not 30", "actually make it 70", "不是30，是40", "my email is d@e.example"),
    *("change the company to Oak Ltd", "sorry, I meant 12", "改成80"),
    *("cancel", "算了", "never mind", "skip", "跳过", "repeat", "再说一遍", "start over"),
    *(
        "重新开始",
        "go back",
        "上一步",
        "why do you need that?",
        "为什么要这个",
        "what did i tell you",
    ),
    *("how do i return a product", "如何退货", "refnds", "something about an order", "qwrtz"),
    *("are you a robot", "you are useless", "it leaks all the time", "漏水了", "none", "没有"),
    *("high", "urgent", "不急", "4 stars", "五星", "?", "。。。", "🙂", "x" * 300),
    *("{quantity}", "<b>hi</b>", "flow:request_quote", "human:please", "slot:quantity:7"),
)
#: Values a hostile client may press though nothing offered them.
PRESSED = (
    *("human", "bot", "cancel", "skip", "none", "flow:request_quote", "flow:open_ticket"),
    *("flow:repair_cancel", "flow:nothing", "slot:quantity:7", "slot:nothing:1", "slot::", ""),
    *("kb:ask:how do i return a product", "kb:helpful:returns", "kb:not_helpful:nothing", ":::"),
)
OTHER: tuple[InboundContent, ...] = (
    Media(url="https://files.example/1", mime="image/png"),
    Location(latitude=1.0, longitude=2.0),
    Contact(phone="+44 20 7946 0018", verified=True),
    Contact(phone="nonsense"),
)

_ENGINE = create_engine(
    "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
)
load_models()
Base.metadata.create_all(_ENGINE)


class AnyTalk(RuleBasedStateMachine):
    """One conversation with the corner shop, in any order of turns."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(_ENGINE, expire_on_commit=False)
        self.talk = Talk(
            session=self.session, address=ADDRESS.model_copy(update={"peer": uuid4().hex})
        )

    def teardown(self) -> None:
        """Forget what the conversation wrote."""
        self.session.rollback()
        self.session.close()

    @rule(text=st.sampled_from(WORDS))
    def write(self, text: str) -> None:
        """Write something."""
        self.talk.take(Text(text=text))

    @rule(first=st.sampled_from(WORDS), second=st.sampled_from(WORDS))
    def write_both(self, first: str, second: str) -> None:
        """Write two things in one message."""
        self.talk.take(Text(text=f"{first}, {second}"))

    @rule(value=st.sampled_from(PRESSED))
    def press_anything(self, value: str) -> None:
        """Press what perhaps nothing offered."""
        if value:
            self.talk.take(Choice(value=value))

    @precondition(lambda self: self.talk.options)
    @rule(data=st.data())
    def press_offered(self, data: st.DataObject) -> None:
        """Press one of the options."""
        self.talk.take(Choice(value=data.draw(st.sampled_from(self.talk.options))))

    @rule(content=st.sampled_from(OTHER))
    def send(self, content: InboundContent) -> None:
        """Send what is not text."""
        self.talk.take(content)

    @precondition(lambda self: self.talk.owner == "bot" and self.talk.flow is not None)
    @rule()
    def cancel_everything(self) -> None:
        """`cancel` always works: a few of them close whatever is open."""
        for _ in range(2 * DEPTH_MAX):
            if self.talk.flow is None or self.talk.owner != "bot":
                break
            self.talk.say("cancel")
        assert self.talk.flow is None

    @precondition(lambda self: self.talk.owner == "bot" and self.asked is not None)
    @rule(question=st.sampled_from(["how do i return a product", "如何退货"]))
    def digress(self, question: str) -> None:
        """A question in the middle is answered, and what was open, or waits for a yes, follows."""
        flow, asked = self.talk.flow, self.asked
        responses = self.talk.say(question)
        assert "answer" in responses
        assert (self.talk.flow, self.asked) == (flow, asked)
        if self.state.pending is None:
            assert {"ask": asked, "flow": flow} in self.trace
        else:
            assert responses[-1].startswith(("confirm_", "ask_")), responses

    @property
    def asked(self) -> str | None:
        """The slot whose question is open."""
        frame = self.state.frame
        return frame.asked if frame is not None else None

    @property
    def state(self) -> ConversationState:
        """What the dialogue remembers."""
        return ConversationState.from_json(self.talk.state)

    @property
    def trace(self) -> list[Any]:
        """The notes of the last turn."""
        return list(self.talk.last.trace) if self.talk.last else []

    @invariant()
    def state_is_valid(self) -> None:
        """What is stored can be read again, and every open flow stands at a step that is there."""
        state = self.state
        assert state.to_json() == ConversationState.from_json(state.to_json()).to_json()
        if self.talk.last is None:
            return
        assert state.to_json() == self.talk.state
        assert len(state.frames) <= DEPTH_MAX
        for frame in state.frames:
            assert self.talk.bot.flows[frame.flow].step_at(frame.path) is not None

    @invariant()
    def nothing_loops_or_fails(self) -> None:
        """No turn runs out of steps or says more than a person would read."""
        assert not any("failed" in note for note in self.trace)
        assert len(self.talk.texts) <= 8

    @invariant()
    def the_bot_answers(self) -> None:
        """Whoever writes to the bot gets an answer, and waits for a step that asks."""
        if self.talk.last is None or self.talk.owner != "bot":
            return
        assert self.talk.last.replies
        frame = self.state.frame
        # A goal that was begun while a yes is awaited asks its first question after the yes.
        begun = self.state.pending is not None
        if frame is not None and not (begun and frame.asked is None):
            step = self.talk.bot.flows[frame.flow].step_at(frame.path)
            assert frame.asked is not None
            assert asked_slot(step) == frame.asked

    @invariant()
    def nothing_known_is_asked(self) -> None:
        """A question is asked once a turn, and never for what the flow knows already."""
        asked = [(note["flow"], note["ask"]) for note in self.trace if "ask" in note]
        assert len(asked) == len(set(asked))
        for frame in self.state.frames:
            if frame.flow in {flow for flow, _ in asked}:
                assert frame.asked not in frame.slots


AnyTalk.TestCase.settings = settings(
    max_examples=5000,
    stateful_step_count=12,
    deadline=None,
)
TestAnyTalk = AnyTalk.TestCase


def test_the_words_reach_every_flow() -> None:
    """The words above are not all nonsense: each flow of the shop is started by one of them."""
    reached = set()
    for text in WORDS:
        talk = Talk()
        talk.take(Text(text=text))
        reached.add(talk.flow)
        assert said(talk.last) if talk.last and talk.last.replies else True
    assert set(corner_shop().triggers.values()) <= reached | {None}


def test_a_goal_begun_while_a_yes_is_awaited_asks_after_it() -> None:
    """The yes comes first, then the new goal's own question."""
    talk = Talk()
    for text in ("i have a problem", "it leaks", "a@b.example", "urgent"):
        talk.say(text)
    assert talk.say("my email is d@e.example") == ["confirm_change"]

    assert talk.say("i want a quote") == ["confirm_change"]
    assert talk.say("yes") == ["change_made", "ask_product"]
