"""Mending: fits the open flows of a conversation to the bot as it is now."""

from dialogues.exchange import Exchange
from dialogues.places import place_name
from dialogues.state import Frame
from dialogues.step import Act, Collect, Wait


def mend(x: Exchange) -> bool:
    """Fit open flows to the bot as it is now; return whether the open one begins again."""
    kept: list[Frame] = []
    restarted = False
    gone = False
    for frame in x.state.frames:
        flow = x.bot.flows.get(frame.flow)
        restarted = False
        if flow is None:
            gone = True
            continue
        step = flow.step_at(frame.path)
        waits = (isinstance(step, Collect) and step.collect == frame.asked) or (
            isinstance(step, Act | Wait)
            and frame.waiting_mark.partition("#")[0] == place_name(frame.path)
        )
        if not waits and (frame.flow_hash != flow.hash or step is None):
            frame.path, frame.asked, frame.attempts, frame.done = (0,), None, 0, []
            frame.waiting, frame.waiting_mark = None, ""
            restarted = True
        if waits and frame.flow_hash != flow.hash:
            frame.done = []
        frame.flow_hash = flow.hash
        kept.append(frame)
    x.state.frames = kept
    if restarted and kept:
        x.repair("changed", slots={"goal": x.goal(x.bot.flows[kept[-1].flow])})
    elif gone and not kept:
        x.repair("changed")
        return True
    return restarted
