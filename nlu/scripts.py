"""Which script a text is written in, and whether its Chinese is Traditional or Simplified."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import opencc

from nlu.text import NormalText, fold

LATIN, HAN, KANA, HANGUL = "Latn", "Hani", "Kana", "Hang"

#: First code point of each block and the script of what follows, up to the next; "" is none.
_BLOCKS = (
    (0x0041, LATIN), (0x005B, ""), (0x0061, LATIN), (0x007B, ""), (0x00C0, LATIN),
    (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"), (0x0590, "Hebr"), (0x0600, "Arab"),
    (0x0700, ""), (0x0900, "Deva"), (0x0980, "Beng"), (0x0A00, "Guru"), (0x0A80, "Gujr"),
    (0x0B00, "Orya"), (0x0B80, "Taml"), (0x0C00, "Telu"), (0x0C80, "Knda"), (0x0D00, "Mlym"),
    (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"), (0x0F00, ""), (0x10A0, "Geor"),
    (0x1100, HANGUL), (0x1200, "Ethi"), (0x1380, ""), (0x1780, "Khmr"), (0x1800, ""),
    (0x1E00, LATIN), (0x1F00, "Grek"), (0x2000, ""), (0x3005, HAN), (0x3006, ""), (0x3041, KANA),
    (0x30FB, ""), (0x30FC, KANA), (0x3100, ""), (0x3130, HANGUL), (0x3190, ""), (0x3400, HAN),
    (0x4DC0, ""), (0x4E00, HAN), (0xA000, ""), (0xAC00, HANGUL), (0xD7B0, ""), (0xF900, HAN),
    (0xFB00, ""), (0x20000, HAN), (0x323B0, ""),
)  # fmt: skip
_STARTS = [start for start, _ in _BLOCKS]

#: Languages not written in Latin letters; every other one is taken to be.
_WRITTEN = {
    "zh": HAN, "yue": HAN, "ja": KANA, "ko": HANGUL, "el": "Grek", "ru": "Cyrl", "uk": "Cyrl",
    "be": "Cyrl", "bg": "Cyrl", "sr": "Cyrl", "mk": "Cyrl", "kk": "Cyrl", "ky": "Cyrl",
    "mn": "Cyrl", "tg": "Cyrl", "hy": "Armn", "he": "Hebr", "yi": "Hebr", "ar": "Arab",
    "fa": "Arab", "ur": "Arab", "ps": "Arab", "ug": "Arab", "hi": "Deva", "mr": "Deva",
    "ne": "Deva", "bn": "Beng", "as": "Beng", "pa": "Guru", "gu": "Gujr", "or": "Orya",
    "ta": "Taml", "te": "Telu", "kn": "Knda", "ml": "Mlym", "si": "Sinh", "th": "Thai",
    "lo": "Laoo", "ka": "Geor", "am": "Ethi", "km": "Khmr",
}  # fmt: skip
#: So many characters are read for their votes.
_READ_MAX = 400
_TRADITIONAL_REGIONS = frozenset({"hant", "tw", "hk", "mo"})
#: Simplified forms of one character that Traditional texts have too, as another.
_BOTH = frozenset(
    "后里面台系只谷干几斗丑云制松征余范向当准签咸姜舍历御表采党占扎才冲刮杰秋胡术沈叶吁吊"
    "回板岩游私困朱尸仆辟卷借夸局志托折据晒朴杯柜栗杠欲泛涌熏症皂秘种秘筑纤致苏蔑蝎赞迹"
    "郁钟链雇霉颓饥鬼凶注群峰床村佑占布仇卜卤千升周咽合吃哄唇喂坛坝复夫夥它家届岭巨幸帘"
    "广弦彩径恶愿戚扣挂捆挽搜撑敛旋昆曲梁棱欢毁沄汇沾法泄洒涂淀溯炮烟玩琉痴皋睹确碱禀禅"
    "穗筒粽糊罗群羡胜脏腌膻舆艳荐获萝蒙蔂虫蜡蠢衣裙装裡覆证词誊誉识谣谥豉赝跖踊蹄迴适遍"
    "采里铺錾钩镰阪雕霓韵饮饱馀駡鸡鹼麻龢于万与云了伙"
)


def script_of(language: str) -> str:
    """Return the script (ISO 15924) that `language` (BCP-47) is told by; kana for Japanese."""
    return _WRITTEN.get(language.partition("-")[0].lower(), LATIN)


def letters(text: str) -> Counter[str]:
    """Return how many letters of each script `text` has."""
    if text.isascii():
        return Counter({LATIN: count} if (count := sum(map(str.isalpha, text))) else {})
    found: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if script := _script(character):
            found[script] += count
    return found


@lru_cache(maxsize=8192)
def _script(character: str) -> str:
    at = bisect_right(_STARTS, ord(character)) - 1
    return _BLOCKS[at][1] if at >= 0 else ""


def is_traditional(language: str) -> bool:
    """Tell whether `language` (BCP-47) names Chinese in Traditional characters."""
    return not _TRADITIONAL_REGIONS.isdisjoint(language.lower().split("-")[1:])


def chinese_of(text: NormalText, *, languages: Sequence[str], hint: str | None) -> str:
    """Return which of several Chinese `languages` a text is in.

    Characters of one script only vote; when there is no majority, `hint` decides, if it is one of
    the languages, else their order does.
    """
    undecided = hint if hint is not None and hint in languages else languages[0]
    traditional = [each for each in languages if is_traditional(each)]
    if not traditional or len(traditional) == len(languages):
        return undecided
    votes = _votes(text)
    if votes == 0 or is_traditional(undecided) == (votes > 0):
        return undecided
    return next(each for each in languages if is_traditional(each) == (votes > 0))


def prefers_traditional(text: NormalText) -> bool | None:
    """Tell whether a Chinese text is in Traditional characters, None when it could be either."""
    votes = _votes(text)
    return None if votes == 0 else votes > 0


def _votes(text: NormalText) -> int:
    """Return how many more Traditional characters there are than Simplified ones."""
    simplified = _simplified_only()
    votes = 0
    for written, folded in zip(text.plain[:_READ_MAX], text.folded[:_READ_MAX], strict=True):
        if written > "\u2fff":
            votes += (written != folded and _script(written) == HAN) - (written in simplified)
    return votes


@lru_cache(maxsize=1)
def _simplified_only() -> frozenset[str]:
    """Return the characters that only Simplified Chinese has, by OpenCC's tables."""
    common = "".join(map(chr, range(0x4E00, 0xA000)))
    images = sorted({b for a, b in zip(common, fold(common), strict=True) if a != b})
    # Line breaks between them keep OpenCC's phrase table out.
    back = opencc.OpenCC("s2t").convert("\n".join(images)).split("\n")
    return frozenset(a for a, b in zip(images, back, strict=True) if a != b) - _BOTH
