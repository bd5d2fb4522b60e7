"""A folded text as items: numbers, dates and clocks in digits, and the words the grammar knows."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from nlu.times import english_words as words
from nlu.times.english_grammar import CLASSES, Item, Numeral, Scene, code, known
from nlu.times.english_values import Hour, Moment, day_value
from nlu.times.moment import Clock

_TOKEN = re.compile(
    r"""
    (?P<stamp>\d{4}-\d\d-\d\d[t]\d\d:\d\d(?::\d\d)?)(?:\.\d{1,6})?(?P<zone>z|[+-]\d\d:?\d\d)?
    |(?P<iso>\d{4}(?P<s1>[-/.])\d{1,2}(?P=s1)\d{1,2}(?!\d))
    |(?P<compact>(?:19|20)\d{6}(?!\d))
    |(?P<date>\d{1,2}(?P<s2>[-/.])\d{1,2}(?P=s2)(?:\d{4}|\d\d)(?![\d:]))
    |(?P<clock>t?\d{1,2}:\d\d(?::\d\d)?(?!\d|:\d))
    |(?P<ordinal>\d{1,2}\s?(?:st|nd|rd|th)(?![a-z0-9]))
    |(?P<slashed>\d{1,2}/\d{1,2}(?!\d|/\d|/[a-z]|\.\d))
    |(?P<fraction>\d{0,3}\d⁄\d(?!\d))
    |(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)
    |(?P<ampm>[ap](?:\s?\.\s?m\.(?=\s|[,;:!?)]|$)|\s?\.\s?m(?![a-z])|\s?m(?![a-z]))|[ap](?![a-z]))
    |(?P<word>[a-z]+(?:'(?!s(?![a-z]))[a-z]{1,8})?)
    |(?P<mark>\S)
    """,
    re.VERBOSE | re.ASCII,
)
#: What may be written right behind a number, and right before one.
_BEHIND = {*words.UNITS, *words.GLUED_UNITS, *words.MONTHS, *words.PARTS, "ish", "k", "h", "q"}
_BEHIND |= {"s", "oclock", "noon"}
_BEFORE = {*words.MONTHS, "q", "h", "sy", "cy", "fy", "t", "week"}
_SPOILING = frozenset("#$€£¥_+*\\&%^|")
_JUNK = CLASSES["JUNK"]
_SPOILT = CLASSES["SPOILT"]
#: What a number behind these words counts or names is no day.
_NAMES = {
    "order",
    "number",
    "no",
    "invoice",
    "id",
    "code",
    "ref",
    "reference",
    "ticket",
    "tracking",
}
_NAMES |= {"account", "case", "phone", "serial", "model", "room", "parcel"}
#: So many items are looked at.
_ITEMS_MAX = 400

Token = tuple[str, str, int, int]  # kind, text, start, end


def items_of(text: str, scene: Scene) -> list[Item]:
    """Return the items of a folded text."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "stamp"
        kind = "stamp" if kind == "zone" else "iso" if kind == "s1" else kind
        kind = "date" if kind == "s2" else kind
        tokens.append((kind, match[0], match.start(), match.end()))
        if len(tokens) >= _ITEMS_MAX:
            break
    spoilt = _spoilt(tokens)
    items = [
        Item(_SPOILT, "", start, end) if at in spoilt else _item(kind, said, start, end, scene)
        for at, (kind, said, start, end) in enumerate(tokens)
    ]
    return _numbers(items)


def _spoilt(tokens: Sequence[Token]) -> set[int]:
    """Return which tokens belong to codes, sums, versions, shares or addresses."""
    spoilt: set[int] = set()
    numeric = {"number", "slashed", "compact", "clock", "date", "iso", "ordinal"}
    for at, (kind, said, start, _) in enumerate(tokens):
        if not at:
            continue
        before_kind, before, _, before_end = tokens[at - 1]
        glued = start == before_end
        if kind == "compact" and before in _NAMES:
            spoilt.add(at)
        if kind in numeric and before in _SPOILING and (glued or before in "$€£¥"):
            spoilt |= {at - 1, at}
        elif glued and kind in numeric and before_kind in {"word", "ampm"}:
            if before not in _BEFORE:
                spoilt |= {at - 1, at}
        elif glued and kind == "word" and before_kind in numeric:
            if said not in _BEHIND and not said.startswith("t") and "oclock" not in said:
                spoilt |= {at - 1, at}
        elif glued and kind == "mark" and said == "%" and before_kind in numeric:
            spoilt.add(at - 1)
            if at > 1 and tokens[at - 2][0] == "number":
                spoilt.add(at - 2)
    spoilt |= _chained(tokens, spoilt)
    return spoilt


def _chained(tokens: Sequence[Token], spoilt: set[int]) -> set[int]:
    """Return the tokens of numbers glued together by marks: 3.2.1, 138-2010-2015, ab-123."""
    found: set[int] = set()
    for at in range(2, len(tokens)):
        kind, _, start, _ = tokens[at]
        mark_kind, mark, mark_start, mark_end = tokens[at - 1]
        if mark_kind != "mark" or start != mark_end or mark not in ".-/:@":
            continue
        before_kind, before, before_start, before_end = tokens[at - 2]
        if before_end != mark_start:
            continue
        plain = {"number", "slashed", "clock", "compact"}
        if kind in plain | {"date"} and (at - 2 in spoilt or at - 2 in found):
            found.add(at)
        elif kind == "date" and before_kind == "number":
            found |= {at - 2, at}
        elif kind in {"number", "compact"} and before_kind == "word":
            if before not in words.MONTHS and before not in words.WEEKDAYS:
                found.add(at)
        elif kind in plain and before_kind in plain:
            third = at > 3 and tokens[at - 3][3] == before_start and tokens[at - 4][0] in plain
            if mark in ".:" or (third and mark == "-" and kind == "number"):
                found |= {at - 2, at} | ({at - 4} if third else set())
    return found


def _item(kind: str, said: str, start: int, end: int, scene: Scene) -> Item:
    name, value = _KINDS_READ[kind](said, scene) if kind in _KINDS_READ else ("", said)
    if name:
        return Item(code(name), value, start, end)
    if kind == "mark":
        mark = words.MARKS.get(said)
        return Item(code(mark) if mark else _JUNK, said, start, end)
    return Item(known(said) or _JUNK, said, start, end)


def _stamp(said: str, scene: Scene) -> tuple[str, object]:
    try:
        moment = datetime.fromisoformat(said.upper())
    except ValueError:
        return "JUNK", ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=scene.now.tzinfo)
    return "MOMENT", Moment(moment.astimezone(scene.now.tzinfo), seconds=said.count(":") > 1)


def _iso(said: str, scene: Scene) -> tuple[str, object]:
    del scene
    year, month, day = (int(part) for part in re.split("[-/.]", said))
    return _day(year, month, day)


def _compact(said: str, scene: Scene) -> tuple[str, object]:
    del scene
    made = _day(int(said[:4]), int(said[4:6]), int(said[6:]))
    return made if made[0] == "DAY" else ("N", Numeral(float(said), said))


def _date(said: str, scene: Scene) -> tuple[str, object]:
    first, second, last = (int(part) for part in re.split("[-/.]", said))
    year = full_year(last, said[-4:].isdigit())
    if scene.month_first:
        first, second = second, first
    made = _day(year, second, first)
    return made if made[0] == "DAY" else _day(year, first, second)


def full_year(number: int, full: bool = False) -> int:
    """Return the year that two digits mean."""
    if full or number >= 100:
        return number
    return number + (2000 if number < 40 else 1900)


def _day(year: int, month: int, day: int) -> tuple[str, object]:
    try:
        return "DAY", day_value(date(year, month, day))
    except ValueError:
        return "JUNK", ""


def _clock(said: str, scene: Scene) -> tuple[str, object]:
    del scene
    parts = [int(part) for part in said.lstrip("t").split(":")]
    hour, minute, second = (*parts, None)[:3] if len(parts) < 3 else parts
    if hour is None or hour > 24 or minute is None or minute > 59 or (second or 0) > 59:
        return "JUNK", ""
    if hour == 24 and (minute or second):
        return "JUNK", ""
    vague = 1 <= hour <= 12 and not said.lstrip("t").startswith("0")
    return "CLOCK", Hour(Clock(hour, minute, second), vague)


def _ordinal(said: str, scene: Scene) -> tuple[str, object]:
    del scene
    return "ORD", Numeral(float(said.rstrip("stndrh ")), said)


def _slashed(said: str, scene: Scene) -> tuple[str, object]:
    del scene
    return "SLASHED", said


def _fraction(said: str, scene: Scene) -> tuple[str, object]:
    """Read one character that normal form has made of ½ with a number before it: 1½."""
    del scene
    whole, above, below = said[:-3], int(said[-3]), int(said[-1])
    if not 0 < above < below:
        return "JUNK", ""
    return "POINT", Numeral(int(whole or 0) + above / below)


def _number(said: str, scene: Scene) -> tuple[str, object]:
    del scene
    if len(said) > 15:
        return "JUNK", ""
    value = float(said.replace(",", ""))
    if len(said) == 4 and said.isdigit() and 1000 <= value < 2200:
        return "Y", Numeral(value, said)
    return "POINT" if "." in said and value < 60 else "N", Numeral(value, said)


def _ampm(said: str, scene: Scene) -> tuple[str, object]:
    del scene
    return ("AMPM", said[0]) if len(said) > 1 else ("", said)


_KINDS_READ = {
    "stamp": _stamp,
    "iso": _iso,
    "compact": _compact,
    "date": _date,
    "clock": _clock,
    "ordinal": _ordinal,
    "slashed": _slashed,
    "fraction": _fraction,
    "number": _number,
    "ampm": _ampm,
}


def _numbers(items: list[Item]) -> list[Item]:
    """Return the items with number words as numbers and ordinals: twenty five, two hundred."""
    found: list[Item] = []
    at = 0
    while at < len(items):
        value, end, ordinal = _number_words(items, at)
        if end == at:
            found.append(items[at])
            at += 1
            continue
        name = "ORD" if ordinal else "Y" if 1300 <= value < 2200 else "N"
        if not (ordinal and end == at + 1 and items[at].value == "second"):
            items[at] = Item(code(name), Numeral(value), items[at].start, items[end - 1].end)
        found.append(items[at])
        at = end
    return found


def _number_words(items: Sequence[Item], at: int) -> tuple[float, int, bool]:
    """Return value, end and whether it is an ordinal of the number words from `at` on."""
    total, current, start, end = 0.0, 0.0, at, at
    while at < len(items):
        word = items[at].value
        if not isinstance(word, str):
            break
        room = current % 100
        if word in words.SMALL:
            small = words.SMALL[word]
            if end > start and (room % 10 or (room and room < 20) or (room and small > 9)):
                break
            if end > start and small == 0:
                break
            current += small
        elif word in words.TENS and not room:
            current += words.TENS[word]
        elif word in words.SCALES and end > start:
            scale = words.SCALES[word]
            current *= scale
            if scale == 1000:
                total, current = total + current, 0.0
        elif word in words.ORDINALS and not (room % 10 or (room and words.ORDINALS[word] > 9)):
            return total + current + words.ORDINALS[word], at + 1, True
        elif word in {"-", "and"} and _joins(items, at, end > start, current or total):
            at += 1
            continue
        else:
            break
        at += 1
        end = at
    return total + current, end, False


def _joins(items: Sequence[Item], at: int, started: bool, value: float) -> bool:
    """Tell whether "-" or "and" is inside a number: twenty-five, twenty and four, two hundred."""
    if not started or at + 1 >= len(items):
        return False
    following = items[at + 1].value
    if items[at].value == "-":
        glued = items[at - 1].end == items[at].start and items[at].end == items[at + 1].start
        return glued and value % 100 >= 20 and following in {**words.SMALL, **words.ORDINALS}
    large = value % 100 == 0
    named = following in words.SMALL or following in words.TENS
    return named and (large or (value % 10 == 0 and value >= 20 and following in words.SMALL))
