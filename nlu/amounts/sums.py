"""Sums of money: signs, codes and names of currencies before and behind numerals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.amounts import currencies
from nlu.amounts.numeral import Numeral

_SIGN = "[$¥" + "".join(currencies.SIGNS) + "]"
_LETTERS = r"u\.s\.?|[a-z]{1,3}"
#: With a blank before the sign only these letters belong to it; "a $ 5 fee" has an article.
_LOOSE_LETTERS = frozenset({"us", "u.s", "u.s.", "hk", "nt", "nz", "c"})
_SIGN_BEFORE = re.compile(
    rf"(?P<minus>(?<![\w)])-)?(?:(?<![a-z])(?P<letters>{_LETTERS})(?P<blank>\s?))?"
    rf"(?P<sign>{_SIGN})\s{{0,2}}$"
)
_CODE_BEFORE = re.compile(r"(?<![a-z0-9])(?P<scale>[mk])?(?P<code>[a-z]{3})\s{0,2}$")
_SIGN_AFTER = re.compile(rf"\s{{0,2}}(?P<letters>{_LETTERS})?(?P<sign>{_SIGN})(?!\d)")
_WORDS_AFTER = re.compile(r"[\s-]{0,2}(?P<words>[a-z]+(?:\.s\.)?(?: [a-z]+){0,3})")
_SCALE_AFTER = re.compile(r"\s(?P<scale>thousand|million|billion|trillion)\b")
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SHORT_SCALES = {"m": 10**6, "k": 10**3}
_YUAN_AFTER = re.compile(
    r"\s{0,2}(?:(?P<many>[多余来])?(?P<yuan>元整?(?![旦素宵件器老首])|圆整?|块钱?)|[wW](?:元|块钱?))"
)
_COIN_AFTER = re.compile(
    r"\s?(?:(?P<jiao>[毛角])(?P<jiao_money>钱)?|(?P<fen>分)(?P<fen_money>钱))"
)
#: A bare 五毛 or 两角 is money where nothing else is named by it.
_COIN_CLOSED = re.compile(
    "$|[^\u4e00-\u9fff]|[的吧了呢吗啊呀和一就都]|(?:[一二三四五六七八九]|\\d)\\s?分"
)
_YUAN_TAIL = re.compile(
    r"\s?(?:(?P<jiao>[零〇]?[一二两三四五六七八九]|\d)\s?[毛角](?:\s?(?P<fen>[一二两三四五六七八九]|\d)\s?分?)?钱?"
    r"|(?P<cents>[零〇]\s?[一二三四五六七八九])\s?分?|(?P<only_fen>[一二两三四五六七八九]|\d)\s?分(?![钟之])钱?"
    r"|(?P<bare>[二三四五六七八九]|\d)(?:钱|(?!\s?[一二两三四五六七八九十百千万\da-z%.:/°-]"
    r"|\s?[台套件个箱只把盒包瓶份张支位人名杯袋桶组批双对条本辆部间座席壶罐斤克吨升块公两毫米厘平寸天月年小周次"
    r"倍折成点号楼碗根颗片朵串头排枚晚页句遍勺听卷筒款种层期代星角元]))"
    r"|(?P<one>一)(?:钱|(?=$|[^\w]|[的吧了]))"
    r"|(?P<half>半))"
)
_HAN_COINS_TAIL = re.compile(
    r"又?\s?(?P<value>[一二两三四五六七八九十]{1,3}|\d{1,2})\s?(?:美分|欧分|便士)"
)
_CENTS_TAIL = re.compile(r"\s?(?:and\s)?$")
_CENTS_WORD = re.compile(r"\s?(?:cents?|pence|p|mao|jiao|fen)(?![a-z])")
_TAIL_CLOSED = re.compile(r"\s?(?:$|[.,!?;:)](?!\d)|(?:please|each|per|for|more|but|only)\b)")
_PIECES = re.compile(
    "块(?:蛋糕|肉|糖|饼|面包|电池|屏|手?表|木?板|布|砖|石|木|地|玻璃|硬盘|毛巾|香皂|肥皂|豆腐|巧克力|披萨|主板|显卡|电路"
    "|移动|充电|太阳能|瓷砖|大|小(?![费时票])|腕|钢|铁|金(?!额)|奶酪|芝士|姜|牛|鸡|鱼|排骨|拼图|抹布)"
)
_WEIGHING = re.compile(
    r"\b(?:weigh|weight|heav|lighter|ounce|oz|kg|kilo|grams?|tons?|tonne|stone)"
)
_WEIGHED = re.compile(r"\s(?:of\b|in weight|heav)")
_ONE_YUAN = re.compile("$|[^\u4e00-\u9fff]|[的吧多零一二三四五六七八九半]")
#: After 刀 and 欧 these make other words.
_NOT_SHORT = frozenset("具片口法洲美式分元")
_HAN_VALUES = {c: v for v, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0}
#: What stands between the numbers of a range: 100-200, 100 to 200, between 100 and 200.
RANGE_JOINT = re.compile(r"\s?(?:[-–~]|to|and|or|到|至|或)\s?")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of money."""

    start: int
    end: int
    value: float
    currency: str  #: ISO 4217


@dataclass(frozen=True, slots=True)
class _Mark:
    """A sign or name of a currency beside a number: where it stands, what it is worth."""

    start: int
    end: int
    currency: str
    share: float = 1  #: below 1 for small coins, a thousand for kEUR
    sign: bool = False
    yuan: bool = False


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads sums from one text."""

    folded: str
    plain: str
    numerals: Sequence[Numeral]
    region: str | None
    chinese: bool

    def sign(self, letters: str | None, sign: str) -> str | None:
        """Return the currency of a sign, with the letters before it."""
        if sign == "$":
            return currencies.dollars(letters) if letters else currencies.dollar(self.region)
        if sign == "¥":
            if letters in {"cn", "rmb", "cny"}:
                return "CNY"
            return currencies.yen(self.region, chinese=self.chinese)
        return currencies.SIGNS[sign]


def sums(
    folded: str, plain: str, numerals: Sequence[Numeral], *, region: str | None, chinese: bool
) -> list[Sum]:
    """Return the sums of money in a folded text, in order.

    Args:
        folded: what to look in.
        plain: the same in the letters as written.
        numerals: those of the text, in order.
        region: ISO 3166, decides which dollar, 元 or rupee is meant.
        chinese: whether the text is Chinese, for "¥".
    """
    reader = _Reader(folded, plain, numerals, region, chinese)
    found: list[Sum] = []
    end = 0
    for index, numeral in enumerate(numerals):
        if numeral.start < end:
            continue
        read = _sum(reader, index, end)
        if read is None:
            continue
        if index and (least := _least(reader, index, read, end)) is not None:
            found.append(least)
        found.append(read)
        end = read.end
    return found


def _least(reader: _Reader, index: int, most: Sum, floor: int) -> Sum | None:
    """Return the first sum of a range that names its currency once: 100 to 200 dollars."""
    least, numeral = reader.numerals[index - 1], reader.numerals[index]
    if least.start < floor or most.start != numeral.start or not 0 < least.value < numeral.value:
        return None
    if not RANGE_JOINT.fullmatch(reader.folded, least.end, numeral.start):
        return None
    value = (
        least.value * most.value / numeral.value if most.value != numeral.value else least.value
    )
    return Sum(least.start, least.end, value, most.currency)


def is_weight(folded: str, start: int, end: int) -> bool:
    """Tell whether the pounds that end at `end` weigh, rather than pay."""
    near = folded[max(0, start - 40) : end + 30]
    return _WEIGHED.match(folded, end) is not None or _WEIGHING.search(near) is not None


def _sum(reader: _Reader, index: int, floor: int) -> Sum | None:
    numeral = reader.numerals[index]
    before = _before(reader, numeral, floor)
    after = _after(reader, numeral)
    if before is None and after is None:
        return None
    if before is None and after is not None:
        return _with_tail(reader, index, after)
    if before is None:
        return None
    start, end, value = before.start, numeral.end, numeral.value * before.share
    if reader.folded[start] == "-":
        value = -value
    repeated = (
        after is not None
        and not after.sign
        and after.share == 1
        and (after.currency == before.currency or after.yuan)
    )
    if after is not None and repeated and (before.sign or after.yuan):
        tail = _with_tail(reader, index, after)
        end, value = tail.end, value / numeral.value * tail.value if numeral.value else value
    elif before.sign or reader.folded[start : start + 1].isalpha():
        end, value = _cents(reader, index, end, value)
    return Sum(start, end, value, before.currency)


def _before(reader: _Reader, numeral: Numeral, floor: int) -> _Mark | None:
    folded, at = reader.folded, numeral.start
    if at == floor:
        return None
    if match := _SIGN_BEFORE.search(folded, max(floor, at - 10), at):
        letters = match["letters"]
        if letters and match["blank"] and letters not in _LOOSE_LETTERS:
            letters = None
        code = reader.sign(letters, match["sign"])
        if code is None:
            letters, code = None, reader.sign(None, match["sign"])
        start = match.start("sign")
        if letters:
            start = match.start("letters")
        if match["minus"] and match.end("minus") == start:
            start -= 1
        return None if code is None else _Mark(start, at, code, sign=True)
    if match := _CODE_BEFORE.search(folded, max(floor, at - 7), at):
        code = currencies.by_code(reader.plain[match.start("code") : match.end("code")])
        if code and currencies.is_casual(match["code"]):
            return _Mark(match.start(), at, code, _SHORT_SCALES.get(match["scale"], 1))
    return None if folded.isascii() else _name_before(folded, at, floor)


def _name_before(folded: str, at: int, floor: int) -> _Mark | None:
    """Return the Chinese name of a currency before a number: 人民币50元."""
    end = len(folded[max(floor, at - 2) : at].rstrip(" :")) + max(floor, at - 2)
    for length in range(min(9, end - floor), 1, -1):
        code = currencies.by_han(folded[end - length : end])
        if code is not None:
            return _Mark(end - length, at, code)
    return None


def _after(reader: _Reader, numeral: Numeral) -> _Mark | None:
    folded, at = reader.folded, numeral.end
    if at >= len(folded):
        return None
    if match := _SIGN_AFTER.match(folded, at):
        code = reader.sign(match["letters"], match["sign"])
        return None if code is None else _Mark(at, match.end(), code, sign=True)
    if not folded[at : at + 3].isascii() and (mark := _han_after(reader, numeral)):
        return mark
    match = _WORDS_AFTER.match(folded, at)
    return _english_after(reader, numeral, match) if match else None


def _han_after(reader: _Reader, numeral: Numeral) -> _Mark | None:
    folded, at = reader.folded, numeral.end
    blank = at + (folded[at] in " 个")
    for word in ("美分", "欧分", "便士"):
        if folded.startswith(word, blank):
            code, share = currencies.small_coin(word, reader.region)
            return _Mark(at, blank + len(word), code, share)
    if name := currencies.names().han.match(folded, blank):
        short = name[0] in {"刀", "欧"}
        following = folded[name.end() : name.end() + 1]
        if short and (following in _NOT_SHORT or folded[at] == "个" or numeral.value == 1):
            return None
        return _Mark(at, name.end(), currencies.names().han_codes[name[0]])
    if match := _YUAN_AFTER.match(folded, at):
        if _PIECES.match(folded, match.end() - 1) or _is_together(folded, numeral, match):
            return None
        share = 1e4 if match[0].strip()[0] in "wW" else 1.0
        return _Mark(at, match.end(), currencies.yuan(reader.region), share, yuan=True)
    if match := _COIN_AFTER.match(folded, at):
        said = match["jiao_money"] or match["fen_money"]
        if not said and not _COIN_CLOSED.match(folded, match.end()):
            return None
        share = 0.1 if match["jiao"] else 0.01
        return _Mark(at, match.end(), currencies.yuan(reader.region), share)
    return None


def _is_together(folded: str, numeral: Numeral, match: re.Match[str]) -> bool:
    """Tell whether 一块 means together, as in 一块去."""
    if match[0] != "块" or folded[numeral.start : numeral.end] != "一":
        return False
    before = folded[numeral.start - 1 : numeral.start]
    return before in set("们跟和同") or not _ONE_YUAN.match(folded, match.end())


def _english_after(reader: _Reader, numeral: Numeral, match: re.Match[str]) -> _Mark | None:
    words, start = match["words"], match.start("words")
    first = words.split(" ", 1)[0]
    end = start + len(first)
    if first == "p" and reader.region == "GB":
        return _Mark(numeral.end, end, "GBP", 0.01)
    if first in currencies.SUBUNITS and start - numeral.end <= 1:
        code, share = currencies.small_coin(first, reader.region)
        return _Mark(numeral.end, end, code, share)
    while words:
        name = currencies.by_name(words.replace(".", ""), reader.region)
        if name is not None and _names_money(reader, numeral, words, start):
            return _scaled(reader, _Mark(numeral.end, start + len(words), name))
        words = words.rpartition(" ")[0]
    return (
        None
        if reader.folded[end : end + 1].isdigit()
        else _code_after(reader, numeral, start, end)
    )


def _code_after(reader: _Reader, numeral: Numeral, start: int, end: int) -> _Mark | None:
    """Read a code behind a number, also with a scale: 20 EUR, 30 MUSD."""
    written = reader.plain[start:end]
    code = currencies.by_code(written) if len(written) == 3 else None
    if code is not None and not (reader.plain.isupper() and not currencies.is_casual(written)):
        return _scaled(reader, _Mark(numeral.end, end, code))
    scale = _SHORT_SCALES.get(written[:1].lower())
    if scale and len(written) == 4 and written[1:].isupper():
        code = currencies.by_code(written[1:])
        return None if code is None else _Mark(numeral.end, end, code, scale)
    return None


def _names_money(reader: _Reader, numeral: Numeral, words: str, start: int) -> bool:
    """Tell currencies from weights, verbs and the like: pounds, won, rand."""
    if words in {"pound", "pounds"}:
        return not is_weight(reader.folded, numeral.start, start + len(words))
    return words != "won" or abs(numeral.value) >= 100


def _scaled(reader: _Reader, mark: _Mark) -> _Mark:
    """Read the scale behind a code: 75 USD million."""
    scale = _SCALE_AFTER.match(reader.folded, mark.end)
    if scale is None:
        return mark
    return _Mark(mark.start, scale.end(), mark.currency, _SCALES[scale["scale"]])


def _with_tail(reader: _Reader, index: int, mark: _Mark) -> Sum:
    """Return the sum with the coins behind the currency: 三块五毛, 3 dollars 50 cents."""
    numeral = reader.numerals[index]
    value, end = numeral.value * mark.share, mark.end
    currency = mark.currency
    if mark.yuan or (mark.currency == "CNY" and mark.share == 0.1):
        extra, end = _yuan_tail(reader, mark, end)
        value += extra
        name = currencies.names().han.match(reader.folded, end)
        if name and name[0] not in {"刀", "欧"}:
            currency, end = currencies.names().han_codes[name[0]], name.end()
    elif mark.share == 1:
        if coins := _HAN_COINS_TAIL.match(reader.folded, end):
            value += 0.01 * _small(coins["value"])
            end = coins.end()
        else:
            end, value = _cents(reader, index, end, value)
    return Sum(numeral.start, end, value, currency)


def _yuan_tail(reader: _Reader, mark: _Mark, end: int) -> tuple[float, int]:
    match = _YUAN_TAIL.match(reader.folded, end)
    if match is None:
        return 0.0, end
    if mark.share == 0.1:  # 五角三分
        fen = match["only_fen"]
        return (0.01 * _small(fen), match.end()) if fen else (0.0, end)
    if match["jiao"]:
        return 0.1 * _small(match["jiao"]) + 0.01 * _small(match["fen"] or ""), match.end()
    if match["cents"]:
        return 0.01 * _small(match["cents"]), match.end()
    if match["only_fen"]:
        return 0.01 * _small(match["only_fen"]), match.end()
    return (0.5 if match["half"] else 0.1 * _small(match["bare"] or "一")), match.end()


def _small(written: str) -> float:
    if written.isdigit() and written.isascii():
        return float(written)
    total = 0
    for character in written:
        value = _HAN_VALUES.get(character, 0)
        total = (total or 1) * 10 if value == 10 else total + value
    return float(total)


def _cents(reader: _Reader, index: int, end: int, value: float) -> tuple[int, float]:
    """Read "fifty" behind "two pounds", and "50 cents" behind "3 dollars"."""
    if index + 1 >= len(reader.numerals) or value != int(value):
        return end, value
    coins = reader.numerals[index + 1]
    if coins.start <= end - 1 or not _CENTS_TAIL.fullmatch(reader.folded, end, coins.start):
        return end, value
    if not 1 <= coins.value <= 99 or coins.value != int(coins.value) or coins.start == end:
        return end, value
    word = _CENTS_WORD.match(reader.folded, coins.end)
    if word:
        share = 0.1 if word[0].strip() in {"mao", "jiao"} else 0.01
        return word.end(), value + share * coins.value
    if coins.value >= 10 and _TAIL_CLOSED.match(reader.folded, coins.end):
        return coins.end, value + 0.01 * coins.value
    return end, value
