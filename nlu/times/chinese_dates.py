"""Chinese days written as dates: 2026年11月24日, 明年四月, 下个月5号, 农历八月十五, 11/24."""

import re
from collections.abc import Callable
from datetime import date

from nlu.times.chinese_holidays import NAME, holiday, lunar_day
from nlu.times.chinese_numerals import HAN, SMALL, read, read_year
from nlu.times.chinese_values import YEARS, SaidDays, month_of, months_of, one
from nlu.times.moment import plus_months

_RELATIVE_YEARS = {"大前": -3, "前": -2, "去": -1, "今": 0, "本": 0, "明": 1, "后": 2, "大后": 3}
_ERAS = {"民国": 1911, "康熙": 1661, "雍正": 1722, "乾隆": 1735, "嘉庆": 1795, "道光": 1820}
_ERAS |= {"咸丰": 1850, "同治": 1861, "光绪": 1874, "宣统": 1908, "顺治": 1643, "洪武": 1367}
_ERAS |= {"贞观": 626, "神龙": 704, "开元": 712}
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
#: Parts of a month or year: first and last tenth... as (first day, last day), 0 the month's last.
_THIRDS = {
    "上旬": (1, 10),
    "中旬": (11, 20),
    "下旬": (21, 0),
    "上半月": (1, 15),
    "下半月": (16, 0),
}
_THIRDS |= {"初": (1, 10), "中": (11, 20), "底": (21, 0), "末": (21, 0), "前半月": (1, 15)}
_THIRDS |= {"后半月": (16, 0)}
#: First month and how many.
_YEAR_PARTS = {
    "上半年": (1, 6),
    "前半年": (1, 6),
    "下半年": (7, 6),
    "后半年": (7, 6),
    "初": (1, 1),
}
_YEAR_PARTS |= {"底": (12, 1), "末": (12, 1), "年中": (6, 1)}
_SEASONS = {"春": (3, 3), "夏": (6, 3), "秋": (9, 3), "冬": (12, 3)}

#: What follows a year of two digits, which else is a length of time.
_IN_YEAR = rf"(?:农|(?:\d{{1,2}}|[{HAN}]{{1,3}})\s?月|[上下前后]半年|[底初末]|第?[一二三四1-4]季)"
_YEAR = rf"""(?:(?P<era>{"|".join(_ERAS)})\s?(?P<era_year>\d{{1,3}}|元|[{HAN}百]{{1,6}})\s?年
  |(?P<year>(?<!\d)(?:\d{{4}}|(?!\d00)\d{{3}})|(?<![\d.])\d{{2}}(?=\s?年\s?{_IN_YEAR})
    |(?<![\d.])[089]\d(?=\s?年)
    |(?<![{HAN}])(?:[零〇○][一二三四五六七八九]|两千零?[{HAN}]{{0,3}}
      |[一二三四五六七八九][零〇○一二三四五六七八九]{{1,3}}))\s?年(?![级纪轻龄货糕会内])
  |(?P<near_year>大[前后]|(?<![以之从此目])前|(?<![以之今随最然])后|去|今|本|明)
    年(?!级|轻|龄|[货会夜画糕味])(?:度(?!假))?)"""
_MONTH = rf"""(?:(?P<month>{SMALL})\s?月份?(?![光亮饼子薪租卡票费经销结球刊历供嫂台])
  |(?P<lunar_month>[正腊])月
  |(?P<near_month>(?:[上下]{{1,3}}|这|本|当|今(?=个))(?:一?个)?)月份?(?![光亮饼子]))"""
#: What follows 号 and 日 in words that are no days: 号码, 3号线, 12号楼, 日用品.
_NOT_DAY = "(?![码店线楼门院桌字房仓柜机台馆口窗座铺公路电型报常志]|用品|之后》)"
_DAY = rf"""(?:(?P<day>{SMALL}|廿[一二三四五六七八九]?)\s?[日号]{_NOT_DAY}
  |(?P<lunar_day>初[一二三四五六七八九十]|廿[一二三四五六七八九]?)
  |(?P<bare>{SMALL})(?![个月年号日点时分秒:/.\d%元块周天人件次万千百岁]|-(?!\d{{1,2}}\s?[日号]))
  |(?P<third>[上中下]旬|[上下前后]半月|[初底末中](?![一二三四五六七八九十秋午心国文间])))"""
_QUARTER = rf"""(?:(?<![第\d.{HAN}])第?(?P<quarter>[一二三四1-4])个?
    季(?:度|(?<=年.季)|(?<=年第.季))
  |(?<![a-z])q(?P<q>[1-4])(?!\w))"""
_WRITTEN = re.compile(
    rf"""(?P<lunar>农历|阴历|旧历)?\s?
    (?:{_YEAR}(?:度|的)?\s?(?P<lunar2>农历|阴历|旧历)?\s?)?
    (?:{_MONTH}(?:的?\s?{_DAY})?
      |(?P<year_part>[上下前后]半年|(?<=年)[初底末](?!终)|(?<=年)年中)
      |(?P<season>[春夏秋冬])[天季]|{_QUARTER}
      |(?P<holiday>{NAME})
      |(?P<single>(?<![第末尾编单店号第路街巷弄道元男女朝\d.:/#a-z{HAN}])(?:{SMALL})[日号]
        {_NOT_DAY}(?![之以]?内|[游元]))
    )?(?P<weekday>[,(]?\s?(?:星期|周|礼拜)[一二三四五六日天]\)?(?!次|个))?""",
    re.VERBOSE,
)
#: 五六年 is five or six years.
_ABOUT = re.compile("一二|二三|三四|四五|五六|六七|七八|八九")
_BOUND = r"(?![\d:%/]|[.\-]\d)"
_NUMERIC = re.compile(
    rf"""(?<![\d.:/a-z#])(?:
    (?P<y>[12]\d{{3}})(?P<sep>[-./\ ])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}})(?!\d|[.%]\d)(?!/\d)
    |(?P<a>\d{{1,2}})(?P<sep2>[-./])(?P<b>\d{{1,2}})(?P=sep2)(?P<c>[12]\d{{3}})(?!\d)
    |(?P<a2>\d{{1,2}})(?P<sep3>[-/])(?P<b2>\d{{1,2}})(?P=sep3)(?P<c2>\d{{1,2}}){_BOUND}
    |(?P<m3>\d{{1,2}})/(?P<d3>\d{{1,2}}){_BOUND}(?!\s?[的折杯个张份])
    |(?P<m4>1[0-2]|0?[1-9])\.(?P<d4>[0-3]\d|[1-9])(?!\d)
      (?=\s?(?:[日号早晚起]|[上中下]午|凌晨|[之以]?[前后]|到货|发货|出发|入住|退房|当天|那天|开始|星期|周[一二三四五六日]))
    )(?:[日号])?""",
    re.VERBOSE,
)


def written_date(
    folded: str, start: int, today: date, base: date | None
) -> tuple[SaidDays, int] | None:
    """Return the days written at `start` and where they end.

    `base` is the first day of the range this one ends: what is left out comes from there.
    """
    before = folded[start - 1] if start else " "
    # The rest of an impossible date is no date.
    if before in "年月" and (folded[start].isdigit() or folded[start] in HAN):
        return None
    joined = before == "-" and base is None
    numeric = None if joined else _NUMERIC.match(folded, start)
    if numeric is not None and (found := _numeric(numeric, base or today)) is not None:
        return found, numeric.end()
    match = _WRITTEN.match(folded, start)
    if match is None or match.end() == start or (match["single"] and joined):
        return None
    parts = {name: said for name, said in match.groupdict().items() if said}
    parts.pop("lunar", None) if set(parts) <= {"lunar", "lunar2"} else None
    if not set(parts) - {"lunar", "lunar2", "weekday"}:
        return None
    if set(parts) <= {"season", "weekday"}:
        return None
    found = _days(parts, today, base)
    if found is None:
        return None
    end = match.end()
    if set(parts) <= {"year", "near_year", "era", "era_year"}:
        end = start + len(folded[start:end].rstrip(" 的度"))
    if "weekday" in parts and not found.is_one:
        end = match.start("weekday")
    return found, end


def _numeric(match: re.Match[str], base: date) -> SaidDays | None:
    said = match.groupdict()
    if said["y"]:
        return _day(int(said["y"]), int(said["m"]), int(said["d"]))
    if said["a"]:
        return _day_first(int(said["a"]), int(said["b"]), int(said["c"]))
    if said["a2"]:
        a, b, c = int(said["a2"]), int(said["b2"]), int(said["c2"])
        if c > 31 or len(said["a2"]) < len(said["c2"]):
            return _day_first(a, b, _full_year(c, base))
        return _day(_full_year(a, base), b, c) if len(said["a2"]) == 2 else None
    month, day = int(said["m3"] or said["m4"]), int(said["d3"] or said["d4"])
    # 1/2 and 3/4 are shares.
    if said["m3"] and month < day and day in {2, 3, 4, 5, 8, 10}:
        return None
    return next_day(month, day, base)


def _day_first(day: int, month: int, year: int) -> SaidDays | None:
    return _day(year, month, day) or _day(year, day, month)


def _full_year(short: int, today: date) -> int:
    """Return the year two digits mean: up to twenty years ahead."""
    if short >= 100:
        return short
    century = today.year // 100 * 100
    return century + short - (100 if century + short > today.year + 20 else 0)


def _day(year: int, month: int, day: int) -> SaidDays | None:
    try:
        return one(date(year, month, day)) if year in YEARS else None
    except ValueError:
        return None


def next_day(month: int, day: int, base: date) -> SaidDays | None:
    """Return the next such day from `base` on; 29 February may be years away."""
    for year in range(base.year, base.year + 9):
        found = _day(year, month, day)
        if found is not None and found.start >= base:
            return one(found.start, floating=True)
    return None


def _days(parts: dict[str, str], today: date, base: date | None) -> SaidDays | None:
    year = _year(parts, today)
    if set(parts) & {"year", "near_year", "era"} and year not in YEARS:
        return None
    origin = base or today
    if "holiday" in parts:
        return _next(lambda at: holiday(parts["holiday"], at), year, origin)
    if "single" in parts:
        return _monthly(read(parts["single"][:-1]), origin) if year is None else None
    if "quarter" in parts or "q" in parts:
        quarter = read(parts.get("quarter") or parts["q"]) or 0
        return months_of(year or today.year, 3 * quarter - 2, 3)
    if "season" in parts:
        return months_of(year or today.year, *_SEASONS[parts["season"]])
    if "year_part" in parts:
        return months_of(year or today.year, *_YEAR_PARTS[parts["year_part"]])
    if set(parts) & {"month", "lunar_month", "near_month"}:
        return _in_month(parts, year, today, origin)
    return None if year is None else SaidDays(date(year, 1, 1), date(year, 12, 31))


def _year(parts: dict[str, str], today: date) -> int | None:
    if "near_year" in parts:
        return today.year + _RELATIVE_YEARS[parts["near_year"]]
    if "era" in parts:
        count = read(parts["era_year"])
        return None if not count else _ERAS[parts["era"]] + count
    if "year" not in parts:
        return None
    said = parts["year"]
    if len(said) == 2 and not said.isdigit() and _ABOUT.match(said):
        return None
    year = read_year(said)
    return year if year is None or len(parts["year"]) != 2 else _full_year(year, today)


def _next(day_in: Callable[[int], date | None], year: int | None, origin: date) -> SaidDays | None:
    """Return the named day of a year, or the next one from `origin` on."""
    if year is not None:
        named = day_in(year)
        return one(named) if named else None
    for at in range(origin.year - 1, origin.year + 9):
        found = day_in(at)
        if found is not None and found >= origin:
            return one(found, floating=True)
    return None


def _monthly(day: int | None, origin: date) -> SaidDays | None:
    """Return the next such day of a month."""
    if day is None or not 1 <= day <= 31:
        return None
    for months in range(12):
        month = plus_months(origin.replace(day=1), months)
        found = _day(month.year, month.month, day)
        if found is not None and found.start >= origin:
            return one(found.start, floating=True)
    return None


def _in_month(
    parts: dict[str, str], year: int | None, today: date, origin: date
) -> SaidDays | None:
    day = _day_number(parts)
    near = parts.get("near_month")
    if near is not None:
        shift = near.count("下") - near.count("上")
        first = plus_months(today.replace(day=1), shift)
        year, month = first.year + (0 if year is None else year - today.year), first.month
    else:
        said = parts.get("lunar_month")
        month = _LUNAR_MONTHS[said] if said else (read(parts["month"]) or 0)
    if not 1 <= month <= 12:
        return None
    if set(parts) & {"lunar", "lunar2", "lunar_day", "lunar_month"}:
        if day is None:
            return None
        return _next(lambda at: lunar_day(at, month, day), year, origin)
    if day is not None:
        return next_day(month, day, origin) if year is None else _day(year, month, day)
    if set(parts) & {"day", "bare"}:
        return None
    floating = year is None
    if year is None:
        year = origin.year + (month < origin.month)
    whole = month_of(year, month, floating=floating)
    third = parts.get("third")
    if third is None:
        return whole
    from_day, to_day = _THIRDS[third]
    return SaidDays(
        whole.start.replace(day=from_day), whole.end.replace(day=to_day or whole.end.day), floating
    )


def _day_number(parts: dict[str, str]) -> int | None:
    said = parts.get("day") or parts.get("bare") or parts.get("lunar_day", "").removeprefix("初")
    day = read(said) if said else None
    return day if day is not None and 1 <= day <= 31 else None


def near_month_end(today: date, word: str) -> SaidDays:
    """Return the part of the present month a word like 月底 means, from its first day on."""
    whole = month_of(today.year, today.month)
    first, last = _THIRDS[word]
    return SaidDays(whole.start.replace(day=first), whole.end.replace(day=last or whole.end.day))


def near_year_end(today: date, word: str) -> SaidDays:
    """Return the month that 年初 or 年底 means: of this year, or of the next when it is over."""
    month, count = _YEAR_PARTS[word]
    found = months_of(today.year, month, count)
    return found if found.end >= today else months_of(today.year + 1, month, count)
