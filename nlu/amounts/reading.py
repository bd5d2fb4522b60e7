"""The amounts of a text, read once for all the entities that are made of them."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from nlu.amounts.numeral import TEXT_MAX, Numeral
from nlu.amounts.places import Place, places
from nlu.amounts.shares import Share, shares
from nlu.amounts.sums import Sum, sums
from nlu.circumstances import Circumstances
from nlu.numerals import numerals, ranks
from nlu.text import fold, han_count

#: Places of one text; a flood of them is not worth more.
_PLACES_MAX = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in the beginning of a text; spans are of that text."""

    folded: str
    plain: str
    numerals: tuple[Numeral, ...]
    shares: tuple[Share, ...]
    places: tuple[Place, ...]


@lru_cache(maxsize=256)
def read(text: str) -> Reading:
    """Return the amounts in a text (normal form, see nlu.text)."""
    plain = text[:TEXT_MAX]
    folded = fold(plain)
    found = tuple(numerals(folded, plain))
    return Reading(
        folded,
        plain,
        found,
        tuple(shares(folded, found)),
        tuple(islice(places(folded, found, ranks(folded)), _PLACES_MAX)),
    )


def read_sums(text: str, language: str, circumstances: Circumstances) -> tuple[Sum, ...]:
    """Return the sums of money in a text (normal form, see nlu.text)."""
    if not read(text).numerals:
        return ()
    return _sums(text, circumstances.region, chinese=language.startswith("zh"))


@lru_cache(maxsize=256)
def _sums(text: str, region: str | None, *, chinese: bool) -> tuple[Sum, ...]:
    reading = read(text)
    return tuple(
        sums(
            reading.folded,
            reading.plain,
            reading.numerals,
            region=region,
            chinese=chinese or han_count(reading.folded) > 0,
        )
    )
