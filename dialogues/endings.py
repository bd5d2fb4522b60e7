"""Endings: keeps the flow that ended last for corrections, and hands on what it found out."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from dialogues.exchange import Exchange
from dialogues.facts import remember
from dialogues.flow import Flow
from dialogues.responses import label, shown
from dialogues.slot import Slot
from dialogues.state import Frame

#: How long the values of a flow that is over can be corrected.
KEPT_FOR: Final = timedelta(hours=24)

#: Slots that mean the same wherever they have the same name.
_SHARED: Final = frozenset({"email", "phone", "name", "company", "entity"})


def note_end(x: Exchange, frame: Frame) -> None:
    """Keep a flow that is over as the one that ended last, and what the customer said of self."""
    remember(x, frame)
    frame.asked, frame.misfits = None, {}
    if frame.called:
        return  # what it found out goes to its caller
    x.state.ended, x.state.ended_at = frame, x.now.isoformat()


def forget_old(x: Exchange) -> None:
    """Forget the flow that ended last when that is long ago, and questions about what is gone."""
    _forget_old_end(x)
    pending = x.state.pending
    if pending is None:
        return
    ended = [x.state.ended] if x.state.ended is not None else []
    there = {frame.flow for frame in (*x.state.frames, *ended)}
    known = all(
        change.flow in there and change.slot in x.bot.flows[change.flow].slots
        for change in pending.changes
    )
    if not known or (not pending.changes and not x.state.frames):
        x.state.pending = None


def _forget_old_end(x: Exchange) -> None:
    ended = x.state.ended
    if ended is None:
        return
    flow = x.bot.flows.get(ended.flow)
    try:
        old = x.now - datetime.fromisoformat(x.state.ended_at) > KEPT_FOR
    except (ValueError, TypeError):
        old = True
    if old or flow is None or flow.hash != ended.flow_hash:
        x.state.ended, x.state.ended_at = None, ""


def take_over(x: Exchange, over: Frame) -> str:
    """Give what the flow that is over found out to the open one; return it as it is shown."""
    frame = x.state.frame
    if frame is None or not frame.begun:
        return ""
    theirs, ours = x.bot.flows[over.flow], x.bot.flows[frame.flow]
    taken: dict[str, JsonValue] = {
        name: value
        for name, value in over.slots.items()
        if value is not None
        and name not in frame.slots
        and name in ours.collected
        and _is_same(theirs.slots.get(name), ours.slots[name])
    }
    frame.slots = {**frame.slots, **taken}
    frame.unsure = {n: v for n, v in frame.unsure.items() if n not in taken}
    if taken:
        x.note(taken_over=[*sorted(taken)])
    return listed(x, ours, taken)


def _is_same(theirs: Slot | None, ours: Slot) -> bool:
    if theirs is None or ours.type not in _SHARED:
        return False
    return (theirs.type, theirs.entity) == (ours.type, ours.entity)


def listed(x: Exchange, flow: Flow, values: dict[str, JsonValue]) -> str:
    """Return slots' values as the customer reads them, one after the other."""
    return joined(x, [shown(x.bot, flow, n, v, language=x.language) for n, v in values.items()])


def joined(x: Exchange, parts: list[str]) -> str:
    """Return `parts` as a list in a sentence: "30 and b@x.com", "30 和 b@x.com"."""
    kept = list(dict.fromkeys(part for part in parts if part))
    if len(kept) < 2:
        return "".join(kept)
    word = label(x.bot, "label_and", x.language)
    if x.language.startswith("zh"):
        return f"{'、'.join(kept[:-1])}{word}{kept[-1]}"
    return f"{', '.join(kept[:-1])} {word} {kept[-1]}"
