"""Limits of statements: words that narrow, stretch, promise, permit or deny.

Patterns only, over text in lower case and Simplified Chinese; `evidence` reads them and `support`
decides.
"""

import re
from typing import Final

#: Limits of a statement: what a sentence may neither add nor, for some, leave out.
_LIMITS: Final[dict[str, str]] = {
    "only": r"\b(?:only|solely|exclusively|nothing but)\b|仅|只(?!要|需)|唯一|(?<!刚)才(?!华|干)",
    "except": (
        r"\b(?:except|unless|excluding|other than|apart from|but not)\b|除非|除外|例外"
        r"|除了?.{1,20}外"
    ),
    "before": (
        r"\b(?:before|until|till|prior to|by the time|as long as)\b"
        r"|之前|以前|前(?!往|台|面)|只要"
    ),
    "after": r"\b(?:after|once|following|afterwards|as soon as)\b|之后|以后|后(?!台|面)",
    "within": (
        r"\b(?:within|up to|at most|no more than|no later than|maximum|max|less than|under|below"
        r"|fewer than|at the latest)\b|(?<!范围)(?<!国)(?<!市)(?<!室)内|不超过|最多|最高|最迟"
        r"|以下|低于|少于|不到|未满|不满"
    ),
    "at least": (
        r"\b(?:at least|minimum|min|more than|over|above|no less than|or more|and up|upwards"
        r"|exceed\w*)\b|至少|最低|最少|以上|超过|满|高于|不少于"
    ),
    "all": (
        r"\b(?:all|every|always|entire|whole|any|everyone|everything|no matter|lifetime|forever"
        r"|unlimited|worldwide)\b|所有|全部|任何|一律|始终|永远|终身|永久|无限|全体"
        r"|全(?=天|年|程|额|球|国)"
    ),
    "never": r"\b(?:never|under no circumstances)\b|绝不|从不|永不|千万(?=不|别)|切勿",
    "immediately": (
        r"\b(?:immediate\w*|instant\w*|at once|right away|straight away|same day)\b"
        r"|立即|立刻|马上|即时|当天|当日"
    ),
    "promise": (
        r"\b(?:guarantee\w*|promis\w+|assur\w+|ensure\w*|definitely|without exception"
        r"|no questions asked|unconditional\w*|100 ?%)|保证|承诺|一定|绝对|肯定|无条件|百分之百"
        r"|必定"
        r"|包赔|担保"
    ),
    "free": (
        r"\b(?:free|complimentary|no (?:extra |additional )?(?:charge|cost|fee)s?|costs? nothing"
        r"|without (?:charge|cost)|not? cost)\b|免费|包邮|不收|免收|免(?=运|邮|开|息)|不要钱"
        r"|不另收"
        r"|无需付|不需付"
    ),
    "which": (
        r"\b(?:first|second|third|fourth|last) "
        r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|day|week|month|year)|第[一二三四五\d]+个?(?:星期|周|礼拜|天|日|月)"
    ),
    "hedge": r"\b(?:may|might|sometimes|perhaps|possibly|some)\b|可能|有时|也许|或许|部分|有些",
}
#: Weaker words by which a passage limits something too.
_WEAKER: Final = {
    "before": r"还没|尚未|没有?",
    "after": r"\b(?:when|since|from|of|later|if|has|have|will get)\b|起|经|收到|收货|已经?|过",
    "within": r"\b(?:in|of)\b",
    "at least": r"\b(?:from|newer|later)\b|起",
    "all": r"\beach\b|每|都|全",
}
#: Those that hold for what is said only when the passage has them.
LIMITS: Final = {name: re.compile(form) for name, form in _LIMITS.items()}
#: By which a passage has them.
LIMITED: Final = {
    name: re.compile("|".join(filter(None, (form, _WEAKER.get(name)))))
    for name, form in _LIMITS.items()
}
#: Those of the passage that may not be left out.
BINDING: Final = ("only", "except", "never", "which")
#: Those that hold for what the same clause says, and for nothing beside it.
NARROW: Final = ("free", "promise", "immediately")
#: "may" is also a permission, and "never" is told by its negation.
UNADDED: Final = tuple(name for name in _LIMITS if name not in {"hedge", "never"})

DUTY: Final = re.compile(
    r"\b(?:must|have to|has to|required|obliged|mandatory|compulsory|need to|needs to)\b|必须"
    r"|务必|须|得(?=先)|强制"
)
PERMISSION: Final = re.compile(
    r"\b(?:can|may|could|able|allowed|possible|free to|welcome)\b|可以|能|可|允许"
)

#: Who does something: words of grammar that matter where two parties are told apart.
ACTORS: Final = {
    "(we)": re.compile(r"\b(?:we|us|our)\b|我们|我司|本店"),
    "(you)": re.compile(r"\b(?:you|your|customers?|buyers?)\b|您|你|买家|顾客|客户"),
}

#: What only one of two parties does.
PAYS: Final = re.compile(
    r"\b(?:pay|pays|paid|bear|bears|borne|cover|covers|covered)\b|承担|支付|负担|自付|付(?!款)"
)

#: What turns a statement into its opposite.
NEGATION: Final = re.compile(
    r"\b(?:not|no(?! later| more than| less than| matter| doubt)|never|none|neither|nor|nobody"
    r"|nothing|nowhere|cannot|without"
    r"|unable|impossible|refus\w+|declin\w+|prohibit\w*|forbid\w*|forbidden|exclud\w+|banned"
    r"|fails?"
    r"|non|ineligible|unavailable|unnecessary|too late)\b|n't\b|n’t\b"
    r"|(?<!能)(?<!可)(?<!是)(?<!要)(?<!会)不(?!过|仅|但|同|锈|超过|少于|到|足|满|断|管|论|妨|久)"
    r"|(?<=[能可])不(?![能可])"
    r"|没(?!收)|(?<!有)无(?!论|线|糖)|未(?!来|必)|别(?!人|的|处|墅)|勿|禁止|拒绝|非(?!常|洲)"
    r"|谢绝|停止"
)
#: Two negations in these say one thing.
DOUBLE: Final = re.compile(r"\bnot (?:only|just|un\w+|im\w+)\b|不得不|不能不|不无")
