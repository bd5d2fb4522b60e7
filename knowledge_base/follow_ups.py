"""Follow-ups: tells from its words whether a question goes on about what was asked before.

"And for business accounts?", "how long does that take?", "那海外呢": what lacks a subject of its
own leans on the conversation. What has one stands for itself, however it begins.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from knowledge_base.terms import has_han
from nlu.text import normalise

#: How a question leans on the one before: it says nothing by itself, it names a further case
#: ("what about Canada?"), it stands for something said before ("is it dishwasher safe?"), or it is
#: a piece of a question, which may as well be a short question of its own.
Lean = Literal["bare", "case", "pronoun", "piece"]

#: Longer texts, in words or Chinese characters, say what they are about.
_WORDS_MAX: Final = 12
_HAN_MAX: Final = 16


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question that may go on about another."""

    lean: Lean
    own: str  #: what it says itself, folded; "" when bare


_INTERROGATIVE: Final = r"(?:what|when|where|why|which|who|whom|whose|how)"
_AUXILIARY: Final = (
    r"(?:is|are|was|were|do|does|did|can|could|will|would|should|may|must|has|have|am)"
)
_OPENING: Final = re.compile(
    r"(?:(?:ok|okay|and|but|so|then|also|well|oh|ah|hm+|yes|right|great|fine|thanks|thank you|cool"
    r"|sorry|good|i see|got it|sure|or|plus|now)\b[\s,.!:;-]*)+"
)
_GOES_ON: Final = re.compile(r"\b(?:and|but|or|plus|also|so|then)\b")
_CASE: Final = re.compile(
    r"(?:(?:what|how) about|what if (?:it is|it's|i am|i'm|we are|we're)?"
    r"|(?:and )?(?:is it |is that )?the same (?:for|in|with|to|at)|same (?:for|in|with|to|at)"
    r"|what(?:'s| is| are)? (?:it |that )?(?:for|in|with|to)"
    r"|(?:does|do) (?:that|this|it|they|these) (?:also )?(?:apply|go|hold|count|work) (?:for|to"
    r"|in|with))"
    r"\b\s*"
)
_PREPOSITION: Final = re.compile(
    r"(?:for|in|to|with|from|on|at|during|without|by|after|before|under|over|if|only|even"
    r"|not)\b\s*"
)
_HOW_FOR: Final = re.compile(
    r"(?:how (?:long|much|many|often|soon|far|fast)|when|where|why|which|what time)\s+"
    r"(?:for|to|in|with|at|on|from|after|without|if)\b\s*"
)
#: "It" as in "is it possible to" and "how long does it take to" stands for nothing.
_EXPLETIVE: Final = re.compile(
    r"\bit (?:possible|true|ok|okay|safe|allowed|necessary|normal|better|best|hard|easy|legal"
    r"|worth|raining|late|too late|mandatory|required)\b(?=.*\b(?:to|that|if|for)\b)"
    r"|\b(?:does|will|would|can) it (?:take|cost|need)\b(?=.*\bto [a-z]{3,})"
    r"|\bit (?:takes?|costs?) (?=.*\bto [a-z]{3,})"
    r"|\b(?:is|are|was|were) there\b|\bthere (?:is|are)\b|\b(?:so|now|said|think|believe|know"
    r"|sure) that\b"
    r"|\bthat (?:i|you|we|they|is|are|was|has|have|can|will|comes?)\b"
    r"|\bthis (?:week|month|year|morning|evening|weekend)\b|\bthat's (?:it|all)\b"
)
_PRONOUN: Final = re.compile(
    r"\b(?:it|its|it's|that|that's|this|those|these|they|they're|them|their|there|him|her|ones"
    r"|the (?:other|same|first|second|last) (?:one|ones)"
    r"|(?<=\bget )one|(?<=\bbuy )one|(?<=\border )one|(?<=\bhave )one|(?<=\bneed )one)\b"
)
#: Words without a subject of their own: they ask something of what was said.
_ASPECTS: Final = frozenset(
    """
    long much many often soon far fast big heavy take takes taking took cost costs free happen
    happens mean means work works working worked possible ok okay then too also as well else again
    more exactly really still currently usually usual normal normally price priced expensive cheap
    cheaper days hours weeks months day hour week extra do done doing start starts begin begins
    included include includes apply applies valid last lasts end ends same so only even just
    about anyway though please thanks thank charge charged pay paid required needed necessary
    here now today mandatory optional safe
    """.split()  # noqa: SIM905 - a list of seventy quoted words does not read
)
_EMPTY: Final = frozenset(
    """
    a an and any are at be been but by can can't could couldn't did do does doesn't don't for from
    get had has have how i i'd i'm i've if in is it it's its just may me my need of on or our
    please some that that's the their them there these they this those to us want was we were what
    what's which who whom whose when where why will with would you your he she ones one other
    first second or not am should must going go got give let tell know think say said
    """.split()  # noqa: SIM905 - as above
)
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NAMED: Final = re.compile(r"\b(?:the|a|an|my|our|your|any|some|each|every|all)\s+[a-z]{3,}")
_LONE: Final = frozenset({"why", "when", "how", "where", "who", "which", "how come", "since when"})
#: A question about us or about who asks has its subject, though it says little else.
_PERSON: Final = re.compile(r"\b(?:you|i|we|your|my|our|me)\b")

_HAN_OPENING: Final = re.compile(
    r"(?:(?:那么|那(?!边|里|儿|个|些|种|样)|然后|另外|还有|以及|好的|好吧|好|嗯+|哦+|噢|谢谢您?"
    r"|请问|对了|如果|要是|换成|改成"
    r"|至于)[,，。!！、\s]*)+"
)
_HAN_PRONOUN: Final = re.compile(
    r"它们|它|这个|那个|这些|那些|这种|那种|这样|那样|这边|那边|那里|那儿|这里|这儿|此|该|这(?!周"
    r"|月|年)|其中|前者|后者"
)
_HAN_ASK: Final = (
    r"(?:大概|一般|总共|一共|具体|通常|最快|最晚|最多|最少|需要|要|得|还|就|都|会|是|能|可以|应该"
    r"|的话|话|又|再|也|我|有"
    r"|你们?|您|给|被|让)*"
    r"(?:多久|多长时间|多长|几天|几个?小时|几分钟|几个月|几周|多少钱|多少费用|多少|什么时候|何时"
    r"|几点|怎么(?:办理?|弄|做|操作|用|申请"
    r"|收费|算|弄的|搞|卖)?|为什么|为何|在?哪(?:里|儿)|如何(?:办理?|操作|申请|收费)?|免费|收费"
    r"|收钱|要钱|费用|价格|花钱|贵|值钱"
    r"|可以|行|必须|安全|一样|包括|包含|适用|有效|算|够|靠谱)"
    r"(?:收费|收|呢|的|啊|呀|吗|嘛|么|才|能|可以|会|到|好|完成|搞定|办好|做好|弄好|收到|生效|了"
    r"|吧|不|没有|要|有效|算|花|需要|费用"
    r"|不?可以|不?行)*"
)
_HAN_BARE: Final = re.compile(_HAN_ASK)
_HAN_CASE_END: Final = re.compile(
    r"(?:呢|也(?:是|要|能|可以|行|有|算|适用|包括|支持|免费|一样|要收费|收费|送)?(?:这样|一样"
    r"|可以|行|的)?(?:吗|么|嘛|吧)"
    r"|(?:是|都)?(?:一样|同样)(?:的)?(?:吗|么|嘛|吧)?|(?:可以|行|能行|适用|可不可以|行不行"
    r"|有)(?:吗|么|嘛))$"
)
_HAN_PLACE: Final = re.compile(
    r"(?:(?:如果|要是)?(?:是|在|到|寄到|发到|送到|寄往|发往|送往|对于?|给|用|从|换|买|选|只有|只"
    r"|连))"
)
_HAN_QUESTION: Final = re.compile(
    r"怎么|怎样|如何|什么|多少|多久|多长|几|哪|谁|为何|能不能|可不可以|是不是|有没有|会不会"
    r"|要不要|[吗么嘛]$"
)
_HAN_MARKS: Final = re.compile(r"[\s?？!！,，。]")
_HAN_NOISE: Final = re.compile(r"[的了呢吗吧啊呀嘛么,，。?？!！、\s]")


@lru_cache(maxsize=4096)
def follow_up(text: str) -> FollowUp | None:
    """Return how `text` leans on what was asked before, None when it stands for itself."""
    folded = normalise(text).folded.replace("’", "'").strip(" \t\n\"'“”。.!！,，")
    if not folded or len(folded) > 120:
        return None
    return _chinese(folded) if has_han(folded) else _english(folded)


def combined(asked: str, follow: FollowUp, text: str) -> str:
    """Return one question that says what `text` says about what was `asked` before."""
    more = follow.own or normalise(text).plain
    joint = "" if has_han(asked[-2:]) and has_han(more[:2]) else " "
    return f"{asked.rstrip(' ?？.。!！')}{joint}{more.strip()}"


def _english(folded: str) -> FollowUp | None:
    marked = folded.endswith("?")
    body = folded.rstrip(" ?!")
    opening = _OPENING.match(body)
    goes_on = opening is not None and _GOES_ON.search(opening[0]) is not None
    rest = body[opening.end() :] if opening is not None else body
    words = _WORD.findall(rest)
    if not words or len(words) > _WORDS_MAX:
        return None
    own = [word for word in words if word not in _EMPTY and word not in _ASPECTS]
    if (found := _CASE.match(rest)) is not None:
        case = rest[found.end() :]
        if _stands_alone(case):
            return None
        return _leaning("case", case) if len(own) <= 5 else None
    pronoun = _PRONOUN.search(_EXPLETIVE.sub(" ", rest)) is not None
    if not own:
        return _bare(rest, words, pronoun=pronoun, goes_on=goes_on)
    if _is_piece(rest, own, marked=marked, goes_on=goes_on):
        lean: Lean = "case" if goes_on or _PREPOSITION.match(rest) else "piece"
        return _leaning(lean, rest)
    if pronoun and _has_no_subject(rest):
        return FollowUp("pronoun", " ".join(own))
    return None


def _leaning(lean: Lean, words: str) -> FollowUp:
    own = [w for w in _WORD.findall(words) if w not in _EMPTY and w not in _ASPECTS]
    return FollowUp(lean, " ".join(own)) if own else FollowUp("bare", "")


def _bare(rest: str, words: list[str], *, pronoun: bool, goes_on: bool) -> FollowUp | None:
    asks = re.match(rf"{_INTERROGATIVE}\b|{_AUXILIARY}\b", rest) is not None
    aspect = any(word in _ASPECTS for word in words)
    if rest in _LONE or (asks and pronoun and (aspect or len(words) <= 6)):
        return FollowUp("bare", "")
    if _PERSON.search(rest) and not (pronoun or goes_on):
        return None
    return FollowUp("bare", "") if asks and aspect else None


def _is_piece(rest: str, own: list[str], *, marked: bool, goes_on: bool) -> bool:
    """Tell whether `rest` lacks what makes a question, as "for business accounts" does."""
    if goes_on and len(own) <= 3 and rest.startswith("if "):
        return True
    if len(own) > 3 or _PERSON.search(rest):
        return False
    if (found := _HOW_FOR.match(rest)) is not None:
        return not re.search(rf"\b{_AUXILIARY}\b", rest[found.end() :])
    if re.match(rf"{_INTERROGATIVE}\b|{_AUXILIARY}\b", rest):
        return False
    return _PREPOSITION.match(rest) is not None or marked or goes_on


def _stands_alone(rest: str) -> bool:
    """Tell whether what follows "what about" is a whole question: "how do I clean the kettle"."""
    asks = re.match(rf"(?:{_INTERROGATIVE}|{_AUXILIARY}|i|we)\b", rest) is not None
    own = [w for w in _WORD.findall(rest) if w not in _EMPTY and w not in _ASPECTS]
    return asks and len(own) >= 2


def _has_no_subject(rest: str) -> bool:
    """Tell whether the pronoun of `rest` stands for something that was said before it."""
    found = _PRONOUN.search(_EXPLETIVE.sub(lambda match: " " * len(match[0]), rest))
    if found is None:
        return False
    before = _WORD.findall(rest[: found.start()])
    known = [w for w in before if w not in _EMPTY and w not in _ASPECTS]
    own = [w for w in _WORD.findall(rest) if w not in _EMPTY and w not in _ASPECTS]
    return len(known) <= 1 and len(own) <= 4 and not _NAMED.search(rest[: found.start()])


def _chinese(folded: str) -> FollowUp | None:
    marked = folded.endswith(("?", "？"))
    body = _HAN_MARKS.sub("", folded)
    opening = _HAN_OPENING.match(body)
    rest = body[opening.end() :] if opening is not None else body
    if not rest or len(rest) > _HAN_MAX:
        return None
    stripped = _HAN_PRONOUN.sub("", rest)
    pronoun = stripped != rest
    if _HAN_BARE.fullmatch(stripped) or not _HAN_NOISE.sub("", stripped):
        return FollowUp("bare", "")
    end = _HAN_CASE_END.search(stripped)
    inner = stripped[: end.start()] if end is not None else stripped
    inner = _HAN_PLACE.sub("", inner, count=1) if _HAN_PLACE.match(inner) else inner
    inner = inner.strip("的")
    if not inner:
        return FollowUp("bare", "")
    asks = _HAN_QUESTION.search(inner) is not None
    if end is not None and not asks and len(inner) <= 8:
        certain = opening is not None or end[0].startswith(
            ("呢", "也", "是", "都", "一样", "同样")
        )
        return FollowUp("case" if certain else "piece", inner)
    if pronoun and len(_HAN_NOISE.sub("", stripped)) <= 8:
        return FollowUp("pronoun", stripped)
    if opening is not None and not asks and len(inner) <= 8:
        return FollowUp("case", inner)
    if marked and not asks and len(inner) <= 5:
        return FollowUp("piece", inner)
    return _han_piece(rest)


def _han_piece(rest: str) -> FollowUp | None:
    """Read "寄到香港多久" as a case of what was asked: a place, and what is asked of it."""
    found = re.fullmatch(
        rf"(?:如果|要是)?(?:寄|发|送|运|快递|邮寄)?(?:到|往|去|给"
        rf"|在)([^吗呢么嘛怎什多几哪]{{2,5}}){_HAN_ASK}",
        rest,
    )
    return FollowUp("piece", found[1]) if found is not None else None
