"""Aspects: what of a thing a question asks for, and whether a sentence tells it.

"How long" wants a duration, "how much" an amount: of two sentences about the right thing, the one
that has what was asked for is the answer.
"""

import re
from functools import lru_cache
from typing import Final, Literal

from nlu.text import normalise

Aspect = Literal["duration", "frequency", "money", "moment", "count", "reason", "way", "degree"]

_UNIT: Final = (
    r"(?:second|minute|hour|day|week|month|year|working day|business day|秒|分钟|小时|天|日|周"
    r"|星期|个月|年"
    r"|个?工作日)"
)
_NUMBER: Final = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|half an?"
    r"|[一二两三四五六七八九十半几]+个?)"
)

#: Aspect -> what asks for it, in order: "how long" before "long", "how often" before "how".
_ASKS: Final[tuple[tuple[Aspect, re.Pattern[str]], ...]] = (
    (
        "frequency",
        re.compile(
            r"\bhow (?:often|frequently)\b|多久[^到内]{0,6}一次|多长时间[^到内]{0,6}一次|几天一次"
        ),
    ),
    (
        "duration",
        re.compile(
            r"\bhow (?:long|soon|fast|quickly|many (?:days|hours|weeks|months|years|minutes))\b"
            r"|\bhow much time\b|多久|多长时间|几天|几个?小时|几分钟|几个月|几周|几年|多少天"
        ),
    ),
    (
        "money",
        re.compile(
            r"\bhow (?:much|expensive)\b|\b(?:cost|costs|price|prices|fee|fees|charge|charged"
            r"|free|cheap"
            r"|expensive|pay for)\b|多少钱|费用|价格|价钱|收费|免费|要钱|花钱|贵|运费|几块|几元"
            r"|多少元"
        ),
    ),
    ("moment", re.compile(r"\bwhen\b|\bwhat (?:time|day|date)\b|什么时候|何时|几点|哪天|几号")),
    ("degree", re.compile(r"\b(?:how hot|what temperature|temperature)\b|多少度|水温|温度")),
    (
        "count",
        re.compile(
            r"\bhow (?:many|big|large|heavy|tall)\b|几个|几台|几盒|多少(?!钱|元)|多大|多重"
        ),
    ),
    ("reason", re.compile(r"\bwhy\b|\bhow come\b|为什么|为何|怎么会")),
    ("way", re.compile(r"\bhow (?:do|can|should|would|to)\b|怎么|如何|怎样")),
)
_TELLS: Final[dict[Aspect, re.Pattern[str]]] = {
    "duration": re.compile(
        rf"{_NUMBER}(?:\s*(?:-|–|to|or|~|至|到)\s*{_NUMBER})?[\s*]*(?:working |business "
        rf"|more )?{_UNIT}"
        r"|\b(?:at once|immediately|same day|next (?:working )?day)\b|当天|次日|立即|马上"
    ),
    "frequency": re.compile(rf"\bevery\b|\bonce\b|\btwice\b|\bper {_UNIT}|每|一次"),
    "money": re.compile(
        r"(?:\b(?:cny|gbp|hkd|usd|eur|rmb)\b|[$£€¥])\s*\d|\d[\d.,]*\s*(?:cny|gbp|hkd|usd|eur|元"
        r"|块|英镑|港元|港币|美元|%)"
        r"|\bfree\b|\bfree of charge\b|\bcosts? nothing\b|\bno (?:extra )?(?:fee|charge|cost)\b"
        r"|\bno cost\b|免费|免运费|包邮|不收|不花钱|不加价|不用付|不另收费"
    ),
    "moment": re.compile(
        r"\d{1,2}:\d{2}|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:january|february|march"
        r"|april|may"
        r"|june|july|august|september|october|november|december)\b|\d{1,2}\s*[点时月日号]"
        r"|周[一二三四五六日末]"
        rf"|{_NUMBER}(?:\s*(?:-|–|to|至|到)\s*{_NUMBER})?[\s*]*(?:working |business )?{_UNIT}"
        r"|\bas soon as\b|\bonce\b|\buntil\b|之后|以后|之前"
    ),
    "degree": re.compile(r"\d\s*(?:°|度|℃)"),
    "count": re.compile(rf"\d|{_NUMBER}\s*(?:个|台|盒|位|家)"),
    "reason": re.compile(
        r"\b(?:because|since|as it|so that|due to|otherwise)\b|因为|由于|以免|所以|为了|否则"
    ),
    "way": re.compile(
        r"^\s*\d+[.)、]|\b(?:tell me|choose|say|write to|go to|order|press|hold|turn|fill|pour)\b"
        r"|请|选择|点击|告诉|发到|说一声|按住|倒入|填写"
    ),
}


@lru_cache(maxsize=4096)
def aspect_of(question: str) -> Aspect | None:
    """Return what `question` asks for, None when it is nothing a sentence can be checked for."""
    folded = normalise(question).folded
    return next((aspect for aspect, asks in _ASKS if asks.search(folded)), None)


@lru_cache(maxsize=16384)
def tells(aspect: Aspect, text: str) -> bool:
    """Tell whether `text` has something of the kind that `aspect` names."""
    return _TELLS[aspect].search(normalise(text).folded) is not None
