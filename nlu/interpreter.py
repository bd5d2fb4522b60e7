"""The roles the rest of the platform relies on: an Interpreter of texts and an Encoder of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nlu.understanding import Understanding

Vectors = NDArray[np.float32]


class Interpreter(Protocol):
    """Produces an Understanding for each text; safe to call from several threads."""

    def interpret(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str | None],
        nows: Sequence[datetime] | None = None,
    ) -> list[Understanding]:
        """Return one Understanding per text, in order; never raises on any text.

        Args:
            texts: customer texts, at most 4,000 code points each.
            languages: for each text the language its conversation is held in, or None; decides
                when the text alone is too short to tell.
            nows: for each text when it was said, aware and in the customer's time zone: what
                "tomorrow" in it refers to; default: the present in UTC.
        """
        ...


class Encoder(Protocol):
    """Turns texts into vectors of unit length; similar meanings lie close together."""

    name: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a float32 array of shape (len(texts), dimension), rows of unit norm."""
        ...

    def reads(self, language: str) -> bool:
        """Tell whether the encoder knows the words of `language` well enough to be used."""
        ...
