"""A name somebody gives for themselves or for their company."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Introduction:
    """A name a text gives for its writer or the writer's company; half-open span."""

    kind: Literal["person", "company"]
    start: int
    end: int
