"""A cascade of rules over words: each replaces what it matches by what that means.

Every word a rule names and every kind of item has a character of its own, so that a rule is a
regular expression over the characters of the items. Rules repeat nothing without bounds.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from nlu.times import english_words as words

T = TypeVar("T")

#: Kinds of items that are no words; Y is a number of four digits that may be a year.
_KINDS = (
    "JUNK SPOILT N Y ORD DAY SLASHED POINT CLOCK AMPM LEN DAYS YEARS HOURS PART MOMENT MOMENTS "
    "RULE MARK"
)
_FIRST_CODE = 0xE000
_codes: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number and how it was written, "" in words."""

    value: float
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a text: its kind as a character, its meaning, its half-open span."""

    code: str
    value: object
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scene:
    """When a text is said, and whether months come before days there: 11/24."""

    now: datetime
    month_first: bool = False

    @property
    def today(self) -> date:
        """Return the day it is said on."""
        return self.now.date()


class Got:
    """What a rule matched, by the names in its pattern."""

    __slots__ = ("_items", "_match", "now", "scene", "today")

    def __init__(self, match: re.Match[str], items: Sequence[Item], scene: Scene) -> None:
        self._match = match
        self._items = items
        self.scene = scene
        self.now = scene.now
        self.today = scene.now.date()

    def has(self, name: str) -> bool:
        """Tell whether the part was there."""
        return name in self._match.re.groupindex and self._match.start(name) >= 0

    def item(self, name: str) -> Item:
        """Return the (first) item of a part."""
        return self._items[self._match.start(name)]

    @property
    def glued(self) -> bool:
        """Tell whether no blank stands between the items."""
        first, last = self._match.span()
        pairs = zip(self._items[first : last - 1], self._items[first + 1 : last], strict=True)
        return all(a.end == b.start for a, b in pairs)

    def word(self, name: str) -> str:
        """Return the word of a part, "" when it was not there."""
        value = self.item(name).value if self.has(name) else ""
        return value if isinstance(value, str) else ""

    def words(self, name: str) -> tuple[str, ...]:
        """Return the words of a part."""
        start, end = self._match.span(name)
        return tuple(str(item.value) for item in self._items[start:end])

    def number(self, name: str) -> float:
        """Return the number of a part.

        Raises:
            ValueError: it is none.
        """
        value = self.item(name).value
        if isinstance(value, Numeral):
            return value.value
        if isinstance(value, str):
            known = words.ORDINALS.get(value) or words.COUNTS.get(value)
            if known or value in {"a", "an", "another"}:
                return known or 1
        raise ValueError("no number")

    def whole(self, name: str) -> int:
        """Return the whole number of a part.

        Raises:
            ValueError: it is none.
        """
        number = self.number(name)
        if number != int(number):
            raise ValueError("not whole")
        return int(number)

    def digits(self, name: str) -> str:
        """Return how the number of a part was written in digits, "" when in words."""
        value = self.item(name).value
        return value.digits if isinstance(value, Numeral) else ""

    def value(self, name: str, kind: type[T]) -> T:
        """Return what a part means.

        Raises:
            ValueError: it is nothing of this kind.
        """
        value = self.item(name).value
        if not isinstance(value, kind):
            raise ValueError("of another kind")
        return value


Made = tuple[str, object]
Build = Callable[[Got], Made | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is matched and what it means; None, or a ValueError: nothing."""

    pattern: re.Pattern[str]
    build: Build


def code(name: str) -> str:
    """Return the character of a kind or word."""
    return _codes.setdefault(name, chr(_FIRST_CODE + len(_codes)))


def known(word: str) -> str | None:
    """Return the character of a word that some rule names."""
    return _codes.get(word)


CLASSES: dict[str, str] = {kind: code(kind) for kind in _KINDS.split()}


def _class(name: str, members: Iterable[str]) -> None:
    CLASSES[name] = CLASSES.get(name, "") + "".join(code(member) for member in members)


_class("HN", ["N"])
_class("N", ["Y"])
for _name, _members in {
    "MONTH": words.MONTHS,
    "SUREMONTH": set(words.MONTHS) - {"may", "march", "mar", "dec", "jun"},
    "NOTMAY": set(words.MONTHS) - {"may"},
    "WDAY": words.WEEKDAYS,
    "SUREDAY": set(words.WEEKDAYS) - {"sun", "sat", "wed", "mon"},
    "WDAYS": words.WEEKDAY_PLURALS,
    "DAYWORD": ("today", "tomorrow", "tmrw", "tonight", "yesterday"),
    "UNIT": words.UNITS,
    "GLUED": words.GLUED_UNITS,
    "PARTW": words.PARTS,
    "PARTS": words.PART_PLURALS,
    "INSTANT": words.INSTANTS,
    "SEASON": words.SEASONS,
    "OFTEN": words.FREQUENCIES,
    "ORD": ("second",),
    "REL": words.RELATIVE,
    "NEXT": [word for word, step in words.RELATIVE.items() if step > 0],
    "LAST": [word for word, step in words.RELATIVE.items() if step < 0],
    "THIS": ("this", "current", "same", "that"),
    "AUX": words.AUXILIARIES,
    "DONE": words.DEEDS,
    "WHO": words.PERSONS,
    "MONEY": words.PRICES,
    "ZONE": words.ZONES,
    "COUNT": words.COUNTS,
    "DASH": ("-",),
    "DN": ("N", "Y", "ORD", "second"),
    "DATES": ("DAY", "DAYS", "YEARS"),
    "TO": ("to", "till", "until", "til", "through", "thru", "DASH"),
}.items():
    _class(_name, _members)
for _mark in sorted(set(words.MARKS.values())):
    _class(_mark, [_mark])

_TOKEN = re.compile(
    r"\{(?P<group>[a-z]\w*)\s|\}|(?P<kind>[A-Z]+)|(?P<word>[a-z][a-z0-9'/]*)|\s+|."
)


def pattern(source: str) -> re.Pattern[str]:
    """Compile a rule: CLASSES and words; `{name ...}` is a named part; the rest as in `re`."""

    def translated(token: re.Match[str]) -> str:
        if token["group"]:
            return f"(?P<{token['group']}>"
        if token["kind"]:
            return f"[{CLASSES[token['kind']]}]"
        if token["word"]:
            return code(token["word"])
        return ")" if token[0] == "}" else token[0].strip()

    return re.compile(_TOKEN.sub(translated, source))


def rules(build: Build, *sources: str) -> list[Rule]:
    """Return rules of one meaning."""
    return [Rule(pattern(source), build) for source in sources]


def reduce(items: list[Item], cascade: Sequence[Rule], scene: Scene) -> list[Item]:
    """Return the items after all rules, in order, replaced what they match."""
    codes = "".join(item.code for item in items)
    for rule in cascade:
        at = 0
        while match := rule.pattern.search(codes, at):
            start, end = match.span()
            made = _made(rule, match, items, scene) if end > start else None
            if made is None:
                at = start + 1
                continue
            item = Item(code(made[0]), made[1], items[start].start, items[end - 1].end)
            items[start:end] = [item]
            codes = codes[:start] + item.code + codes[end:]
            at = start if end > start + 1 else end
    return items


def _made(rule: Rule, match: re.Match[str], items: list[Item], scene: Scene) -> Made | None:
    try:
        return rule.build(Got(match, items, scene))
    except (ValueError, OverflowError):
        return None
