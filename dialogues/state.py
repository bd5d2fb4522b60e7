"""The state of a conversation between turns: plain data that survives new versions of a bot."""

from typing import Annotated, Final, Literal, Self, TypedDict

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema, JsonValue, ValidationError
from pydantic_core import core_schema

from crm_store.database import JsonObject
from knowledge_base.answer import Way

#: Version of the layout below; a state of another version starts afresh.
VERSION = 1

#: Flows open at once; starting one more drops the oldest, with a notice.
DEPTH_MAX = 5

#: Messages kept for the summary a person reads on hand-off.
HISTORY_MAX = 10


#: Of what is JSON data wherever it comes from: the state is stored as JSON, and what is put into
#: it are values of slots and messages. To check it anew costs a turn more than all else here.
_UNCHECKED: Final = GetPydanticSchema(lambda _, __: core_schema.any_schema())
Stored = Annotated[JsonValue, _UNCHECKED]


class StateModel(BaseModel):
    """Base of state values; mutable, because a turn works on its own copy."""

    model_config = ConfigDict(extra="forbid")

    def __setattr__(self, name: str, value: object) -> None:
        """Set a field; pydantic's own way costs more than all else that a turn does with it."""
        self.__dict__[name] = value


class Frame(StateModel):
    """One open flow: where it stands and what it knows."""

    flow: str
    flow_hash: str
    path: tuple[int | str, ...] = (0,)  #: the step to run next, or that waits
    slots: dict[str, Stored] = Field(default_factory=dict)  #: None: skipped
    asked: str | None = None  #: slot whose question is open
    attempts: int = 0  #: answers to the open question that did not fit
    step: str = ""  #: name of the step at `path`, see `Flow.names`
    #: names of steps that need not run again, with "/" and the branch where one was taken;
    #: states of earlier versions hold paths such as "3.then.0"
    done: list[str] = Field(default_factory=list)
    called: str = ""  #: name of the step of the frame below that called this flow
    changed: bool = False  #: begins again when its turn comes, because the bot was changed
    waiting: str | None = None  #: key of the notice that lets it go on
    waiting_mark: str = ""  #: the step that waits, and a digest of what was asked for
    waiting_noted: bool = False  #: the customer was told that it is still awaited
    results: dict[str, Stored] = Field(default_factory=dict)  #: step -> what can be amended
    begun: bool = True  #: False: another goal of the same message comes first
    answered: list[str] = Field(default_factory=list)  #: slots answered, for "go back"
    unsure: dict[str, Stored] = Field(default_factory=dict)  #: old facts to be confirmed
    misfits: dict[str, str] = Field(default_factory=dict)  #: slot -> words that did not fit it
    #: flows that this one called and that are over, by the step that called them
    returned: "dict[str, Frame]" = Field(default_factory=dict)
    walked_again: bool = False  #: over once already, open again because of a correction


class Line(TypedDict):
    """One message of the recent past, for the hand-off summary; JSON data as it is stored."""

    actor: str  #: "customer" or "bot"
    text: str


class OptionOffered(StateModel):
    """Something the last reply offered to press."""

    value: str
    label: str


class Silent(StateModel):
    """The one timer that notices when a customer falls silent."""

    key: str | None = None  #: names the timer; None: none is pending
    due: str = ""  #: when it fires, ISO 8601
    reminded: bool = False  #: the open question was repeated since the customer last wrote


class AwaitedAnswer(StateModel):
    """An answer that was found and is being worded; what is awaited replaces only its text."""

    key: str  #: of the notice that brings it, and of the timer that ends the waiting
    question: str
    read_as: str = ""  #: what the question was searched as, see `SearchResult`
    ways: list[Way] = Field(default_factory=list)
    private: list[list[str]] = Field(default_factory=list)  #: words of it that identify, as what
    answer: JsonObject


class Change(StateModel):
    """A new value for a slot; `flow` names the open frame, or the one that ended last."""

    flow: str
    slot: str
    value: Stored


class Pending(StateModel):
    """What waits for a yes, or a new value, because it changes or leaves what was done."""

    kind: Literal["correct", "cancel", "cancel_all", "new_value"]
    changes: list[Change] = Field(default_factory=list)
    asked: int = 1  #: how often it was asked


class Subject(StateModel):
    """What was answered last, which the next question may go on about."""

    question: str  #: that stands for itself: what it leant on is part of it
    article: str
    passage: str
    at: str  #: when, ISO 8601


class ConversationState(StateModel):
    """Everything the dialogue remembers of a conversation."""

    version: int = VERSION
    frames: list[Frame] = Field(default_factory=list)  #: the last one is open
    failures: int = 0  #: turns in a row that were not understood
    clarified: bool = False  #: the last turn asked what was meant
    last_fallback: str = ""  #: text of the last fallback, not to be said twice in a row
    last_replies: list[Stored] = Field(default_factory=list)  #: contents, for "repeat"
    options: list[OptionOffered] = Field(default_factory=list)
    yes_means: str = ""  #: option that a plain yes stands for, when the last reply offered one
    history: list[Annotated[Line, _UNCHECKED]] = Field(default_factory=list)
    searches: list[str] = Field(default_factory=list)  #: the last questions searched
    #: articles shown of late, which may be rated, with the question each was the answer to
    cited: dict[str, str] = Field(default_factory=dict)
    awaited: AwaitedAnswer | None = None  #: None: no answer is being written
    traditional: bool = False  #: the customer writes Chinese in Traditional characters
    subject: Subject | None = None  #: None: nothing was answered, or another matter began
    #: passages that did not help, with when the customer said so, ISO 8601
    unhelpful: dict[str, str] = Field(default_factory=dict)
    rated: list[str] = Field(default_factory=list)  #: articles already rated
    handoff: str | None = None  #: id of the open hand-off
    queue_noted: bool = False  #: the customer was told that they wait
    spoke_at: str | None = None  #: when the customer last wrote, ISO 8601
    silence: Silent | None = None  #: None: no timer is pending
    ended: Frame | None = None  #: the flow that ended last; its values can be corrected
    ended_at: str = ""  #: when, ISO 8601
    pending: Pending | None = None  #: waits for a yes or no before anything else goes on
    last_question: str = ""  #: text of the last question, not to be asked alike twice in a row
    last_asked: str = ""  #: flow and slot of the last question
    offers_off: int = 0  #: turns for which no person is offered, because that was declined
    insults: int = 0  #: insults so far
    notes: list[str] = Field(default_factory=list)  #: corrections a person must carry out

    @property
    def frame(self) -> Frame | None:
        """The open flow's frame."""
        return self.frames[-1] if self.frames else None

    @classmethod
    def from_json(cls, data: JsonObject) -> Self:
        """Return the state in `data`; what cannot be read is forgotten rather than fatal."""
        if not data or data.get("version") != VERSION:
            return cls()
        try:
            return cls.model_validate(data)
        except ValidationError:
            return cls()

    def to_json(self) -> JsonObject:
        """Return the state as JSON data, without what is empty."""
        # Every default is empty; pydantic compares each with what it would make anew.
        filled = {name: _data(value) for name, value in self.__dict__.items() if value}
        return {"version": self.version, **filled}

    def note_line(self, actor: str, text: str) -> None:
        """Remember a message for the hand-off summary."""
        self.history = [*self.history, Line(actor=actor, text=text[:500])][-HISTORY_MAX:]


def _data(value: object) -> object:
    if isinstance(value, StateModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, list) and isinstance(value[0], StateModel):
        return [each.model_dump(mode="json", exclude_defaults=True) for each in value]
    return value
