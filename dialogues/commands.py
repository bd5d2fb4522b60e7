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
    misfits: dict[str, str] = field(default_factory=dict)  #: slot -> words that do not fit it


@dataclass(frozen=True, slots=True)
class FillSlot:
    """Take a value for a slot of the open flow."""

    slot: str
    value: JsonValue
    asked: bool = False  #: it answers the open question


@dataclass(frozen=True, slots=True)
class Correction:
    """One new value for a slot; `flow` is open or ended last."""

    flow: str
    slot: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class CorrectSlots:
    """Replace values the customer gave before."""

    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class ForgetSlot:
    """Ask anew for a value the customer wants changed without saying to what."""

    flow: str
    slot: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Do, or leave, what waited for a yes."""

    yes: bool


@dataclass(frozen=True, slots=True)
class ConfirmFact:
    """Take over an old fact about the customer, or ask for it anew."""

    slot: str
    yes: bool


@dataclass(frozen=True, slots=True)
class NoteMisfit:
    """Keep words meant for a slot that do not fit it, to be told when it is asked."""

    slot: str
    words: str


@dataclass(frozen=True, slots=True)
class QueueFlows:
    """Keep further goals of the same message for after the one that starts now."""

    starts: tuple[StartFlow, ...]
    behind: bool = False  #: they come after the open flow, which goes on


@dataclass(frozen=True, slots=True)
class RejectValue:
    """Say that the answer to the open question does not fit, and ask again."""

    slot: str


@dataclass(frozen=True, slots=True)
class CancelFlow:
    """Stop the open flow."""


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Stop everything that is open."""


@dataclass(frozen=True, slots=True)
class Clarify:
    """Ask which of several goals or questions was meant."""

    flows: tuple[str, ...]
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkipQuestion:
    """Go on without the value that was asked for."""


@dataclass(frozen=True, slots=True)
class GoBack:
    """Ask the last answered question of the open flow again."""


@dataclass(frozen=True, slots=True)
class ExplainQuestion:
    """Say why the open question is asked."""


@dataclass(frozen=True, slots=True)
class Summarise:
    """Tell what is known so far of the open goal."""


@dataclass(frozen=True, slots=True)
class DeclinePerson:
    """Go on with the bot: the customer does not want the person that was offered."""


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
    | CorrectSlots
    | ForgetSlot
    | Confirm
    | ConfirmFact
    | NoteMisfit
    | QueueFlows
    | RejectValue
    | CancelFlow
    | CancelAll
    | Clarify
    | SkipQuestion
    | GoBack
    | ExplainQuestion
    | Summarise
    | DeclinePerson
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
