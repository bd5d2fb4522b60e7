"""Merging: replies of one turn as few messages, where the channel counts them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from channels.messages import TEXT_MAX, Choices, OutboundContent, Text
from crm_store.timeline import Entry
from dialogues.exchange import Reply
from dialogues.turn import TurnResult

_SENT: Final = "message_sent"


def merged(result: TurnResult, *, pieces: Callable[[OutboundContent], int]) -> TurnResult:
    """Return `result` with texts joined to what follows them, as long as that is one message.

    The timeline then tells of the messages that are sent, not of their parts.

    Args:
        result: of a turn.
        pieces: how many messages a content is on the channel.
    """
    if len(result.replies) < 2:
        return result
    replies: list[Reply] = []
    gone: set[int] = set()  #: positions among the replies that were joined to the one before
    for position, reply in enumerate(result.replies):
        joined = _joined(replies[-1], reply) if replies else None
        if joined is not None and pieces(joined.content) == 1:
            replies[-1] = joined
            gone.add(position)
        else:
            replies.append(reply)
    if not gone:
        return result
    return replace(result, replies=tuple(replies), entries=_entries(result.entries, replies, gone))


def _joined(first: Reply, second: Reply) -> Reply | None:
    if first.purpose != second.purpose or not isinstance(first.content, Text):
        return None
    content = second.content
    if not isinstance(content, Text | Choices):
        return None
    text = f"{first.content.text}\n\n{content.text}"
    if len(text) > TEXT_MAX:
        return None
    return replace(second, content=content.model_copy(update={"text": text}))


def _entries(
    entries: tuple[Entry, ...], replies: list[Reply], gone: set[int]
) -> tuple[Entry, ...]:
    """Return the entries of a turn with those of joined replies put together."""
    kept: list[Entry] = []
    position = -1
    left = iter(replies)
    for entry in entries:
        if entry.kind != _SENT:
            kept.append(entry)
            continue
        position += 1
        if position in gone:
            continue
        reply = next(left)
        data = {**entry.data, "content": reply.content.model_dump(mode="json")}
        kept.append(replace(entry, data=data))
    return tuple(kept)
