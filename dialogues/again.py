"""Saying again: the last replies, word by word."""

from typing import Final

from pydantic import TypeAdapter, ValidationError

from channels.messages import OutboundContent
from dialogues.exchange import Exchange

_CONTENT: Final[TypeAdapter[OutboundContent]] = TypeAdapter(OutboundContent)


def say_again(x: Exchange, *, most: int | None = None) -> None:
    """Send the last replies once more, by default all; what cannot be read is left out.

    Args:
        x: the turn.
        most: how many, the last ones.
    """
    for data in x.state.last_replies[-(most or 0) :]:
        try:
            x.reply(_CONTENT.validate_python(data))
        except ValidationError:
            continue
