"""Expectations: what a test of a bot may say must be true after a turn."""

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, field_validator

from dialogues import commands
from dialogues.hints import unknown
from dialogues.strict import Strict, one_or_more
from nlu.patterns import PatternError, compile_pattern

#: Every command by its name in files, e.g. `start_flow`.
COMMANDS: Final = {
    "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__)[1:]: kind.__name__
    for kind in commands.Command.__args__
}

#: Outcomes of a turn.
OUTCOMES: Final = ("answered", "handed_over", "refused", "recorded")


_Scalar = str | int | float


def _is_pattern(value: str) -> str:
    try:
        compile_pattern("", value)
    except PatternError as error:
        raise ValueError(str(error).removeprefix("pattern : ")) from error
    return value


def _words(value: object) -> object:
    """Return a number as the text it was written as; `yes` without quotes is no text in YAML."""
    if isinstance(value, bool):
        message = 'is true or false in YAML; put it in quotes, e.g. "yes"'
        raise ValueError(message)
    return str(value) if isinstance(value, int | float) else value


#: A text; a number stands for the text it is written as.
Words = Annotated[
    str,
    BeforeValidator(_words, json_schema_input_type=str | int | float),
    Field(min_length=1, max_length=4000),
]
#: One or a list.
TextList = Annotated[
    tuple[Words, ...],
    BeforeValidator(one_or_more, json_schema_input_type=_Scalar | list[_Scalar]),
]
#: One RE2 expression or a list.
Patterns = Annotated[
    tuple[Annotated[Words, AfterValidator(_is_pattern)], ...],
    BeforeValidator(one_or_more, json_schema_input_type=str | list[str]),
]


class Expect(Strict):
    """What must be true after a turn; what is not named is not looked at."""

    flow: str | None = None  #: open after the turn; null: none
    stack: TextList = ()  #: every open flow, the one that goes on last
    starts: TextList = ()  #: flows that began
    ends: TextList = ()  #: flows that came to their end
    cancels: TextList = ()  #: flows that were cancelled
    asks: str | None = None  #: slot whose question is open; null: none
    says: TextList = ()  #: ids of responses in order; others may stand between
    not_says: TextList = ()
    text: TextList = ()  #: each is contained in a reply
    not_text: TextList = ()
    matches: Patterns = ()  #: each is found in a reply
    not_matches: Patterns = ()
    shows: TextList = ()  #: each is contained in what the channel shows
    not_shows: TextList = ()
    options: TextList = ()  #: labels or values, each is offered
    not_options: TextList = ()
    slots: dict[str, JsonValue] = Field(default_factory=dict)
    has_slots: TextList = ()  #: slots with any value
    no_slots: TextList = ()  #: slots without a value
    commands: TextList = ()  #: in order; others may stand between
    acts: TextList = ()  #: actions that ran, in order
    article: str | None = None  #: cited; null: none
    near: bool | None = None  #: near questions were offered
    lead: str | None = None  #: status of the lead that was opened; null: none was
    ticket: bool | None = None
    feedback: int | None = None  #: rating
    consent: dict[str, bool] = Field(default_factory=dict)  #: purpose -> granted
    hand_off: str | None = None  #: desk
    intent: str | None = None
    language: str | None = None
    entities: dict[str, JsonValue] = Field(default_factory=dict)
    timeline: TextList = ()  #: kinds of entries in order; others may stand between
    outcome: str | None = None
    silent: bool | None = None  #: the bot says nothing

    @field_validator("commands")
    @classmethod
    def _are_commands(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in COMMANDS and name not in COMMANDS.values():
                raise ValueError(unknown("command", name, COMMANDS))
        return tuple(COMMANDS.get(name, name) for name in value)

    @field_validator("outcome")
    @classmethod
    def _is_outcome(cls, value: str | None) -> str | None:
        if value is not None and value not in OUTCOMES:
            raise ValueError(unknown("outcome", value, OUTCOMES))
        return value
