"""English days: 24 November 2026, 11/24, the 27th, Thanksgiving, the first Friday of July."""

from datetime import date, timedelta

from nlu.times import english_words as words
from nlu.times.english_grammar import Got, Made, Rule, rules
from nlu.times.english_holidays import HOLIDAYS, holiday, nth_weekday
from nlu.times.english_lexer import full_year
from nlu.times.english_values import Dates, day_value
from nlu.times.moment import Days, day_to_come, plus_months, years_of

#: A year behind a day or month.
YEAR = "(COMMA? (of|in)? {y (Y|YEARS)}|(of|QUOTE) QUOTE? {short N})?"
_MONTH = "{m MONTH} DOT?"
_TWO = "{lead (from|between|on)}? the? {a DN} {to (TO|and)} the? {b DN}"


def year_of(got: Got) -> int | None:
    """Return the year that was said, None when none was.

    Raises:
        ValueError: it is no year.
    """
    if got.has("y"):
        value = got.item("y").value
        return value.first.year if isinstance(value, Dates) else got.whole("y")
    if got.has("short"):
        if len(got.digits("short")) != 2:
            raise ValueError("no year")
        return full_year(got.whole("short"))
    return None


def dates_of(got: Got, name: str) -> Dates:
    """Return the days of a part, which may be a bare year.

    Raises:
        ValueError: it tells no days.
    """
    value = got.item(name).value
    return value if isinstance(value, Dates) else Dates(years_of(got.whole(name)))


def dated(got: Got, year: int | None, month: int, day: int) -> Dates:
    """Return a day of a year, or the next such day.

    Raises:
        ValueError: there is none.
    """
    if year is None:
        return Dates(Days(*(day_to_come(got.today, month, day),) * 2), "year")
    return day_value(date(year, month, day))


def month_number(got: Got, name: str = "m") -> int:
    """Return the month of a part."""
    return words.MONTHS[got.word(name)]


def _month_day(got: Got) -> Made | None:
    if got.word("m") == "may" and got.has("plain") and not got.digits("d"):
        return None  # one may ask
    return "DAY", dated(got, year_of(got), month_number(got), got.whole("d"))


def _weekday_said(got: Got) -> Made:
    """Take the day and leave the weekday that only explains it."""
    return "DAY", got.value("day", Dates)


def _two_in_month(got: Got) -> Made | None:
    """Read 3 to 5 June, June 3-5, between the 3rd and the 5th of next month."""
    if got.word("to") == "and" and got.word("lead") != "between":
        return None
    if got.has("in"):
        month_days = got.value("in", Dates)
        if month_days.first.day != 1 or month_days.last.month != month_days.first.month:
            return None
        year: int | None = month_days.first.year
        month = month_days.first.month
    else:
        year, month = year_of(got), month_number(got)
    day = got.whole("b")
    if day > got.whole("a"):
        last = dated(got, year, month, day)
        return "DAYS", Dates(Days(last.first.replace(day=got.whole("a")), last.first), last.step)
    if not got.has("later"):
        return None
    first = dated(got, year, month, got.whole("a"))
    after = plus_months(first.first.replace(day=1), 1)
    return "DAYS", Dates(Days(first.first, after.replace(day=day)), first.step)


def _slashed(got: Got) -> Made | None:
    """Read 24/11 or 11/24 as the scene goes; a fraction such as 4/5 needs a preposition."""
    written = got.words("d")[0]
    first, second = (int(part) for part in written.split("/"))
    sure = got.has("on") or got.has("y") or max(first, second) > 12 or "0" in (
        written[0], written.partition("/")[2][0]
    )  # fmt: skip
    if not sure or (written == "24/7" and not got.has("on")) or max(first, second) > 31:
        return None
    day, month = (second, first) if got.scene.month_first else (first, second)
    if month > 12:
        day, month = month, day
    year = full_year(got.whole("y")) if got.has("y") else None
    return "DAY", dated(got, year, month, day)


def _pointed(got: Got) -> Made:
    """Read on 4.22, on 4-22."""
    if got.has("p"):
        first, second = (int(part) for part in got.digits("p").split("."))
    else:
        if not got.glued:
            raise ValueError("not a date")
        first, second = got.whole("n"), got.whole("d")
    day, month = (second, first) if got.scene.month_first else (first, second)
    if month > 12:
        day, month = month, day
    return "DAY", dated(got, None, month, day)


def _of_month(got: Got) -> Made | None:
    """Read the 20th of next month, the 15th day of next month."""
    month_days = got.value("in", Dates)
    if month_days.first.day != 1 or month_days.last.month != month_days.first.month:
        return None
    return "DAY", day_value(month_days.first.replace(day=got.whole("d")))


def _day_of_month(got: Got) -> Made | None:
    """Read the 27th: the next one, also by its weekday when one was said."""
    number = got.whole("d")
    weekday = words.WEEKDAYS[got.word("w")] if got.has("w") else None
    if not 1 <= number <= 31:
        return None
    start = got.today.replace(day=1)
    found: list[date] = []
    for months in range(13):
        month = plus_months(start, months)
        if number <= (plus_months(month, 1) - timedelta(1)).day:
            day = month.replace(day=number)
            if day >= got.today:
                found.append(day)
    fitting = [day for day in found if weekday in (None, day.weekday())]
    return "DAY", day_value((fitting or found)[0], "month")


def _holiday(got: Got) -> Made | None:
    name = got.words("name")
    year = year_of(got)
    step = words.RELATIVE.get(got.word("rel"), 0) if got.has("rel") else 0
    if year is None:
        year = got.today.year
        day = holiday(name, year)
        if day is not None and step < 0:
            year -= day >= got.today
        elif day is not None and day < got.today and got.word("rel") not in {"this", "current"}:
            year += 1
    day = holiday(name, year)
    return None if day is None else ("DAY", day_value(day, "" if got.has("y") else "year"))


def _nth_weekday(got: Got) -> Made | None:
    """Read the first Friday of July, the second Monday of next month, the third Tuesday."""
    nth = got.whole("n") if got.word("n") != "last" else -1
    if not -1 <= nth <= 5:
        return None
    weekday = words.WEEKDAYS[got.word("w")]
    if got.has("in"):
        month = got.value("in", Dates).first
        return "DAY", day_value(nth_weekday(month.year, month.month, weekday, nth))
    if got.has("m"):
        year = year_of(got)
        month_of_it = month_number(got)
        day = nth_weekday(year or got.today.year, month_of_it, weekday, nth)
        if year is None and day < got.today:
            day = nth_weekday(got.today.year + 1, month_of_it, weekday, nth)
        return "DAY", day_value(day)
    day = nth_weekday(got.today.year, got.today.month, weekday, nth)
    if day < got.today:
        after = plus_months(got.today.replace(day=1), 1)
        day = nth_weekday(after.year, after.month, weekday, nth)
    return "DAY", day_value(day)


def _holiday_names() -> str:
    longest_first = sorted(HOLIDAYS, key=len, reverse=True)
    return "|".join(
        " ".join(name).replace("'", "QUOTE").replace("-", "DASH") for name in longest_first
    )


_ON = "{on (on|by|before|after|from|since|until|till|between|dated|due|date|this|next|for|WDAY)}"
_END = "(?=STOP|DOT|COMMA|HOURS|CLOCK|at|and|or|CLOSE|$)"

#: With the months as words or numbers.
DATES: list[Rule] = [
    *rules(
        _month_day,
        "{y Y} (SLASH|DASH) {m MONTH} (SLASH|DASH) {d N}",
        "{d N} (SLASH|DASH) {m MONTH} (SLASH|DASH) {y Y}",
        "{m MONTH} (SLASH|DASH) {d N} (SLASH|DASH) {y Y}",
        "{m MONTH} DASH {y Y} DASH {d N}",
        "{y Y} (SLASH|DASH) {d N} (SLASH|DASH) {m MONTH}",
        "{d N} DASH {y Y} DASH {m MONTH}",
    ),
    *rules(
        _two_in_month,
        f"{_TWO} (of)? {_MONTH} {YEAR} (?!DASH|SLASH)",
        f"{{lead (from|between|on)}}? {_MONTH} the? {{a DN}} {{to (TO|and)}} the? {{b DN}}"
        f" (?!MONTH|of|oclock|AMPM|COLON) {YEAR}",
        f"{_MONTH} {{lead between}} the? {{a DN}} {{to (and|TO)}} the? {{b DN}} {YEAR}",
        "{lead (from|between)}? the? {a DN} {to (TO|and)} the? {b DN} (of|in)? the? {in DAYS}",
        f"{{lead from}} {_MONTH} the? {{a ORD}} {{to TO}} {{later the}} {{b ORD}} {YEAR}",
        f"{{lead from}} the {{a ORD}} {{to TO}} {{later the}} {{b ORD}} of {_MONTH} {YEAR}",
    ),
    *rules(
        _month_day,
        f"(the)? (?<!MONTH){{d ORD}} (day)? {_MONTH} {YEAR}",
        f"(?<!MONTH){{d N}} (DASH|DOT|SLASH)? {{m NOTMAY}} DOT? {YEAR}",
        f"(?<!MONTH){{plain (?=N)}}{{d N}} (DASH|DOT|SLASH)? {{m may}}"
        f" (?!be|have|not|also|need|take|i|we|you|get) {YEAR}",
        f"(the)? {{d DN}} (day)? of {_MONTH} {YEAR} (?!DN)",
        f"{{m NOTMAY}} DOT? (COMMA|DASH|SLASH)? (the)? {{d DN}} (?!TO DN (AMPM|oclock)) {YEAR}"
        " (?!AMPM|oclock)",
        f"(?<!^){{m may}} (COMMA|DASH|SLASH)? (the)? {{d DN}} {YEAR} (?!AMPM|oclock)",
        f"{{m may}} (COMMA|DASH|SLASH)? (the)? {{d DN}} {YEAR} (?!AMPM|oclock|JUNK|UNIT)",
        "{m NOTMAY} (COMMA|DASH|SLASH)? (the)? {d DN} (?!AMPM)",
    ),
    *rules(_holiday, f"{{rel (THIS|NEXT|LAST)}}? {{name ({_holiday_names()})}} {YEAR}"),
    *rules(
        _of_month,
        "(the)? {d DN} day? (of|in)? (the)? {in DAYS}",
        "(the)? {d ORD} {in DAYS}",
        "{in DAYS} on the {d ORD}",
    ),
    *rules(
        _nth_weekday,
        f"(the)? {{n (ORD|last)}} {{w WDAY}} (of|in) (the)? {{m MONTH}} {YEAR}",
        "(the)? {n (ORD|last)} {w WDAY} (of|in)? (the)? {in DAYS}",
        "(the)? (?<!this)(?<!next){n ORD} {w WDAY}",
    ),
    *rules(
        _slashed,
        "{d SLASHED} COMMA {y N}",
        "(?<=on|by|till|from|since|until|due|dated|before|after|between|this|next|WDAY)"
        "{on (?=SLASHED)}{d SLASHED} (COMMA {y N})?",
        "^{on (?=SLASHED)}{d SLASHED} (?=(STOP|DOT)?$)",
        "(?<=DAY TO|DAY and){on (?=SLASHED)}{d SLASHED}",
        "{d SLASHED} {on (?=TO DAY)}",
        "{d SLASHED} COMMA {y N}",
        "{d SLASHED} (?!UNIT|JUNK)",
    ),
    *rules(
        _pointed,
        "(?<=on|this|next) {p POINT}",
        "(?<=WDAY) {p POINT}",
        f"(?<=on|in) {{n N}} DASH {{d N}} {_END}",
    ),
    *rules(
        _weekday_said,
        "(this|next)? WDAY (COMMA|DASH)? (the)? {day DAY}",
        "(this|next)? WDAY OPEN {day DAY} CLOSE",
        "{day DAY} OPEN WDAY CLOSE",
        "(this|next) {day DAY}",
    ),
    *rules(
        _day_of_month,
        "(the)? {d ORD} day of the month",
        "(?<=about) the {d ORD} (?!JUNK|WDAY|UNIT)",
        "the {d ORD} (?=at|HOURS|CLOCK|between|from)",
        "{w WDAY} (COMMA)? the {d DN}",
        "{w WDAY} (COMMA)? {d ORD}",
        "{w WDAY} {d N} (?=at|between|from|HOURS|STOP|COMMA|DOT|$)",
        f"(?<=on|by|for|of|until|till) the {{d DN}} {_END}",
        "(?<=on|by|until|till) the? {d ORD} (?!JUNK)",
        f"(?<=on) {{d N}} {_END}",
    ),
]
