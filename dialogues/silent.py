"""A silent customer: reminded once of the open question, then the flow is closed politely.

At most one timer of a conversation is pending. It is not moved when the customer writes: fired
too early, it is set again for the time that is left, so most turns write none.
"""

from datetime import datetime, timedelta
from typing import Final

from dialogues import stack
from dialogues.again import say_again
from dialogues.exchange import Exchange
from dialogues.later import TimerRequest
from dialogues.silence import SilenceLimits
from dialogues.state import Silent

#: Kind of the timers.
TIMER: Final = "silence"

#: A timer that is overdue for so long was lost, and is set again.
LOST: Final = timedelta(hours=1)


def watch(x: Exchange) -> None:
    """Note that the customer wrote, and see to it that silence after it is noticed."""
    x.state.spoke_at = x.now.isoformat()
    limits = _limits(x)
    first = (limits.remind or limits.close) if limits is not None else None
    if first is None:
        x.state.silence = None
        return
    silent = x.state.silence
    if silent is not None and silent.key is not None:
        due = datetime.fromisoformat(silent.due)
        if x.now - LOST < due <= x.now + first:
            silent.reminded = False
            return
    if _asks(x):
        _set_timer(x, x.now + first, reminded=False)


def _limits(x: Exchange) -> SilenceLimits | None:
    silence = x.bot.file.silence
    return silence.limits(x.channel) if silence is not None else None


def _asks(x: Exchange) -> bool:
    frame = x.state.frame
    if x.owner != "bot" or frame is None:
        return False
    return frame.asked is not None or x.state.pending is not None


def _set_timer(x: Exchange, at: datetime, *, reminded: bool) -> None:
    """Set the timer, in place of the one that is pending."""
    key = f"silence:{x.seq}"
    pending = x.state.silence.key if x.state.silence is not None else None
    x.state.silence = Silent(key=key, due=at.isoformat(), reminded=reminded)
    x.timers.append(TimerRequest(TIMER, at, {"key": key}, idem_key=key, replaces=pending))


def silence_timer(x: Exchange, key: str) -> bool:
    """Do what the silence up to now asks for; return whether the open flow goes on."""
    silent, limits = x.state.silence, _limits(x)
    if silent is None or silent.key != key:
        x.note(silence="stale")
        return False
    x.state.silence = None
    if limits is None or not _asks(x) or x.state.spoke_at is None:
        x.note(silence="nothing is open")
        return False
    since = datetime.fromisoformat(x.state.spoke_at)
    reminds = limits.remind is not None and not silent.reminded
    wanted = limits.remind if reminds else limits.close
    if wanted is None:
        return False
    if x.now < since + wanted:
        x.note(silence="not long enough")
        _set_timer(x, since + wanted, reminded=silent.reminded)
        return False
    if not reminds:
        _close(x)
        return False
    x.note(silence="reminded")
    if limits.close is not None:
        _set_timer(x, since + limits.close, reminded=True)
    x.repair("silence", slots={"closed": False, "goal": _goal(x)})
    if x.state.pending is None:
        return True
    say_again(x, most=1)  # what is asked is not the flow's own question
    return False


def _goal(x: Exchange) -> str:
    wanted = stack.wanted(x.state)
    return x.goal(x.bot.flows[wanted.flow]) if wanted is not None else ""


def _close(x: Exchange) -> None:
    x.note(silence="closed", ended=[frame.flow for frame in x.state.frames])
    goal = _goal(x)
    x.state.frames.clear()
    x.state.pending = None
    x.state.failures = 0
    x.repair("silence", slots={"closed": True, "goal": goal})
