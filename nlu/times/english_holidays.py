"""Holidays by their English names, with the days they fall on by rule."""

from collections.abc import Callable
from datetime import date, timedelta

from nlu.times.chinese_holidays import lunar_day


def easter(year: int) -> date:
    """Return Easter Sunday of a year by the Gregorian rule of Meeus, Jones and Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - correction + 15) % 30
    quads, quad_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * quads - epact - quad_rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth such weekday (Monday is 0) of a month, from its end for -1.

    Raises:
        ValueError: the month has not so many.
    """
    if nth < 0:
        after = date(year + month // 12, month % 12 + 1, 1)
        last = after - timedelta(1)
        return last - timedelta((last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    day = first + timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))
    if day.month != month:
        raise ValueError("no such weekday")
    return day


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _nth(month: int, weekday: int, nth: int, later: int = 0) -> Callable[[int], date]:
    return lambda year: nth_weekday(year, month, weekday, nth) + timedelta(later)


def _lunar(month: int, day: int) -> Callable[[int], date | None]:
    return lambda year: lunar_day(year, month, day)


def _easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days)


_BY_RULE: dict[str, Callable[[int], date | None]] = {
    "chinese new year|lunar new year|spring festival": _lunar(1, 1),
    "lantern festival": _lunar(1, 15),
    "dragon boat festival": _lunar(5, 5),
    "mid - autumn festival|mid autumn festival|moon festival": _lunar(8, 15),
    "new year|new year day|new year s day|new years day|yuandan": _fixed(1, 1),
    "martin luther king day|mlk day|martin luther king jr day": _nth(1, 0, 3),
    "valentine|valentine s day|valentines day|valentine day": _fixed(2, 14),
    "presidents day|presidents ' day|president s day": _nth(2, 0, 3),
    "saint patrick|saint patrick s day|st patrick s day|st patricks day": _fixed(3, 17),
    "april fools|april fools day|april fool s day": _fixed(4, 1),
    "earth day": _fixed(4, 22),
    "clean monday": _easter(-48),
    "ash wednesday": _easter(-46),
    "palm sunday": _easter(-7),
    "good friday": _easter(-2),
    "easter|easter sunday|easter day": _easter(0),
    "easter monday": _easter(1),
    "ascension day": _easter(39),
    "whit monday|pentecost monday": _easter(50),
    "may day|labour day may|international workers ' day|international workers day"
    "|int'l workers day": _fixed(5, 1),
    "mother s day|mothers day|mothers ' day": _nth(5, 6, 2),
    "memorial day": _nth(5, 0, -1),
    "juneteenth|freedom day|jubilee day": _fixed(6, 19),
    "father s day|fathers day|fathers ' day": _nth(6, 6, 3),
    "independence day": _fixed(7, 4),
    "labor day|labour day": _nth(9, 0, 1),
    "columbus day|indigenous peoples day": _nth(10, 0, 2),
    "halloween": _fixed(10, 31),
    "veterans day|veteran s day": _fixed(11, 11),
    "singles day|singles ' day|single s day|double eleven": _fixed(11, 11),
    "thanksgiving|thanksgiving day|thanks giving day|thanks giving": _nth(11, 3, 4),
    "black friday": _nth(11, 3, 4, 1),
    "cyber monday": _nth(11, 3, 4, 4),
    "christmas eve|xmas eve": _fixed(12, 24),
    "christmas|christmas day|xmas|xmas day": _fixed(12, 25),
    "boxing day": _fixed(12, 26),
    "new year eve|new year s eve|new years eve": _fixed(12, 31),
}
HOLIDAYS = {
    tuple(name.replace(" s ", " ' s ").split()): rule
    for names, rule in _BY_RULE.items()
    for name in names.split("|")
}


def holiday(words: tuple[str, ...], year: int) -> date | None:
    """Return the day of a holiday in a year, None when there is no such holiday."""
    rule = HOLIDAYS.get(words)
    return rule(year) if rule else None
