"""English days told from another day: tomorrow, next Friday, in two weeks, three days later."""

from datetime import date, timedelta

from nlu.times import english_words as words
from nlu.times.english_grammar import Got, Made, Rule, rules
from nlu.times.english_values import Dates, Length, Moment, Moments, day_value
from nlu.times.moment import Days, weekday_to_come, years_of

NAMED = {"today": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "tomorow": 1, "tommorow": 1}
NAMED |= {"tommorrow": 1, "yesterday": -1}
_DAYWORD = f"({'|'.join(NAMED)})"


def _named(got: Got) -> Made:
    return "DAY", day_value(got.today + timedelta(NAMED[got.word("day")]))


def _beside(got: Got) -> Made:
    """Read the day after tomorrow, the day before yesterday, the day before."""
    day = NAMED[got.word("day")] if got.has("day") else 0
    return "DAY", day_value(
        got.today + timedelta(day + (1 if got.word("side") == "after" else -1))
    )


def _relative_day(got: Got) -> Made:
    return "DAY", day_value(got.today + timedelta(words.RELATIVE[got.word("rel")]))


def _weekday_of_week(got: Got) -> Made | None:
    week = got.value("week", Dates)
    if week.first.weekday() or (week.last - week.first).days != 6:
        return None
    return "DAY", day_value(week.first + timedelta(words.WEEKDAYS[got.word("w")]))


def weekday_of(today: date, weekday: int, relation: str = "") -> Dates:
    """Return the weekday that is meant; "next" is the one of the week after this."""
    if relation in {"next", "following"}:
        monday = today - timedelta(today.weekday())
        return day_value(monday + timedelta(7 + weekday))
    if relation in {"last", "past", "previous"}:
        return day_value(today - timedelta((today.weekday() - weekday - 1) % 7 + 1))
    return day_value(weekday_to_come(today, weekday), "week")


def _weekday(got: Got) -> Made:
    return "DAY", weekday_of(got.today, words.WEEKDAYS[got.word("w")], got.word("rel"))


def _weekday_range(got: Got) -> Made:
    """Read Monday to Friday."""
    first = weekday_to_come(got.today, words.WEEKDAYS[got.word("a")])
    last = weekday_to_come(first, words.WEEKDAYS[got.word("b")])
    return "DAYS", Dates(Days(first, last))


def _week_on(got: Got) -> Made | None:
    """Read Friday week, a week on Friday: the Friday after the next."""
    if got.has("len") and got.value("len", Length) != Length(days=7, weeks=True):
        return None
    day = weekday_to_come(got.today, words.WEEKDAYS[got.word("w")])
    return "DAY", day_value(day + timedelta(7))


def _weekdays_on(got: Got) -> Made:
    """Read two Sundays from now."""
    name = got.word("w")
    weekday = words.WEEKDAY_PLURALS.get(name, words.WEEKDAYS.get(name, 0))
    first = weekday_to_come(got.today + timedelta(1), weekday)
    return "DAY", day_value(first + timedelta(7 * (got.whole("n") - 1)))


def _sign(got: Got) -> int:
    return -1 if got.word("way") in {"ago", "before", "earlier", "back", "prior"} else 1


def _from_now(got: Got) -> Made:
    """Read in three days, two hours later, a month ago."""
    length = got.value("len", Length)
    sign = _sign(got)
    if length.of_clock:
        seconds = bool(length.seconds % 60)
        return "MOMENT", Moment(length.from_moment(got.now, sign), seconds)
    return "DAY", day_value(length.from_day(got.today, sign))


def _from_day(got: Got) -> Made | None:
    """Read two weeks from tomorrow, three days after January 12th, 5 days before New Year."""
    length, sign = got.value("len", Length), _sign(got)
    dates = Dates(years_of(got.whole("y"))) if got.has("y") else got.value("day", Dates)
    if length.of_clock:
        return None
    if got.has("weekday"):
        day = length.from_day(dates.first, sign)
        weekday = words.WEEKDAYS[got.word("weekday")]
        return "DAY", day_value(weekday_to_come(day, weekday))
    return "DAY", day_value(length.from_day(dates.first, sign))


def _on_weekday(got: Got) -> Made:
    """Read Monday two weeks from now: the Monday of the week of that day."""
    day = got.value("day", Dates).first
    return "DAY", day_value(day + timedelta(words.WEEKDAYS[got.word("w")] - day.weekday()))


def _coming_days(got: Got) -> Made:
    """Read the next three days, within two hours, the last two months."""
    length = got.value("len", Length)
    if not got.has("rel") and not length.of_clock:
        return "DAYS", Dates(Days(got.today, length.from_day(got.today)))
    return stretch(got, length, words.RELATIVE.get(got.word("rel"), 1))


def stretch(got: Got, length: Length, sign: int) -> Made:
    """Return what lies in a length from now: after today, before today, or around this moment."""
    if length.of_clock:
        other = length.from_moment(got.now, sign)
        seconds = bool(length.seconds % 60)
        ends = (got.now, other) if sign > 0 else (other, got.now)
        return "MOMENTS", Moments(*ends, seconds=seconds)
    day = length.from_day(got.today, sign)
    one = timedelta(1)
    days = Days(got.today + one, day) if sign > 0 else Days(day, got.today - one)
    return "DAYS", Dates(days)


def _counted_stretch(got: Got) -> Made:
    """Read the three next weeks, 5 upcoming years."""
    months, days, seconds = words.UNITS[got.word("unit")]
    count = got.number("n")
    length = Length(months * count, days * count, seconds * count)
    return stretch(got, length, words.RELATIVE[got.word("rel")])


def _unit_stretch(got: Got) -> Made:
    """Read next hour, the last minute."""
    months, days, seconds = words.UNITS[got.word("unit")]
    return stretch(got, Length(months, days, seconds), words.RELATIVE[got.word("rel")])


def _starting(got: Got) -> Made:
    """Read three days starting from next Monday, for 1 week from 20 December."""
    length, first = got.value("len", Length), got.value("day", Dates).first
    if length.of_clock:
        raise ValueError("hours from a day")
    last = length.from_day(first) - timedelta(1)
    return "DAYS", Dates(Days(first, max(first, last)))


def _within(got: Got) -> Made:
    """Read within two weeks from today."""
    day = got.value("day", Dates).first
    other = got.value("len", Length).from_day(day, _sign(got))
    return "DAYS", Dates(Days(*sorted((day, other))))


def _now(got: Got) -> Made:
    return "MOMENT", Moment(got.now)


WEEKDAYS_OF_WEEKS: list[Rule] = [
    *rules(
        _weekday_of_week,
        "(on)? {w WDAY} COMMA? (of|in)? (the)? {week DAYS}",
        "{week DAYS} DASH? (on)? {w WDAY}",
    ),
]

DAYS: list[Rule] = [
    *rules(
        _beside,
        f"(the)? day {{side (after|before)}} {{day {_DAYWORD}}}",
        "(?<!same)(?<!every)(?<!day)(the) day {side (after|before)} (?=STOP|DOT|$)",
    ),
    *rules(_named, f"{{day {_DAYWORD}}}"),
    *rules(
        _relative_day,
        "(the)? {rel (next|following|last|past|previous|this|current)} day (?!LEN|and|of)",
        "(?<=up|to|on|for) {rel the} day (?=STOP|DOT|$)",
        "{rel my} day (?!off|job)",
    ),
    *rules(_week_on, "{w WDAY} week (?!N)", "{len LEN} on {w WDAY}"),
    *rules(_weekdays_on, "{n N} {w (WDAY|WDAYS)} (from now|later)"),
    *rules(
        _weekday_range,
        "(from|between)? (?<!REL){a WDAY} (TO) {b WDAY} (?!DN|the|DATES|PART|CLOCK|HOURS|at)",
        "{a WDAY} (TO) {b WDAY} (?=HOURS|CLOCK|N TO N)",
    ),
    *rules(
        _weekday,
        "(this)? {rel (this|NEXT|LAST)} {w WDAY}",
    ),
    *rules(
        _from_now,
        "{len LEN} {way (later|hence|ago|earlier)} (?!this|in the)",
        "{len LEN} (from|in) (now|the future)",
    ),
    *rules(_starting, "for {len LEN} COMMA? from {day DAY}"),
    *rules(_within, "within (the)? NEXT? {len LEN} {way (from|after|before)} {day DAY}"),
    *rules(
        _from_day,
        "{weekday WDAY} COMMA? {len LEN} {way (from|after|before)} {day DAY}",
        "(?<!than)(?<!within){len LEN} {way (from|after|before|prior)} (to)? {day DAY} on "
        "{weekday WDAY}",
    ),
    *rules(_from_now, "(in) (less than)? (a)? {len LEN} (?!or|and then|before|after|from|since)"),
    *rules(
        _on_weekday,
        "{w WDAY} COMMA? {day DAY}",
        "{day DAY} on {w WDAY}",
    ),
    *rules(
        _weekday,
        "{w SUREDAY}",
        "{w mon}",
        "{w wed} (?!JUNK)",
        "^{w (sun|sat)} (?=(STOP|DOT)?$)",
        "(?<=on|by|until|till|before|after|from|since|CLOCK|COMMA|HOURS|next|to) {w (sun|sat)}",
        "{w (sun|sat)} (?=CLOCK|at|PART|ORD)",
    ),
    *rules(
        _from_day,
        "(?<!than)(?<!within){len LEN} {way (from|after|before|prior)} (to)? {day DAY}",
        "(in)? {len LEN} {way since} (the)? (year)? {day (DAYS|YEARS)}",
        "(in)? {len LEN} {way since} (the)? (year)? {y Y}",
    ),
    *rules(_starting, "{len LEN} COMMA? (starting|beginning)(from|on)? {day DAY}"),
    *rules(
        _coming_days,
        "within (the|a)? NEXT? {len LEN} (?!before|from|after)",
        "within (the)? NEXT {unit UNIT} and {len LEN}",
        "(?<!AUX){rel (NEXT|LAST)} {len LEN} (?!of)",
    ),
    *rules(_counted_stretch, "(?<!UNIT){n N} {rel (NEXT|LAST)} {unit (UNIT)}"),
    *rules(
        _unit_stretch,
        "(the)? {rel (NEXT|LAST)} {unit "
        "(hour|hours|minute|minutes|second|seconds|mins|hrs|min|hr)}",
    ),
    *rules(
        _now,
        "(right|just|as of)? now",
        "at the (moment|minute|present time)",
        "at (present|this time)",
        "as soon as possible",
        "asap",
    ),
]
