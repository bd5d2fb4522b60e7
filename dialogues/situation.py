"""Situation: what the policy may know when it decides, and what it reads from it first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from channels.messages import InboundContent
from dialogues.bot import Bot
from dialogues.corrections import Place
from dialogues.flow import Flow
from dialogues.slot import Slot
from dialogues.slot_values import Said
from dialogues.state import ConversationState, Frame
from knowledge_base.answer import SearchResult
from nlu.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Situation:
    """What the policy may know; `search` is a pure look-up in the knowledge base."""

    bot: Bot
    state: ConversationState  #: read only
    content: InboundContent
    understanding: Understanding | None
    region: str  #: ISO 3166, for phone numbers without a country code
    search: Callable[[str], SearchResult]
    #: aware, in the customer's time zone: what "tomorrow" refers to
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def said(self, text: str) -> Said:
        """Return `text` as the parsers of slots take it."""
        return Said(
            text=text,
            bot=self.bot,
            region=self.region,
            understanding=self.understanding,
            now=self.now,
        )

    def places(self) -> Iterator[Place]:
        """Yield where values given before are kept: the open flow first, the ended one last."""
        frames = self.state.frames
        for frame in reversed(frames):
            flow = self.bot.flows.get(frame.flow)
            if flow is not None:
                yield Place(flow, frame, nearest=frame is frames[-1])
        ended = self.state.ended
        flow = self.bot.flows.get(ended.flow) if ended is not None else None
        is_open = ended is not None and any(frame.flow == ended.flow for frame in frames)
        if ended is not None and flow is not None and not is_open:
            yield Place(flow, ended, nearest=False)


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The question the customer was asked last and has not answered."""

    flow: Flow
    frame: Frame
    name: str
    slot: Slot

    @property
    def unsure(self) -> bool:
        """Whether it asks if an old fact is still right."""
        return self.name in self.frame.unsure


def open_question(situation: Situation) -> OpenQuestion | None:
    """Return the open question, or None when nothing is asked."""
    frame = situation.state.frame
    if frame is None or frame.asked is None:
        return None
    flow = situation.bot.flows[frame.flow]
    slot = flow.slots.get(frame.asked)
    return None if slot is None else OpenQuestion(flow, frame, frame.asked, slot)
