"""What a text was understood to mean: values only, produced by an Interpreter."""

from dataclasses import dataclass
from typing import Literal

#: Whether the ranking may be acted on (clear), asked about (ambiguous) or not used (unknown).
Outcome = Literal["clear", "ambiguous", "unknown"]

EntityValue = str | int | float


@dataclass(frozen=True, slots=True)
class IntentScore:
    """One candidate meaning."""

    name: str
    confidence: float  #: calibrated probability, 0..1


@dataclass(frozen=True, slots=True)
class Entity:
    """A typed span of the text: `text[start:end]`, half-open, in code points."""

    name: str
    start: int
    end: int
    value: EntityValue  #: normalised (E.164, lower-case e-mail, number ...)
    unit: str | None = None
    role: str | None = None  #: which of several it is: origin, destination ...
    group: str | None = None  #: which of several belong together


@dataclass(frozen=True, slots=True)
class Understanding:
    """The meaning of one text."""

    text: str
    language: str  #: BCP-47, one of the bot's languages
    intents: tuple[IntentScore, ...]  #: best first, at most five
    entities: tuple[Entity, ...] = ()
    sentiment: float = 0.0  #: -1 (bad) .. 1 (good); 0 also when not known
    frustration: float = 0.0  #: 0 .. 1, patience lost; 0 also when not known
    abuse: float = 0.0  #: 0 .. 1, insults and threats against people; 0 also when not known
    outcome: Outcome = "unknown"
    interpreter: str = "embedded"  #: which interpreter answered
    score: float = 0.0  #: how sure that the text means anything known, 0..1
    clauses: "tuple[Understanding, ...]" = ()  #: of a message that has several

    @property
    def intent(self) -> str | None:
        """The name of the meaning to act on, or None when it is not clear."""
        return self.intents[0].name if self.outcome == "clear" and self.intents else None

    def confidence(self, name: str) -> float:
        """Return the probability of intent `name`, 0 when it is not among the candidates."""
        return next((i.confidence for i in self.intents if i.name == name), 0.0)
