"""Queueing: keeps further goals of one message for after the one that starts now."""

from dialogues.commands import QueueFlows
from dialogues.endings import joined
from dialogues.exchange import Exchange
from dialogues.executor import start
from dialogues.repairing import repair
from dialogues.stack import bring_up
from dialogues.state import DEPTH_MAX


def queue_flows(x: Exchange, command: QueueFlows) -> None:
    """Put the goals below the one that starts next, first come first, and announce them."""
    waiting: list[str] = []
    open_frame = x.state.frame
    room = DEPTH_MAX - len(x.state.frames) - 1
    for begin in reversed(command.starts[: max(room, 0)]):
        if any(frame.flow == begin.flow for frame in x.state.frames):
            continue
        start(x, begin.flow, begin.slots, words=begin.words)
        frame = x.state.frame
        if frame is not None:
            frame.begun = False
            frame.misfits = dict(begin.misfits)
            waiting.insert(0, x.goal(x.bot.flows[begin.flow]))
    if command.behind and open_frame is not None:
        bring_up(x.state, open_frame.flow)
    if waiting:
        repair(x, "queue", slots={"goals": joined(x, waiting)})
