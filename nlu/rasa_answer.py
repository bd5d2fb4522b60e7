"""What a Rasa server answers to `POST /model/parse`, believed only as far as it can be checked.

The format is Rasa Open Source 3.6's, described in its HTTP API reference under "Parse a message
using the Rasa model". Answers of 2.x have the same parts.
"""

import math
from collections.abc import Collection, Iterator
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from nlu.rasa_names import SHARED, our_name
from nlu.understanding import Entity, EntityValue, IntentScore

#: Rasa's name for "none of them is probable enough".
FALLBACK: Final = "nlu_fallback"
#: Parts of an answer that are looked at; more are no answer of a bot's size.
_INTENTS_READ: Final = 1000
_ENTITIES_READ: Final = 100
_NAME_MAX: Final = 200
_VALUE_MAX: Final = 1000
#: Whole numbers that a database of JSON keeps exactly.
_INTEGER_MAX: Final = 2**53

#: Probabilities of 32 bits may add up to a little more than one.
_Probability = Annotated[
    FiniteFloat, Field(ge=0, le=1.001), AfterValidator(lambda value: min(value, 1.0))
]
_Name = Annotated[str, Field(min_length=1, max_length=_NAME_MAX)]


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Score(_Loose):
    name: _Name | None
    confidence: _Probability


class _Span(_Loose):
    entity: _Name
    start: Annotated[int, Field(ge=0, strict=True)]
    end: Annotated[int, Field(strict=True)]
    value: Any = None


class _Chosen(_Loose):
    intent_response_key: _Name
    confidence: _Probability


class _Choice(_Loose):
    ranking: Annotated[list[_Chosen], Field(max_length=_INTENTS_READ)] = []


class RasaAnswer(_Loose):
    """One answer; what is not needed is not read."""

    text: str
    intent: _Score
    intent_ranking: Annotated[list[_Score], Field(max_length=_INTENTS_READ)] = []
    entities: Annotated[list[Any], Field(max_length=_INTENTS_READ)] = []
    response_selector: dict[str, Any] = Field(default_factory=dict, max_length=_INTENTS_READ)

    @property
    def fell_back(self) -> bool:
        """Whether Rasa itself found no meaning probable enough."""
        return self.intent.name in {FALLBACK, None}

    def scores(self, known: Collection[str]) -> list[IntentScore]:
        """Return all candidates, best first, by the names this bot has for them.

        A retrieval intent stands with each of its responses: `faq` at 0.9, of which `faq/hours`
        has 0.8, is `faq/hours` at 0.72.

        Args:
            known: the bot's intents; others get the name an import would give them.
        """
        found: dict[str, float] = {}
        for each in self.intent_ranking or [self.intent]:
            if each.name is None or each.name == FALLBACK:
                continue
            for name, share in self._parts(each.name):
                if ours := _ours(name, known):
                    found[ours] = max(found.get(ours, 0.0), each.confidence * share)
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return [IntentScore(name, confidence) for name, confidence in ranked]

    def _parts(self, intent: str) -> list[tuple[str, float]]:
        chosen = self.response_selector.get(intent) or self.response_selector.get("default")
        try:
            ranking = _Choice.model_validate(chosen or {}).ranking
        except ValidationError:
            ranking = []
        parts = [
            (each.intent_response_key, each.confidence)
            for each in ranking
            if each.intent_response_key.startswith(f"{intent}/")
        ]
        return parts or [(intent, 1.0)]

    def spans(self, text: str, *, offset: int) -> Iterator[Entity]:
        """Yield the entities that have a place in `text`; those without one are left out.

        Args:
            text: what was sent.
            offset: where it begins in the customer's text.
        """
        for each in self.entities[:_ENTITIES_READ]:
            try:
                span = _Span.model_validate(each)
            except ValidationError:
                continue
            name = our_name(span.entity)
            if name and span.start < span.end <= len(text):
                said = text[span.start : span.end]
                value = _value(span.value, said)
                yield Entity(name, span.start + offset, span.end + offset, value)


def _ours(name: str, known: Collection[str]) -> str:
    """Return the bot's name of an intent; of one it has not got, Rasa's in our spelling."""
    plain = our_name(name)
    names = (name, plain, SHARED.get(plain, ""))
    return next((each for each in names if each in known), plain)


def _value(value: object, said: str) -> EntityValue:
    """Return an entity's value, or the words said where it is none that we can keep."""
    if isinstance(value, str) and value and value.isprintable():
        return value[:_VALUE_MAX]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _INTEGER_MAX:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return said[:_VALUE_MAX]
