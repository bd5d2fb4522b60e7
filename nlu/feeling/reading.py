"""Reads how one text feels, in one go: what the three feelings share is found once."""

from dataclasses import dataclass

from nlu.feeling.abuse import abuse
from nlu.feeling.frustration import frustration, witnesses
from nlu.feeling.irony import is_ironic
from nlu.feeling.phrases import words_of
from nlu.feeling.questions import asks
from nlu.feeling.sentiment import (
    TELLING,
    Score,
    chinese_scores,
    combined,
    english_scores,
    signs,
)
from nlu.feeling.taught import taught
from nlu.text import NormalText, han_count

#: So many characters tell how a text feels; the rest is not read for it.
_READ_MAX = 1000
#: The sentiment of praise meant as its opposite, and of a frustrated text without other words.
_IRONIC, _FRUSTRATED = -0.7, -0.4
#: From where frustration and abuse are worth acting on.
ACTING = 0.5


@dataclass(frozen=True, slots=True)
class Feeling:
    """How a text feels."""

    sentiment: float  #: -1 (bad) .. 1 (good); 0 also when not known
    frustration: float  #: 0 .. 1, patience lost; 0.5 and more is worth acting on
    abuse: float  #: 0 .. 1, insults, slurs and threats against people; likewise


def feel(text: NormalText) -> Feeling:
    """Return how `text` feels; never raises, and reads its first thousand characters."""
    plain, folded = text.plain[:_READ_MAX], text.folded[:_READ_MAX]
    chinese = han_count(folded) > 0
    words = words_of(folded)
    asking = asks(folded, chinese=chinese)
    scores = english_scores(words, asks=asking)
    if chinese:
        scores += chinese_scores(folded, asks=asking)
    said = witnesses(folded, words, chinese=chinese)
    learnt, doubt = taught("zh" if chinese else "en").read(words)
    ironic = is_ironic(folded, scores, said, chinese=chinese)
    if ironic:
        scores = [each for each in scores if each.weight < 0] or [Score(0, _IRONIC)]
    tone = combined(scores, signs(plain), loud="!" in plain or "！" in plain)
    if abs(tone) < TELLING and not asking:
        tone = learnt or tone
    patience = frustration(
        plain,
        folded,
        said,
        doubt,
        chinese=chinese,
        sentiment=tone,
        asks=asking,
        ironic=ironic,
    )
    if patience >= ACTING and tone < TELLING:
        tone = min(tone, _FRUSTRATED)
    insult = abuse(folded, words, chinese=chinese)
    if insult >= ACTING:
        tone = min(tone, -insult)
    return Feeling(sentiment=round(tone, 3), frustration=patience, abuse=insult)
