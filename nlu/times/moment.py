"""One expression of time in a text: where it stands, of what kind it is and what it means."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """An expression of time: half-open span of the text, kind and normalised value."""

    start: int
    end: int
    kind: Literal["date", "time", "duration", "recurrence"]
    value: str  #: ISO 8601, or an RFC 5545 rule for what recurs
