"""Whatever is said and however flows are changed meanwhile, the dialogue stays sound."""

import tempfile
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.messages import Choice, InboundContent, Text
from crm_store.tickets import Ticket
from dialogues.bot import Bot
from dialogues.state import DEPTH_MAX, ConversationState
from dialogues.step import Collect, asked_slot
from tests.dialogues.small_bots import bot_of
from tests.dialogues.talks import Talk, said
from tests.dialogues.test_flow_faults import FLOWS, MAIN, PART

OTHER = """\
triggers: [other]
slots: {taste: {type: text, ask: ask_taste}, rating: {type: rating, ask: ask_rating}}
steps: [{collect: taste}, {call: part, with: {kind: small}}, {collect: rating}]
responses:
  ask_taste: {en: "Taste?", zh: "口味？"}
  ask_rating: {en: "Stars?", zh: "几星？"}
"""

#: Versions of the flows, from one turn to the next.
VERSIONS = (
    {**FLOWS, "other": OTHER},
    {
        "main": MAIN.replace("  - collect: urgency\n", "  - say: bye\n  - collect: urgency\n"),
        "part": PART.replace("  - collect: kind\n", ""),
        "rest": FLOWS["rest"],
        "other": OTHER.replace("kind: small", 'kind: big, size: 4'),
    },
    {
        "main": MAIN.replace("{low: {en: Low", "{least: {en: Low")
        .replace("      low:", "      least:")
        .replace("is: low", "is: least")
        .replace("urgency: low", "urgency: least")
        .replace("  - id: chosen\n    choose", "  - choose"),
        "piece": PART.replace("renamed: {flow: [piece]", "renamed: {flow: [part]"),
        "rest": FLOWS["rest"],
    },
)  # fmt: skip


@cache
def version(number: int) -> Bot:
    """Return the bot in one of its versions."""
    flows = dict(VERSIONS[number])
    if number == 2:
        flows["main"] = flows["main"].replace("call: part", "call: piece")
    return bot_of(Path(tempfile.mkdtemp()), flows)


_SAID = st.sampled_from(
    [
        *("the lid is loose", "urgent", "high", "yes", "no", "好的", "red", "the second one", "5"),
        *("the lid is loose", "urgent", "yes", "red", "7 boxes", "big", "5", "urgent", "yes"),
        *("skip", "cancel", "start over", "human", "qwrtz", "没有", "How do I return a product?"),
        *("no, 5 not 7", "hello", "repeat", "{x} **b**"),
    ]
).map(lambda text: Text(text=text))
_PRESSED = st.sampled_from(
    [
        *("flow:main", "flow:other", "flow:rest", "flow:part", "slot:urgency:high"),
        *("slot:agreed:yes", "slot:colour:blue", "slot:kind:big", "slot:size:4", "bot", "skip"),
        *("slot:rating:5", "slot:amount:7", "slot:urgency:least", "cancel"),
    ]
).map(lambda value: Choice(value=value))
_TURNS = st.lists(
    st.tuples(st.one_of(_SAID, _SAID, _SAID, _PRESSED), st.sampled_from([0, 0, 0, 1, 2])),
    min_size=20,
    max_size=30,
)


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(_TURNS)
def test_any_talk_with_flows_that_change_stays_sound(
    turns: list[tuple[InboundContent, int]],
) -> None:
    """Every wait has its question, nothing runs in circles, and no act is done twice."""
    talk = Talk(bot=version(0))
    talk.press("flow:main")
    begun = 1
    for content, number in turns:
        talk.bot = version(number)
        starts = isinstance(content, Choice) and content.value == "flow:main"
        begun += starts and "main" not in [f["flow"] for f in talk.state.get("frames", [])]
        result = talk.take(content)
        assert "something_went_wrong" not in said(result), result.trace
        state = ConversationState.from_json(result.state)
        assert state.to_json() == result.state
        assert len(state.frames) <= DEPTH_MAX
        for frame in state.frames if result.owner == "bot" else ():
            flow = talk.bot.flows[frame.flow]
            step = flow.step_at(frame.path)
            assert step is not None
            assert frame.asked is None or asked_slot(step) in {frame.asked, None}
        if state.frame is not None and result.owner == "bot" and result.replies:
            step = talk.bot.flows[state.frame.flow].step_at(state.frame.path)
            assert asked_slot(step) == state.frame.asked
            assert state.frame.asked not in state.frame.slots or isinstance(step, Collect)
        assert talk.count(Ticket) <= begun
    if talk.owner == "queue":
        talk.say("cancel")
    while talk.state.get("frames"):
        open_flows = len(talk.state["frames"])
        assert talk.say("cancel")[0] == "cancelled"
        assert len(talk.state.get("frames", [])) < open_flows
    talk.session.get_bind().dispose()  # type: ignore[union-attr] # bound to an engine
