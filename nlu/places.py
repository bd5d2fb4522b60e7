"""The cities, regions and countries of the world by name, in English and Chinese.

Read from `places.tsv` when the first text with a name in it comes; see `scripts/places.py`, which
makes that file, for where the names are from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple
from unicodedata import combining, normalize

from nlu.text import fold, token_spans

Kind = Literal["country", "region", "city"]
#: How sure a name is: always a place; a place with a capital or a preposition; a given name too;
#: a word too.
Sureness = Literal["clear", "likely", "given", "word"]
_SURENESS: Final[tuple[Sureness, ...]] = ("clear", "likely", "given", "word")
_KINDS: Final[dict[str, Kind]] = {"country": "country", "region": "region", "city": "city"}
_FILE: Final = Path(__file__).parent / "places.tsv"
#: Of two places of one name, the one at home is meant if it is not this much smaller.
_HOME_FACTOR: Final = 10


class Place(NamedTuple):
    """A place of the world."""

    kind: Kind
    value: str  #: its English name
    #: ISO 3166: the country's two letters; of a region, and of a city in the USA, China, Canada,
    #: Australia and Britain, the region's code, which begins with them
    unit: str
    people: int  #: how many live there, for cities and countries

    @property
    def country(self) -> str:
        """The country's two letters."""
        return self.unit[:2]


Named = tuple[Sureness, Place]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All places by name: words joined by a blank, Chinese names as they are written."""

    latin: dict[str, tuple[Named, ...]]
    han: dict[str, tuple[Named, ...]]
    words: dict[str, int]  #: first word of a Latin name -> words of the longest such name
    lengths: dict[str, int]  #: first two characters of a Chinese name -> length of the longest
    regions: dict[str, Place]  #: by ISO 3166-2 code


def choose(named: Sequence[Named], home: str | None, within: str = "") -> Named | None:
    """Return the place a name means: within a region or country if given, else the likeliest.

    Args:
        named: the places of that name.
        home: the bot's country, preferred unless the place there is much smaller.
        within: ISO 3166 code of a country or region the place must lie in; empty: anywhere.
    """
    if within:
        named = [each for each in named if _lies(each[1], within)]
    if not named:
        return None
    best = max(named, key=lambda each: each[1].people)
    at_home = [each for each in named if each[1].country == home]
    if at_home:
        nearest = max(at_home, key=lambda each: each[1].people)
        if nearest[1].people * _HOME_FACTOR >= best[1].people:
            return nearest
    return best


def _lies(place: Place, within: str) -> bool:
    # The region of a city may not be known.
    known = within if len(place.unit) > 2 else within[:2]
    return place.kind != "country" and known in {place.unit, place.country}


def without_marks(word: str) -> str:
    """Return a word without accents: "münchen" becomes "munchen"."""
    if word.isascii():
        return word
    return "".join(c for c in normalize("NFD", word) if not combining(c)).replace("ø", "o")


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Return all places; the first call takes 0.06 s and what it keeps about 5 MB."""
    latin: dict[str, list[Named]] = {}
    han: dict[str, list[Named]] = {}
    words: dict[str, int] = {}
    lengths: dict[str, int] = {}
    regions: dict[str, Place] = {}
    for place, sureness, folded in _lines():
        if folded[0] >= "\u3400":
            names = han.setdefault(folded, [])
            lengths[folded[:2]] = max(lengths.get(folded[:2], 0), len(folded))
        else:
            parts = [folded]
            if not (folded.isascii() and folded.isalpha()):
                parts = [without_marks(word) for word, _, _ in token_spans(folded)]
            names = latin.setdefault(" ".join(parts), [])
            words[parts[0]] = max(words.get(parts[0], 0), len(parts))
        if all(known is not place for _, known in names):
            names.append((sureness, place))
        if place.kind == "region":
            regions[place.unit] = place
    return Gazetteer(
        {name: tuple(named) for name, named in latin.items()},
        {name: tuple(named) for name, named in han.items()},
        words,
        lengths,
        regions,
    )


def _lines() -> Iterator[tuple[Place, Sureness, str]]:
    """Yield each place with each of its names, folded."""
    text = _FILE.read_text(encoding="utf-8")
    # Folded at once, which is much quicker than name by name.
    for line, folded in zip(text.splitlines(), fold(text).splitlines(), strict=True):
        if line[0] == "#":
            continue
        kind, value, unit, people = line.split("\t", 4)[:4]
        place = Place(_KINDS[kind], value, unit, int(people))
        for sureness, joined in zip(_SURENESS, folded.split("\t")[4:], strict=False):
            if joined:
                for name in joined.split("|"):
                    yield place, sureness, name
