"""Praise meant as its opposite: it opens or ends a complaint without turning by a "but"."""

import re
from collections.abc import Sequence

from nlu.feeling.sentiment import Score

_OPENING = re.compile(
    r"(?:oh |just |so |yay )?(?:great|wonderful|fantastic|brilliant|awesome|perfect|nice|lovely"
    r"|congratulations|congrats|bravo|well done|good job|nice job|great job"
    r"|thanks (?:a lot |so much )?for|excellent|amazing|cool)\b"
)
_ENDING = re.compile(
    r"(?:just )?(?:great|brilliant|wonderful|fantastic|perfect|lovely|bravo|awesome)\W{0,3}$"
)
_HAN = re.compile(
    "真(?:棒|行|好|厉害|不错|可以|有[你妳])|(?:可真|太)厉害|厉害了|了不起|呵呵|谢谢你们(?:毁|害|让)|恭喜"
)
#: A phrase complains, and a witness of frustration counts, from these on.
_COMPLAINT, _WITNESS = -0.4, 0.5


def is_ironic(
    folded: str, scores: Sequence[Score], said: Sequence[float], *, chinese: bool
) -> bool:
    """Tell whether the praise in a text is meant as its opposite.

    Args:
        folded: the text, folded.
        scores: its phrases that praise or complain.
        said: its witnesses of frustration.
        chinese: whether it has Chinese characters.
    """
    complaint = min((each.weight for each in scores), default=0.0)
    if complaint > _COMPLAINT and max(said, default=0.0) < _WITNESS:
        return False
    if any(each.turned for each in scores):
        return False
    if chinese:
        return _HAN.search(folded) is not None
    return _OPENING.match(folded.lstrip()) is not None or _ENDING.search(folded[-40:]) is not None
