"""Cancelling: stops what is open; what was passed on already stays, and the customer knows."""

from dialogues.commands import CancelAll, CancelFlow
from dialogues.endings import joined
from dialogues.exchange import Exchange
from dialogues.executor import resume
from dialogues.repairing import repair
from dialogues.responses import menu
from dialogues.revision import irrevocable
from dialogues.stack import goals
from dialogues.state import Frame, Pending


def cancel_flow(x: Exchange, _: CancelFlow, *, sure: bool = False) -> None:
    """Stop the open goal; ask first when something of it cannot be taken back."""
    if not x.state.frames:
        repair(x, "cancel", options=menu(x.bot, x.language))
        return
    frames = goals(x.state)[-1]
    if not sure and staying(x, frames):
        x.state.pending = Pending(kind="cancel", asked=0)
        return
    stays = staying(x, frames)
    del x.state.frames[-len(frames) :]
    repair(
        x, "cancel", slots={"goal": x.goal(x.bot.flows[frames[0].flow]), "stays": stays or None}
    )
    resume(x)


def cancel_all(x: Exchange, _: CancelAll, *, sure: bool = False) -> None:
    """Stop everything that is open; ask first when something cannot be taken back."""
    if len(goals(x.state)) < 2:
        cancel_flow(x, CancelFlow(), sure=sure)
        return
    stays = staying(x, x.state.frames)
    if stays and not sure:
        x.state.pending = Pending(kind="cancel_all", asked=0)
        return
    names = [x.goal(x.bot.flows[every[0].flow]) for every in reversed(goals(x.state))]
    x.state.frames.clear()
    repair(
        x,
        "cancel_all",
        slots={"goals": joined(x, names), "stays": stays or None},
        options=menu(x.bot, x.language),
    )


def staying(x: Exchange, frames: list[Frame]) -> str:
    """Return what has been passed on and stays, as the customer calls it."""
    found: list[str] = []
    for frame in frames:
        if irrevocable(x, frame):
            goal = x.goal(x.bot.flows[frame.flow])
            numbers = [str(v) for k, v in frame.slots.items() if k.endswith("number") and v]
            found.append(f"{goal} ({', '.join(numbers[:2])})" if numbers else goal)
    return joined(x, found)
