"""Units of measure and their short codes, by the words and signs that customers write."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Dimension = Literal["measure", "temperature", "age"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit behind a number, with the place after it."""

    code: str
    end: int
    dimension: Dimension = "measure"


#: Code -> words in full, singular and plural, British and American.
_ENGLISH = {
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes",
    "g": "g grams gram gramme grammes",
    "mg": "mg milligram milligrams",
    "ug": "ug μg µg mcg microgram micrograms microgramme microgrammes",
    "t": "t ton tons tonne tonnes metric|ton metric|tons metric|tonne metric|tonnes",
    "lb": "lb lbs",
    "oz": "oz ounce ounces",
    "km": "km kms kilometer kilometers kilometre kilometres",
    "m": "m meter meters metre metres",
    "dm": "dm decimeter decimeters decimetre decimetres",
    "cm": "cm cms centimeter centimeters centimetre centimetres",
    "mm": "mm millimeter millimeters millimetre millimetres",
    "nm": "nm nanometer nanometers nanometre nanometres",
    "pm": "picometer picometers picometre picometres",
    "mi": "mi mile miles",
    "nmi": "nautical|mile nautical|miles",
    "ft": "ft foot feet",
    "in": "inch inches",
    "yd": "yd yds yard yards",
    "m2": "m2 sqm sq|m square|meter square|meters square|metre square|metres",
    "km2": "km2 sq|km square|kilometer square|kilometers square|kilometre square|kilometres",
    "cm2": "cm2 square|centimeter square|centimeters square|centimetre square|centimetres",
    "ft2": "sqft sq|ft square|foot square|feet",
    "mi2": "square|mile square|miles",
    "in2": "square|inch square|inches",
    "ha": "ha hectare hectares",
    "acre": "acre acres",
    "m3": "m3 cubic|meter cubic|meters cubic|metre cubic|metres",
    "cm3": "cm3 cubic|centimeter cubic|centimeters cubic|centimetre cubic|centimetres",
    "ft3": "cubic|foot cubic|feet",
    "L": "l liter liters litre litres ltr ltrs",
    "mL": "ml milliliter milliliters millilitre millilitres",
    "cL": "cl centiliter centiliters centilitre centilitres",
    "gal": "gal gallon gallons",
    "pt": "pint pints",
    "qt": "quart quarts",
    "bbl": "barrel barrels",
    "tbsp": "tbsp tablespoon tablespoons",
    "tsp": "tsp teaspoon teaspoons",
    "B": "byte bytes",
    "kB": "kb kilobyte kilobytes",
    "MB": "mb megabyte megabytes",
    "GB": "gb gigabyte gigabytes",
    "TB": "tb terabyte terabytes",
    "bit": "bit bits",
    "Mbit": "megabit megabits",
    "Mbit/s": "mbps",
    "Gbit/s": "gbps",
    "W": "w watt watts",
    "kW": "kw kilowatt kilowatts",
    "MW": "megawatt megawatts",
    "kWh": "kwh kilowatt|hour kilowatt|hours",
    "V": "v volt volts",
    "A": "amp amps ampere amperes",
    "mAh": "mah",
    "Hz": "hz hertz",
    "kHz": "khz kilohertz",
    "MHz": "mhz megahertz",
    "GHz": "ghz gigahertz",
    "cal": "calorie calories",
    "kcal": "kcal kilocalorie kilocalories",
    "J": "joule joules",
    "kJ": "kj kilojoule kilojoules",
    "Pa": "pascal pascals",
    "psi": "psi",
    "km/h": "kph kmph kmh",
    "mi/h": "mph",
    "px": "px pixel pixels",
    "rad": "rad radian radians",
}
_TEMPERATURES = {
    "°C": "celsius celcius centigrade centigrate degree|celsius degrees|celsius deg|celsius "
    "degree|celcius degrees|celcius deg|c degree|c degrees|c degree|centigrade degrees|centigrade",
    "°F": "fahrenheit farenheit degree|fahrenheit degrees|fahrenheit deg|fahrenheit deg|f "
    "degree|f degrees|f degree|farenheit degrees|farenheit",
    "K": "kelvin kelvins",
    "°": "degree degrees deg",
}
_AGES = frozenset({"year", "month", "week", "day"})
#: Codes in which goods are not measured: ages, temperatures, angles.
NO_GOODS = frozenset({"deg", *_AGES, *_TEMPERATURES})
#: Letters that mean a unit only where they touch the digits: 100t, but not "3 t shirts".
_TOUCHING = frozenset({"t"})
_WORDS: Mapping[str, str] = {
    spelling.replace("|", " "): code
    for table in (_ENGLISH, _TEMPERATURES)
    for code, spellings in table.items()
    for spelling in spellings.split()
}
_PHRASE = re.compile(
    r"(?:[\s-]{0,2})(?P<words>[a-zμµ]+[23]?(?:\.?[ -][a-z]+){0,2})(?![a-z0-9_°]|-\d)"
)
_LENGTHS = {"km", "m", "mi", "cm", "mm", "ft", "MB", "GB", "L", "mL"}
_PER = re.compile(
    r"(?:\s?/\s?|\sper\s|\san?\s)(?P<time>hours?|hrs?|h|milliseconds?|ms|seconds?|secs?|s|minutes?"
    r"|mins?|min)(?![a-z])"
)
_TIMES = {"h": "h", "m": "min", "s": "s"}
_BRACKETS = re.compile(r"\s?[(\[{<]\s?(?P<words>[a-z]{1,9}[23]?)\s?[)\]}>]")
_DEGREE = re.compile(r"\s?°\s?(?P<scale>[cf](?![a-z])|celsius|celcius|fahrenheit)?")
_STORAGE = re.compile(r"[GT](?![A-Za-z0-9])")
_INCHES = re.compile(r"\s?(?:\"|''|”|″)(?!\w)")
_ANGLE_BEFORE = re.compile(r"(?:rotat|turn|angle|tilt|bend|swivel|left|right)[^.!?]{0,20}$")
_ANGLE_AFTER = re.compile(r"\s?angle")

_HAN = {
    "kg": "公斤 千克 kg",
    "g": "克",
    "mg": "毫克",
    "ug": "微克",
    "t": "公吨 吨",
    "jin": "市斤 斤",
    "liang": "两",
    "lb": "磅",
    "oz": "盎司",
    "km": "公里 千米",
    "m": "公尺 米",
    "dm": "分米",
    "cm": "厘米 公分",
    "mm": "毫米 公厘",
    "mi": "英里",
    "ft": "英尺 英呎",
    "in": "英寸 英吋 寸 吋",
    "li": "华里",
    "m2": "平方米 平方公尺 平米",
    "km2": "平方公里 平方千米",
    "cm2": "平方厘米",
    "ha": "公顷",
    "mu": "亩",
    "ping": "坪",
    "m3": "立方米 立方公尺",
    "L": "公升 升",
    "mL": "毫升",
    "gal": "加仑",
    "bbl": "桶油",
    "B": "字节",
    "kB": "千字节",
    "MB": "兆字节",
    "GB": "吉字节",
    "bit": "比特",
    "kbit": "千比特",
    "Mbit": "兆比特",
    "W": "瓦特 瓦",
    "kW": "千瓦",
    "kWh": "千瓦时 度电",
    "V": "伏特 伏",
    "A": "安培",
    "mAh": "毫安时 毫安",
    "Hz": "赫兹",
    "MHz": "兆赫兹 兆赫",
    "cal": "卡路里",
    "kcal": "千卡 大卡",
    "kJ": "千焦",
    "px": "像素",
    "km/h": "公里每小时 千米每小时 公里/小时 码速",
}
_CODES = frozenset({"deg", *_ENGLISH, *_HAN})
_HAN_CODES = {word: code for code, words in _HAN.items() for word in words.split()}
_HAN_UNIT = re.compile(
    r"\s?(?P<unit>" + "|".join(sorted(_HAN_CODES, key=len, reverse=True)) + ")"
    # 克隆, 升级, 米饭, 安全 and the like go on otherwise.
    "(?!(?<=克)[隆拉力莱]|(?<=升)[级值高降温华职]|(?<=米)[饭粉线其老色奇]|(?<=寸)[步头照]|(?<=伏)[特击笔]|(?<=两)[个位只条台件套种次人家边年天月周者点]|(?<=瓦)[片罐斯])"
)
_HAN_TEMPERATURE = re.compile(
    r"\s?(?:(?P<celsius>摄氏度|度[cC]\b)|(?P<fahrenheit>华氏度)|度(?![假过数身量电]))"
)
_HAN_SCALE = re.compile(r"(?P<scale>摄氏|华氏)(?:温度)?(?:零下)?\s?$")
_AGE = re.compile(
    r"[\s-]{0,2}(?P<unit>year|yr|month|week|day)s?(?:[\s-]old\b|\sof\sage\b)|\s?(?P<short>y/?o|y\.o\.)(?!\w)"
    r"|\s?(?P<han>周?岁|个月大|周大|个星期大|天大)(?!数)"
)
_AGE_BEFORE = re.compile(r"\b(?P<word>(?:of )?age[d:]?\s{0,2}(?:is |of )?)$")
_HAN_AGES = {"个": "month", "周": "week", "天": "day"}


def dimension_of(code: str | None) -> Dimension | None:
    """Return what a unit's code measures; None for the words of things (boxes, 个) and no unit."""
    if code is None:
        return None
    if code in _AGES:
        return "age"
    if code in _TEMPERATURES:
        return "temperature"
    known = code in _CODES or code.partition("/")[0] in _LENGTHS
    return "measure" if known else None


def unit_at(folded: str, plain: str, start: int, at: int) -> Unit | None:
    """Return the unit that follows a number which stands at `start` and ends at `at`.

    `plain` has the letters as written: "5g" weighs, "64G" is storage and "5G" a network.
    """
    age = _AGE.match(folded, at)
    if age:
        return Unit(_age_code(age), age.end(), "age")
    if temperature := _temperature_at(folded, start, at):
        return temperature
    if at < len(folded) and not folded[at : at + 2].isascii():
        match = _HAN_UNIT.match(folded, at)
        if match:
            return Unit(_HAN_CODES[match["unit"]], match.end())
    if _STORAGE.match(plain, at):
        generation = plain[at] == "G" and folded[start:at] in {"2", "3", "4", "5", "6"}
        return None if generation else Unit(f"{plain[at]}B", at + 1)
    return _word_unit(folded, at)


def _age_code(age: re.Match[str]) -> str:
    if age["unit"]:
        return "year" if age["unit"] == "yr" else age["unit"]
    if age["short"]:
        return "year"
    return "year" if age["han"].endswith("岁") else _HAN_AGES[age["han"][0]]


def _word_unit(folded: str, at: int) -> Unit | None:
    # After an open quotation mark the next one closes it.
    if (quotes := _INCHES.match(folded, at)) and folded.count('"', 0, at) % 2 == 0:
        return Unit("in", quotes.end())
    if (bracketed := _BRACKETS.match(folded, at)) and bracketed["words"] in _WORDS:
        return Unit(_WORDS[bracketed["words"]], bracketed.end())
    match = _PHRASE.match(folded, at)
    if match is None:
        return None
    words, first = match["words"], match.start("words")
    while words:
        code = _WORDS.get(words.replace("-", " ").replace(".", ""))
        if code is not None and not (first > at and words in _TOUCHING):
            return _rated(folded, code, first + len(words))
        words = words[: max(words.rfind(" "), words.rfind("-"), 0)]
    return None


def _rated(folded: str, code: str, end: int) -> Unit:
    """Read "per hour" and "/s" behind a unit."""
    per = _PER.match(folded, end)
    if per and code in _LENGTHS and (per[0][1:2] != "a" or code in {"km", "mi", "m"}):
        time = "ms" if per["time"] in {"ms"} or per["time"].startswith("milli") else per["time"][0]
        return Unit(f"{code}/{_TIMES.get(time, time)}", per.end())
    return Unit(code, end)


def _temperature_at(folded: str, start: int, at: int) -> Unit | None:
    before = folded[max(0, start - 32) : start]
    if degree := _DEGREE.match(folded, at):
        scale = (degree["scale"] or "")[:1].upper()
        return _degrees(folded, f"°{scale}", before, degree.end())
    if not folded.isascii() and (han := _HAN_TEMPERATURE.match(folded, at)):
        said = _HAN_SCALE.search(before)
        celsius = han["celsius"] or (said and said["scale"] == "摄氏")
        fahrenheit = han["fahrenheit"] or (said and said["scale"] == "华氏")
        return Unit("°C" if celsius else "°F" if fahrenheit else "°", han.end(), "temperature")
    unit = _word_unit(folded, at)
    if unit is None or unit.code not in _TEMPERATURES:
        return None
    end = unit.end
    if folded[unit.end - 3 : unit.end + 1] == "deg.":
        end += 1
    return _degrees(folded, unit.code, before, end)


def _degrees(folded: str, code: str, before: str, end: int) -> Unit:
    angle = code == "°" and (_ANGLE_BEFORE.search(before) or _ANGLE_AFTER.match(folded, end))
    return Unit("deg", end) if angle else Unit(code, end, "temperature")


def scale_before(folded: str, start: int) -> int | None:
    """Return where 摄氏 or 华氏温度 before a number at `start` begins."""
    match = _HAN_SCALE.search(folded, max(0, start - 8), start)
    return match.start() if match else None


def age_before(folded: str, start: int) -> int | None:
    """Return where the word "age" before a number at `start` begins."""
    match = _AGE_BEFORE.search(folded, max(0, start - 12), start)
    return match.start() + 3 * match["word"].startswith("of ") if match else None
