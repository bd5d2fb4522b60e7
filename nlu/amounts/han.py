"""Chinese numerals, also mixed with digits: 两千三百五, 1.5万, 五分之二, 二又三分之一."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlu.amounts.numeral import VALUE_MAX, Numeral

_DIGITS = {c: v for v, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
    "仨": 3,
}
_DIGITS |= dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True))
_TENS = {"廿": 20, "卅": 30}
_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8, "兆": 10**12}
_CHARACTERS = frozenset({*_DIGITS, *_TENS, *_SCALES, *_MYRIADS})
#: A numeral of words starts so; 百三 is short for 一百三.
_START = re.compile(
    "[零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖拾俩仨廿卅]|(?<![几数上百千万])[百千](?=[二三四五六七八九](?![百千万成]))"
    "|(?<![几数])十|半(?=百(?!度))"
)
_BLANKS = re.compile(r"[ \t]{0,2}")
#: Words of everyday language that hold a numeral and mean no number.
_WORDS = re.compile(
    "[一壹](?:下|切|起(?!码)|直|样|般|定|旦|些|会儿?|律|致|并|向|带|经|如|侧|键|流|站式|时|路|方面|看|来|心|身|生|再|味"
    "|瞬|贯|概|同|共|辈子|模一样|窍不通|头雾水|五一十|了百了|体机|口气|句话说)|统一|唯一|万一|单一|同一|逐一|[同始]终如一"
    "|千万(?=别|不|要|记|勿|注意|小心)|十分(?![之钟一二三四五六七八九\\d])|十足|四川|四季|四处|四周|五台山|五角大楼|五官|五金|五花"
    "|二维码|二手|二次元|二话|三明治|三轮车|三国|三方|三角形|三番|[第]三者|七夕|七喜|八宝|八卦|九阳|六神|两[者旁侧]"
    "|三三两两|乱七八糟|七上八下|丢三落四|五颜六色|三心二意|千方百计|四面八方|不三不四|接二连三|独一无二|不管三七二十一"
    "|双十[一二]|[珠长铁]三角|半斤八两|[两三]点一线|大陆|陆地|陆空|登陆|海陆|着陆|陆续|陆军|放肆|肆[意无虐]|[队入退伍]伍|伍仁|拾[取起到]|收拾|夕拾|一一"
)
#: These are verbs and names as often as numerals; alone they count only before money or nothing.
_RARE = frozenset("陆伍肆拾柒")
_TIME_BEFORE = frozenset("午晚早晨夜天日号")
_POINT_AFTER = re.compile("十|百|[0-9]|分(?! ?之)|刻|半|钟|整")
_KILO_UNITS = re.compile("千(?=克|米|瓦|卡|字节|比特|赫|伏|帕|焦)")
_DOZEN = re.compile("打(?![电开印算包折扰工个听不了来去车点卡])")
#: 一两天 is a guess, 一两茶 a weight.
_AFTER_GUESS = frozenset(
    "天个次位年周月小套台件句点百千万场部本辆条张双只名瓶杯箱包份间口种回趟人岁块"
)
_AFTER_PRICE = frozenset("点又分元块的吧了呢左多打以人毛钱美港欧英日")
_PAIR_OF_DIGITS = 2


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads numerals from a text in which digits have been read already."""

    folded: str
    digits: Mapping[int, Numeral]

    def skip(self, at: int) -> int:
        """Return the place of the next character that is no blank; two may stand between."""
        match = _BLANKS.match(self.folded, at)
        return match.end() if match else at

    def letter(self, at: int) -> str:
        """Return the character at `at`, nothing after the end."""
        return self.folded[at : at + 1]


def han_numerals(folded: str, digits: Sequence[Numeral]) -> Iterator[Numeral]:
    """Yield the numerals of a folded text that have Chinese characters in them."""
    if _CHARACTERS.isdisjoint(folded) and "分" not in folded and "负" not in folded:
        return
    reader = _Reader(folded, {each.start: each for each in digits})
    idioms = [match.span() for match in _WORDS.finditer(folded)]
    starts = sorted({*reader.digits, *(match.start() for match in _START.finditer(folded))})
    end = idiom = 0
    for start in starts:
        if start < end:
            continue
        read = _number(reader, start)
        if read is None:
            continue
        stop, value = read
        end = max(stop, end)
        while idiom < len(idioms) and idioms[idiom][1] <= start:
            idiom += 1
        within = idiom < len(idioms) and idioms[idiom][0] <= start
        if value is None or within or not _is_numeral(reader, start, stop):
            continue
        first = start - 1 if folded[start - 1 : start] == "负" else start
        value = -value if first < start else value
        if abs(value) < VALUE_MAX:
            yield Numeral(first, stop, value, digits=start in reader.digits)


def _is_numeral(reader: _Reader, start: int, stop: int) -> bool:
    if stop - start > 1 or reader.folded[start] not in _RARE:
        return True
    neighbours = reader.folded[max(0, start - 1) : start] + reader.letter(stop)
    return not re.search("[\u4e00-\u9fff](?<![元角分点块折成毛圆之])", neighbours)


def _number(reader: _Reader, start: int) -> tuple[int, float | None] | None:
    """Read the number at `start`: its end and its value, None for words that are no number."""
    lead = reader.digits.get(start)
    if reader.letter(start) == "半":
        return start + 2, 50.0
    read = _integer(reader, start)
    if read is None:
        return None
    stop, value = read
    if value is None:
        return stop, None
    stop, value = _decimals(reader, start, stop, value)
    more = _over(reader, stop, value) or _and_over(reader, stop, value)
    if more is not None:
        return more
    if dozen := _DOZEN.match(reader.folded, stop):
        return dozen.end(), 12 * value
    if lead is not None and stop == lead.end:
        return (stop, value) if reader.letter(start - 1) == "负" else None
    return stop, value


def _integer(reader: _Reader, start: int) -> tuple[int, float | None] | None:
    """Read an integer in scales or a row of digits: its end and value."""
    row = _row(reader, start)
    if row is not None:
        return row
    total = section = 0.0
    digit: float | None = None
    scale, zero, last, at = 1, False, start, start
    previous = ""
    while True:
        gap = reader.skip(at) if at > start else at
        step, more = _step_at(reader, gap, at, previous, digit)
        if step == "":
            break
        if step == "skip":
            at = more
            continue
        if step == "digit":
            numeral = reader.digits.get(gap)
            value = numeral.value if numeral is not None else _DIGITS[reader.letter(gap)]
            zero = zero or value == 0
            digit = value
        elif step in _TENS:
            digit, section = None, section + _TENS[step]
        elif step in _SCALES:
            scale, zero = _SCALES[step], False
            section += (digit or 1) * scale  # 零十 is ten too
            digit = None
        else:
            scale, zero = _MYRIADS[step], False
            below = section + (digit or 0)
            total = (total + below) * scale if below or total else scale
            total, section, digit = _carried(total, below, scale), 0, None
        at = last = more
        previous = step if step != "digit" else reader.letter(gap)
    if last == start:
        return None
    if digit is not None and _is_guess(reader, last, previous):
        return last + 1, None
    if digit == 1 and scale >= 100 and not zero and _names_each(reader, last):
        return last - 1, total + section
    if digit is not None:
        tail = scale >= 100 and not zero and digit < 10
        section += digit * (scale // 10 if tail else 1)
    return last, total + section


def _is_guess(reader: _Reader, last: int, digit: str) -> bool:
    """Tell whether the next digit follows at once, as in 三十五六."""
    following = _DIGITS.get(reader.letter(last), 0)
    return following > 1 and digit in _DIGITS and following == _DIGITS[digit] + 1


def _names_each(reader: _Reader, last: int) -> bool:
    """Tell whether the 一 before `last` belongs to what follows: 三百一斤 is a price for each."""
    following = reader.letter(last)
    return (
        reader.letter(last - 1) == "一"
        and "\u4e00" <= following <= "\u9fff"
        and (following not in _AFTER_PRICE)
    )


def _carried(total: float, below: float, scale: int) -> float:
    """Return the total after a scale: 一万五千亿 multiplies all, 五亿二万 the last part.

    `total` is as if all had been multiplied.
    """
    before = total / scale - below if scale else 0.0
    return before + below * scale if below and before >= scale else total


def _step_at(
    reader: _Reader, gap: int, at: int, previous: str, digit: float | None
) -> tuple[str, int]:
    """Return what stands at `gap` and the place after it; an empty word where the number ends."""
    letter = reader.letter(gap)
    blank = gap > at
    if gap in reader.digits:
        numeral = reader.digits[gap]
        follows = reader.letter(reader.skip(numeral.end)) in {*_SCALES, *_MYRIADS}
        fits = not previous or (
            previous in {*_SCALES, *_MYRIADS, "零"}
            and (follows or not blank)
            and numeral.value >= 0
        )
        free = digit is None or previous in {"零", "〇"}
        return ("digit", numeral.end) if fits and free else ("", at)
    if letter in _DIGITS:
        return _digit_step(reader, gap, blank=blank, previous=previous, digit=digit)
    if letter and letter in "多余来几" and previous:
        after = reader.skip(gap + 1)
        return ("skip", after) if reader.letter(after) in _MYRIADS else ("", at)
    return (letter, gap + 1) if _scales(reader, gap, previous, digit) else ("", at)


def _scales(reader: _Reader, gap: int, previous: str, digit: float | None) -> bool:
    """Tell whether a scale stands at `gap` that can follow the word `previous`."""
    letter = reader.letter(gap)
    if letter in _TENS:
        return digit is None and not previous
    if letter == "兆":
        following = reader.letter(gap + 1)
        named = following in _DIGITS or following.isdigit() or following in set("亿元美日台新欧")
        return bool(previous) and named
    if letter in _SCALES:
        doubled = previous in _SCALES and _SCALES[previous] <= _SCALES[letter]
        return not doubled and _KILO_UNITS.match(reader.folded, gap) is None
    return letter in _MYRIADS and bool(previous)


def _digit_step(
    reader: _Reader, gap: int, *, blank: bool, previous: str, digit: float | None
) -> tuple[str, int]:
    letter = reader.letter(gap)
    if digit is not None and previous not in {"零", "〇"}:
        return "", gap
    following = reader.letter(reader.skip(gap + 1))
    scaled = following in _SCALES or following in _MYRIADS
    if letter in "两俩仨" and previous and not scaled:
        return "", gap  # 三千两 weighs
    if blank and not scaled and previous and "\u4e00" <= following <= "\u9fff":
        # After a blank a last digit belongs to the number only if nothing is counted by it.
        return ("digit", gap + 1) if following in "点又分" else ("", gap)
    if letter in "零〇" and not (following in _CHARACTERS or following in "几" or not previous):
        numeral = reader.digits.get(gap + 1)
        return ("digit", gap + 1) if numeral is not None else ("", gap)
    return "digit", gap + 1


def _row(reader: _Reader, start: int) -> tuple[int, float | None] | None:
    """Read digits in a row: 二〇二六; two that differ are a guess (两三个) and no number."""
    stop = start
    while reader.letter(stop) in _DIGITS and reader.letter(stop):
        stop += 1
    length = stop - start
    if length < _PAIR_OF_DIGITS:
        return None
    written = reader.folded[start:stop]
    if length == _PAIR_OF_DIGITS and written[0] in "零〇" and reader.letter(stop) in _SCALES:
        return None
    weighs = reader.letter(stop) not in _AFTER_GUESS
    if written[-1] == "两" and weighs and length == _PAIR_OF_DIGITS and written[0] != "两":
        return start + 1, float(_DIGITS[written[0]])
    if (length == _PAIR_OF_DIGITS and not set(written) & set("零〇")) or length > 12:
        while reader.letter(stop) in _CHARACTERS and reader.letter(stop):
            stop += 1
        return stop, None
    return stop, float("".join(str(_DIGITS[each]) for each in written))


def _decimals(reader: _Reader, start: int, stop: int, value: float) -> tuple[int, float]:
    """Read 点五 behind a number, and a scale behind that; 三点五十 is a time."""
    point = reader.skip(stop)
    if reader.letter(point) != "点" or reader.letter(start - 1) in _TIME_BEFORE:
        return stop, value
    first = last = reader.skip(point + 1)
    while reader.letter(last) in _DIGITS and reader.letter(last) not in set("两俩仨"):
        if not reader.letter(last):
            break
        last += 1
    if last == first or last - first > 9 or _POINT_AFTER.match(reader.folded, last):
        return stop, value
    written = "".join(str(_DIGITS[each]) for each in reader.folded[first:last])
    value += float(f"0.{written}")
    while (scale := _MYRIADS.get(reader.letter(last))) is not None and scale < 10**12:
        value, last = value * scale, last + 1
    return last, value


def _over(reader: _Reader, stop: int, value: float) -> tuple[int, float] | None:
    """Read 分之一 behind a denominator."""
    at = reader.skip(stop)
    if reader.letter(at) != "分":
        return None
    at = reader.skip(at + 1)
    if reader.letter(at) != "之" or not value:
        return None
    at = reader.skip(at + 1)
    sign = 1
    if reader.letter(at) == "负":
        sign, at = -1, at + 1
    above = reader.digits.get(at)
    if above is not None and not (
        reader.letter(above.end) in _MYRIADS or reader.letter(above.end) in _SCALES
    ):
        return above.end, sign * above.value / value
    read = _integer(reader, at)
    if read is None or read[1] is None:
        return None
    end, numerator = _decimals(reader, at, read[0], read[1])
    return end, sign * numerator / value


def _and_over(reader: _Reader, stop: int, value: float) -> tuple[int, float] | None:
    """Read 又三分之一 behind a whole number."""
    at = reader.skip(stop)
    if reader.letter(at) != "又":
        return None
    at = reader.skip(at + 1)
    lead = reader.digits.get(at)
    below = _integer(reader, at)
    if below is None and lead is not None:
        below = (lead.end, lead.value)
    if below is None or below[1] is None:
        return None
    fraction = _over(reader, below[0], below[1])
    return None if fraction is None else (fraction[0], value + fraction[1])
