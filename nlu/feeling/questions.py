"""Whether a text asks for something, calmly: what a question is about is then no complaint."""

import re

_COURTESY = re.compile(
    r"\s?(?:(?:hi|hello|hey|please|excuse me|and|so|sorry|ok|good morning|good evening)\b"
    r"[ ,.!]{0,3}){0,3}"
)
_ASKING = re.compile(
    r"(?:what(?! an?\b)|which|who|where|when|how|is|are|was|were|do(?! something)|does|did|can"
    r"|could|may|will|would|should|has|have(?! you even)|am i|i(?:'d| would) like"
    r"|i(?:'m| am) looking for|i need)(?:'s)? \w"
)
#: Questions that are none.
_RHETORICAL = re.compile(
    r"wh?(?:y|tf)\b|what(?:'s| is) (?:wrong|going on|the point|this)"
    r"|what (?:the|a) (?:hell|fuck|heck|joke|waste|mess)"
    r"|how (?:many (?:more )?times (?:do|must|should|have) i|much longer (?:do|must|will)"
    r"|long (?:do i have|must i|until you|should i)|is it possible|can you|dare|hard)"
    r"|(?:are|do|can) you (?:even|guys|people|kidding|joking|serious|think this|actually|really)"
    r"|is there a single|does any(?:one|body)|is (?:this|that) (?:acceptable|a joke|how|what|some)"
    r"|who do you think|can (?:some|any)(?:one|body)|still|again\b"
)
_HAN_ASKING = re.compile(
    "(?:吗|么|呢)[?？。!！ ]{0,3}$"
    "|怎么(?:办|退|取消|处理|反馈|申诉|写|关|重置|加盟|算|买|用|查|开|改|寄|付|联系|挂失|投诉|选|装|设|拦截|补|换)"
    "|如何|哪[里儿个些]|在哪|多少|几[点天号个]|什么(?:时候|材料|颜色|意思|区别|政策|礼物|是)|是什么"
    "|多久|有没有|能不能|可不可以|会不会|是否|需要.{0,8}吗|找谁|容易.{0,4}吗|最晚|有.{1,12}吗"
    "|(.)不\\1"
)
_HAN_RHETORICAL = re.compile(
    "怎么(?:还|又|这么|总|老|回事|搞)|到底|究竟|为什么|凭什么|还没|都.{0,6}了|又.{0,6}了|是不是人"
    "|听不懂|你们.{0,4}(?:吗|吧)[?？]?$|有完没完|行不行|好吗|一直|第.次|说好|次了|遍了|天了"
    "|能不能(?:听|快|看|给个|不要)|说的|谁负责|[!！?？]{2}|态度|至于吗"
)


def asks(folded: str, *, chinese: bool) -> bool:
    """Tell whether a folded text is a plain question or request."""
    if chinese:
        return bool(_HAN_ASKING.search(folded)) and not _HAN_RHETORICAL.search(folded)
    opening = _COURTESY.match(folded)
    at = opening.end() if opening else 0
    return bool(_ASKING.match(folded, at)) and not _RHETORICAL.search(folded, at)
