"""The few words dialogue itself must know in each language: bare commands, yes and no, questions.

Bare means that nothing else is said: "cancel" stops a flow, "cancel my order" is another goal.
All tables are compared with `nlu.text.comparable`: case, width, script and punctuation do not
matter.
"""

import re
from typing import Final, Literal

from nlu.text import comparable, normalise

BareCommand = Literal["cancel", "human", "repeat", "skip", "start_over"]

_POLITE: Final = (
    r"(?:(?:please|ok|okay|no|oh|well|hi|hello|sorry|actually|just|请|麻烦|好吧|那|唉|哎) ?)*"
)
_AFTER: Final = r"(?: ?(?:please|thanks|thank you|now|then|for now|吧|了|啦|谢谢|谢了))*"

_COMMANDS: Final[dict[BareCommand, str]] = {
    "cancel": (
        r"(?:i want to |i d like to |let s |can (?:i|we|you) )?"
        r"(?:cancel|stop|abort|quit|exit)(?: (?:it|this|that|all|everything|here"
        r"|(?:the |this )?(?:request|form|process|conversation)))?"
        r"|never ?mind(?: (?:it|that))?|forget (?:it|that|about it)|leave it"
        r"|算了|(?:我要|我想)?取消(?:它|这个|办理|操作)?|停止|退出|不办|不弄|不填|不想(?:弄|办|填)|别弄"
    ),
    "human": (
        r"(?:(?:i want|i would like|i d like|i need|can i|could i|may i|let me|give me|get me)"
        r"(?: to)? ?)?(?:(?:talk|speak|chat|connect me)(?: (?:to|with))? ?)?"
        r"(?:a |an |the |some )?(?:real |live |actual )?"
        r"(?:humans?|persons?|agents?|operators?|representatives?|human being|someone real"
        r"|customer service|real people)"
        r"|(?:我要|我想|帮我|给我)?(?:转接?|找|要|接|叫)?(?:一下|个|一个)?"
        r"(?:人工(?:客服|服务|坐席)?|真人(?:客服)?|客服(?:人员)?|活人)"
    ),
    "repeat": (
        r"(?:can you |could you )?(?:repeat|say)(?: (?:it|that))?(?: again)?|(?:what|pardon)"
        r"|come again|what did you say|(?:再说|再讲|重复)(?:一遍|一次|一下)?|你?(?:刚才)?说什么"
    ),
    "skip": r"skip(?: (?:it|this|that|this one|the question))?|pass|next|跳过|略过|下一个|下一题",
    "start_over": (
        r"(?:let s )?(?:start over|start again|begin again|restart|reset)|start"
        r"|重新开始|重来|从头(?:开始|再来)|重新来"
    ),
}

_BARE: Final[dict[BareCommand, re.Pattern[str]]] = {
    name: re.compile(f"{_POLITE}(?:{words}){_AFTER}") for name, words in _COMMANDS.items()
}


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split("|"))


#: What a customer writes who has nothing to add; skips an optional question.
NOTHING: Final = _words(
    "no|none|nothing|nope|nil|na|n a|no thanks|no thank you|not really|don t have one",
    "i don t have one|nothing else|that s all|that is all",
    "没有|无|没|不用|不用了|不了|暂无|没了|不需要|不提供",
)

YES: Final = _words(
    "yes|y|yeah|yep|yup|ok|okay|sure|true|right|correct|of course|certainly|absolutely",
    "please do|yes please|i do|i agree|agreed|fine|sounds good|go ahead",
    "是|是的|对|对的|好|好的|可以|行|没问题|嗯|恩|要|同意|愿意|当然|需要|正确|没错|好啊",
    "可以的|行的|确定|确认|同意的|愿意的",
)
NO: Final = _words(
    "no|n|nope|nah|false|not|no thanks|no thank you|not now|don t|i don t|i do not|never",
    "not really|wrong|disagree",
    "不|不是|不是的|不对|不要|不用|不用了|不可以|不行|不同意|不愿意|没有|不了|否|不需要",
    "先不用|不好|不要了|不用谢",
)

RATINGS: Final[dict[str, int]] = {
    word: rating
    for rating, words in {
        5: _words(
            "excellent|very good|great|perfect|amazing|awesome|fantastic",
            "非常好|非常满意|很满意|完美|太棒了|很好",
        ),
        4: _words("good|nice|pretty good|satisfied|好|满意|不错|挺好"),
        3: _words("ok|okay|average|fair|so so|neutral|一般|还行|还可以|普通|凑合"),
        2: _words("bad|poor|not good|unsatisfied|dissatisfied|不好|不满意|较差|差"),
        1: _words(
            "terrible|awful|very bad|horrible|worst",
            "非常差|很差|非常不满意|很不满意|太差了|糟糕",
        ),
    }.items()
    for word in words
}

_QUESTION: Final = re.compile(
    r"(?:and |but |also |so |hi |hello |ok |sorry )*"
    r"(?:what|how|when|where|who|why|which|can|could|do|does|did|is|are|will|would|may|should"
    r"|am|have you|has)\b(?! (?:n t|not)$).*"
    r"|.*(?:吗|呢|么|嘛)$|.*(?:怎么|怎样|如何|什么|多少|多久|几时|哪里|哪儿|哪个|哪些|为什么|为何|能不能|可不可以|是不是|有没有).*"
)
_MARK: Final = re.compile(r"[?？]\s*[)\]”\"'’]*\s*$")


def bare_command(text: str) -> BareCommand | None:
    """Return the command `text` is and nothing more, e.g. "cancel" or "转人工"."""
    words = comparable(text)
    if not words or len(words) > 80:
        return None
    return next((name for name, pattern in _BARE.items() if pattern.fullmatch(words)), None)


def is_question(text: str) -> bool:
    """Tell whether `text` has the form of a question."""
    if _MARK.search(text):
        return True
    words = comparable(text)
    least = 6 if words.isascii() else 3
    return len(words) >= least and _QUESTION.fullmatch(words) is not None


def yes_or_no(text: str) -> bool | None:
    """Return True for a yes, False for a no, None for anything else."""
    words = comparable(text)
    first = comparable(re.split(r"[,，.。!！;；]", normalise(text).plain, maxsplit=1)[0])
    for candidate in (words, first):
        if candidate in YES:
            return True
        if candidate in NO:
            return False
    return None


_OBJECT: Final = re.compile(
    r"\b(?:my|our|your|the|an?|this|that) (?!request|form|process|conversation|thing)\w+"
    r"|\b(?:order|subscription|delivery|booking|appointment|account|payment)s?\b"
    r"|我的|订单|订阅|预约|会员|账号|配送|付款|发票"
)


_SKIP: Final = re.compile(
    r"\b(?:skip|pass|later|rather not|prefer not|don t want to|leave (?:it|that) out|not now)\b"
    r"|跳过|略过|不想|不方便|不填|以后|不告诉|先不"
)


def asks_to_skip(text: str) -> bool:
    """Tell whether `text` has a word for skipping; short answers are easily mistaken for it."""
    return _SKIP.search(comparable(text)) is not None


def is_about_something(text: str) -> bool:
    """Tell whether `text` names a thing, as in "cancel my order", so that it is a goal."""
    return _OBJECT.search(comparable(text)) is not None
