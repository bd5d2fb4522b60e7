"""A number as it was written."""

from dataclasses import dataclass

#: Largest value that is taken for a number; more is a code or noise.
VALUE_MAX = 10**16
#: So many digits in a row, without separators, are a code rather than a number.
DIGITS_MAX = 12
#: Numbers stand in the first so many characters of a text.
TEXT_MAX = 2000
#: So many numerals of one text are read; a flood of them is not worth more.
FOUND_MAX = 100


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written: half-open span and value."""

    start: int
    end: int
    value: float
    digits: bool  #: written with digits, hence certainly meant as a number


def whole(value: float) -> int | float:
    """Return `value` as an int when it is one."""
    return int(value) if value == int(value) else round(value, 6)
