"""Correcting: carries out corrections; what was passed on already is changed only after a yes."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from dialogues.amending import amend, note_for_desk
from dialogues.cancelling import cancel_all, cancel_flow, staying
from dialogues.commands import (
    CancelAll,
    CancelFlow,
    Confirm,
    Correction,
    CorrectSlots,
    ForgetSlot,
)
from dialogues.endings import joined
from dialogues.exchange import Exchange
from dialogues.repairing import repair
from dialogues.responses import option, shown
from dialogues.revision import forget, passed_on, revise
from dialogues.state import DEPTH_MAX, Change, Frame, Pending

#: Times that a question for a yes is put again while the customer talks of other things.
ASKED_MAX = 2

_ByFlow = dict[str, dict[str, JsonValue]]


def correct_slots(x: Exchange, command: CorrectSlots) -> None:
    """Replace what can be replaced, acknowledge it in one go, and ask about the rest."""
    now: _ByFlow = {}
    later: list[Change] = []
    for flow, values in _by_flow(command.corrections).items():
        frame = _frame(x, flow)
        if frame is None:
            continue
        if passed_on(x, frame, set(values)):
            later += [Change(flow=flow, slot=n, value=v) for n, v in values.items()]
        else:
            now[flow] = values
    if now:
        _say_corrected(x, now)
    for flow, values in now.items():
        _replace(x, flow, values)
    pending = x.state.pending
    if later:
        kept = pending.changes if pending is not None and pending.kind == "correct" else []
        new = {(c.flow, c.slot) for c in later}
        later = [*(c for c in kept if (c.flow, c.slot) not in new), *later]
        x.state.pending = Pending(kind="correct", changes=later)
        ask_pending(x)
    elif pending is not None and pending.kind == "new_value":
        x.state.pending = None


def forget_slot(x: Exchange, command: ForgetSlot) -> None:
    """Ask anew for a value: in its flow where that is open, else here and now."""
    frame = _frame(x, command.flow)
    if frame is None:
        return
    order = x.bot.flows[frame.flow].collected
    # Its own question does when no other comes first.
    comes_next = frame.asked not in order or command.slot in order[: order.index(frame.asked)]
    alone = frame is x.state.frame and not passed_on(x, frame, {command.slot})
    if alone and comes_next:
        repair(x, "change", slots={"value": None})
        forget(x, frame, command.slot)
        return
    ask_new_value(x, command.flow, command.slot)


def ask_new_value(x: Exchange, flow: str, slot: str) -> None:
    """Ask what a value given before should be instead; the open question waits."""
    frame = _frame(x, flow)
    old = frame.slots.get(slot) if frame is not None else None
    x.state.pending = Pending(kind="new_value", changes=[Change(flow=flow, slot=slot, value=old)])
    ask_pending(x)


def ask_pending(x: Exchange) -> None:
    """Put the question that waits for a yes or a new value; nothing else is asked besides."""
    pending = x.state.pending
    if pending is None:
        return
    x.held = True
    if pending.kind == "new_value":
        change = pending.changes[0]
        repair(x, "change", slots={"value": _shown(x, {change.flow: {change.slot: change.value}})})
        return
    options = [
        option(x.bot, "confirm:yes", "label_yes", x.language),
        option(x.bot, "confirm:no", "label_no", x.language),
    ]
    if pending.kind == "correct":
        slots: dict[str, JsonValue] = {"old": _old(x, pending), "value": _new(x, pending)}
        repair(x, "confirm_change", slots=slots, options=options)
        return
    frames = x.state.frames[-1:] if pending.kind == "cancel" else x.state.frames
    repair(x, "confirm_cancel", slots={"stays": staying(x, frames)}, options=options)


def ask_pending_again(x: Exchange) -> None:
    """Put the question again after something else, or leave things as they are in the end."""
    pending = x.state.pending
    if pending is None or x.held:
        return
    if pending.asked >= ASKED_MAX:
        confirm(x, Confirm(False))
        return
    pending.asked += 1
    ask_pending(x)


def confirm(x: Exchange, command: Confirm) -> None:
    """Do, or leave, what waited for a yes."""
    pending, x.state.pending = x.state.pending, None
    if pending is None:
        return
    match pending.kind:
        case "correct" if command.yes:
            _change_what_was_done(x, pending)
        case "cancel" if command.yes:
            cancel_flow(x, CancelFlow(), sure=True)
        case "cancel_all" if command.yes:
            cancel_all(x, CancelAll(), sure=True)
        case "correct":
            repair(x, "keep", slots={"value": _old(x, pending)})
        case "new_value":
            values = {c.flow: {c.slot: c.value} for c in pending.changes}
            repair(x, "keep", slots={"value": _shown(x, values)})
        case _:
            repair(x, "keep", slots={"value": None})


def _change_what_was_done(x: Exchange, pending: Pending) -> None:
    by_flow = _by_flow(Correction(c.flow, c.slot, c.value) for c in pending.changes)
    noted = False
    for flow_id, values in by_flow.items():
        frame = _frame(x, flow_id)
        if frame is None:
            continue
        flow, before = x.bot.flows[flow_id], frame.model_copy()
        done = passed_on(x, frame, set(values))
        frame.slots = {**frame.slots, **values}
        # Every one is asked, whatever the others can do.
        amended = [amend(x, frame, flow, path) for path in done]
        if not all(amended):
            noted = True
            note_for_desk(x, frame, flow, before, set(values))
    repair(x, "changed_done", slots={"value": _shown(x, by_flow), "noted": noted})
    for flow_id, values in by_flow.items():
        _replace(x, flow_id, values)


def _replace(x: Exchange, flow: str, values: Mapping[str, JsonValue]) -> None:
    """Replace values in an open flow, or go once more through the one that ended last."""
    frame = _frame(x, flow)
    if frame is None:
        return
    revise(x, frame, values)
    if frame is x.state.ended and len(x.state.frames) < DEPTH_MAX:
        frame.walked_again = True
        x.state.ended, x.state.ended_at = None, ""
        x.state.frames.append(frame)


def _say_corrected(x: Exchange, by_flow: _ByFlow) -> None:
    repair(x, "correct", slots={"value": _shown(x, by_flow)})


def _frame(x: Exchange, flow: str) -> Frame | None:
    open_frame = next((f for f in reversed(x.state.frames) if f.flow == flow), None)
    if open_frame is not None:
        return open_frame
    ended = x.state.ended
    return ended if ended is not None and ended.flow == flow else None


def _by_flow(corrections: Iterable[Correction]) -> _ByFlow:
    found: _ByFlow = {}
    for correction in corrections:
        found.setdefault(correction.flow, {})[correction.slot] = correction.value
    return found


def _shown(x: Exchange, by_flow: Mapping[str, Mapping[str, JsonValue]]) -> str:
    return joined(
        x,
        [
            shown(x.bot, x.bot.flows[flow], name, value, language=x.language)
            for flow, values in by_flow.items()
            for name, value in values.items()
        ],
    )


def _new(x: Exchange, pending: Pending) -> str:
    return _shown(x, _by_flow(Correction(c.flow, c.slot, c.value) for c in pending.changes))


def _old(x: Exchange, pending: Pending) -> str:
    old: _ByFlow = {}
    for change in pending.changes:
        frame = _frame(x, change.flow)
        value = frame.slots.get(change.slot) if frame is not None else None
        old.setdefault(change.flow, {})[change.slot] = value
    return _shown(x, old)
