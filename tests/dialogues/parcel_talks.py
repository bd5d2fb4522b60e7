"""Conversations with a bot that waits: for slow actions, for notices and for time."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from pydantic import JsonValue

from channels.messages import InboundContent, Notice
from dialogues.bot import Bot, load_bot
from dialogues.exchange import Exchange
from dialogues.later import ActionRequest, ActionResult, TimerRequest, result_notice
from dialogues.state import ConversationState, Frame
from dialogues.turn import TurnInput, TurnResult
from tests.dialogues.talks import NOW, Talk, said, search

FOLDER = Path(__file__).parent / "parcels"


@cache
def parcels() -> Bot:
    """Return the bot."""
    return load_bot(FOLDER)


@dataclass
class WaitingTalk(Talk):
    """A conversation on a clock of its own, with the timers and requests the engine would keep."""

    bot: Bot = field(default_factory=parcels)
    clock: datetime = NOW
    window: timedelta | None = None
    timers: dict[str, TimerRequest] = field(default_factory=dict)
    requests: list[ActionRequest] = field(default_factory=list)

    def input(self, content: InboundContent) -> TurnInput:
        """Return the next turn's input, now."""
        return replace(super().input(content), now=self.clock, reply_window=self.window)

    def take(self, content: InboundContent) -> TurnResult:
        """Take one turn and keep what it leaves to be done later."""
        result = super().take(content)
        for timer in result.timers:
            assert timer.idem_key not in self.timers, "a timer is set twice"
            self.timers.pop(timer.replaces or "", None)
            self.timers[timer.idem_key] = timer
        self.requests += result.requests
        return result

    def returns(self, reason: str | None = None, **values: JsonValue) -> list[str]:
        """Let the newest request come back; return the ids of what the bot said."""
        return self.returns_to(self.requests[-1].key, reason, **values)

    def returns_to(self, key: str, reason: str | None = None, **values: JsonValue) -> list[str]:
        """Let a result come back under `key`."""
        return said(self.take(result_notice(key, ActionResult(values, reason))))

    def told(self, name: str, **data: JsonValue) -> list[str]:
        """Tell something from outside."""
        text = orjson.dumps(data).decode()
        return said(self.take(Notice(name="told", data={"notice": name, "data": text})))

    def passes(self, span: timedelta) -> list[str]:
        """Let time pass and fire what is due; return the ids of what the bot said."""
        end = self.clock + span
        spoken: list[str] = []
        while due := sorted(
            ((t.due_at, key) for key, t in self.timers.items() if t.due_at <= end)
        ):
            self.clock, key = due[0]
            timer = self.timers.pop(key)
            data = {"timer": timer.kind, **timer.payload}
            spoken += said(self.take(Notice(name="timer", data=data)))
        self.clock = end
        return spoken

    def exchange(self, *frames: Frame) -> Exchange:
        """Return a turn under way with these frames open."""
        return Exchange(
            bot=self.bot,
            session=self.session,
            customer=self.customer,
            conversation_id=self.address.conversation_id,
            seq=self.seq + 1,
            channel="webchat",
            language="en",
            words="",
            state=ConversationState(frames=list(frames)),
            owner="bot",
            owner_epoch=0,
            lookup=search,
            now=self.clock,
        )

    @property
    def notes(self) -> list[dict[str, Any]]:
        """The trace of the last turn."""
        return [item for item in self.last.trace if isinstance(item, dict)] if self.last else []
