"""English ranges and bounds: from May to July, until Friday, after 6pm, 2018 or later."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from nlu.times.english_clocks import hour_of
from nlu.times.english_dates import dates_of, month_number, year_of
from nlu.times.english_grammar import Got, Made, Rule, rules
from nlu.times.english_values import Dates, Hour, Hours, Length, Moment, Moments
from nlu.times.moment import Days, at, month_of, years_of

_DATES = "(the)? {%s (DATES|Y)}"
_ANY = "(the)? {x (DATES|Y|MOMENT|MOMENTS|CLOCK|HOURS|PART)}"


def _between(got: Got) -> Made | None:
    """Read from May to July, between 2015 and 2018, Oct. 2 to October 22."""
    if got.word("to") == "and" and got.word("lead") != "between":
        return None
    first, last = dates_of(got, "a"), dates_of(got, "b")
    if first.days.first is None or last.days.last is None:
        return None
    if first.step == "year" and not last.step:
        moved = _with_year(first, last)
        first = moved if moved.first <= last.last else first
    elif last.step:
        if first.step == "year" and last.step == "year":
            first = _running(first, last, got.today)
        last = last.not_before(first.first)
    if last.last < first.first:
        return None
    return "DAYS", Dates(Days(first.first, last.last))


def _weekdays_of(got: Got) -> Made | None:
    """Read next week between Wednesday and Friday."""
    week, first, last = (got.value(name, Dates) for name in ("week", "a", "b"))
    if (week.last - week.first).days != 6 or first.step != "week" or last.step != "week":
        return None
    ends = [week.first + timedelta(each.first.weekday()) for each in (first, last)]
    return ("DAYS", Dates(Days(*ends))) if ends[0] <= ends[1] else None


def _running(first: Dates, last: Dates, today: date) -> Dates:
    """Return the first dates a year earlier when what they begin has not ended yet."""
    earlier = first.moved(-1)
    following = replace(last, days=last.moved(-1).days).not_before(earlier.first)
    return earlier if following.last >= today else first


def _with_year(first: Dates, last: Dates) -> Dates:
    """Return the first dates in the year said of the last, or in the one before it."""
    moved = first.moved(last.first.year - first.first.year)
    return moved if moved.first <= last.last else moved.moved(-1)


def _day_in_month(got: Got) -> Made:
    """Read 18 and 19 June, from 4 to January 22: the month is said of one only."""
    last = got.value("b", Dates)
    first = last.first.replace(day=got.whole("n"))
    if first >= last.first:
        raise ValueError("not before")
    return "DAYS", Dates(Days(first, last.last), last.step)


def _from_now(got: Got) -> Made:
    """Read between now and Friday, from today to two days later."""
    day = got.value("b", Dates)
    if got.has("past") and day.step and day.first > got.today:
        day = day.moved(-1)
    if day.last < got.today or got.has("past"):
        return "DAYS", Dates(Days(day.first, got.today))
    return "DAYS", Dates(Days(got.today, day.last))


def _moment_of(got: Got, name: str, *, end: bool = False, day: date | None = None) -> datetime:
    value = got.item(name).value
    if isinstance(value, Moment):
        return value.at
    if isinstance(value, Moments):
        found = value.last if end else value.first
        if found is None:
            raise ValueError("open")
        return found
    return hour_of(got, name).on(day or got.today, got.now).at


def _moments(got: Got) -> Made | None:
    """Read from 4pm today to 5pm tomorrow, from 2pm till tomorrow 4:30pm."""
    if got.word("to") == "and" and got.word("lead") != "between":
        return None
    a, b = got.item("a").value, got.item("b").value
    if not isinstance(a, Moment | Moments):
        last = _moment_of(got, "b", end=True)
        day = got.today if last.date() >= got.today else last.date()
        if isinstance(b, Moment) and b.at == got.now:
            first = _moment_of(got, "a", day=got.today)
        else:
            first = _moment_of(got, "a", day=day)
        return ("MOMENTS", Moments(first, last)) if first < last else None
    first = _moment_of(got, "a")
    last = _moment_of(got, "b", end=True, day=first.date())
    if last <= first and not isinstance(b, Moment | Moments):
        hour = hour_of(got, "b")
        last = at(first.date(), hour.later_half() if hour.vague else hour.clock, got.now)
        if last <= first:
            last = at(first.date() + timedelta(1), hour.clock, got.now)
    return ("MOMENTS", Moments(first, last)) if first < last else None


def _starting_at(got: Got) -> Made:
    """Read a day starting this Friday at 5 pm, within 2 hours from 3pm."""
    first = got.value("m", Moment).at
    return "MOMENTS", Moments(first, got.value("len", Length).from_moment(first))


def _bounded(got: Got) -> Made | None:
    """Read before X, after X, since X, until X and their like."""
    value = _value(got)
    side = _side(got)
    if isinstance(value, Dates):
        days = _days_beside(value, side, from_end=got.has("end"))
        return "DAYS", Dates(days)
    if isinstance(value, Hour | Hours):
        first = value.settled() if isinstance(value, Hour) else value.first
        last = first if isinstance(value, Hour) else value.last
        if side in {"before", "until"}:
            return "HOURS", Hours(None, first)
        return "HOURS", Hours(last if side == "after" else first, None)
    if isinstance(value, Moment):
        if side in {"before", "until"}:
            return "MOMENTS", Moments(None, value.at, seconds=value.seconds)
        return "MOMENTS", Moments(value.at, None, seconds=value.seconds)
    if isinstance(value, Moments):
        if side in {"before", "until"}:
            return "MOMENTS", Moments(None, value.first if side == "before" else value.last)
        return "MOMENTS", Moments(value.last if side == "after" else value.first, None)
    return None


_SIDES = {"before": "before", "earlier": "before", "sooner": "before", "prior": "before"}
_SIDES |= {"advance": "before", "less": "before", "after": "after", "later": "after"}
_SIDES |= {"greater": "after", "more": "after", "since": "since", "starting": "since"}
_SIDES |= {"beginning": "since", "from": "since", "until": "until", "till": "until", "by": "until"}
_SIDES |= {
    "ending": "until",
    "through": "until",
    "late": "until",
    "early": "since",
    "within": "until",
}


def _side(got: Got) -> str:
    side = _SIDES.get(got.word("side"), "until")
    if got.has("not"):
        return {"after": "until", "before": "since", "until": "since"}.get(side, side)
    if got.has("or"):
        return {"after": "since", "before": "until"}.get(side, side)
    return side


def _value(got: Got) -> object:
    value = got.item("x").value
    if got.item("x").code and not isinstance(value, Dates | Hour | Hours | Moment | Moments):
        return Dates(years_of(got.whole("x")))
    return value


def _days_beside(dates: Dates, side: str, *, from_end: bool = False) -> Days:
    del from_end
    one = timedelta(1)
    if side == "before":
        return Days(None, dates.first - one)
    if side == "after":
        return Days(dates.last + one, None)
    if side == "since":
        return Days(dates.first, None)
    return Days(None, dates.last)


def _signed(got: Got) -> Made | None:
    """Read > 6pm today, <= 2019."""
    value = _value(got)
    later = got.has("more")
    if isinstance(value, Dates):
        side = (
            ("since" if later else "until") if got.has("same") else "after" if later else "before"
        )
        side = side if got.has("more") or got.has("less") else ""
        return "DAYS", Dates(_days_beside(value, side)) if side else value
    if isinstance(value, Moment):
        return "MOMENTS", Moments(value.at if later else None, None if later else value.at)
    return None


def _far(got: Got) -> Made:
    """Read more than two weeks before today, less than 3 days after tomorrow."""
    length, day = got.value("len", Length), got.value("x", Dates).first
    sign = -1 if got.word("way") in {"before", "ago"} else 1
    other = length.from_day(day, sign)
    if got.word("than") in {"less", "within"}:
        return "DAYS", Dates(Days(*sorted((day, other))))
    if sign < 0:
        return "DAYS", Dates(Days(None, other - timedelta(1)))
    return "DAYS", Dates(Days(other + timedelta(1), None))


def _day_bounded(got: Got) -> Made | None:
    """Read tomorrow before 5pm."""
    day, hours = got.value("day", Dates), got.value("hours", Hours)
    if not day.days.is_one:
        return None
    return "MOMENTS", hours.on(day.first, got.now)


def _until_today(got: Got) -> Made:
    """Read from March to date."""
    first = min(got.value("x", Dates).first, got.today)
    return "DAYS", Dates(Days(first, got.today))


def _to_date(got: Got) -> Made:
    if got.has("year"):
        return "DAYS", Dates(Days(got.today.replace(month=1, day=1), got.today))
    return "DAYS", Dates(Days(None, got.today))


def _year_alone(got: Got) -> Made:
    return "YEARS", Dates(years_of(got.whole("y")))


def _months(got: Got) -> Made | None:
    """Read May to March, Jan-Feb 2017."""
    if got.word("to") == "and" and got.word("lead") != "between":
        return None
    year = year_of(got)
    today = got.today
    first, last = month_number(got, "a"), month_number(got, "b")
    wraps = first > last
    start = year - wraps if year else today.year + (last < today.month and not wraps)
    begin, end = month_of(start, first), month_of(start + (last < first), last)
    return "DAYS", Dates(Days(begin.first, end.last), "" if year else "year")


_TO = "{to (TO|and)} (the)?"
_LEAD = "{lead (from|between)}?"

MONTHS: list[Rule] = rules(
    _months,
    "{lead (from|between)}? {a MONTH} {to (TO|and)} {b MONTH} (?!DN) ((of|in|COMMA)? {y "
    "(Y|YEARS)})?",
)

RANGES: list[Rule] = [
    *rules(
        _moments,
        f"{_LEAD} (the)? {{a (MOMENT|MOMENTS)}} {_TO} {{b (MOMENT|MOMENTS|CLOCK)}}",
        f"{{lead (from|between)}} {{a CLOCK}} {_TO} {{b (MOMENT|MOMENTS)}}",
        "{lead (from|between)} (the)? {a MOMENT} {to (TO|and)} {b N}",
    ),
    *rules(
        _from_now,
        f"{{lead (from|between)}}? (the)? {{a MOMENT}} {_TO} {{b DATES}}",
        f"{{lead (from|between)}} {{b DATES}} {_TO} {{past MOMENT}}",
    ),
    *rules(
        _weekdays_of,
        "{week DAYS} COMMA? {lead (from|between)} {a DAY} {to (TO|and)} {b DAY}",
    ),
    *rules(
        _between,
        f"{_LEAD} (the)? {{a (DATES|Y)}} {_TO} {{b DATES}}",
        f"{_LEAD} (the)? {{a DATES}} {_TO} {{b Y}} (?!UNIT|JUNK)",
        f"{{lead (from|between|in)}} (the)? {{a Y}} {_TO} {{b Y}}",
        "{a Y} {to (DASH|to|till|until|through)} {b Y} (?!JUNK|DASH)",
    ),
    *rules(_day_in_month, "(from|between)? the? {n N} TO {b DAY}"),
    *rules(_starting_at, "{len LEN} (starting|from|beginning) (from)? {m MOMENT}"),
]

_EDGE = "(around|about)?"
BOUNDS: list[Rule] = [
    *rules(_until_today, "from (the)? {x DATES} (to|till|until) (current)? date"),
    *rules(_far, "{than (more|less|within)} (than)? {len LEN} {way (before|after|from)} {x DAY}"),
    *rules(
        _bounded,
        f"(on|at|in)? or? {{side (before|after|since|until|till|earlier|later|sooner)}} (than)? "
        f"{{or or}} (equal to|on|in|at) {_ANY}",
        f"(on|at|in) {{or or}} {{side (before|after|earlier|later)}} (than)? {_ANY}",
        f"(year)? {{not no}} {{side (later|earlier|sooner)}} than (the)? (year)? {_EDGE} {_ANY}",
        f"(year)? {{side (later|earlier|sooner|greater|more|less)}} than (the)? (year)? {_EDGE} "
        f"{{x (DATES|Y|MOMENT|MOMENTS|CLOCK)}}",
        f"(in)? {{side (prior|advance)}} (to|of) {_ANY}",
        f"any? time? {{side (starting|beginning|ending)}} (from|on|with|at)? {_ANY}",
        f"{{not not}} {{side (before|after|until|till)}} {_ANY}",
        f"(as) {{side (late|early)}} as {_ANY}",
        f"{{side (before|after|since|until|till|by)}} (the)? (year)? {_EDGE} {{x "
        f"(DATES|Y|MOMENT|MOMENTS|CLOCK|HOURS|PART)}}",
        f"any time {{side from}} {_ANY}",
        "(year)? (the)? {x (DATES|Y|MOMENT|CLOCK)} {or (or|and)} {side "
        "(later|after|earlier|before|greater)} (?!JUNK|my|than)",
    ),
    *rules(
        _bounded,
        "{x CLOCK} {or or} {side (later|after|earlier|before)}",
    ),
    *rules(
        _signed,
        "{more MORE}? {less LESS}? {same SAME} (the)? {x (DATES|Y|MOMENT)}",
        "{more MORE} (the)? {x (DATES|MOMENT)}",
        "{less LESS} (the)? {x (DATES|MOMENT)}",
    ),
    *rules(
        _day_bounded,
        "{day DAY} COMMA? {hours HOURS}",
        "{hours HOURS} on {day DAY}",
    ),
    *rules(_to_date, "{year year} to date", "(till|to|until) date(?=STOP|DOT|$)"),
    *rules(
        _year_alone,
        "(?<=in|since|of|during|is|and|or|from|not|the|sales) {y Y} (?!UNIT|JUNK|N)",
    ),
]
