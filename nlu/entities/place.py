"""Places: cities, regions and countries.

The value is the English name ("Shanghai"); the unit is ISO 3166: the country's two letters, or
the code of the region, which begins with them ("CN-SH", "US-TX"), for regions and for cities of
the USA, China, Canada, Australia and Britain. "Austin, TX" and "中国上海" are one place each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz.distance import OSA

from nlu.circumstances import Circumstances
from nlu.places import Gazetteer, Named, Place, Sureness, choose, gazetteer, without_marks
from nlu.spelling import is_english_word
from nlu.text import HAN, fold
from nlu.understanding import Entity

SPECIFICITY = 20
#: Places stand in the first so many characters.
_TEXT_MAX = 1000
_FOUND_MAX = 20

_PREPOSITIONS = frozenset(
    ("in", "from", "to", "near", "outside", "via", "visit", "visiting", "leaving", "towards")
)
#: What may follow a name that is a word too: "in Nice Street" names no city.
_GO_ON_WORDS = (
    "and or on by for to from in at with please is are was will today tomorrow tonight next this "
    "last before after since until but so then now if via as because right thanks"
)
_GO_ON = frozenset(_GO_ON_WORDS.split())
_STREET_WORDS = (
    "street st road rd avenue ave lane drive square boulevard blvd way close court terrace"
)
_STREETS = frozenset(_STREET_WORDS.split())
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "sir", "dear"))
_SMALL = frozenset(
    ("of", "upon", "on", "de", "del", "da", "do", "la", "le", "en", "am", "and", "the")
)
#: Latin words only; a name in Chinese is looked for character by character.
_WORD = re.compile(f"[^\\W_{HAN}]+(?:['’][^\\W_{HAN}]+)*")
#: A mistyped name is at least so long and the place so large.
_MISTYPED_MIN, _MISTYPED_PEOPLE = 6, 1_000_000
_POSSESSIVE = re.compile(r"['’]s\Z")
_JOINTS = re.compile(r"[\s.'’-]{0,3}")
_COMMA = re.compile(r"\s?,\s?|\s")
_LIST = re.compile(r"\s?(?:,|and|or|&)\s?(?:and |or )?|\s(?:and|or|&)\s")
_CODE = re.compile(r"(?P<comma>\s?,\s?|\s)(?P<code>[A-Z]{2,3})\b(?!['’])")
#: States' codes that are words when the writer shouts.
_WORD_CODES = frozenset(("IN", "OR", "ME", "OK", "HI", "OH", "ID"))
_CODE_COUNTRIES = ("US", "CA", "AU")
_AROUND_CODE = re.compile(r"[\w@#/\\]")

_LETTERS = re.compile(r"[^\W\d_]{2}")
_HAN_RUN = re.compile(f"[{HAN}]{{2,}}")
_HAN_BEFORE = re.compile(
    "(?:在|到|去|来自|寄往|寄到|寄给|发往|发到|发去|送到|送往|运到|运往|从|至|往|飞|住|回|抵达|位于|地址|城市|地点|老家"
    "|人在|我是|我们是)[:：是]?\\s?$"
)
_HAN_AFTER = re.compile(
    "(?:路(?![上途费程])|街|大道|巷|银行|移动|电信|联通|大学|话|菜|时间|日报|晚报|航空|石油|石化|拉?面条?|烤鸭|茶|藤)"
)
#: Behind "市" these make another word of it: "市场", "市价".
_NO_SUFFIX = frozenset(("场", "价", "面", "长"))
#: Longer words that begin with a name, or end with it.
_HAN_WORDS = re.compile(
    "发展中国家|大同小异|世界大同|长春藤|中国结|中国风|开封后|新西兰花|上海滩|日本刀|以色列举|越南瓜|海地区|女德班|中海东|太平间|恶魔都|德里斯|大连锁|大连接|大连续|中国际"
)


@dataclass(frozen=True, slots=True)
class _Found:
    place: Place
    start: int
    end: int


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the places in `text`; of places with one name the bot's country is preferred."""
    del language
    head = text[:_TEXT_MAX]
    home = circumstances.region
    found: list[_Found] = []
    if _LETTERS.search(head):
        folded = fold(head)
        found += _latin(head, folded, home)
        if not head.isascii():
            found += _merged(_han(folded, home))
    for each in found[:_FOUND_MAX]:
        yield Entity("place", each.start, each.end, each.place.value, each.place.unit)


@dataclass(frozen=True, slots=True)
class _Words:
    """A text with its words, of which names are sequences."""

    plain: str
    words: list[str]
    spans: list[tuple[int, int]]
    shouted: bool

    def name(self, at: int, count: int) -> str:
        return " ".join(self.words[at : at + count])

    def is_capital(self, at: int, count: int) -> bool:
        return not self.shouted and all(
            self.plain[start].isupper()
            for word, (start, _) in zip(
                self.words[at : at + count], self.spans[at : at + count], strict=True
            )
            if word not in _SMALL or start == self.spans[at][0]
        )

    def is_joined(self, at: int, count: int) -> bool:
        return all(
            _JOINTS.fullmatch(self.plain, self.spans[i][1], self.spans[i + 1][0])
            for i in range(at, at + count - 1)
        )

    def before(self, at: int) -> str:
        """Return the word before the one at a place, empty at the beginning of a clause."""
        if at == 0 or not self.plain[self.spans[at - 1][1] : self.spans[at][0]].isspace():
            return ""
        return self.words[at - 1]

    def is_all(self, at: int, count: int) -> bool:
        """Tell whether nothing else is said."""
        start, end = self.spans[at][0], self.spans[at + count - 1][1]
        return not (self.plain[:start] + self.plain[end:]).strip(" .,!?。，！？")

    def after(self, end: int) -> str:
        """Return the word behind the one before `end`, empty at the end of a clause."""
        if end >= len(self.words):
            return ""
        return self.words[end] if self.plain[self.spans[end - 1][1]].isspace() else ""


def _words(plain: str, folded: str) -> _Words:
    words, spans = [], []
    for match in _WORD.finditer(folded):
        word, start, end = match[0], match.start(), match.end()
        if possessive := _POSSESSIVE.search(word):
            word = word[: possessive.start()]
            end = start + len(word)
        words.append(without_marks(word.replace("’", "'")))
        spans.append((start, end))
    return _Words(plain, words, spans, len(plain) > 4 and plain.isupper())


def _latin(plain: str, folded: str, home: str | None) -> Iterator[_Found]:
    places = gazetteer()
    text = _words(plain, folded)
    at, listed = 0, -1  # where the place before ended
    while at < len(text.words):
        taken = None
        for count, named in _names_at(text, at, places):
            taken = _place_at(text, at, count, named, places, home, listed=listed)
            if taken is not None:
                break
        if taken is None:
            taken = _mistyped_at(text, at)
        if taken is None:
            at += 1
            continue
        yield taken
        while at < len(text.words) and text.spans[at][0] < taken.end:
            at += 1
        listed = taken.end


def _mistyped_at(text: _Words, at: int) -> _Found | None:
    """Return the large place a word behind a preposition misses by one letter."""
    word, (start, end) = text.words[at], text.spans[at]
    if len(word) < _MISTYPED_MIN or text.before(at) not in _PREPOSITIONS:
        return None
    if _is_part(text.plain, start, end) or is_english_word(word):
        return None
    for name, place in _large().get(word[0], ()):
        # "German" is Germany's, not a typing error.
        if not name.startswith(word) and not word.startswith(name) and _is_near(word, name):
            return _Found(place, start, end)
    return None


def _is_near(word: str, name: str) -> bool:
    return OSA.distance(word, name, score_cutoff=1) <= 1


@lru_cache(maxsize=1)
def _large() -> dict[str, list[tuple[str, Place]]]:
    names: dict[str, list[tuple[str, Place]]] = {}
    for name, named in gazetteer().latin.items():
        chosen = choose(named, None)
        if chosen is None or " " in name or len(name) < _MISTYPED_MIN:
            continue
        sureness, place = chosen
        if sureness == "clear" and (place.people >= _MISTYPED_PEOPLE or place.kind == "region"):
            names.setdefault(name[0], []).append((name, place))
    return names


def _place_at(
    text: _Words,
    at: int,
    count: int,
    named: tuple[Named, ...],
    places: Gazetteer,
    home: str | None,
    *,
    listed: int,
) -> _Found | None:
    start, end = text.spans[at][0], text.spans[at + count - 1][1]
    if _is_part(text.plain, start, end) or text.after(at + count) in _STREETS:
        return None
    if text.before(at) in _TITLES:
        return None
    chosen = choose(named, home)
    if chosen is None:
        return None
    sureness, place = chosen
    capital = text.is_capital(at, count)
    qualifier = _qualifier(text, at + count, places) if place.kind != "country" else None
    if qualifier is not None and (capital or sureness in {"clear", "likely"}):
        within, behind = qualifier
        behind = _country_behind(text, behind, within, places)
        here = choose(named, home, within)
        if here is not None:
            return _Found(here[1], start, behind)
        written = text.plain[start:end]
        value = written if capital else written.title()
        return _Found(Place("city", value, within, 0), start, behind)
    follows = listed >= 0 and _LIST.fullmatch(text.plain, listed, start) is not None
    if not _is_sure(text, at, count, sureness, capital=capital, follows=follows):
        return None
    dotted = text.plain[end - 2 : end + 1].startswith(".") and text.plain[end : end + 1] == "."
    return _Found(place, start, end + dotted)  # "U.S."


def _is_sure(
    text: _Words, at: int, count: int, sureness: Sureness, *, capital: bool, follows: bool
) -> bool:
    before = text.before(at)
    alone = text.is_all(at, count)
    strict = before in _PREPOSITIONS or follows
    match sureness:
        case "clear":
            return True
        case "likely":
            return capital or strict or alone
        case "given":
            return capital and (strict or alone)
        case _:
            if not capital or not (strict or alone):
                return False
            after = text.after(at + count)
            return not after or after in _GO_ON


def _is_part(plain: str, start: int, end: int) -> bool:
    """Tell whether a name is a piece of an address, a tag or a longer code."""
    return (start > 0 and _AROUND_CODE.match(plain[start - 1]) is not None) or (
        end < len(plain)
        and (
            plain[end] in "_@/\\"
            or (plain[end] == "." and end + 1 < len(plain) and plain[end + 1].isalnum())
        )
    )


def _qualifier(text: _Words, at: int, places: Gazetteer) -> tuple[str, int] | None:
    """Return the code and end of the region or country that says where the name before lies."""
    end = text.spans[at - 1][1]
    if (code := _CODE.match(text.plain, end)) and not text.shouted:
        for country in _CODE_COUNTRIES:
            unit = f"{country}-{code['code']}"
            if unit in places.regions and (
                "," in code["comma"] or code["code"] not in _WORD_CODES
            ):
                return unit, code.end()
    if at >= len(text.words) or not _COMMA.fullmatch(text.plain, end, text.spans[at][0]):
        return None
    comma = "," in text.plain[end : text.spans[at][0]]
    for count, named in _names_at(text, at, places):
        for _, place in named:
            # "Paris, London" are two cities, "Paris Texas" is one.
            if place.kind != "city" and (comma or text.is_capital(at, count)):
                return place.unit, text.spans[at + count - 1][1]
    return None


def _country_behind(text: _Words, end: int, within: str, places: Gazetteer) -> int:
    """Return the end of "BC, Canada" when a text ends its region at `end`."""
    at = next((i for i, (start, _) in enumerate(text.spans) if start >= end), len(text.words))
    for count, named in _names_at(text, at, places):
        for _, place in named:
            if place.unit == within[:2] and _COMMA.fullmatch(text.plain, end, text.spans[at][0]):
                return text.spans[at + count - 1][1]
    return end


def _names_at(text: _Words, at: int, places: Gazetteer) -> Iterator[tuple[int, tuple[Named, ...]]]:
    """Yield the names that begin with a word, the longest first, with their numbers of words."""
    left = len(text.words) - at
    longest = places.words.get(text.words[at], 0) if left > 0 else 0
    for count in range(min(longest, left), 0, -1):
        named = places.latin.get(text.name(at, count))
        if named and text.is_joined(at, count):
            yield count, named


def _han(folded: str, home: str | None) -> Iterator[_Found]:
    places = gazetteer()
    for run in _HAN_RUN.finditer(folded):
        at = run.start()
        while at < run.end() - 1:
            found = _han_at(folded, at, run.end(), places, home)
            if found is None or _is_in_word(folded, found):
                at += 1
                continue
            yield found
            at = found.end


def _is_in_word(folded: str, found: _Found) -> bool:
    near = max(0, found.start - 4)
    return any(
        near + match.start() < found.end and found.start < near + match.end()
        for match in _HAN_WORDS.finditer(folded[near : found.end + 4])
    )


def _han_at(
    folded: str, at: int, limit: int, places: Gazetteer, home: str | None
) -> _Found | None:
    longest = places.lengths.get(folded[at : at + 2], 0)
    for length in range(min(longest, limit - at), 1, -1):
        named = places.han.get(folded[at : at + length])
        if named is None:
            continue
        end = at + length
        chosen = choose(named, home)
        if chosen is None or _HAN_AFTER.match(folded, end):
            continue
        if folded[end - 1] == "市" and folded[end : end + 1] in _NO_SUFFIX:
            continue
        sureness, place = chosen
        if folded[end - 2 : end] == "城市":  # "沿海城市" is no 海城市
            sureness = "word"
        suffix = _han_suffix(folded, end, place)
        if sureness != "clear" and not (
            suffix
            or _HAN_BEFORE.search(folded[max(0, at - 6) : at])
            or folded.strip(" .,!?。，！？") == folded[at:end]
        ):
            continue
        end += len(suffix)
        return _Found(place, at, end)
    return None


def _han_suffix(folded: str, end: int, place: Place) -> str:
    """Return the "市" or "省" behind a name of a place of that kind; "沿海城市" names no city."""
    suffix = folded[end : end + 1]
    behind = folded[end + 1 : end + 2]
    fits = suffix in {"city": "市县", "region": "省州", "country": ""}[place.kind]
    if not suffix or not fits or behind in _NO_SUFFIX or folded[end - 1] in "城市县省":
        return ""
    return suffix


def _merged(found: Iterator[_Found]) -> list[_Found]:
    """Join a country, its region and its city that are written in one: "中国广东省深圳"."""
    joined: list[_Found] = []
    for each in found:
        last = joined[-1] if joined else None
        if last is not None and last.end == each.start and _contains(last.place, each.place):
            joined[-1] = replace(each, start=last.start)
        else:
            joined.append(each)
    return joined


def _contains(outer: Place, inner: Place) -> bool:
    if outer.kind == "city" or inner.kind == "country":
        return False
    return inner.country == outer.country and (
        len(outer.unit) == 2
        or (inner.kind == "city" and inner.unit in {outer.unit, outer.country})
    )
