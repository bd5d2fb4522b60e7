"""How a text feels, -1 (bad) .. 1 (good), by a small list of words in English and Chinese.

A rough signal for escalation and reports, not a judgement: words outside the lists count nothing,
irony is taken at its word.
"""

import re

from nlu.text import han_count, tokens

_STRONG, _MILD = 1.0, 0.5
_GOOD = {
    _STRONG: "love excellent awesome amazing fantastic perfect wonderful brilliant superb "
    "delighted best outstanding",
    _MILD: "good great nice thanks thank happy glad helpful pleased well cool fine like "
    "satisfied quick easy  "
    "appreciate appreciated friendly recommend enjoy works cheers",
}
_BAD = {
    _STRONG: "hate terrible awful horrible worst unacceptable disgusting furious scam fraud "
    "useless rubbish garbage  "
    "trash crap shit fuck fucking idiot stupid bullshit ridiculous pathetic outrageous",
    _MILD: "bad poor broken slow late wrong problem problems disappointed disappointing "
    "annoyed annoying angry  "
    "unhappy sad complaint complain fail failed fails leaking leaks leak damaged "
    "defective faulty missing rude  "
    "sucks upset frustrated frustrating difficult confusing waste expensive error "
    "stuck unable dissatisfied",
}
_NEGATION_WORDS = (
    "not no never don't doesn't didn't isn't wasn't aren't can't cannot won't hardly "
    "without nothing  "
    "dont doesnt isnt cant"
)
_NEGATIONS = frozenset(_NEGATION_WORDS.split())
_STRENGTHENING = "very really so extremely totally absolutely too completely such"
_STRENGTHENERS = frozenset(_STRENGTHENING.split())

_HAN_GOOD = {
    _STRONG: "太棒 太好了 非常好 超级好 完美 优秀 太赞 非常满意 爱死 五星好评 非常感谢 太感谢",
    _MILD: "谢谢 感谢 多谢 满意 不错 挺好 很好 好用 喜欢 开心 高兴 棒 赞 方便 好评 推荐 "
    "贴心 周到 值得 给力 辛苦了",
}
_HAN_BAD = {
    _STRONG: "垃圾 太差 骗子 骗人 恶心 傻逼 滚 去死 废物 差劲 坑人 气死 忍无可忍 太过分 离谱 "
    "无耻 王八蛋 混蛋 白痴 智障 什么破",
    _MILD: "差 慢 坏 漏水 漏 失望 生气 投诉 问题 故障 损坏 破损 错误 不好 不满 差评 难用 "
    "难吃 难喝 麻烦死  "
    "烦 无语 没人理 没用 贵 退货 退款 缺少 发错 不行 不能用 打不开 用不了 没反应 上当",
}
_HAN_NEGATIONS = ("不太", "不是很", "不", "没有", "没", "别", "并非")
#: Polite words that open a complaint ("thanks, but …") weigh less than what follows.
_BUT = re.compile(r"\b(?:but|however|although)\b|但是|可是|不过|然而")


def _words(lists: dict[float, str], sign: int) -> dict[str, float]:
    return {word: sign * weight for weight, line in lists.items() for word in line.split()}


_ENGLISH = _words(_GOOD, 1) | _words(_BAD, -1)
_CHINESE = _words(_HAN_GOOD, 1) | _words(_HAN_BAD, -1)
_HAN_WORD = re.compile("|".join(sorted(map(re.escape, _CHINESE), key=len, reverse=True)))


def sentiment(folded: str) -> float:
    """Return how a folded text feels, -1 .. 1; 0 when no word of the lists is in it."""
    clauses = _BUT.split(folded[:1000], maxsplit=1)
    scores = [score for clause in clauses for score in _scores(clause)]
    if not scores:
        return 0.0
    if len(clauses) > 1 and (last := _scores(clauses[1])):
        scores = [*last, *last, *scores]
    total = sum(scores) / len(scores)
    # Several words of one kind say more than one, up to a limit.
    total *= min(1.0, 0.7 + 0.15 * len(scores))
    if "!" in folded or "！" in folded:
        total *= 1.2
    return round(max(-1.0, min(1.0, total)), 3)


def _scores(clause: str) -> list[float]:
    found = _english_scores(clause)
    return found + _chinese_scores(clause) if han_count(clause) else found


def _english_scores(clause: str) -> list[float]:
    words = tokens(clause)
    found = []
    for at, word in enumerate(words):
        weight = _ENGLISH.get(word)
        if weight is None:
            continue
        before = words[max(0, at - 3) : at]
        if any(each in _STRENGTHENERS for each in before[-1:]):
            weight *= 1.5
        if any(each.replace("’", "'") in _NEGATIONS for each in before):
            weight *= -0.5 if weight < 0 else -0.8
        found.append(max(-1.0, min(1.0, weight)))
    return found


def _chinese_scores(clause: str) -> list[float]:
    found = []
    for match in _HAN_WORD.finditer(clause):
        weight = _CHINESE[match[0]]
        before = clause[max(0, match.start() - 3) : match.start()]
        if before.endswith(("太", "很", "非常", "真", "超", "特别")):
            weight *= 1.5
        # 没问题 and 不客气 are kind; 不满 is a word of its own and already counted as bad.
        if before.endswith(_HAN_NEGATIONS):
            weight *= -0.5 if weight < 0 else -0.8
        found.append(max(-1.0, min(1.0, weight)))
    return found
