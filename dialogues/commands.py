"""Commands: the closed set of things the policy can decide; values only."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from knowledge_base.answer import SearchResult


@dataclass(frozen=True, slots=True)
class StartFlow:
    """Begin a dialogue, with what the customer already said."""

    flow: str
    slots: dict[str, JsonValue] = field(default_factory=dict)
    words: str = ""  #: the text that started it


@dataclass(frozen=True, slots=True)
class FillSlot:
    """Take a value for a slot of the open flow."""

    slot: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class CorrectSlot:
    """Replace a value the customer gave before."""

    slot: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class RejectValue:
    """Say that the answer to the open question does not fit, and ask again."""

    slot: str


@dataclass(frozen=True, slots=True)
class CancelFlow:
    """Stop the open flow."""


@dataclass(frozen=True, slots=True)
class Clarify:
    """Ask which of several goals or questions was meant."""

    flows: tuple[str, ...]
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkipQuestion:
    """Go on without the value that was asked for."""


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """Show what the knowledge base found."""

    question: str
    result: SearchResult


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """Note whether a cited article helped."""

    article: str
    helpful: bool


@dataclass(frozen=True, slots=True)
class ChitChat:
    """Answer a greeting, thanks or small talk."""

    intent: str


@dataclass(frozen=True, slots=True)
class RequestHuman:
    """Give the conversation to a person."""

    reason: str = "asked"
    desk: str | None = None  #: None: the bot's first


@dataclass(frozen=True, slots=True)
class Repeat:
    """Send the last replies again."""


@dataclass(frozen=True, slots=True)
class StartOver:
    """Forget everything open and begin anew."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Say a shared response, e.g. that a picture cannot be read."""

    response: str


@dataclass(frozen=True, slots=True)
class LearnFact:
    """Keep a fact about the customer that the channel delivered."""

    fact: str
    value: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class CannotHandle:
    """Admit that the text was not understood, and offer what is near."""

    question: str = ""
    result: SearchResult | None = None
    upset: bool = False  #: the customer is losing patience


Command = (
    StartFlow
    | FillSlot
    | CorrectSlot
    | RejectValue
    | CancelFlow
    | Clarify
    | SkipQuestion
    | AnswerQuestion
    | RateAnswer
    | ChitChat
    | RequestHuman
    | Repeat
    | StartOver
    | Acknowledge
    | LearnFact
    | CannotHandle
)
