"""Times of day in Chinese: 三点半, 下午3点, 15:30, 差五分八点, and the parts of a day."""

import re

from nlu.times.chinese_numerals import HAN, SMALL, read
from nlu.times.chinese_values import SaidClock

#: Hours from and to; the end is exclusive, above 24 on the next day.
PARTS = {
    "凌晨": (0, 6),
    "清晨": (5, 8),
    "早晨": (6, 9),
    "早上": (6, 12),
    "上午": (6, 12),
    "中午": (11, 13),
    "下午": (12, 18),
    "傍晚": (17, 19),
    "晚上": (18, 24),
    "夜里": (20, 24),
    "深夜": (22, 26),
    "半夜": (23, 27),
    "午夜": (23, 25),
}
_SAME = {
    "凌晨": "凌晨 今晨",
    "清晨": "清晨 清早 大清早 一大早 一早 拂晓",
    "早晨": "早晨 晨间 晨",
    "早上": "早上 早间 早 朝早 朝",
    "上午": "上午 上昼 午前",
    "中午": "中午 正午 午间 晌午",
    "下午": "下午 午后 下昼 晏昼",
    "傍晚": "傍晚 黄昏",
    "晚上": "晚上 晚间 夜晚 晚 夜间 晚黑",
    "夜里": "夜里 当夜 夜",
    "深夜": "深夜 大半夜",
    "半夜": "半夜 后半夜",
    "午夜": "午夜",
}
_NAMES = {word: name for name, words in _SAME.items() for word in words.split()}
#: Words that are parts of a day wherever they stand; 早, 晚 and 夜 only with a day or an hour.
_FREE = sorted((word for word in _NAMES if len(word) > 1), key=len, reverse=True)
#: What follows 早 and 晚 in words that are no time: 早餐, 晚会.
_NOT_AFTER = "餐饭班点安会报礼教熟期晚年恋茶市场操自高宵色了就已还不"
PART = rf"(?:{'|'.join(_FREE)}|[早晚夜晨朝](?![{_NOT_AFTER}])(?!稻田))"
_FREE_PART = re.compile(rf"(?:{'|'.join(_FREE)})(?!好|茶)")
_PART = re.compile(PART)
_ABOUT = r"(?:大约|大概|差不多|约(?!定)|接近)"
_ROUGHLY = r"(?:左右|前后|上下|许(?!多|可))?"
#: What follows 两点 when it counts points: 两点建议.
_NOT_HOURS = (
    r"(?!\s?(?:建议|意见|要求|疑问|问题|原因|希望|感受|需求|优惠|积分|提升|说明|理由|看法|想法|注意|好处|"
    r"收获|体会|心得|补充|内容|声明|东西|零钱|小|赞|心|击|评|数|餐|头|都没|都不))"
)
_HOUR = rf"(?P<hour>{SMALL})"
_CLOCK = re.compile(
    rf"""(?P<about>{_ABOUT})?\s?(?P<part>{PART})?的?\s?(?P<about2>{_ABOUT})?\s?
    (?:(?P<to>差(?:[一二两三四五六七八九十\d]{{1,3}}分|一刻)钟?(?:到)?)?\s?
      (?:{_HOUR}\s?(?:点钟?|时(?![候间常刻装尚机区段差代]))
        (?:(?:过|零|0(?=\d分?))?(?:(?P<minute>{SMALL})\s?分(?:(?P<second>{SMALL})\s?秒)?|(?P<quarter>[一三13])刻|(?P<half>半(?!价|夜|天|年))
          |(?P<short>\d{{2}}|[零〇][一二三四五六七八九]|[一二三四五]?十[一二三四五六七八九]?)(?![\d{HAN}.:%元块个人号日月折万千百年天]))
          |(?P<sharp>整|正(?!常|在|好|式|品)))?
        (?P<before>差(?:[一二两三四五六七八九十\d]{{1,3}}分|一刻))?
      |(?<![\d.:/])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:]|\.\d)\s?
        (?P<half_day>[ap]\.?m(?![a-z])\.?)?
      |(?<![\d.:/\-])(?P<h12>1[0-2]|[1-9])\s?(?P<half_day2>[ap]\.?m(?![a-z])\.?)))\s?(?P<roughly>{_ROUGHLY})""",
    re.VERBOSE,
)
_BEFORE_BARE = re.compile(r"[第这那有提几以下前后共哪各些同差早晚快]$")
_AFTER_BARE = re.compile(_NOT_HOURS)
_DECIMAL = re.compile(r"\d|[二三四五六七八九](?![个位人])")
_AFTER_ONE = re.compile(r"\s?(?:[之以]?[前后]|[到至~-]|钟)")


def clock_at(
    folded: str, start: int, *, dated: bool = False
) -> tuple[SaidClock, str | None, int] | None:
    """Return the time of day at `start`, the part of day said with it, and where it ends.

    `dated` tells that a day stands before: then 一点 is one o'clock and not "a bit".
    """
    match = _CLOCK.match(folded, start)
    if match is None:
        return None
    part = _NAMES[match["part"]] if match["part"] else None
    if match["h"] or match["h12"]:
        hour, minute = int(match["h"] or match["h12"]), int(match["m"] or 0)
        second = int(match["s"]) if match["s"] else None
        letter = (match["half_day"] or match["half_day2"] or " ")[0]
        if letter != " " and 1 <= hour <= 12:
            hour, part = hour % 12 + (12 if letter == "p" else 0), part or "said"
    else:
        said = _said(match, folded, dated=dated or part is not None)
        if said is None:
            return None
        hour, minute, second = said
    clock = _in_part(hour, minute, second, part)
    end = match.end()
    while folded[end - 1].isspace():
        end -= 1
    return None if clock is None else (clock, part, end)


def _said(match: re.Match[str], folded: str, *, dated: bool) -> tuple[int, int, int | None] | None:
    """Return hour, minute and second of 三点二十分, None when 点 means something else."""
    hour = read(match["hour"])
    minute = _minute(match)
    if hour is None or minute is None:
        return None
    start = match.start("hour")
    if start > match.start() * dated and folded[start - 1] in f"第.{HAN}" + "0123456789":
        return None
    written = folded[start : match.end()].rstrip()
    if written.endswith("点") and _DECIMAL.match(folded, match.end()):
        return None
    if written.endswith("点") and _is_points(
        match["hour"], folded, start, match.end(), dated=dated
    ):
        return None
    if "时" in written[:4] and written.endswith("时") and not (dated or match["hour"].isdigit()):
        return None
    if match["to"] or match["before"]:
        away = match["to"] or match["before"]
        number = re.search(rf"[\d{HAN}]{{1,3}}", away)
        minutes = 15 if "刻" in away else read(number[0]) if number else None
        if not minutes or minute or not hour:
            return None
        hour, minute = hour - 1, 60 - minutes
    second = read(match["second"]) if match["second"] else None
    if minute > 59 or minute < 0 or (second or 0) > 59:
        return None
    return hour, minute, second


def _is_points(hour: str, folded: str, start: int, end: int, *, dated: bool) -> bool:
    """Tell whether N点 are points of a list or "a bit" rather than a time of day."""
    if dated:
        return _AFTER_BARE.match(folded, end) is None and hour in {"一", "1", "两"}
    if hour == "一":
        return _AFTER_ONE.match(folded, end) is None or bool(
            _BEFORE_BARE.search(folded[:start][-1:])
        )
    if _BEFORE_BARE.search(folded[max(0, start - 1) : start]):
        return True
    return _AFTER_BARE.match(folded, end) is None


def _minute(match: re.Match[str]) -> int | None:
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 if match["quarter"] in "一1" else 45
    written = match["minute"] or match["short"]
    return read(written) if written else 0


def _in_part(hour: int, minute: int, second: int | None, part: str | None) -> SaidClock | None:
    """Return the clock time an hour means in a part of the day."""
    if hour > 24 or (hour == 24 and minute):
        return None
    vague = part is None and 1 <= hour <= 12
    if (part in {"下午", "傍晚"} and hour < 12) or (part == "中午" and hour < 4):
        hour += 12
    elif part in {"晚上", "夜里", "深夜", "半夜", "午夜"} and hour <= 12:
        # Midnight and the hours after it belong to the night before.
        hour += 24 if hour < 5 else 12
    elif part == "凌晨" and hour == 12:
        hour = 0
    return SaidClock(hour, minute, second, vague=vague)


def part_at(folded: str, start: int, *, dated: bool) -> tuple[str, int] | None:
    """Return the part of day at `start`; a lone 早 or 晚 counts only after a day."""
    match = (_PART if dated else _FREE_PART).match(folded, start)
    return (_NAMES[match[0]], match.end()) if match else None
