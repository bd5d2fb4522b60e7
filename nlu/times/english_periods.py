"""English periods: this week, May 2027, Q3, the first week of June, summer, the 1990s."""

from datetime import date, timedelta

from nlu.times import english_words as words
from nlu.times.english_dates import YEAR, dates_of, month_number, year_of
from nlu.times.english_grammar import Got, Made, Rule, rules
from nlu.times.english_lexer import full_year
from nlu.times.english_values import Dates, Length, Moments, day_value
from nlu.times.moment import (
    Clock,
    Days,
    at,
    month_of,
    months_of,
    plus_months,
    week_of,
    weekend_of,
    years_of,
)

DECADES = {f"{word[:-1]}ies": tens for word, tens in words.TENS.items()} | {"tens": 10}
_ORDINAL = "({n (ORD|last)})"
_QUARTER_NAME = "(q {n N}|(the)? {n (ORD|last)} DASH? quarter)"


def period(today: date, unit: str, step: int) -> Dates:
    """Return the calendar period so many on from the one a day is in.

    Raises:
        ValueError: there is none.
    """
    if unit == "week":
        return Dates(week_of(today + timedelta(7 * step)))
    if unit == "weekend":
        return Dates(weekend_of(today + timedelta(7 * step)))
    if unit == "fortnight":
        return Dates(Days(today, today + timedelta(13)))
    if unit == "month":
        month = plus_months(today.replace(day=1), step)
        return Dates(month_of(month.year, month.month))
    if unit == "quarter":
        month = plus_months(today.replace(day=1), 3 * step)
        return Dates(months_of(month.year, (month.month - 1) // 3 * 3 + 1, 3))
    if unit == "decade":
        return Dates(years_of(today.year // 10 * 10 + 10 * step, 10))
    return Dates(years_of(today.year + step))


def _period(got: Got) -> Made | None:
    unit = got.word("unit")
    unit = {"workweek": "week", "yr": "year"}.get(unit, unit)
    step = words.RELATIVE[got.word("rel")] if got.has("rel") else 0
    if got.has("twice"):
        step = 2
    if unit == "fortnight" and step:
        first = got.today + timedelta(1 if step > 0 else -14)
        return "DAYS", Dates(Days(first, first + timedelta(13)))
    made = period(got.today, unit, step)
    if got.has("working"):
        made = Dates(Days(made.first, made.first + timedelta(4)))
    return "YEARS" if unit == "year" else "DAYS", made


def _year(got: Got) -> Made | None:
    if got.has("short"):
        if len(got.digits("short")) not in {2, 3} and got.number("short") < 100:
            return None
        year = got.whole("short")
        return "YEARS", Dates(years_of(full_year(year) if year < 100 else year))
    if got.has("a"):
        first, last = got.whole("a"), got.whole("b")
        if got.digits("a") or got.digits("b") or not (17 <= first <= 20 and 0 < last < 100):
            return None
        return "YEARS", Dates(years_of(first * 100 + last))
    return "YEARS", Dates(years_of(got.whole("y")))


def _month(got: Got) -> Made | None:
    """Read May 2027, this September, last June, month of May, May."""
    month, year = month_number(got), year_of(got)
    today = got.today
    if got.has("short") and not got.has("of") and got.whole("short") <= 31:
        return None
    if year is not None:
        return "DAYS", Dates(month_of(year, month))
    relation = words.RELATIVE.get(got.word("rel"), 0) if got.has("rel") else None
    year = today.year
    if relation is None:
        year += month < today.month
    elif relation > 0:
        year += month <= today.month
    elif relation < 0:
        year -= month >= today.month
    return "DAYS", Dates(month_of(year, month), "year" if relation is None else "")


def _month_number(got: Got) -> Made | None:
    """Read 11/2026, 2026-11, 2026.11."""
    if got.has("p"):
        year, _, month = got.digits("p").partition(".")
        if len(year) != 4 or not 1000 <= int(year) < 2200 or len(month) > 2:
            return None
        return "DAYS", Dates(month_of(int(year), int(month)))
    if len(got.digits("m")) > 2:
        return None
    return "DAYS", Dates(month_of(got.whole("y"), got.whole("m")))


def _nth_in(got: Got) -> Made | None:
    """Read the first week of June, the last two months of 2026, the 3rd month of next year."""
    whole = dates_of(got, "in") if got.has("in") else None
    if whole is None:
        month, year = month_number(got), year_of(got)
        base = year or got.today.year + (month < got.today.month)
        whole = Dates(month_of(base, month))
    if (whole.last - whole.first).days < 6:
        return None
    last = got.word("n") == "last"
    if got.has("len"):
        length = got.value("len", Length)
        if length.of_clock:
            return None
        if last:
            return "DAYS", Dates(Days(length.from_day(whole.last, -1) + timedelta(1), whole.last))
        return "DAYS", Dates(Days(whole.first, length.from_day(whole.first) - timedelta(1)))
    nth = 0 if last else got.whole("n")
    if got.word("unit").startswith("week"):
        return "DAYS", Dates(_nth_week(whole, nth, weekend=got.word("unit") == "weekend"))
    if last:
        return "DAYS", Dates(month_of(whole.last.year, whole.last.month))
    first = plus_months(whole.first, nth - 1)
    if first > whole.last:
        return None
    return "DAYS", Dates(month_of(first.year, first.month))


def _nth_week(whole: Dates, nth: int, *, weekend: bool) -> Days:
    """Return the nth week of which most days (Thursday) lie in a period, 0 for its last one."""
    if nth:
        thursday = whole.first + timedelta((3 - whole.first.weekday()) % 7 + 7 * (nth - 1))
        if thursday > whole.last:
            raise ValueError("no such week")
    else:
        thursday = whole.last - timedelta((whole.last.weekday() - 3) % 7)
    return weekend_of(thursday) if weekend else week_of(thursday)


def _week_number(got: Got) -> Made:
    year = year_of(got) or got.today.year
    return "DAYS", Dates(week_of(date.fromisocalendar(year, got.whole("n"), 1)))


def _week_of(got: Got) -> Made:
    day = got.value("day", Dates).first
    if got.has("month"):
        return "DAYS", Dates(month_of(day.year, day.month))
    if got.has("weekend"):
        return "DAYS", Dates(weekend_of(day))
    return "DAYS", Dates(week_of(day))


def _quarter(got: Got) -> Made | None:
    year = year_of(got)
    number = 4 if got.word("n") == "last" else got.whole("n")
    count = 3 if got.has("q") else 6
    if not 1 <= number <= 12 // count:
        return None
    made = Dates(months_of(year or got.today.year, 1 + count * (number - 1), count), "year")
    return "DAYS", Dates(made.days) if year else made.not_before(got.today)


def _season(got: Got) -> Made:
    step = words.RELATIVE.get(got.word("rel"), 0) if got.has("rel") else 0
    said = year_of(got)
    year = said if said is not None else got.today.year
    start = words.SEASONS[got.word("season")]
    days = months_of(year, start, 3)
    if said is None:
        if step > 0 and days.first and days.first <= got.today:
            year += 1
        elif step < 0 and days.last and days.last >= got.today:
            year -= 1
        elif not got.has("rel") and days.last and days.last < got.today:
            year += 1
        days = months_of(year, start, 3)
    return "DAYS", Dates(days)


def _decade(got: Got) -> Made | None:
    if got.has("name"):
        tens = DECADES[got.word("name")]
        base = 1900 if tens >= 30 else 2000
        if got.has("century"):
            base = got.whole("century") * (100 if got.whole("century") < 100 else 1)
        return "DAYS", Dates(years_of(base + tens, 10))
    digits = got.digits("n")
    if not digits.endswith("0") or len(digits) not in {2, 4}:
        return None
    return "DAYS", Dates(years_of(full_year(int(digits), len(digits) == 4), 10))


def _century(got: Got) -> Made:
    return "DAYS", Dates(years_of(100 * (got.whole("n") - 1), 100))


def _rest(got: Got) -> Made:
    """Read the rest of the week: from today on."""
    if got.has("day"):
        tonight = at(got.today, Clock(24), got.now)
        return "MOMENTS", Moments(got.now, tonight)
    dates = got.value("in", Dates) if got.has("in") else period(got.today, got.word("unit"), 0)
    return "DAYS", Dates(Days(max(dates.first, got.today), dates.last))


def _share(got: Got) -> Made | None:
    """Read early next week, mid-March, the end of 2026: its first, middle or last part."""
    share = got.word("share")
    dates = dates_of(got, "in")
    inside = dates.first <= got.today <= dates.last
    if inside and share == "later":
        return "DAYS", Dates(Days(got.today, dates.last))
    if inside and share == "earlier":
        return "DAYS", Dates(Days(dates.first, got.today))
    share = {"beginning": "early", "start": "early", "earlier": "early", "middle": "mid"}.get(
        share, share
    )
    made = _part_of(dates, share if share in {"early", "mid"} else "late")
    return None if made is None else ("DAYS", made)


def _part_of(dates: Dates, share: str) -> Dates | None:
    """Return a part of a period: days of weeks, thirds of years, parts of months."""
    length = (dates.last - dates.first).days + 1
    if length < 5:
        return None
    if length <= 7:
        first, last = {"early": (0, 2), "mid": (1, 3), "late": (3, length - 1)}[share]
    elif length <= 31:
        first, last = {"early": (0, 9), "mid": (9, 19), "late": (length - 11, length - 1)}[share]
    else:
        months = round(length / 30.4)
        third = months / 3
        at = {"early": 0, "mid": 1, "late": 2}[share]
        start = plus_months(dates.first, round(at * third))
        end = plus_months(dates.first, round((at + 1) * third)) - timedelta(1)
        return Dates(Days(start, end), dates.step)
    days = Days(dates.first + timedelta(first), dates.first + timedelta(last))
    return Dates(days, dates.step)


def _day_of(got: Got) -> Made | None:
    """Read the last day of the month, the first day of next week."""
    dates = got.value("in", Dates)
    if got.word("n") == "last":
        return "DAY", day_value(dates.last)
    day = dates.first + timedelta(got.whole("n") - 1)
    return ("DAY", day_value(day)) if day <= dates.last else None


def _end_of(got: Got) -> Made | None:
    """Read end of month, EOY."""
    unit = {"eom": "month", "eoy": "year", "eow": "week"}.get(got.word("short"), got.word("unit"))
    made = _part_of(period(got.today, unit, 0), "late")
    return None if made is None else ("DAYS", made)


YEARS: list[Rule] = [
    *rules(
        _year,
        "(?<!new)(fiscal|school|calendar)? (?<!new)year (of)? {y Y}",
        "(cy|sy|fy) {y Y}",
        "(cy|sy|fy) {short N}",
        "(?<!new)year {short N}",
        "(?<=in|of|since|from|until|year|MONTH|DN|COMMA) {a N} (hundred)? {b N} "
        "(?!AMPM|oclock|UNIT|DASH)",
    ),
    *rules(
        _period,
        "(the)? {twice (?=UNIT after)} {unit (week|month|year|weekend)} after (the)? next",
        "{rel (THIS|NEXT|LAST)} (fiscal|school|calendar)? {unit (year|yr)} (?!old)",
        "(the)? {rel (NEXT|LAST)} {unit decade}",
        "{rel (THIS|NEXT|LAST)} {working (working|business)}? {unit "
        "(week|month|weekend|quarter|decade|fortnight)}"
        " (?!of (the|this|next|last|MONTH|Y|year))",
        "{rel (THIS|NEXT|LAST)} {working (?=workweek)}{unit workweek}",
    ),
]

PERIODS: list[Rule] = [
    *rules(
        _quarter,
        "{q q} {n N} (of|in) {y (Y|YEARS)}",
        "(?<!N){y (Y|YEARS)} DASH? (QUOTE s)? (the)? {q q} {n N}",
        "{y (Y|YEARS)} DASH? {h h} {n N}",
        "{y (Y|YEARS)} (QUOTE s)? (the)? {n (ORD|last)} DASH? {q quarter}",
        f"{{q q}} {{n N}} (DASH|of|in)? {YEAR}",
        "{h h} {n N} {y (Y|YEARS)}",
        f"(the)? {{n (ORD|last)}} DASH? {{q quarter}} (of the year)? {YEAR}",
    ),
    *rules(
        _month_number,
        "{y Y} (DASH|SLASH) {m N}(?!DASH|SLASH|N)",
        "{m N} (DASH|SLASH) {y Y}(?!DASH|SLASH)",
        "(?<!at){p N}(?!AMPM|UNIT)",
    ),
    *rules(
        _nth_in,
        "(the)? (?<!MONTH){n (ORD|last)} {unit (week|month|weekend)} (of|in) (the)? {in "
        "(DAYS|YEARS|Y)}",
        "(the)? {n (ORD|last)} {unit (week|weekend)} {in (DAYS|YEARS)}",
        f"(the)? {{n (ORD|last)}} {{unit (week|month|weekend)}} (of|in) {{m MONTH}} DOT? {YEAR}",
        "(the)? {n (ORD|last)} {len LEN} (of|in) (the)? {in (DAYS|YEARS|Y)}",
        f"(the)? {{n (ORD|last)}} {{len LEN}} (of|in) {{m MONTH}} {YEAR}",
    ),
    *rules(
        _month,
        f"(the month of)? {{rel (this|NEXT|LAST)}} {{m (SUREMONTH|march|mar|dec|jun)}} DOT? "
        f"{YEAR}",
        f"(the month of)? {{rel (NEXT|LAST)}} {{m may}} {YEAR}",
        "{rel this} {m may} (?=STOP|DOT|COMMA|TO|and|$)",
        "((the)? month of)? {m MONTH} DOT? (COMMA|of|in|SLASH|DASH)? {y (Y|YEARS)}",
        "((the)? month of)? {m MONTH} {of (of|QUOTE)}? QUOTE? {short N} (?=STOP|DOT|$)",
        "{y Y} COMMA? {m MONTH}",
        "(the)? month of {m MONTH} DOT? (?!DN)",
    ),
    *rules(_week_number, f"week {{n N}} (of|in)? {YEAR}"),
    *rules(
        _week_of,
        "(the)? week (of|beginning|commencing|starting) (on)? (the)? {day DAY}",
        "w SLASH c {day DAY}",
        "(the)? {month month} of {day DAY}",
        "(the)? {weekend weekend} of {day DAY}",
        "{day DAY} {weekend weekend}",
    ),
    *rules(
        _season,
        f"(the)? {{rel (THIS|NEXT|LAST)}} {{season SEASON}} {YEAR}",
        "(the)? {season SEASON} (of|in|COMMA)? {y (Y|YEARS)}",
        "(the|in|during|mid) (the)? {season SEASON}(?=STOP|DOT|COMMA|$)",
        "{season (summer|winter)} (?!UNIT|JUNK)",
    ),
    *rules(
        _decade,
        "(the)? QUOTE? {n N} QUOTE? s",
        f"(the)? {{century N}} DASH? {{name ({'|'.join(DECADES)})}}",
        f"(the)? {{name ({'|'.join(DECADES)})}}",
    ),
    *rules(_century, "(the)? {n ORD} century"),
    *rules(
        _rest,
        "(the)? (rest|remaining|remainder) (of)? (the|my|THIS)? {day day}",
        "(the)? (rest|remaining|remainder) (of)? (the|my)? {unit (week|month|year)}",
        "(the)? (rest|remaining|remainder) (of)? {in (DAYS|YEARS)}",
    ),
    *rules(
        _period,
        "(?<!end of)(the|my) {unit (week|month|year|weekend)} (?!DN|to date|of)",
        "{unit weekend} (?!DN)",
        "fiscal {unit year}",
    ),
    *rules(
        _month,
        "(?<!N)(?<!ORD)(?<!ORD of){m SUREMONTH} DOT? (?!DN|QUOTE)",
        "(?<!ORD of)"
        "(?<=in|since|until|till|by|to|from|of|after|before|during|for|the|mid|at|DASH|early|late)"
        " {m MONTH} (?!DN|QUOTE)",
        "{m MONTH} (?=TO DAYS)",
        "^{m MONTH} (?=(STOP|DOT)?$)",
    ),
]

SHARES: list[Rule] = [
    *rules(_day_of, "(the)? {n (ORD|last)} day of {in (DAYS|YEARS)}"),
    *rules(_end_of, "{share end} of (the)? {unit (week|month|year)}", "{short (eom|eoy|eow)}"),
    *rules(
        _share,
        "{share (beginning|start|middle|end)} of (the)? {in (DAYS|YEARS|Y)}",
        "{share (early|mid|late|earlier|later|middle)} DASH? (in|of)? (the)? {in (DAYS|YEARS)}",
        "{share (early|mid|late)} DASH? {in Y} (?!JUNK|UNIT)",
    ),
]
