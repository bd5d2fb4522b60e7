"""The stack: the open flows, each with those that it called right above it.

A flow and what it called are one thing for the customer: they are brought up, cancelled, dropped
and handed over together. Such a run of frames is called a goal here; its lowest frame is what the
customer wanted.
"""

from pydantic import JsonValue

from dialogues.state import DEPTH_MAX, ConversationState, Frame


def goals(state: ConversationState) -> list[list[Frame]]:
    """Return the open flows goal by goal, the open one last."""
    found: list[list[Frame]] = []
    for frame in state.frames:
        if frame.called and found:
            found[-1].append(frame)
        else:
            found.append([frame])
    return found


def wanted(state: ConversationState) -> Frame | None:
    """Return the frame of what the customer wants now, below whatever it called."""
    every = goals(state)
    return every[-1][0] if every else None


def known(state: ConversationState) -> dict[str, JsonValue]:
    """Return what is known for what the customer wants, by it and by what it called."""
    every = goals(state)
    frames = every[-1] if every else []
    return {name: value for frame in frames for name, value in frame.slots.items()}


def close(state: ConversationState) -> Frame:
    """Close the open flow with every flow that called it; return what the customer wanted."""
    frames = goals(state)[-1]
    del state.frames[-len(frames) :]
    return frames[0]


def drop(state: ConversationState, frame: Frame) -> Frame:
    """Close the goal that the open flow of `frame` belongs to; return what the customer wanted."""
    goal = next((goal for goal in goals(state) if any(each is frame for each in goal)), [frame])
    state.frames = [each for each in state.frames if not any(each is gone for gone in goal)]
    return goal[0]


def bring_up(state: ConversationState, flow: str) -> Frame | None:
    """Bring the goal with the open flow `flow` to the top; return its frame, None: not open."""
    for goal in reversed(goals(state)):
        for frame in reversed(goal):
            if frame.flow == flow:
                others = [each for each in state.frames if not any(each is g for g in goal)]
                state.frames = [*others, *goal]
                return frame
    return None


def make_room(state: ConversationState, *, calling: bool) -> list[Frame]:
    """Drop the oldest goals until one more frame fits; return what the customer wanted of them.

    Args:
        state: whose stack.
        calling: the frame is for a flow that the open one calls, which must not be dropped.
    """
    dropped: list[Frame] = []
    while len(state.frames) >= DEPTH_MAX:
        every = goals(state)
        if calling and len(every) == 1:
            break
        del state.frames[: len(every[0])]
        dropped.append(every[0][0])
    return dropped
