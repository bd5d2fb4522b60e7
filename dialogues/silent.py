"""A silent customer: reminded once of the open question, then the flow is closed politely.

At most one timer of a conversation is pending. It is not moved when the customer writes: fired
too early, it is set again for the time that is left, so most turns write none.
"""

from datetime import datetime, timedelta
from typing import Final

from dialogues.exchange import Exchange
from dialogues.later import TimerRequest
from dialogues.state import Silent

#: Kind of the timers.
TIMER: Final = "silence"

#: A timer that is overdue for so long was lost, and is set again.
LOST: Final = timedelta(hours=1)


def watch(x: Exchange) -> None:
    """Note that the customer wrote, and see to it that silence after it is noticed."""
    x.state.spoke_at = x.now.isoformat()
    limits = x.bot.file.silence.limits(x.channel) if x.bot.file.silence is not None else None
    due = x.state.silence.due if x.state.silence is not None else None
    pending = due is not None and datetime.fromisoformat(due) > x.now - LOST
    if limits is None or not (pending or _asks(x)):
        x.state.silence = None
        return
    x.state.silence = Silent(due=due if pending else None)
    first = limits.remind or limits.close
    if not pending and first is not None:
        _set_timer(x, x.now + first)


def _asks(x: Exchange) -> bool:
    frame = x.state.frame
    return x.owner == "bot" and frame is not None and frame.asked is not None


def _set_timer(x: Exchange, at: datetime) -> None:
    due = at.isoformat()
    x.state.silence = Silent(due=due, reminded=bool(x.state.silence and x.state.silence.reminded))
    x.timers.append(TimerRequest(TIMER, at, {"due": due}, idem_key=f"silence:{x.seq}"))


def silence_timer(x: Exchange, due: str) -> bool:
    """Do what the silence up to now asks for; return whether the open flow goes on."""
    silent = x.state.silence
    if silent is None or silent.due != due:
        x.note(silence="stale")
        return False
    limits = x.bot.file.silence.limits(x.channel) if x.bot.file.silence is not None else None
    if limits is None or not _asks(x) or x.state.spoke_at is None:
        x.state.silence = None
        x.note(silence="nothing is open")
        return False
    silent.due = None
    since = datetime.fromisoformat(x.state.spoke_at)
    reminds = limits.remind is not None and not silent.reminded
    wanted = limits.remind if reminds else limits.close
    if wanted is None:
        x.state.silence = None
        return False
    if x.now < since + wanted:
        x.note(silence="not long enough")
        _set_timer(x, since + wanted)
        return False
    if not reminds:
        _close(x)
        return False
    silent.reminded = True
    x.note(silence="reminded")
    if limits.close is not None:
        _set_timer(x, since + limits.close)
    goal = x.goal(x.bot.flows[x.state.frames[-1].flow])
    x.repair("silence", slots={"closed": False, "goal": goal})
    return True


def _close(x: Exchange) -> None:
    x.note(silence="closed", ended=[frame.flow for frame in x.state.frames])
    goal = x.goal(x.bot.flows[x.state.frames[-1].flow])
    x.state.frames.clear()
    x.state.silence = None
    x.state.failures = 0
    x.repair("silence", slots={"closed": True, "goal": goal})
