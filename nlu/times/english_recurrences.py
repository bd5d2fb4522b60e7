"""English recurrences: every Monday, daily at 9, on weekdays, every other Friday, Sundays."""

from dataclasses import replace

from nlu.times import english_words as words
from nlu.times.english_clocks import hour_of, in_part
from nlu.times.english_grammar import Got, Made, Rule, rules
from nlu.times.english_values import Dates, Hours, Length, Recurrence
from nlu.times.moment import Clock

_FREQUENCY = {"day": "DAILY", "night": "DAILY", "week": "WEEKLY", "month": "MONTHLY"}
_FREQUENCY |= {"year": "YEARLY", "hour": "HOURLY", "minute": "MINUTELY", "quarter": "MONTHLY"}
_FREQUENCY |= {"fortnight": "WEEKLY"}
_WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
_WEEKEND = "FREQ=WEEKLY;BYDAY=SA,SU"
_EVERY = "(every|each)"


def _rule(frequency: str, interval: int = 1, by: str = "") -> Recurrence:
    step = f";INTERVAL={interval}" if interval > 1 else ""
    return Recurrence(f"FREQ={frequency}{step}{by}")


def _unit_rule(unit: str, count: int) -> Recurrence:
    unit = unit if unit in _FREQUENCY else unit.rstrip("s")
    unit = {"min": "minute", "hr": "hour", "yr": "year"}.get(unit, unit)
    if unit == "weekend":
        return _rule("WEEKLY", count, ";BYDAY=SA,SU")
    many = {"quarter": 3, "fortnight": 2}.get(unit, 1)
    if unit not in _FREQUENCY or not 0 < count <= 1000:
        raise ValueError("no rule")
    return _rule(_FREQUENCY[unit], count * many)


def _often(got: Got) -> Made:
    return "RULE", Recurrence(words.FREQUENCIES[got.word("often")])


def _prefixed(got: Got) -> Made:
    """Read bi-monthly, semi-annually."""
    return "RULE", Recurrence(words.FREQUENCIES[got.word("prefix") + got.word("often")])


def _every_unit(got: Got) -> Made:
    count = 2 if got.has("other") else got.whole("n") if got.has("n") else 1
    return "RULE", _unit_rule(got.word("unit"), count)


def _every_length(got: Got) -> Made:
    """Read every two weeks, each 3 days."""
    length = got.value("len", Length)
    if length.seconds:
        minutes = length.seconds / 60
        unit, count = ("hour", minutes / 60) if minutes % 60 == 0 else ("minute", minutes)
    elif length.months:
        unit, count = (
            ("year", length.months / 12) if length.months % 12 == 0 else ("month", length.months)
        )
    else:
        unit, count = ("week", length.days / 7) if length.weeks else ("day", length.days)
    if count != int(count):
        raise ValueError("no whole count")
    return "RULE", _unit_rule(unit, int(count))


def _every_weekday(got: Got) -> Made:
    interval = 2 if got.has("other") else 1
    names = [got.word(name) for name in ("w", "also", "third") if got.has(name)]
    numbers = sorted({{**words.WEEKDAYS, **words.WEEKDAY_PLURALS}[name] for name in names})
    days = ",".join(words.BYDAY[number] for number in numbers)
    made = _rule("WEEKLY", interval, f";BYDAY={days}")
    if got.has("part"):
        return "RULE", _in_part(made, got.word("part"))
    return "RULE", made


def _in_part(rule: Recurrence, part: str) -> Recurrence:
    name = words.PART_PLURALS.get(part, part)
    return replace(rule, hour=Clock(words.PARTS[name][0]), part=name)


def _workdays(got: Got) -> Made:
    return "RULE", Recurrence(_WEEKEND if got.has("weekend") else _WEEKDAYS)


def _every_part(got: Got) -> Made:
    """Read every morning, mornings."""
    return "RULE", _in_part(_rule("DAILY"), got.word("part"))


def _once(got: Got) -> Made:
    return "RULE", _unit_rule(got.word("unit"), 1)


def _monthly_on(got: Got) -> Made | None:
    """Read 19th of every month, every 15th."""
    day = got.whole("n")
    return ("RULE", _rule("MONTHLY", 1, f";BYMONTHDAY={day}")) if 1 <= day <= 31 else None


def _monthly_weekday(got: Got) -> Made | None:
    """Read the first Monday of every month."""
    nth = -1 if got.word("n") == "last" else got.whole("n")
    if not -1 <= nth <= 5:
        return None
    return "RULE", _rule("MONTHLY", 1, f";BYDAY={nth}{words.BYDAY[words.WEEKDAYS[got.word('w')]]}")


def _yearly_on(got: Got) -> Made:
    """Read each 4/15, every 25 December, every Christmas."""
    day = got.value("day", Dates).first
    return "RULE", _rule("YEARLY", 1, f";BYMONTH={day.month};BYMONTHDAY={day.day}")


def _at(got: Got) -> Made | None:
    rule, hour = got.value("rule", Recurrence), hour_of(got, "h")
    if rule.hour is not None and not rule.part:
        return None
    return "RULE", replace(rule, hour=in_part(hour, rule.part).settled(), part="")


def _hours_of(got: Got) -> Made:
    """Read mornings of a rule's days: every Monday morning."""
    hours = got.value("part", Hours)
    if hours.first is None:
        raise ValueError("no hour")
    return "RULE", replace(got.value("rule", Recurrence), hour=hours.first, part=hours.part)


_ALSO = "((COMMA|and) {also WDAY})? (COMMA? and {third WDAY})?"
_ALSO_PLURAL = "((COMMA|and) {also WDAYS})? (COMMA? and {third WDAYS})?"

RECURRENCES: list[Rule] = [
    *rules(_prefixed, "{prefix (bi|semi)} DASH {often (weekly|monthly|annual|annually)}"),
    *rules(_often, "{often OFTEN}"),
    *rules(
        _monthly_weekday,
        f"(the)? {{n (ORD|last)}} {{w WDAY}} of {_EVERY} month",
    ),
    *rules(
        _monthly_on,
        f"(the)? {{n ORD}} (day)? of {_EVERY} month",
        f"{_EVERY} {{n ORD}} of (the)? month",
        f"{_EVERY} month on the {{n ORD}}",
    ),
    *rules(
        _every_weekday,
        f"{_EVERY} {{other other}}? {{w WDAY}} (?!PARTW|PARTS) {_ALSO}",
        f"{_EVERY} {{w WDAY}} {{part PARTW}}",
        "{w WDAY} {part PARTS}",
        f"(on)? {{w WDAYS}} {_ALSO_PLURAL} (?!from|later)",
    ),
    *rules(
        _every_unit,
        f"{_EVERY} (single)? {{other other}}? {{unit UNIT}} (?!LEN)",
        f"{_EVERY} {{n N}} {{unit UNIT}}",
        "any {unit year}",
    ),
    *rules(
        _workdays,
        f"{_EVERY} (weekday|workday)",
        "(on)? (weekdays|workdays)",
        f"(?<!N)({_EVERY}|any|all|on)? (?<!N){{weekend weekends}}",
        f"({_EVERY}|any) {{weekend weekend}}",
    ),
    *rules(_once, "(once|one) (a|an|per|each|every) {unit (day|week|month|year|hour|quarter)}"),
    *rules(
        _every_part,
        f"{_EVERY} {{part (morning|afternoon|evening|night)}}",
        "(?<!the)(?<!early)(?<!late)(?<!DASH)(?<!N)(on)? {part PARTS}(?<!nights)",
    ),
]

#: When clocks, days and parts of the day are known.
TIMED: list[Rule] = [
    *rules(_every_length, f"{_EVERY} {{len LEN}}"),
    *rules(_yearly_on, f"{_EVERY} {{day DAY}}"),
    *rules(
        _at,
        "{rule RULE} (COMMA)? (at|around|by)? {h CLOCK}",
        "{rule RULE} at {h (N|POINT)} (?!UNIT)",
        "{h CLOCK} (on)? {rule RULE}",
    ),
    *rules(_hours_of, "{rule RULE} (in the|in)? {part PART}"),
]
