"""The few words dialogue itself must know in each language: bare commands, yes and no, questions.

Bare means that nothing else is said: "cancel" stops a flow, "cancel my order" is another goal.
All tables are compared with `nlu.text.comparable`: case, width, script and punctuation do not
matter.
"""

import re
from typing import Final, Literal

from nlu.text import comparable, normalise

BareCommand = Literal[
    "cancel", "cancel_all", "human", "repeat", "skip", "start_over", "back", "why", "summary"
]

_POLITE: Final = (
    r"(?:(?:please|ok|okay|no|oh|well|hi|hello|sorry|actually|just|请|麻烦|好吧|那|唉|哎) ?)*"
)
_AFTER: Final = r"(?: ?(?:please|thanks|thank you|now|then|for now|吧|了|啦|谢谢|谢了))*"

_COMMANDS: Final[dict[BareCommand, str]] = {
    "cancel": (
        r"(?:i want to |i d like to |let s |can (?:i|we|you) )?"
        r"(?:cancel|stop|abort|quit|exit)(?: (?:it|this|that|here"
        r"|(?:the |this )?(?:request|form|process|conversation)))?"
        r"|never ?mind(?: (?:it|that))?|forget (?:it|that|about it)|leave it"
        r"|算了|(?:我要|我想)?取消(?:它|这个|办理|操作)?|停止|退出|不办|不弄|不填|不想(?:弄|办|填)|别弄"
    ),
    "cancel_all": (
        r"(?:i want to |i d like to |let s |can (?:i|we|you) )?(?:cancel|stop|abort|forget|drop)"
        r" (?:all(?: of (?:it|that|this|them))?|everything|the whole thing|it all)"
        r"|(?:我要|我想)?(?:全部|全都|统统|都)(?:取消|不要|不办|不弄|算|停止|停)"
        r"|(?:我要|我想)?取消(?:全部|所有)(?:的)?(?:事项|操作|业务)?|全部算|什么都不(?:要|办)"
    ),
    "back": (
        r"(?:(?:please )?(?:go|take me|step|move) )?back(?: (?:one|a)(?: step| question)?"
        r"| to the (?:last|previous) (?:question|step|one))?|previous(?: (?:question|step|one))?"
        r"|one (?:step )?back|undo(?: (?:that|it|this))?"
        r"|(?:返回|退回|回到|退到|回)?(?:上一步|上一题|上一个问题|上一项)|返回|退回|后退|回退|倒回去|撤销"
    ),
    "why": (
        r"why|what for|how come|why (?:that|this)|what is (?:that|this|it) for"
        r"|why (?:do|would|should|must|are) you (?:(?:really|even|all) )?"
        r"(?:need|want|ask|asking|require|have)\b.{0,40}"
        r"|why (?:do|should|must) i (?:(?:have|need) to )?"
        r"(?:give|tell|provide|enter|answer|fill|say)\b.{0,40}"
        r"|what (?:do|would|will) you (?:need|want|use|do with) (?:it|that|this|my .{2,30}?)"
        r"(?: for)?|(?:is (?:that|this|it)|do you) (?:really )?(?:necessary|need (?:it|that|this))"
        r"|为(?:什么|啥|何)(?:一定|还|非|你们?)?(?:要|需要|得|问|想知道)?(?:我|知道|问|填|提供|给|留|说)*"
        r"(?:这个|这些|这|它|的?(?:邮箱|电话|手机号?|号码|名字|姓名|公司(?:名称?|名字)?|地址|订单号|税号"
        r"|抬头|信息|资料))?(?:呢|啊|呀|吗)?"
        r"|(?:你们?)?(?:要|问)(?:这个|它|这些)(?:有)?(?:干嘛|干什么|做什么|什么用|干啥)(?:用)?"
        r"|(?:要)?(?:这个|它|邮箱|电话|手机号?|号码|名字|姓名|公司|地址|订单号|税号|抬头|信息|资料)?"
        r"(?:有什么用|干嘛用?|干什么用?|做什么用?|干啥用?)|(?:必须|一定)(?:要|得)?(?:填|提供|说|给)吗"
    ),
    "summary": (
        r"what (?:did|have) i (?:already )?"
        r"(?:tell|told|say|said|give|given|entered|enter|filled in)(?: you)?"
        r"(?: so far| already)?"
        r"|what do you (?:already )?(?:know|have)(?: (?:about|from) (?:me|it|this))?"
        r"(?: so far| already)?|what (?:have|did) (?:you|we) (?:got|get|have) so far"
        r"|(?:show|give) me (?:a |the )?summary|(?:a )?summary|where (?:are|were) we"
        r"|我?(?:刚才|刚刚|之前|前面|目前)?我?(?:都)?(?:已经)?(?:填|说|提供|告诉你|给你)(?:过|了)?"
        r"(?:什么|哪些|些什么)(?:信息|内容|东西)?"
        r"|你?(?:目前|现在)?(?:都|已经)*(?:知道|记|记住)了?(?:些)?(?:什么|哪些)(?:信息|内容)?"
        r"|(?:总结|汇总)(?:一下)?|(?:看看?|查看)?我填的(?:信息|内容)?|说到哪(?:儿|里)?|进行到哪一步"
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
_ANY_BARE: Final = re.compile(f"{_POLITE}(?:{'|'.join(_COMMANDS.values())}){_AFTER}")


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split("|"))


#: What a customer writes who has nothing to add; skips an optional question.
NOTHING: Final = _words(
    "no|none|nothing|nope|nil|na|n a|no thanks|no thank you|not really|don t have one",
    "i don t have one|i dont have one|don t have any|i don t have any|i dont have any|have none",
    "i have none|nothing else|that s all|that is all",
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

#: What a customer writes to whom it does not matter; skips an optional question.
ANYTHING: Final = _words(
    "any|any day|any time|anytime|whenever|any is fine|no preference|doesn t matter",
    "it doesn t matter|it does not matter|whatever",
    "都可以|都行|随便|随时|随时都行|随时可以|无所谓|不限",
)

#: What a customer writes who means none of the options shown.
NONE_OF_THESE: Final = _words(
    "none|none of these|none of them|none of those|none of the above|neither|neither of them",
    "neither one|something else|no|nope|not these|other|another one",
    "都不是|都不对|都没有|不是这些|其他|其它|别的|以上都不是|没有我要的|不是|全不是|都不",
)

#: Answers to "shall I change it?" and "is it still right?" besides yes and no.
GO_ON_WITH_IT: Final = _words(
    "change it|please change it|change that|do it|still the same|still right|same|the same",
    "it is|that is right|still valid|stop it",
    "改|改吧|改一下|更改|换|换吧|没变|还是这个|一样|还是|没有变|不变",
)
LEAVE_IT: Final = _words(
    "leave it|keep it|leave it as it is|don t change it|do not change it|don t change anything",
    "keep going|go on|continue|it changed|changed|not anymore|not any more|it has changed",
    "不改|别改|不用改|不改了|保持不变|保持原样|继续|变了|换了|不用了|改了|不是了",
)

#: What stands beside a correction and says nothing by itself.
COURTESY: Final = _words(
    "no|nope|sorry|wait|oh|oops|ah|hm|well|ok|okay|yes|please|thanks|thank you|actually|my bad",
    "my mistake|correction|also|and|but|so|hold on|one moment|no sorry|oh sorry|sorry no|oh no",
    "no wait|wait no|oh wait|sorry about that|excuse me|i made a mistake|that was wrong",
    "that s wrong|that is wrong",
    "不|不对|错了|不好意思|抱歉|对不起|等等|等一下|哦|啊|嗯|谢谢|谢谢您|麻烦了|还有|另外|对了|说错了|写错了",
    "填错了|打错了|哦不|啊不|不不|不是|好|好的|请|其实",
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
    r"|am|have you|has)\b(?! (?:n t|not)$)"
)
_QUESTION_HAN: Final = re.compile(
    r"(?:吗|呢|么|嘛)$|怎么|怎样|如何|什么|多少|多久|几时|哪里|哪儿|哪个|哪些|为什么|为何|能不能|可不可以|是不是|有没有"
)
_MARK: Final = re.compile(r"[?？]\s*[)\]”\"'’]*\s*$")


def bare_command(text: str) -> BareCommand | None:
    """Return the command `text` is and nothing more, e.g. "cancel" or "转人工"."""
    words = comparable(text)
    if not words or len(words) > 80:
        return None
    if _ANY_BARE.fullmatch(words) is None:  # nearly all texts
        return None
    return next((name for name, pattern in _BARE.items() if pattern.fullmatch(words)), None)


def confirms(text: str) -> bool | None:
    """Return the answer to "shall I?" or "is it still right?", None for anything else."""
    words = comparable(text)
    if words in LEAVE_IT:
        return False
    return True if words in GO_ON_WITH_IT else yes_or_no(text)


def is_question(text: str) -> bool:
    """Tell whether `text` has the form of a question."""
    if _MARK.search(text):
        return True
    words = comparable(text)
    latin = words.isascii()
    if len(words) < (6 if latin else 3):
        return False
    return _QUESTION.match(words) is not None or (
        not latin and _QUESTION_HAN.search(words) is not None
    )


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


_UNHELPFUL: Final = re.compile(
    r"(?:no |sorry |but |hm |well )*(?:(?:this|that|it|the answer|your answer) )?"
    r"(?:(?:did not|didn t|does not|doesn t|is not|isn t|was not|wasn t|s not) (?:really |quite )?"
    r"(?:help|helpful|answer (?:it|that|my question)|what i (?:asked|meant|wanted)(?: for)?"
    r"|my question|it)(?: me| at all)*"
    r"|not (?:really |very )?(?:helpful|what i (?:asked|meant|wanted)(?: for)?|my question)"
    r"|unhelpful|wrong answer|no help)"
    r"|(?:不[,， ]?)?(?:这个?|那个?|答案|回答|这个(?:答案|回答))*(?:对我)?(?:并?没有?|不)(?:什么)?"
    r"(?:帮助|帮上忙|用处?|解决(?:我的)?问题?|解决|回答我的问题)"
    r"|答非所问|(?:这)?不是我(?:要|想)?(?:问|想知道|找)的(?:问题)?|没帮助|没帮上忙|回答(?:错了|不对)|答错了"
)
_HELPFUL: Final = re.compile(
    r"(?:yes |great |thanks |ok )*(?:this|that|it) (?:helped|helps|was (?:very )?helpful"
    r"|is (?:very )?helpful|answers (?:it|that|my question))(?: a lot| me)?(?: thanks| thank you)?"
    r"|very helpful|helpful|(?:很|非常)?有(?:帮助|用)|帮到(?:我)?了|解决了"
)


def says_helpful(text: str) -> bool | None:
    """Return what `text` says of an answer, None when it says something else."""
    words = comparable(text)
    if len(words) > 60:
        return None
    if _UNHELPFUL.fullmatch(words):
        return False
    return True if _HELPFUL.fullmatch(words) else None


def asks_to_skip(text: str) -> bool:
    """Tell whether `text` has a word for skipping; short answers are easily mistaken for it."""
    return _SKIP.search(comparable(text)) is not None


def is_about_something(text: str) -> bool:
    """Tell whether `text` names a thing, as in "cancel my order", so that it is a goal."""
    return _OBJECT.search(comparable(text)) is not None
