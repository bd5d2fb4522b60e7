"""Quiet times: how long a customer must pause before a burst of texts is taken as one turn."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer

from dialogues.hints import hint
from dialogues.strict import span, written

#: Name of the quiet time of all channels that have none of their own.
DEFAULT: Final = "default"

#: Longer would be felt as slow, and be taken for a backlog.
LONGEST: Final = timedelta(seconds=5)


def _quiet_time(value: object) -> timedelta:
    """Read `800ms` or `1s`, `0s` for none; anything else is a fault."""
    quiet = span(value)
    if quiet > LONGEST:
        message = f"a quiet time is at most {written(LONGEST)}: customers wait for it"
        raise ValueError(message)
    return quiet


QuietTime = Annotated[
    timedelta, BeforeValidator(_quiet_time, json_schema_input_type=str), PlainSerializer(written)
]
QuietTimes = dict[str, QuietTime]


def check_quiet(times: Mapping[str, timedelta], channels: Iterable[str]) -> None:
    """Check that every quiet time is of a channel that the bot has.

    Raises:
        ValueError: one is not.
    """
    known = {DEFAULT, *channels}
    for name in times:
        if name not in known:
            message = (
                f"`quiet` names {name}, which is neither `{DEFAULT}` nor a channel of "
                f"`channels`{hint(name, known)}"
            )
            raise ValueError(message)


def quiet_time(times: Mapping[str, timedelta], channel: str) -> timedelta:
    """Return the quiet time of `channel`; zero: every text is a turn of its own."""
    return times.get(channel, times.get(DEFAULT, timedelta(0)))
