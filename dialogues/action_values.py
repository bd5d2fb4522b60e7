"""Typed values of actions: what an input or output may hold, and how a value is made to fit."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from pydantic import JsonValue

ValueType = Literal["text", "number", "boolean", "date", "choice"]

#: Longest text an action takes or returns, in code points.
TEXT_MAX: Final = 4000

#: Key under which the reason of a failure is saved; every action has it.
REASON: Final = "reason"

_NUMBER: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?")
_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "yes": True, "false": False, "no": False}


class UnfitValueError(ValueError):
    """A value is not of the type that an action takes or returns."""


@dataclass(frozen=True, slots=True)
class Input:
    """One named value an action takes."""

    type: ValueType = "text"
    required: bool = False
    choices: tuple[str, ...] = ()  #: only of type choice
    least: float | None = None  #: only of type number
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """One named value an action returns; any may be missing."""

    type: ValueType = "text"
    choices: tuple[str, ...] = ()  #: only of type choice


def fit(value: JsonValue, kind: Input | Output) -> JsonValue:
    """Return `value` as the type of `kind`.

    Raises:
        UnfitValueError: it cannot be that.
    """
    match kind.type:
        case "number":
            return _number(value, kind)
        case "boolean":
            found = value if isinstance(value, bool) else _BOOLEANS.get(str(value).lower())
            if found is None:
                raise UnfitValueError
            return found
        case "date":
            return _date(value)
        case "choice":
            if value not in kind.choices:
                raise UnfitValueError
            return value
    return _text(value)


def fit_inputs(
    kinds: Mapping[str, Input], values: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return the values that are known, each as its type; what is empty counts as left out.

    Raises:
        UnfitValueError: one does not fit, or one that is required is missing.
    """
    fitted = {
        name: fit(value, kinds[name])
        for name, value in values.items()
        if name in kinds and value is not None and value != ""
    }
    if any(kind.required and name not in fitted for name, kind in kinds.items()):
        raise UnfitValueError
    return fitted


def fit_outputs(
    kinds: Mapping[str, Output], values: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return what an action returned, each value as its type or None.

    Raises:
        UnfitValueError: one does not fit.
    """
    return {
        name: None if value is None else fit(value, kinds[name])
        for name, value in values.items()
        if name in kinds
    }


def _text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int | float):
        raise UnfitValueError
    return str(value).replace("\x00", "")[:TEXT_MAX]


def _number(value: JsonValue, kind: Input | Output) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UnfitValueError
    if isinstance(kind, Input):
        low, high = kind.least, kind.most
        if (low is not None and value < low) or (high is not None and value > high):
            raise UnfitValueError
    return value


def _date(value: JsonValue) -> str:
    try:
        # A time of day may follow; the flow shows the day.
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError as error:
        raise UnfitValueError from error
