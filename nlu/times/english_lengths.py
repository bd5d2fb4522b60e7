"""English lengths of time: three days, half an hour, 2h, an hour and a half, all week."""

from nlu.times import english_words as words
from nlu.times.english_grammar import Got, Made, Rule, rules
from nlu.times.english_values import Length


def length_of(unit: str, count: float, *, business: bool = False) -> Length:
    """Return so many of a unit.

    Raises:
        ValueError: nobody means so many.
    """
    if not 0 < count <= 100_000:
        raise ValueError("no length")
    months, days, seconds = words.UNITS[words.GLUED_UNITS.get(unit, unit)]
    weeks = unit.startswith(("week", "fortnight")) and "end" not in unit
    return Length(months * count, days * count, seconds * count, weeks or unit == "w", business)


def _counted(got: Got) -> Made:
    if got.word("unit") == "night" and got.number("n") > 1:
        raise ValueError("a night market")
    business = got.has("business") and got.word("unit").startswith("day")
    return "LEN", length_of(got.word("unit"), got.number("n"), business=business)


def _glued(got: Got) -> Made | None:
    if got.word("unit") in {"s", "h"} and len(got.digits("n")) == 4:
        return None  # the 1990s
    if got.digits("n") and (got.glued or got.word("unit") in {"h", "ys"}):
        return "LEN", length_of(got.word("unit"), got.number("n"))
    return None


def _with_half(got: Got) -> Made:
    whole = got.number("n") if got.has("n") else 0.0
    share = 0.25 if got.has("quarter") else 0.5
    return "LEN", length_of(got.word("unit"), whole + share)


def _fraction(got: Got) -> Made | None:
    """Read 1/2 hour, 1 1/2 hours."""
    above, below = (int(part) for part in got.words("f")[0].split("/"))
    if not 0 < above < below:
        return None
    whole = got.whole("n") if got.has("n") else 0
    return "LEN", length_of(got.word("unit"), whole + above / below)


def _single(got: Got) -> Made | None:
    """Read "a minute"; "give me a second" tells no time."""
    if got.word("unit") in {"second", "sec", "weekend", "night", "quarter"}:
        return None
    return "LEN", length_of(got.word("unit"), 1)


def _joined(got: Got) -> Made | None:
    first, second = got.value("a", Length), got.value("b", Length)
    scales = [
        bool(each.months) + 2 * bool(each.days) + 4 * bool(each.seconds)
        for each in (first, second)
    ]
    if scales[0] == scales[1] and not first.of_clock and not first.days:
        return ("LEN", first.plus(second)) if first.months % 12 != second.months % 12 else None
    return "LEN", first.plus(second)


def _hour_and(got: Got) -> Made:
    """Add half or a quarter of the unit to one of it: an hour and a half."""
    one = got.value("a", Length)
    share = 0.25 if got.has("quarter") else 0.5
    return "LEN", Length(one.months * share + one.months, one.days * (1 + share),
                         one.seconds * (1 + share))  # fmt: skip


def _compared(got: Got) -> Made:
    return "LEN", got.value("len", Length)


LENGTHS: list[Rule] = [
    *rules(_fraction, "{n N}? {f SLASHED} (of an)? {unit UNIT}"),
    *rules(
        lambda got: (
            "SPOILT",
            "",
        ),  # a price or a count, no length: 5 dollars a month, twice a day
        "(twice|thrice|MONEY|SPOILT) (a|an|per|each) UNIT",
        "N UNIT? (a|per) UNIT",
    ),
    *rules(
        _with_half,
        "{n N} and (a)? ({quarter quarter}|half) {unit UNIT}",
        "{n N} and (a)? {quarter quarter} {unit UNIT}",
    ),
    *rules(_with_half, "(a)? half (a|an)? {business business}? {unit UNIT}"),
    *rules(
        _counted,
        "{n (N|POINT)} DASH? {business (business|working)}? {unit UNIT}",
        "(a)? {n COUNT} (of)? {business (business|working)}? {unit UNIT}",
        "{n another} {business (business|working)}? {unit UNIT}",
        "{n N} OPEN N CLOSE {business (business|working)}? {unit UNIT}",
    ),
    *rules(_glued, "(?<!the)(?<!QUOTE){n (N|POINT)} {unit GLUED}"),
    *rules(_single, "(?<!half|wait|just|me|have|got)(a|an) {business business}? {unit UNIT}"),
    *rules(_hour_and, "{a LEN} and (a)? (half|{quarter quarter})(?!UNIT)"),
    *rules(_joined, "{a LEN} (and|COMMA)? {b LEN}"),
    *rules(
        _compared,
        "(more|less|longer|fewer) than {len LEN} (?!before|after|from|ago|later)",
        "(at) (least|most) {len LEN} (?!before|after|from|ago|later)",
        "up to {len LEN} (?!before|after|from|ago|later)",
    ),
    *rules(
        lambda got: ("LEN", length_of(got.word("unit"), 1)),
        "(?<!of)(all|full|whole|entire) DASH? {unit (day|week|month|year|night)}",
    ),
]
