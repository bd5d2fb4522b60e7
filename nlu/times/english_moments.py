"""English days with a time: tomorrow at 9am, Friday morning, tonight, 5 to 6pm on Monday."""

from dataclasses import replace
from datetime import timedelta

from nlu.times import english_words as words
from nlu.times.english_clocks import hour_of, in_part, settle_hour
from nlu.times.english_grammar import Got, Made, Rule, rules
from nlu.times.english_values import Dates, Hour, Hours, Length, Moment, Moments
from nlu.times.moment import Clock, at

_JOIN = "(COMMA|at|around|for|about|ATSIGN|DASH|DASH at|COMMA at|in)?"
_CLOCK = "{h (CLOCK)}"


def _one_day(got: Got) -> Dates:
    dates = got.value("day", Dates)
    if not dates.days.is_one:
        raise ValueError("more than one day")
    return dates


def _at(got: Got) -> Made:
    return "MOMENT", hour_of(got, "h").on(_one_day(got).first, got.now)


def _at_year(got: Got) -> Made | None:
    """Read Oct 26 15:50:06 2016."""
    dates = _one_day(got)
    if dates.step != "year":
        return None
    return "MOMENT", hour_of(got, "h").on(dates.first.replace(year=got.whole("y")), got.now)


def _at_in(got: Got) -> Made:
    """Read tomorrow morning at 7, 8am this morning, 10, tonight."""
    moments = got.value("part", Moments)
    hour = in_part(hour_of(got, "h"), moments.part)
    day = moments.day
    if moments.part == "night" and hour.clock.hour < 5 and not hour.vague:
        day += timedelta(1)
    return "MOMENT", hour.on(day, got.now)


def _part_of(got: Got) -> Made:
    """Read Friday morning, in the afternoon on Friday."""
    return "MOMENTS", got.value("part", Hours).on(_one_day(got).first, got.now)


def _this_part(got: Got) -> Made:
    """Read this evening, last night, next morning."""
    hours = got.value("part", Hours)
    rel = got.word("rel")
    if hours.part in {"lunch", "dinner", "breakfast"}:
        raise ValueError("a meal")
    share = words.SHARES.get({"later": "late"}.get(got.word("share"), got.word("share")))
    made = hours.on(got.today + timedelta(words.RELATIVE.get(rel, 0)), got.now)
    if share and made.first and made.last:
        span = made.last - made.first
        made = replace(made, first=made.first + span * share[0], last=made.first + span * share[1])
    return "MOMENTS", made


def _tonight(got: Got) -> Made:
    first, last = words.PARTS["night"]
    day = _one_day(got).first if got.has("day") else got.today
    return "MOMENTS", Hours(Clock(first), Clock(last), "night").on(day, got.now)


def _half_of(got: Got) -> Made:
    """Read Tuesday AM, tomorrow pm."""
    ends = (Clock(0), Clock(12)) if got.word("half") == "a" else (Clock(12), Clock(24))
    return "MOMENTS", Hours(*ends).on(_one_day(got).first, got.now)


def _share_of(got: Got) -> Made:
    """Read early in the day Wednesday, later today, mid today."""
    ends = {"early": (6, 12), "earlier": (0, 12), "mid": (10, 14)}
    first, last = ends.get(got.word("share"), (12, 24))
    return "MOMENTS", Hours(Clock(first), Clock(last)).on(_one_day(got).first, got.now)


def _end_of_day(got: Got) -> Made:
    day = _one_day(got).first if got.has("day") else got.today
    return "MOMENT", Moment(at(day, Clock(23, 59), got.now))


def _hours(got: Got) -> Made | None:
    """Read 5 to 6pm, from 3 in the morning until 5pm, between 10 and 11:30."""
    if got.word("to") == "and" and got.word("lead") != "between":
        return None
    first, last = hour_of(got, "a"), hour_of(got, "b")
    return "HOURS", Hours(*settle_hour(first, last))


def _hours_in_part(got: Got) -> Made | None:
    """Read 5 to seven in the morning."""
    if got.word("to") == "and" and got.word("lead") != "between":
        return None
    part = got.value("part", Hours).part
    ends = [in_part(hour_of(got, name), part) for name in ("a", "b")]
    return "HOURS", Hours(*settle_hour(*ends))


def _hours_for(got: Got) -> Made | None:
    """Read from 2pm for 2 hours, for 3 hours from 10 am."""
    length = got.value("len", Length)
    first = hour_of(got, "a").settled()
    total = first.order + int(length.seconds)
    if not length.seconds or length.days or length.months or total >= 48 * 3600:
        return None
    last = Clock(total // 3600, total % 3600 // 60, total % 60 or None)
    if got.has("day"):
        return "MOMENTS", Hours(first, last).on(_one_day(got).first, got.now)
    return "HOURS", Hours(first, last)


def _hours_on(got: Got) -> Made:
    return "MOMENTS", got.value("hours", Hours).on(_one_day(got).first, got.now)


def _approximate(got: Got) -> Made:
    """Read around 1pm as that time."""
    value = got.item("x").value
    return ("CLOCK" if isinstance(value, Hour) else "MOMENT"), value


def _part_of_week(got: Got) -> Made | None:
    """Read Wednesday evening next week."""
    week = got.value("week", Dates)
    if (week.last - week.first).days != 6:
        return None
    day = week.first + timedelta(words.WEEKDAYS[got.word("w")])
    return "MOMENTS", got.value("part", Hours).on(day, got.now)


def _hours_in(got: Got) -> Made:
    """Read between 7 and 9 last night, Friday afternoon between 1 and 4."""
    moments, hours = got.value("part", Moments), got.value("hours", Hours)
    first, last = hours.first, hours.last
    late = moments.part in {"evening", "night", "afternoon"}
    if late and first and last and last.hour < 12 and 1 <= first.hour < 12:
        first, last = (replace(each, hour=each.hour + 12) for each in (first, last))
    return "MOMENTS", Hours(first, last, moments.part).on(moments.day, got.now)


def _numbers_on(got: Got) -> Made | None:
    """Read Monday 12-4, five to seven today, tonight from 7 to 7:30."""
    if got.word("to") == "and" and got.word("lead") != "between":
        return None
    first, last = hour_of(got, "a"), hour_of(got, "b")
    if got.has("part"):
        moments = got.value("part", Moments)
        first, last = in_part(first, moments.part), in_part(last, moments.part)
        return "MOMENTS", Hours(*settle_hour(first, last)).on(moments.day, got.now)
    return "MOMENTS", Hours(*settle_hour(first, last)).on(_one_day(got).first, got.now)


_RANGE = "{a (CLOCK|HN|POINT)} {to (TO|and)} {b (CLOCK|HN|POINT)}"
_DAY = "(the)? {day DAY}"
_OPENING = "{lead (from|between)}?"

#: Before dates are made, as they take numbers that stand between hours.
HOURS: list[Rule] = [
    *rules(
        _hours_for,
        "from {a (CLOCK|N)} for {len LEN}",
        "for {len LEN} from {a (CLOCK|N)}(?!MONTH|SLASH|DASH)",
    ),
    *rules(
        _hours_in_part,
        f"{_OPENING} {{a (CLOCK|N)}} {{to (TO|and)}} {{b (CLOCK|N)}} {{part PART}}",
    ),
    *rules(
        lambda got: _hours(got) if len(got.digits("a")) == 4 == len(got.digits("b")) else None,
        "{lead between} {a HN} {to (TO|and)} {b HN}",
    ),
    *rules(
        _hours,
        f"{_OPENING} {{a (CLOCK|HN|POINT)}} {{to (TO|and)}} {{b CLOCK}}",
        f"{_OPENING} {{a CLOCK}} {{to (TO|and)}} {{b (HN|POINT)}} (?!JUNK|MONTH|UNIT|TO)",
    ),
]

#: Before weekdays are made days.
PARTS_OF_WEEKS: list[Rule] = rules(
    _part_of_week, "{w WDAY} {part (PART|HOURS)} (of|COMMA)? (the)? {week DAYS}"
)

MOMENTS: list[Rule] = [
    *rules(
        _end_of_day,
        "(by)? (the)? end of (the)? {day DAY}",
        "(the)? end of (the)? day(?!s)",
        "(the)? eod",
    ),
    *rules(_share_of, "{share (early|earlier|later|late|mid)} (in)? (the day)? {day DAY}"),
    *rules(_tonight, "(tonight|tonite)"),
    *rules(
        _this_part,
        "{share (early|late|later|mid)}? {rel (this|last|next|that|previous)} {part PART}",
    ),
    *rules(
        _part_of,
        "{day DAY} COMMA? (in|on|for)? (the)? {part PART}",
        "{part PART} COMMA? (on|of)? (the)? {day DAY}",
    ),
    *rules(_half_of, "{day DAY} {half AMPM}"),
    *rules(
        _hours_on,
        f"{_DAY} (COMMA|at|DASH|for|between|from)? {{hours HOURS}}",
        f"{{hours HOURS}} (COMMA|on|of|for)? {_DAY}",
    ),
    *rules(
        _hours_in,
        "{part MOMENTS} COMMA? {hours HOURS}",
        "{hours HOURS} COMMA? (on)? {part MOMENTS}",
    ),
    *rules(
        _numbers_on,
        f"{_DAY} (COMMA)? {{lead (from|between|at)}}? {_RANGE} (?!UNIT|JUNK|MONTH)",
        f"{{part MOMENTS}} (COMMA)? {{lead (from|between|at)}}? {_RANGE} (?!UNIT|JUNK|MONTH)",
        f"{_OPENING} {_RANGE} (on|of)? {_DAY}",
        f"{_OPENING} {_RANGE} (on)? {{part MOMENTS}}",
    ),
    *rules(
        _hours_for,
        f"{_DAY} from {{a (CLOCK|N)}} for {{len LEN}}",
        f"{_DAY} for {{len LEN}} from {{a (CLOCK|N)}}",
    ),
    *rules(_at_year, "{day DAY} {h CLOCK} {y Y}"),
    *rules(
        _at_in,
        "{part MOMENTS} (COMMA|at|around|for|in)? (around)? {h CLOCK}",
        "{part MOMENTS} (at|around|for) (around)? {h (N|POINT)} (?!UNIT)",
        "{h (CLOCK|POINT)} COMMA? (on|in)? {part MOMENTS}",
        "{h HN} COMMA {part MOMENTS}",
        "(?<=at|around) {h HN} {part MOMENTS}",
    ),
    *rules(
        _at,
        f"{_DAY} {_JOIN} (around)? {{h CLOCK}}",
        f"{_DAY} (at|ATSIGN|around) {{h (N|POINT)}} (?!UNIT|JUNK|DASH)",
        f"{_DAY} COMMA {{h (N|POINT)}} (?=$)",
        f"{{h CLOCK}} (COMMA|on|of|for|in|DASH)? (the|next)? {_DAY}",
        f"(?<=at) {{h N}} on {_DAY}",
    ),
    *rules(_approximate, "(around|circa|approximately) {x (CLOCK|MOMENT)}"),
]
