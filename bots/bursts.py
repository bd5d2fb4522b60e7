"""Bursts: texts written one right after the other, taken as one turn once their writer pauses.

"hi" / "my order" / "is late" is one thing said in three messages. The grouping follows from the
stored items alone, so whoever looks next, in whatever process, groups them in the same way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from channels.messages import Text
from crm_store.inbox import PER_CONVERSATION, Undone
from dialogues.quiet import quiet_time

#: Messages of one burst; as many as a look at the inbox shows of a conversation.
MESSAGES_MAX: Final = PER_CONVERSATION
#: Code points of one burst, line breaks between its messages included.
CHARACTERS_MAX: Final = 2_000
#: A burst that does not end waits so many quiet times since its first message.
PATIENCE: Final = 3
#: The end of a whole sentence, with what may close it or decorate it; dots go on.
_WHOLE: Final = re.compile(r"(?:(?<![.。])[.。](?![.。])|[!?！？])\W*\Z")
#: What is looked at of a text's end.
_END: Final = 40


@dataclass(slots=True)
class Gathered:
    """What may be worked now, and when the next of what must wait may be."""

    ready: list[Undone] = field(default_factory=list)
    ripe_at: datetime | None = None  #: None: nothing waits


def gather(items: Iterable[Undone], quiet: Mapping[str, timedelta], *, now: datetime) -> Gathered:
    """Join the bursts among `items`, and leave out those that may still grow.

    Args:
        items: oldest undone ones of some conversations, each conversation's together in order.
        quiet: quiet times by channel.
        now: the time.
    """
    gathered = Gathered()
    for _, group in groupby(items, key=lambda item: item.conversation_id):
        own = list(group)
        pause = quiet_time(quiet, own[0].message.address.channel)
        # Suspected messages are tried one at a time, and people read each message by itself.
        if not pause or own[0].owner != "bot" or any(item.attempts for item in own):
            gathered.ready += own
            continue
        *whole, last = _bursts(own, pause)
        gathered.ready += [_joined(burst) for burst in whole]
        if _is_closed(last):
            gathered.ready.append(_joined(last))
        elif whole and len(own) >= PER_CONVERSATION:
            continue  # there may be more of it than this look shows; the next look begins with it
        elif (ripe_at := _ripe_at(last, pause, now)) <= now:
            gathered.ready.append(_joined(last))
        else:
            gathered.ripe_at = min(ripe_at, gathered.ripe_at or ripe_at)
    return gathered


def _bursts(items: Sequence[Undone], pause: timedelta) -> list[list[Undone]]:
    """Return one conversation's items in groups that belong together, in order."""
    bursts: list[list[Undone]] = []
    for item in items:
        if bursts and _goes_on(bursts[-1], item, pause):
            bursts[-1].append(item)
        else:
            bursts.append([item])
    return bursts


def _goes_on(burst: Sequence[Undone], item: Undone, pause: timedelta) -> bool:
    content = item.message.content
    return (
        isinstance(content, Text)
        # However late they are worked: what was written after a pause is another turn.
        and item.received_at <= burst[-1].received_at + pause
        and item.received_at <= burst[0].received_at + PATIENCE * pause
        and item.message.sender.id == burst[-1].message.sender.id
        and not _is_closed(burst)
        and _size(burst) + 1 + len(content.text) <= CHARACTERS_MAX
    )


def _is_closed(burst: Sequence[Undone]) -> bool:
    """Tell whether nothing more can belong to `burst`, whatever comes."""
    content = burst[-1].message.content
    return (
        not isinstance(content, Text)
        or len(burst) >= MESSAGES_MAX
        or _size(burst) >= CHARACTERS_MAX - 1
        or _WHOLE.search(content.text[-_END:].rstrip()) is not None
    )


def _text(item: Undone) -> str:
    content = item.message.content
    return content.text if isinstance(content, Text) else ""


def _size(burst: Sequence[Undone]) -> int:
    return sum(len(_text(item)) for item in burst) + len(burst) - 1


def _ripe_at(burst: Sequence[Undone], pause: timedelta, now: datetime) -> datetime:
    """Return when an open burst is taken as it is."""
    first, last = burst[0].received_at, burst[-1].received_at
    if last > now + pause:
        return now  # received by a clock that is ahead of ours: waiting for it could take hours
    return min(last + pause, first + PATIENCE * pause)


def _joined(burst: Sequence[Undone]) -> Undone:
    """Return a burst as the one item it is taken as: the last, with the words of all."""
    last = burst[-1]
    if len(burst) == 1:
        return last
    content = Text(text="\n".join(_text(item) for item in burst))
    message = last.message.model_copy(update={"content": content})
    return replace(last, message=message, burst=tuple(burst))
