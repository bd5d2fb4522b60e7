"""How good or bad a text sounds, -1 .. 1, by phrases, what strengthens or denies them, and order.

Words outside the lists count nothing; irony is noticed only where praise runs into a complaint.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.feeling.lists import phrases, words
from nlu.feeling.phrases import Hit

#: So many words before a phrase may deny it.
_DENIED_WITHIN = 3
_HAN_DENIED = re.compile(r"(?:不太|不是很|不怎么|不算|不|没有|没|别|并非|谈不上|毫无)$")
_HAN_STRENGTHENED = re.compile(r"(?:太|很|非常|真|超|特别|极其|极|好|十分|相当|这么)$")
_HAN_WEAKENED = re.compile(r"(?:有点|有些|稍微|稍|略)$")
#: What opens a request: praise in it describes what is wanted.
_HAN_WANTING = re.compile("播放|帮我|给我(?:播|找|看|推|来)|为|将|找|预订|推荐|添加|查找|设置")
#: What follows one of these counts more than what stands before it.
_HAN_BUT = re.compile("但是?|可是|不过|然而|就是|只是|结果|可惜|後來|后来|幸好|还好")

_GOOD_SIGNS = dict.fromkeys("😊😀😃😄😁🙂😍🥰😘❤💕💖👍👏🎉🌹🌟⭐🥳😇🤗💯😻🤩", 0.6) | {
    "🙏": 0.3, "👌": 0.4, "💪": 0.4,
}  # fmt: skip
_BAD_SIGNS = dict.fromkeys("😡🤬😠👿🖕💢😤👎💩", -0.9) | dict.fromkeys(
    "😞😟😔😢😭😩😫🙁☹😒🙄😣😖😑😕💔😰😨", -0.5
)
_SIGNS = _GOOD_SIGNS | _BAD_SIGNS
#: Mere thanks; they count for little beside a complaint.
_COURTESY = 0.3
#: The least score of a text that counts as good, and the negative of what counts as bad.
TELLING = 0.15


@dataclass(frozen=True, slots=True)
class Score:
    """One phrase's share, and whether it stands after a "but"."""

    at: int
    weight: float
    turned: bool = False


def signs(plain: str) -> list[float]:
    """Return what the emoji of a text weigh."""
    if plain.isascii():
        return []
    return [_SIGNS[character] for character in plain if character in _SIGNS]


def english_scores(said: Sequence[str], *, asks: bool) -> list[Score]:
    """Return the weighted phrases of an English text; a question's own topic weighs nothing."""
    turning = words("sentiment", "turning")
    hits = phrases("sentiment").english.find(said)
    wants = bool(said) and said[0] in words("sentiment", "wanting")
    turn = next((at for at, word in enumerate(said) if word in turning and at), len(said))
    return [
        Score(hit.start, weight, hit.start > turn)
        for hit in hits
        if (weight := _english_weight(hit, said, asks=asks)) < 0 or (weight and not wants)
    ]


def _english_weight(hit: Hit, said: Sequence[str], *, asks: bool) -> float:
    weight = hit.weight
    if asks and weight > -0.8:
        return 0.0
    before = said[max(0, hit.start - _DENIED_WITHIN) : hit.start]
    if before and before[-1] in words("sentiment", "strengthening"):
        weight *= 1.5
    if not words("sentiment", "weakening").isdisjoint(before):
        weight *= 0.7
    if not words("sentiment", "denying").isdisjoint(before) and abs(hit.weight) != _COURTESY:
        weight *= 0.0 if weight < 0 else -0.8
    return max(-1.0, min(1.0, weight))


def chinese_scores(folded: str, *, asks: bool) -> list[Score]:
    """Return the same of a Chinese text."""
    turn = next((match.end() for match in _HAN_BUT.finditer(folded)), len(folded))
    wants = _HAN_WANTING.match(folded) is not None
    found = []
    for hit in phrases("sentiment").chinese.find(folded):
        weight = hit.weight
        if not weight or (asks and weight > -0.8) or (wants and weight > 0):
            continue
        before = folded[max(0, hit.start - 3) : hit.start]
        if _HAN_STRENGTHENED.search(before):
            weight *= 1.5
        elif _HAN_WEAKENED.search(before):
            weight *= 0.8
        if _HAN_DENIED.search(before):
            weight *= 0.0 if weight < 0 else -0.8
        found.append(Score(hit.start, max(-1.0, min(1.0, weight)), hit.start >= turn))
    return found


def combined(scores: Sequence[Score], marks: Sequence[float], *, loud: bool) -> float:
    """Return the sentiment of a text, -1 .. 1, from its phrases and signs.

    Later phrases weigh more than earlier ones: "great, broken again", "broken, but you replaced
    it, great". Thanks beside a complaint are courtesy.
    """
    values = [(each.weight, 3.0 if each.turned else 1.0) for each in scores]
    if any(weight <= -_COURTESY for weight, _ in values):
        values = [(w, s) for w, s in values if not 0 < w <= _COURTESY * 1.5]
    values = [(weight, share * 1.3**at) for at, (weight, share) in enumerate(values[:40])]
    values += [(mark, 1.5) for mark in marks[:5]]
    if not values:
        return 0.0
    total = sum(w * s for w, s in values) / sum(s for _, s in values)
    # Several words of one kind say more than one, up to a limit.
    total *= min(1.1, 0.9 + 0.1 * len(values))
    return round(max(-1.0, min(1.0, total * (1.2 if loud else 1.0))), 3)
