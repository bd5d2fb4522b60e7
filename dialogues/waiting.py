"""Waiting: a flow that waits for a notice, a result or time, and what ends its waiting."""

from datetime import datetime, timedelta
from typing import Final

import orjson
from pydantic import JsonValue

from channels.messages import Notice
from dialogues.acting import take_result
from dialogues.commands import CannotHandle, ChitChat, Clarify, Command
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.later import TimerRequest, read_result
from dialogues.places import mark
from dialogues.silent import silence_timer
from dialogues.stack import drop
from dialogues.state import Frame
from dialogues.step import Wait
from dialogues.writing import end_waiting, take_written

#: Notices that may let an open flow go on; others are only recorded.
WAKING: Final = frozenset({"action_result", "timer", "told"})

#: Kind of the timers of `wait` steps.
TIMER: Final = "wait"


def wait(x: Exchange, frame: Frame, flow: Flow, step: Wait) -> bool:
    """Begin to wait at the step, or go on waiting; return whether the flow waits now."""
    if frame.waiting is not None and frame.waiting_mark == frame.step:
        return True
    key = f"wait:{x.seq}:{len(x.timers)}"
    frame.waiting, frame.waiting_mark, frame.waiting_noted = key, frame.step, False
    end = x.now + step.up_to
    first = x.now + step.up_to / 2 if step.remind is not None else end
    _set_timer(x, key, at=first, end=end)
    x.note(wait=step.wait, flow=flow.id, until=end.isoformat())
    return True


def _set_timer(x: Exchange, key: str, *, at: datetime, end: datetime) -> None:
    name = f"{key}:end" if at == end else f"{key}:remind"
    payload = {"key": key, "end": end.isoformat()}
    x.timers.append(TimerRequest(TIMER, at, payload, idem_key=name))


def wake(x: Exchange, notice: Notice) -> bool:
    """Do what a notice means for the open flows; return whether the open one goes on."""
    top = x.state.frame
    match notice.name, notice.data.get("timer"):
        case "action_result", _:
            key, result = read_result(notice)
            if take_written(x, key, result):
                return False
            woken = take_result(x, key, result)
        case "told", _:
            woken = _told(x, notice)
        case "timer", "wait":
            woken = _timed(x, notice)
        case "timer", "writing":
            end_waiting(x, notice.data.get("key", ""))
            return False
        case "timer", "silence":
            return silence_timer(x, notice.data.get("key", ""))
        case _:
            return False
    return woken is not None and woken is top


def _told(x: Exchange, notice: Notice) -> Frame | None:
    """End the waiting for a notice of this name, in the newest frame that waits for it."""
    name = notice.data.get("notice", "")
    for frame in reversed(x.state.frames):
        step = _waiting_step(x, frame)
        if step is not None and step.wait == name:
            x.note(told=name, flow=frame.flow)
            known = _data_of(notice)
            saved = {slot: known[key] for key, slot in step.save.items() if key in known}
            frame.slots = {**frame.slots, **saved}
            _go_on(frame)
            return frame
    x.note(told=name, stale=True)
    return None


def _data_of(notice: Notice) -> dict[str, JsonValue]:
    try:
        data = orjson.loads(notice.data.get("data", "{}"))
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}


def _timed(x: Exchange, notice: Notice) -> Frame | None:
    """Remind half way, or end the waiting; a frame that moved on is left alone."""
    key = notice.data.get("key", "")
    frame = next((frame for frame in x.state.frames if frame.waiting == key), None)
    step = _waiting_step(x, frame) if frame is not None else None
    if frame is None or step is None:
        x.note(timer=key, stale=True)
        return None
    end = datetime.fromisoformat(notice.data["end"])
    flow = x.bot.flows[frame.flow]
    if x.now < end - timedelta(seconds=1) and step.remind is not None:
        x.note(timer=key, reminded=True)
        x.say(step.remind, flow=flow, slots=frame.slots)
        _set_timer(x, key, at=end, end=end)
        return None
    x.note(timer=key, ended=frame.flow)
    if step.on_timeout:
        _go_on(frame, "on_timeout")
    elif step.wait is None:
        _go_on(frame)
    else:
        wanted = drop(x.state, frame)
        x.repair("silence", slots={"closed": True, "goal": x.goal(x.bot.flows[wanted.flow])})
    return frame


def _waiting_step(x: Exchange, frame: Frame) -> Wait | None:
    flow = x.bot.flows.get(frame.flow)
    step = flow.step_at(frame.path) if flow is not None else None
    waits = frame.waiting is not None and frame.waiting_mark == frame.step
    return step if isinstance(step, Wait) and waits else None


def _go_on(frame: Frame, branch: str = "") -> None:
    frame.waiting, frame.waiting_mark, frame.waiting_noted = None, "", False
    mark(frame, branch)


def patient(x: Exchange, commands: list[Command]) -> list[Command]:
    """Return the commands of a text, none when all it needs to hear is that we still wait.

    Questions and repair are answered as ever; that something is awaited is told once.
    """
    frame = x.state.frame
    if frame is None or frame.waiting is None or frame.asked is not None or not commands:
        return commands
    if not all(_is_filler(command) for command in commands):
        return commands
    x.note(waiting=frame.waiting)
    if not frame.waiting_noted:
        frame.waiting_noted = True
        x.repair("wait", slots={"goal": x.goal(x.bot.flows[frame.flow])})
    return []


def _is_filler(command: Command) -> bool:
    if isinstance(command, ChitChat):
        return command.intent == "affirm"
    # Who is upset, or asks for something that is offered near, gets more than a "still".
    upset = isinstance(command, CannotHandle) and command.upset
    return isinstance(command, CannotHandle | Clarify) and not upset
