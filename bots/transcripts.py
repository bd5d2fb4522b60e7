"""Transcripts on the move: tells open sockets what was committed, without asking the database."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from crm_store.inbox import Arrival, Stored
from crm_store.outbox import Delivered
from crm_store.transcript import TranscriptEntry

#: Called with new entries of one conversation; an empty list says only "something is new".
Listener = Callable[[Sequence[TranscriptEntry]], None]


class Transcripts:
    """Who listens to which conversation in this process; used on the event loop only.

    It is a shortcut: a listener compares numbers with its own cursor and reads the database
    when one is missing, so a lost call costs time and never a message.
    """

    def __init__(self) -> None:
        self._listeners: dict[UUID, set[Listener]] = {}

    def listen(self, conversation_id: UUID, listener: Listener) -> None:
        """Call `listener` whenever the conversation grows."""
        self._listeners.setdefault(conversation_id, set()).add(listener)

    def forget(self, conversation_id: UUID, listener: Listener) -> None:
        """Stop calling `listener`."""
        listeners = self._listeners.get(conversation_id)
        if listeners is not None:
            listeners.discard(listener)
            if not listeners:
                del self._listeners[conversation_id]

    @property
    def watched(self) -> list[UUID]:
        """Conversations somebody listens to."""
        return list(self._listeners)

    def grew(self, conversation_id: UUID, entries: Sequence[TranscriptEntry] = ()) -> None:
        """Tell the listeners of a conversation; call on the event loop."""
        for listener in list(self._listeners.get(conversation_id, ())):
            listener(entries)

    def arrived(self, stored: Sequence[tuple[Arrival, Stored]]) -> None:
        """Tell listeners about stored arrivals; call on the event loop."""
        for arrival, place in stored:
            if not place.duplicate and place.conversation_id in self._listeners:
                entry = TranscriptEntry(
                    place.seq,
                    arrival.received_at,
                    "in",
                    arrival.message.model_dump(mode="json"),
                )
                self.grew(place.conversation_id, [entry])

    def delivered(self, items: Sequence[Delivered], *, loop: asyncio.AbstractEventLoop) -> None:
        """Tell listeners about delivered messages; call from any thread."""
        entries = [
            (
                item.conversation_id,
                TranscriptEntry(item.seq, item.at, "out", item.message.model_dump(mode="json")),
            )
            for item in items
        ]

        def tell() -> None:
            for conversation_id, entry in entries:
                self.grew(conversation_id, [entry])

        loop.call_soon_threadsafe(tell)
