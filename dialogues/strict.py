"""What all parts of a bot's YAML are made of: strict models, ids, texts and durations."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Texts = dict[str, Annotated[str, Field(min_length=1, max_length=4000)]]  #: language -> text

_DURATION: Final = re.compile(r"(\d{1,5}) ?(ms|[smhd])")
_UNITS: Final[Mapping[str, str]] = {
    "ms": "milliseconds",
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
}


def span(value: object) -> timedelta:
    """Return the time span that `value` states, which may be none: `0s`, `800ms`, `90s`, `2h`.

    Raises:
        ValueError: it states none.
    """
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        message = "a duration is a number with ms, s, m, h or d behind it, e.g. 10m"
        raise ValueError(message)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _duration(value: object) -> object:
    """Read `800ms`, `90s`, `10m`, `2h` or `30d`; anything else is a fault."""
    duration = span(value)
    if not duration:
        message = "a duration is more than none, e.g. 10m"
        raise ValueError(message)
    return duration


def written(duration: timedelta) -> str:
    """Return `duration` as YAML states it, e.g. `10m`."""
    if duration % timedelta(seconds=1):
        return f"{duration // timedelta(milliseconds=1)}ms"
    seconds = int(duration.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


#: A time span as `800ms`, `90s`, `10m`, `2h` or `30d`.
Duration = Annotated[
    timedelta, BeforeValidator(_duration, json_schema_input_type=str), PlainSerializer(written)
]


class Strict(BaseModel):
    """Base of all parts of a bot: frozen, unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def one_or_more(value: Any) -> Any:  # noqa: ANN401 - anything YAML can state
    """Return a lone value as a tuple of it, for keys that take one or a list."""
    return value if isinstance(value, list | tuple) else (value,)


#: Lets one text stand for a list of it.
ONE_OR_MORE: Final = BeforeValidator(one_or_more, json_schema_input_type=str | list[str])

Names = Annotated[tuple[str, ...], ONE_OR_MORE, Field(min_length=1)]


def _as_texts(value: Any) -> Any:  # noqa: ANN401 - anything YAML can state
    """Return a mapping whose keys are texts: YAML reads a bare yes or 5 as something else."""
    if not isinstance(value, Mapping):
        return value
    words = {True: "yes", False: "no"}
    return {
        words[key] if isinstance(key, bool) else str(key) if isinstance(key, int) else key: each
        for key, each in value.items()
    }


#: Lets the keys of a mapping be written as yes, no or a number.
Keys: Final = BeforeValidator(_as_texts)
