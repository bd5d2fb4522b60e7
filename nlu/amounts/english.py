"""Numbers in English words, also mixed with digits: "two and a half million", "3 dozen"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nlu.amounts.numeral import FOUND_MAX, VALUE_MAX, Numeral

_UNIT_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: value for value, word in enumerate(_UNIT_WORDS.split())}
_UNITS |= {"nought": 0, "naught": 0}
_TENS = {word: 10 * value for value, word in enumerate(_TEN_WORDS.split(), start=2)} | {
    "fourty": 40
}
_SCALES = {
    "thousand": 10**3,
    "lakh": 10**5,
    "million": 10**6,
    "crore": 10**7,
    "billion": 10**9,
    "trillion": 10**12,
}
_GROUPS = {"couple": 2, "pair": 2, "dozen": 12, "dozens": 12, "dzs": 12, "dozs": 12}
_UNIT_RANKS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_TEN_RANKS = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"
_RANKS = {word: value for value, word in enumerate(_UNIT_RANKS.split(), start=1)} | {"nineth": 9}
_RANKS |= {word: 10 * value for value, word in enumerate(_TEN_RANKS.split(), start=2)}
_RANKS |= {"hundredth": 100} | {f"{word}th": value for word, value in _SCALES.items()}
_FRACTIONS = {word: value for word, value in _RANKS.items() if value >= 3} | {"quarter": 4}
_PARTS = {f"{word}s": value for word, value in _FRACTIONS.items()} | {
    f"{word}s": value for word, value in _RANKS.items() if value == 1
}
_HALVES = {"half", "halves"}
_JOINTS = {"a", "an", "and", "of", "point", "minus", "negative", "over"}
_STARTS = frozenset(
    {*_UNITS, *_TENS, *_SCALES, *_GROUPS, *_RANKS, *_PARTS, *_HALVES, "quarter", "hundred"}
)
_KNOWN = _STARTS | _JOINTS
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
#: What may stand between the words of one number.
_GAP = re.compile(r"[ \t\r\n-]{1,3}")
#: After these "one" is a pronoun.
_POINTING_WORDS = (
    "the this that which no any every each some another other next last previous current "
    "these same right wrong new old"
)
_POINTING = frozenset(_POINTING_WORDS.split())
_NOT_ONE = re.compile(r"-?(?:time|off|way|stop|on-one|another\b|day\b| another\b| by one\b)")
#: A second one, but not "a second please".
_SECOND_OF = re.compile(r"\s(?!(?:please|and|or|ago|to|for|later|while)\b)[a-z]")
_NOT_HALF = re.compile(r"[ -](?:past|price|time|way|life|board|term|brother|sister)\b")
_CLOSED = re.compile(r"\s?(?:$|[^\w\s'’-]|of\b)")


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a number, or a number in digits between such words."""

    word: str  #: empty for digits
    start: int
    end: int
    value: float = 0.0  #: of the digits


@dataclass(frozen=True, slots=True)
class _Read:
    """A number read from parts: its value, the index after it and its largest scale."""

    value: float
    next: int
    scale: float = 1.0


def english_numerals(
    folded: str, digits: Sequence[Numeral]
) -> tuple[list[Numeral], list[Numeral]]:
    """Return the cardinal numbers and the ranks (twenty-first) in the words of a folded text.

    Digits with a word of scale are among the cardinals, without one they are not.
    """
    words = [match for match in _WORD.finditer(folded) if match[0] in _KNOWN]
    starts = _STARTS | {"minus", "over"} if digits else _STARTS
    if starts.isdisjoint(match[0] for match in words):
        return [], []
    cardinals: list[Numeral] = []
    ranks: list[Numeral] = []
    for run in _runs(folded, words, {numeral.start: numeral for numeral in digits}):
        if len(cardinals) + len(ranks) >= FOUND_MAX:
            break
        _read_run(folded, run, cardinals, ranks)
    return cardinals, ranks


def _runs(
    folded: str, words: Sequence[re.Match[str]], digits: Mapping[int, Numeral]
) -> Iterator[list[_Part]]:
    """Yield the words and digits that stand side by side."""
    parts = [_Part(match[0], match.start(), match.end()) for match in words]
    parts += [_Part("", n.start, n.end, n.value) for n in digits.values() if n.value >= 0]
    parts.sort(key=lambda part: part.start)
    run: list[_Part] = []
    for part in parts:
        if run and not _GAP.fullmatch(folded, run[-1].end, part.start):
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def _read_run(
    folded: str, run: list[_Part], cardinals: list[Numeral], ranks: list[Numeral]
) -> None:
    before = folded[max(0, run[0].start - 9) : run[0].start]
    apart = before.endswith(("between ", "from "))
    at = 0
    while at < len(run) and len(cardinals) + len(ranks) < FOUND_MAX:
        rank = _rank(run, at)
        if rank is not None:
            if _is_rank(folded, run, at, rank):
                ranks.append(_numeral(run, at, rank))
            at = rank.next
            continue
        # 5 minus 3 subtracts.
        sign = run[at].word in {"minus", "negative"} and (at == 0 or run[at - 1].word in _JOINTS)
        read = _cardinal(folded, run, at + sign, apart=apart)
        if read is None:
            at += 1
            continue
        first = at + sign
        numeral = _numeral(run, first, read)
        if sign:
            numeral = replace(numeral, start=run[at].start, value=-read.value)
        if (sign or _is_meant(folded, run, first, read)) and abs(read.value) < VALUE_MAX:
            cardinals.append(numeral)
        at = read.next


def _numeral(run: list[_Part], first: int, read: _Read) -> Numeral:
    digits = any(not part.word for part in run[first : read.next])
    return Numeral(run[first].start, run[read.next - 1].end, read.value, digits=digits)


def _is_meant(folded: str, run: list[_Part], first: int, read: _Read) -> bool:
    """Tell whether what was read is a number: not digits alone, not "this one"."""
    if read.next - first > 1:
        return True
    part = run[first]
    if part.word == "half":
        return _NOT_HALF.match(folded, part.end) is None
    if part.word != "one":
        return part.word not in {"", "second", "first"}
    before = _WORD.findall(folded[max(0, part.start - 14) : part.start])
    after = folded[part.end : part.end + 9]
    return not (before and before[-1] in _POINTING) and _NOT_ONE.match(after) is None


def _is_rank(folded: str, run: list[_Part], at: int, rank: _Read) -> bool:
    """Tell a rank from a span of time and from fixed words: wait a second, first name."""
    part = run[rank.next - 1]
    after = folded[part.end : part.end + 12]
    if run[at].word == "second" and at and run[at - 1].word in {"a", "one"} | set(_UNITS):
        return run[at - 1].word == "a" and _SECOND_OF.match(after) is not None
    if re.match(r"[\s-](?:of all|names?\b)" if part.word == "first" else r"[\s-]?hand\b", after):
        return False
    before = folded[max(0, run[at].start - 7) : run[at].start]
    return not (part.word == "third" and after.startswith((" party", "-party"))) and not (
        before.endswith(("at ", "per ", "split ", "this ", "every ")) and rank.value <= 2
    )


def _rank(run: list[_Part], at: int) -> _Read | None:
    """Read a rank: "third", "twenty-first", "two hundredth"; not "one third"."""
    lead = _integer(run, at, apart=False)
    if lead is None:
        word = run[at].word
        return _Read(_RANKS[word], at + 1) if word in _RANKS else None
    if lead.next >= len(run) or run[lead.next].word not in _RANKS:
        return None
    if not all(part.word for part in run[at : lead.next]):
        return None
    step, last = _RANKS[run[lead.next].word], run[lead.next - 1].word
    if step >= 100:
        single = lead.value in {1, 2, 3, 4, 5, 6, 7, 8, 9} or last == "hundred"
        alone = run[at].word in {"a", "one"} and lead.next - at == 1
        return _Read(lead.value * step, lead.next + 1) if single and not alone else None
    if last in _TENS and step < 10:
        return _Read(lead.value + step, lead.next + 1)
    if (last == "hundred" or last in _SCALES) and lead.next - at > 1:
        return _Read(lead.value + step, lead.next + 1)
    return None


def _cardinal(folded: str, run: list[_Part], at: int, *, apart: bool) -> _Read | None:
    """Read a number with its fraction, decimals and scale."""
    if at >= len(run):
        return None
    read = _fraction(folded, run, at) or _half(run, at)
    if read is not None:
        return _scaled(run, read)
    read = _integer(run, at, apart=apart)
    if read is None:
        return None
    read = _with_decimals(run, read)
    if _word(run, read.next) == "and":
        more = _fraction(folded, run, read.next + 1, mixed=True) or _half(
            run, read.next + 1, bare=False
        )
        if more is not None:
            total = read.value + more.value * read.scale
            more = _scaled(run, more)
            scaled = more.scale > 1
            value = read.value + more.value if scaled and read.scale > more.scale else total
            value = total * more.scale if scaled and read.scale == 1 else value
            return _Read(value, more.next)
    if _word(run, read.next) == "over":
        below = _integer(run, read.next + 1, apart=False)
        closed = below is not None and _CLOSED.match(folded, run[below.next - 1].end)
        if below is not None and closed and below.value:
            return _Read(read.value / below.value, below.next)
    return read


def _word(run: list[_Part], at: int) -> str:
    return run[at].word if at < len(run) else ""


def _scaled(run: list[_Part], read: _Read) -> _Read:
    """Read the scale behind a fraction: half a million, three quarters of a million."""
    at = read.next
    if _word(run, at) == "of" and _word(run, at + 1) == "a":
        at += 2
    elif _word(run, at) in {"a", "an"}:
        at += 1
    word = _word(run, at)
    scale = {**_SCALES, **_GROUPS, "hundred": 100}.get(word)
    return read if scale is None else _Read(read.value * scale, at + 1, scale)


def _half(run: list[_Part], at: int, *, bare: bool = True) -> _Read | None:
    lead = _word(run, at) in {"a", "an", "one"} or (at < len(run) and run[at].value == 1)
    if lead and _word(run, at + 1) in _HALVES:
        return _Read(0.5, at + 2)
    if bare and _word(run, at) == "half":
        return _Read(0.5, at + 1)
    scale = _word(run, at + 1)
    if bare and _word(run, at) == "quarter" and scale in _SCALES:
        return _Read(0.25, at + 1)
    return None


def _fraction(folded: str, run: list[_Part], at: int, *, mixed: bool = False) -> _Read | None:
    """Read "two thirds", "one twenty-fifth"; "a third" only where nothing is counted by it."""
    article = _word(run, at) in {"a", "an"} and _word(run, at + 1) not in {*_SCALES, "hundred"}
    above = _Read(1, at + 1) if article else _integer(run, at, apart=False)
    if above is None or above.next >= len(run):
        return None
    if _word(run, above.next) in _HALVES and above.value > 1:
        return _Read(above.value / 2, above.next + 1)
    below = _denominator(run, above.next)
    if below is None:
        return None
    plural = run[below.next - 1].word in _PARTS
    if not plural and not (above.value == 1 and above.next == at + 1):
        return None
    closed = _CLOSED.match(folded, run[below.next - 1].end) is not None
    if article and not (mixed or closed or _word(run, below.next) in _SCALES):
        return None
    return _Read(above.value / below.value, below.next)


def _denominator(run: list[_Part], at: int) -> _Read | None:
    word = _word(run, at)
    if word in _FRACTIONS or (word in _PARTS and _PARTS[word] >= 3):
        return _Read(_FRACTIONS.get(word) or _PARTS[word], at + 1)
    lead = _integer(run, at, apart=False)
    if lead is None or lead.next >= len(run):
        return None
    step = _FRACTIONS.get(run[lead.next].word) or _PARTS.get(run[lead.next].word)
    step = step or _RANKS.get(run[lead.next].word)
    return None if step is None else _Read(lead.value + step, lead.next + 1)


def _with_decimals(run: list[_Part], read: _Read) -> _Read:
    """Read "point zero three" and "point seventy-one"."""
    if _word(run, read.next) != "point":
        return read
    written, at = "", read.next + 1
    while (value := _UNITS.get(_word(run, at), _TENS.get(_word(run, at)))) is not None:
        joined = value < 10 and at > read.next + 1 and run[at - 1].word in _TENS
        written = written[:-1] + str(value) if joined else written + str(value)
        at += 1
    if not written or len(written) > 9:
        return read
    return _scaled(run, _Read(read.value + float(f"0.{written}"), at))


def _integer(run: list[_Part], at: int, *, apart: bool) -> _Read | None:
    """Read a number of units, tens, hundreds and scales, as far as it goes.

    "one two" and "twenty thirty" are lists: only their first number is read. `apart` keeps
    "between one hundred and two hundred" from being joined by its "and".
    """
    total = current = 0.0
    scale = 1.0
    last = least = at
    while last < len(run):
        part = run[last]
        step = _step(run, last, current, at)
        if step is not None:
            current += step
        elif part.word in {"hundred", *_GROUPS} and (current < 100 or not run[last - 1].word):
            if last == at and not _stands_alone(run, at):
                return None
            current = (current or 1.0) * (100 if part.word == "hundred" else _GROUPS[part.word])
        elif part.word in _SCALES and (current or last == least or run[last - 1].word in _SCALES):
            scale = _SCALES[part.word]
            if current == 0 and total:
                total *= scale
            else:
                total, current = total + (current or 1.0) * scale, 0.0
        elif part.word in {"a", "an"} and last == at:
            if _word(run, at + 1) not in {"hundred", *_SCALES, *_GROUPS}:
                return None
            least = at + 1
        elif not _is_joint(run, last, at, apart=apart):
            break
        last += 1
    last = _without_joints(run, at, last)
    if last == at:
        return None
    return _Read(total + current, last, scale if run[last - 1].word in _SCALES else 1)


def _stands_alone(run: list[_Part], at: int) -> bool:
    """Tell whether a word such as "dozen" is a number without one before it."""
    word = run[at].word
    return word in {"hundred", "dozen"} or (word == "couple" and _word(run, at + 1) == "of")


def _without_joints(run: list[_Part], first: int, last: int) -> int:
    while last > first and run[last - 1].word in _JOINTS:
        last -= 1
    return last


def _step(run: list[_Part], at: int, current: float, first: int) -> float | None:
    """Return what the part at `at` adds to the hundreds read so far, None when it cannot."""
    part = run[at]
    before = run[at - 1].word if at > first else "a"
    if not part.word:
        fits = at == first or (before in {"and", *_SCALES} and current == 0)
        return (
            part.value if fits or (before in {"and", "hundred"} and 0 < part.value < 100) else None
        )
    if part.word not in _UNITS and part.word not in _TENS:
        return None
    value = _UNITS.get(part.word, _TENS.get(part.word, 0))
    if value == 0 or (at > first and not before) or before in _GROUPS:
        return float(value) if at == first else None
    after_zero = at > first and current == 0 and before in _UNITS
    if after_zero or (current % 100 and (value >= 10 or current % 10 or current % 100 < 20)):
        return None
    return float(value)


def _is_joint(run: list[_Part], at: int, first: int, *, apart: bool) -> bool:
    """Tell whether "and" or "of" at `at` joins one number: two hundred and five."""
    if at == first:
        return False
    word, before, after = run[at].word, run[at - 1].word, _word(run, at + 1)
    if word == "of":
        return before in {"couple", "dozen"} and after in {"hundred", "dozen", *_SCALES}
    if word != "and" or apart or before not in {"hundred", *_SCALES} or at + 1 >= len(run):
        return False
    if _fractional(run, at + 1):
        return False
    # "three hundred and two hundred" are two numbers.
    following = _word(run, at + 2)
    if following == "hundred" and (before == "hundred" or not after):
        return False
    return after in _UNITS or after in _TENS or (not after and following not in _SCALES)


def _fractional(run: list[_Part], at: int) -> bool:
    following = _word(run, at + 1)
    single = _word(run, at) in {"one", "a"} and following in _FRACTIONS
    return following in _PARTS or following in _HALVES or single
