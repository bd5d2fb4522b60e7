"""English times of day: 3:30pm, half past seven, at 7, noon, in the morning, late evening."""

from dataclasses import replace

from nlu.times import english_words as words
from nlu.times.english_grammar import Got, Made, Rule, rules
from nlu.times.english_values import Hour, Hours, Length
from nlu.times.moment import Clock

_END = (
    "(?=STOP|DOT|COMMA|CLOSE|LESS|on|or|and|to|till|until|please|thanks|for|ZONE|DATES|DAYWORD"
    "|works|$)"
)
#: At these hours a part of the day means the half after noon.
_LATE = {"afternoon": 1, "evening": 4, "night": 5, "midafternoon": 1, "dinner": 4, "dinnertime": 4}
_LATE |= {"lunchtime": 1, "lunch": 1}


def hour_of(got: Got, name: str) -> Hour:
    """Return the time of day of a number or clock.

    Raises:
        ValueError: it is none.
    """
    value = got.item(name).value
    if isinstance(value, Hour):
        return value
    digits = got.digits(name)
    if "." in digits:
        hour, minute = (int(part) for part in digits.split("."))
        if len(digits.partition(".")[2]) != 2:
            raise ValueError("no time")
        return _hour(hour, minute)
    if len(digits) in {3, 4}:
        number = int(digits)
        made = _hour(number // 100, number % 100)
        return replace(made, vague=made.vague and not digits.startswith("0"))
    return _hour(got.whole(name))


def _hour(hour: int, minute: int = 0) -> Hour:
    if not (0 <= hour <= 24 and 0 <= minute <= 59) or (hour == 24 and minute):
        raise ValueError("no time of day")
    return Hour(Clock(hour, minute), 1 <= hour <= 12)


def with_half(hour: Hour, half: str) -> Hour:
    """Return an hour of the half of day that "a" or "p" tells.

    Raises:
        ValueError: no clock shows it.
    """
    clock = hour.clock
    if half == "p":
        return Hour(hour.later_half())
    if clock.hour > 12:
        raise ValueError("no hour before noon")
    return Hour(replace(clock, hour=0 if clock.hour == 12 else clock.hour))


def in_part(hour: Hour, part: str) -> Hour:
    """Return the hour that lies in a part of the day, as it is when it was not vague."""
    clock = hour.clock
    if not hour.vague or not part:
        return hour
    if part in _LATE and clock.hour < 12 and clock.hour >= _LATE[part]:
        return Hour(hour.later_half())
    if part == "night" and clock.hour == 12:
        return Hour(replace(clock, hour=24))
    if clock.hour == 12 and part == "morning":
        return Hour(replace(clock, hour=0))
    return Hour(clock)


def _said(got: Got) -> Made:
    hour = hour_of(got, "h")
    if got.has("minute"):
        hour = _hour(hour.clock.hour, got.whole("minute"))
    if got.has("half"):
        hour = with_half(hour, got.word("half"))
    return "CLOCK", hour


def _words(got: Got) -> Made | None:
    """Read eight forty, ten oh five; numbers in digits are no time of day this way."""
    if got.digits("h") or got.digits("minute") or not 1 <= got.whole("minute") <= 59:
        return None
    return _said(got)


def _any_half(got: Got) -> Made:
    return "CLOCK", replace(hour_of(got, "h"), vague=True)


def _past(got: Got) -> Made | None:
    """Read half past seven, a quarter to 8, twenty minutes past five."""
    hour = hour_of(got, "h")
    if got.has("half"):
        minutes = 30.0
    elif got.has("quarter"):
        minutes = 15.0 * (got.number("n") if got.has("n") else 1)
    elif got.has("len"):
        minutes = got.value("len", Length).seconds / 60
    else:
        minutes = got.number("n")
    if not 0 < minutes < 60 or minutes != int(minutes):
        return None
    total = hour.clock.hour * 60 + hour.clock.minute
    total += int(minutes) if got.word("way") in {"past", "after"} else -int(minutes)
    if got.word("way") == "past" and hour.clock.minute:
        return None
    made = Hour(Clock(total // 60 % 24, total % 60), hour.vague)
    return "CLOCK", with_half(made, got.word("ampm")) if got.has("ampm") else made


def _instant(got: Got) -> Made:
    clock = words.INSTANTS["midnight" if got.has("midnight") else "noon"]
    if got.has("h"):
        hour = got.whole("h")
        if not 1 <= hour <= 12:
            raise ValueError("no hour")
        if hour == 12:
            return "CLOCK", Hour(clock)
        return "CLOCK", Hour(Clock(hour + 12 if got.has("lunch") and hour < 6 else hour))
    return "CLOCK", Hour(clock)


def _share(part: str, share: str) -> Hours:
    first, last = words.PARTS[part]
    if not share:
        return Hours(Clock(first), Clock(last), part)
    low, high = words.SHARES[
        "late" if share == "later" else "early" if share == "earlier" else share
    ]
    span = (last - first) * 60
    ends = [first * 60 + int(span * each) for each in (low, high)]
    begin, end = (Clock(minute // 60, minute % 60) for minute in ends)
    return Hours(begin, end, part)


def _part(got: Got) -> Made:
    name = got.word("part")
    return "PART", _share(words.PART_PLURALS.get(name, name), got.word("share"))


def _in_named_part(got: Got) -> Made:
    """Read 8 in the evening."""
    return "CLOCK", in_part(hour_of(got, "h"), got.word("part"))


def _in_part(got: Got) -> Made:
    """Read 8 in the evening, in the morning at 7, half past seven afternoon."""
    hours = got.value("part", Hours)
    hour = hour_of(got, "h")
    return "CLOCK", in_part(hour, hours.part)


def _words_in_part(got: Got) -> Made | None:
    """Read five thirty in the night."""
    made = _words(got)
    if made is None or not isinstance(made[1], Hour):
        return None
    return "CLOCK", in_part(made[1], got.value("part", Hours).part)


def _twelve(got: Got) -> Made:
    del got
    return "HOURS", Hours(Clock(9), Clock(17))


#: Before lengths are made of the quarters and hours in them.
QUARTERS: list[Rule] = [
    *rules(
        _past,
        "(a)? {half half} {way past} {h (CLOCK|N)} (o'clock|oclock)? {ampm AMPM}?",
        "{n N}? (a)? {quarter (quarter|quarters)} {way (past|to)} {h (CLOCK|N)} (o'clock|oclock)?"
        " {ampm AMPM}?",
    ),
    *rules(
        lambda got: _said(got) if len(got.digits("minute")) == 2 else None,
        "{h N} h {minute N} {half AMPM}? (?!UNIT|GLUED)",
    ),
]
#: Unmistakable times of day.
CLOCKS: list[Rule] = [
    *rules(_words, "{h N} {minute N} {half AMPM}"),
    *rules(_said, "{h (CLOCK|N|POINT)} (o'clock|oclock)? {half AMPM}"),
    *rules(
        lambda got: _said(got) if got.glued else None,
        "{h (N|CLOCK)} {half (a|p)}(?=STOP|DOT|$)",
        "{h N} DOT {half AMPM}",
    ),
    *rules(_any_half, "{h N} ampm", "{h N} DASH? ish", "{h N} (o'clock|oclock) (?!AMPM)"),
    *rules(
        _past,
        "{len LEN} {way (past|to)} {h (CLOCK|N N|N)} (o'clock|oclock)? {ampm AMPM}?",
        "{n N} {way past} {h (CLOCK|N)} (o'clock|oclock)? {ampm AMPM}?",
    ),
    *rules(
        _instant,
        "{h N}? (o'clock|oclock)? (noon|midday|noonish|mid DASH? day)",
        "{h N}? (o'clock|oclock)? {midnight (midnight|mid DASH? night)}",
        "(at)? {lunch lunchtime} {h (N|CLOCK)} (o'clock|oclock)?",
        "{h N} (o'clock|oclock)? {lunch lunchtime}",
    ),
    *rules(_in_named_part, "{h (CLOCK|N)} (o'clock|oclock)? (in|at) (the)? {part PARTW}"),
    *rules(
        _part,
        "in the {share (early|mid|late)} DASH? {part (PARTW|PARTS)}",
        "{share (early|mid|late|later|earlier)} DASH? (in)? (the)? {part (PARTW|PARTS)}",
        "(in|during)? the {share (early|mid|late)}? DASH? {part (night)} DASH? time",
        "in (the)? {share (early|mid|late)}? DASH? {part (PARTW|PARTS)} "
        "(?<!lunch)(?<!breakfast)(?<!dinner)",
        "(at) {part (lunch|lunchtime|breakfast|dinner|dinnertime|night)}",
        "{part (lunch|dinner|night)} DASH? time",
        "(?<=after|before|around|during){part (lunch|breakfast|dinner|dinnertime)}",
        "(?<=WDAY|DAYWORD|DN|this|next|last|that) {part night}",
        "(?<!good){part (morning|afternoon|evening|midmorning|midafternoon"
        "|lunchtime|daytime|nighttime|dinnertime)}",
    ),
    *rules(
        _in_part,
        "{h CLOCK} {part PART}",
        "(?<!this)(?<!last)(?<!next){part PART} (at|for)? {h CLOCK}",
        "(?<!this)(?<!last)(?<!next){part PART} at {h N}",
    ),
    *rules(_words_in_part, "{h N} {minute N} {part PART}", "{part PART} {h N} {minute N}"),
    *rules(
        _words,
        "(?<=from|between) {h N} {minute N} (?=TO|and)",
        "(?<=CLOCK TO|CLOCK and) {h N} {minute N}",
    ),
    *rules(_twelve, "(in|during)? (the|our|your)? (business|office|working) hours"),
]

#: Times of day that only their neighbours make clear.
BARE: list[Rule] = [
    *rules(
        _words,
        "(?<=at|for|until|till|by|DAY|MOMENTS|from) {h N} {minute N} minutes?",
        "{h N} DASH {minute N} (?=DAY|MOMENTS)",
    ),
    *rules(
        _said,
        f"(?<=at|around) {{h (N|POINT)}} {_END}",
        "(?<=by|before|after) {h HN} (?=DAY)",
        "(?<=CLOCK (appointment|meeting|booking|reservation|slot|call|one) to) {h N} "
        "(?=STOP|DOT|COMMA|$)",
    ),
]


def settle_hour(first: Hour, last: Hour) -> tuple[Clock, Clock]:
    """Return the ends of a stretch of the day of which one may be vague: 11 to 3pm, 5 to 6pm."""
    if not last.vague:
        end = last.clock
        if not first.vague:
            return first.clock, end
        late = first.later_half()
        early = (
            replace(first.clock, hour=first.clock.hour % 12)
            if first.clock.hour == 12
            else first.clock
        )
        if end.hour >= 12 and late.order < end.order:
            return late, end
        return (first.clock if first.clock.order < end.order else early), end
    begin = first.settled()
    for end in (last.clock, last.later_half()):
        if end.order > begin.order:
            return begin, end
    return begin, last.clock
