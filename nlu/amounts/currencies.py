"""Currencies and the words and signs for them: ISO 4217 codes, from Unicode's CLDR and speech.

Bitcoin, which has no code there, is XBT.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_name, get_territory_currencies

from nlu.text import fold

_LOCALES = ("en", "zh", "zh_Hant")
#: Signs and what stands before a dollar sign.
SIGNS: Mapping[str, str] = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "₫": "VND",
    "₪": "ILS",
    "₱": "PHP",
    "₽": "RUB",
    "₺": "TRY",
    "฿": "THB",
    "₴": "UAH",
    "₸": "KZT",
    "₡": "CRC",
    "₾": "GEL",
    "₭": "LAK",
    "₦": "NGN",
    "₲": "PYG",
    "₵": "GHS",
    "₮": "MNT",
    "₼": "AZN",
    "₿": "XBT",
    "៛": "KHR",
}
_DOLLARS = {
    "us": "USD",
    "u.s": "USD",
    "u.s.": "USD",
    "a": "AUD",
    "au": "AUD",
    "c": "CAD",
    "ca": "CAD",
    "hk": "HKD",
    "nt": "TWD",
    "nz": "NZD",
    "s": "SGD",
    "sg": "SGD",
    "mx": "MXN",
    "mex": "MXN",
    "r": "BRL",
}
#: Words of everyday speech that CLDR does not list.
_SPOKEN = {
    "USD": "buck bucks us$ 美金 美刀 美圆 刀",
    "EUR": "euro euros 欧",
    "GBP": "quid sterling 英磅",
    "CNY": "rmb cnh yuan renminbi kuai 人民币 软妹币",
    "JPY": "yen 日币 日圆 円 日元",
    "HKD": "港币 港元 港纸 港圆 港蚊",
    "TWD": "台币 新台币 ntd",
    "KRW": "韩元 韩币 韩圆 韩国元",
    "THB": "baht 泰铢 泰币 铢",
    "SGD": "新加坡元 新加坡币 新币 坡币",
    "MYR": "ringgit ringgits 马币 令吉 林吉特",
    "MOP": "澳门元 葡币",
    "AUD": "澳元 澳币 澳刀",
    "CAD": "加元 加币 加刀 加拿大元",
    "NZD": "纽币 纽元 新西兰元",
    "CHF": "瑞郎 瑞士法郎",
    "INR": "印度卢比",
    "RUB": "rubles ruble roubles rouble 卢布",
    "VND": "dong 越南盾",
    "PHP": "菲律宾比索",
    "IDR": "rupiah 印尼盾",
    "ZAR": "rand",
    "TRY": "lira liras 里拉",
    "BRL": "reais",
    "SEK": "kronor",
    "DKK": "kroner",
    "PLN": "zloty zlotys",
    "HUF": "forint forints",
    "ILS": "shekel shekels",
    "ESP": "peseta pesetas",
    "CZK": "koruna koruny",
    "XBT": "bitcoin bitcoins btc 比特币",
    "NGN": "naira 奈拉",
}
#: Short names that several countries share: which is meant where no country says otherwise.
_SHARED = {
    "dollar": "USD",
    "pound": "GBP",
    "franc": "CHF",
    "peso": "MXN",
    "rupee": "INR",
    "dinar": "KWD",
    "dirham": "AED",
    "riyal": "SAR",
    "shilling": "KES",
    "won": "KRW",
    "guilder": "NLG",
}
_HAN_SHARED = {
    "镑": "GBP",
    "法郎": "CHF",
    "比索": "PHP",
    "卢比": "INR",
    "迪拉姆": "AED",
    "第纳尔": "KWD",
}
#: Small coins: word -> the currencies it can be of, first the usual one, and its share.
SUBUNITS: Mapping[str, tuple[tuple[str, ...], float]] = {
    "cent": (("USD", "EUR", "AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "ZAR"), 0.01),
    "cents": (("USD", "EUR", "AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "ZAR"), 0.01),
    "penny": (("GBP",), 0.01),
    "pence": (("GBP",), 0.01),
    "pennies": (("USD", "GBP"), 0.01),
    "jiao": (("CNY",), 0.1),
    "mao": (("CNY",), 0.1),
    "fen": (("CNY",), 0.01),
    "美分": (("USD",), 0.01),
    "欧分": (("EUR",), 0.01),
    "便士": (("GBP",), 0.01),
}
#: Codes that are known also in lower case; the others could be words: all, try, top, pen.
_CASUAL_CODES_WORDS = (
    "usd eur gbp cny jpy hkd twd aud cad nzd sgd chf inr thb krw myr vnd idr rub brl mxn "
    "aed sar sek nok dkk pln czk huf ils zar"
)
_CASUAL_CODES = frozenset(_CASUAL_CODES_WORDS.split())
_SHORT_CODES = {"rmb": "CNY", "cnh": "CNY", "ntd": "TWD", "btc": "XBT"}
_YUAN_REGIONS = {"TW": "TWD", "HK": "HKD", "MO": "MOP"}


@dataclass(frozen=True, slots=True)
class Names:
    """All names of currencies in folded text."""

    english: Mapping[str, str]  #: singular and plural, words with one blank between
    han: re.Pattern[str]  #: matches a Chinese name at a place
    han_codes: Mapping[str, str]
    codes: frozenset[str]  #: ISO 4217, in lower case


@lru_cache(maxsize=1)
def names() -> Names:
    """Return the names of all currencies, today's and yesterday's."""
    english: dict[str, str] = {}
    han: dict[str, str] = {}
    codes = frozenset(str(code).lower() for code in Locale.parse("en").currencies)
    for code, words in _SPOKEN.items():
        for word in words.split():
            (english if word.isascii() else han).setdefault(fold(word), code)
    current = {
        code
        for region in map(str, Locale.parse("en").territories)
        if len(region) == 2
        for code in get_territory_currencies(region)
    }
    for locale in _LOCALES:
        for code in sorted(
            Locale.parse(locale).currencies, key=lambda c: (str(c) not in current, str(c))
        ):
            for count in (None, 1, 2):
                name = fold(get_currency_name(code, count=count, locale=locale))
                if re.fullmatch("[a-z ]+", name):
                    english.setdefault(name, code)
                elif re.fullmatch("[\u4e00-\u9fff]{2,9}", name):
                    han.setdefault(name, code)
    for name, code in [*english.items()]:
        if name.startswith("us "):
            english.setdefault(f"american {name[3:]}", code)
        if name.startswith("new taiwan "):
            english.setdefault(name[4:], code)
    for name, code in _HAN_SHARED.items():
        han.setdefault(name, code)
    ordered = sorted(han, key=len, reverse=True)
    return Names(english, re.compile("|".join(ordered)), han, codes)


def dollars(prefix: str) -> str | None:
    """Return the currency of a dollar sign with letters before it: "hk" for HK$."""
    return _DOLLARS.get(prefix) or (prefix.upper() if prefix in names().codes else None)


@lru_cache(maxsize=256)
def currency_of(region: str | None) -> str | None:
    """Return the currency of a country (ISO 3166), None when it is not known."""
    if region is None:
        return None
    found = get_territory_currencies(region.upper())
    return found[0] if found else None


def dollar(region: str | None) -> str:
    """Return which dollar a bare "$" is: the country's own, else of the United States."""
    return _own(region, "dollar") or ("MXN" if region == "MX" else "USD")


def yuan(region: str | None) -> str:
    """Return which currency a bare 元 or 块 is: China's, or that of Taiwan, Hong Kong, Macao."""
    return _YUAN_REGIONS.get(region or "", "CNY")


def yen(region: str | None, *, chinese: bool) -> str:
    """Return whether "¥" is the yen or the yuan."""
    if region == "JP" or (not chinese and region not in {None, "CN", "HK", "MO", "TW", "SG"}):
        return "JPY"
    return "CNY"


def small_coin(word: str, region: str | None) -> tuple[str, float]:
    """Return the currency and the share of it that a small coin is."""
    among, share = SUBUNITS[word]
    own = currency_of(region)
    return (own if own in among else among[0]), share


def by_code(written: str) -> str | None:
    """Return the currency of an ISO code in the letters as written: usd, USD; PEN but not pen."""
    folded = written.lower()
    if (short := _SHORT_CODES.get(folded)) is not None:
        return short
    known = folded in _CASUAL_CODES or (written.isupper() and folded in names().codes)
    return folded.upper() if known else None


def is_casual(code: str) -> bool:
    """Tell whether a code is so common that it cannot be another word in capitals."""
    return code.lower() in _CASUAL_CODES or code.lower() in _SHORT_CODES


def by_name(words: str, region: str | None) -> str | None:
    """Return the currency of an English name in lower case, singular or plural."""
    if words in {"pounds sterling", "pound sterling"}:
        return "GBP"
    if (code := names().english.get(words)) is not None:
        return code
    single = words.removesuffix("s")
    if single.endswith(" dollar"):
        return _DOLLARS.get(single[:-7])
    if single in _SHARED:
        return _own(region, single) or _SHARED[single]
    return None


def by_han(name: str) -> str | None:
    """Return the currency of a Chinese name, folded."""
    return names().han_codes.get(name)


def _own(region: str | None, short: str) -> str | None:
    """Return the country's currency if its name ends in `short`, such as dollar."""
    own = currency_of(region)
    if own is None:
        return None
    last = get_currency_name(own, locale="en").lower().rpartition(" ")[2]
    return own if last == short else None
