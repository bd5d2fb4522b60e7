"""Button values that fit: a channel's buttons carry less than an option's value may have.

A long value is replaced by a digest of itself. Nothing has to be stored for it: whoever offered
the options knows the values and finds the one with that digest.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from channels.messages import Choice

_PLAIN: Final = "="
_DIGEST: Final = "#"
#: Characters of a digest; 22 of 62 kinds hold 130 bits.
_DIGEST_LENGTH: Final = 22
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def button_value(value: str, *, most: int) -> str:
    """Return what a button carries for the option `value`, at most `most` UTF-8 bytes long."""
    plain = _PLAIN + value
    return plain if len(plain.encode()) <= most else _DIGEST + _digest(value)


def read_button_value(carried: str) -> str:
    """Return the option's value, or its digest, marked as such, where only that was carried."""
    return carried.removeprefix(_PLAIN) if carried.startswith(_PLAIN) else carried


def resolve(choice: Choice, values: Iterable[str]) -> Choice:
    """Return `choice` with the value among `values` that its digest stands for."""
    if len(choice.value) != _DIGEST_LENGTH + 1 or not choice.value.startswith(_DIGEST):
        return choice
    for value in values:
        if _DIGEST + _digest(value) == choice.value:
            return choice.model_copy(update={"value": value})
    return choice


def _digest(value: str) -> str:
    number = int.from_bytes(hashlib.sha256(value.encode()).digest())
    digits: list[str] = []
    for _ in range(_DIGEST_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)
