"""Steps: what a flow does one after the other, exactly as YAML may state them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Discriminator, Field, JsonValue, Tag, model_validator

from dialogues.condition import Condition
from dialogues.strict import Duration, Id, Keys, Strict, Texts

#: Re-asks before the way out is taken, unless a step says otherwise.
ATTEMPTS = 2

#: Prefix of the tags pydantic puts into error places for a union; no YAML key contains it.
TAG = "step:"


class StepModel(Strict):
    """Base of all steps; an `id` keeps a step's place when the flow around it changes."""

    id: Id | None = None  #: its name; must be another for every step of the flow


class Say(StepModel):
    """Send a response."""

    say: Id  #: the response


class Collect(StepModel):
    """Ask for a slot until it has a value, or until `attempts` answers did not fit."""

    collect: Id  #: the slot
    #: unfit answers after each of which it is asked again
    attempts: int = Field(default=ATTEMPTS, ge=1, le=10)
    give_up: "tuple[Step, ...]" = ()  #: the way out; default: a person is offered


class Choose(StepModel):
    """Let the customer choose, keep what was chosen in a slot, and take that branch."""

    choose: Id  #: the slot; the step declares it
    ask: Id  #: response that asks
    #: value -> label in every language
    options: Annotated[dict[Id, Texts], Keys] = Field(min_length=1, max_length=12)
    #: by value; none: go on
    then: "Annotated[dict[Id, tuple[Step, ...]], Keys]" = Field(default_factory=dict)
    #: unfit answers after each of which it is asked again
    attempts: int = Field(default=ATTEMPTS, ge=1, le=10)
    give_up: "tuple[Step, ...]" = ()  #: the way out; default: a person is offered

    @model_validator(mode="after")
    def _branches_are_options(self) -> Self:
        if strange := [value for value in self.then if value not in self.options]:
            message = f"`then` names {', '.join(strange)}, which `options` does not offer"
            raise ValueError(message)
        return self


class If(StepModel):
    """Take one of two branches."""

    if_: Condition = Field(alias="if")  #: the condition
    then: "tuple[Step, ...]" = Field(min_length=1)  #: when it holds
    else_: "tuple[Step, ...]" = Field(default=(), alias="else")  #: when it does not


class Switch(StepModel):
    """Take the branch of a slot's value; yes and no stand for true and false."""

    switch: str  #: a slot, or `channel`, `language`, `customer.tier`, `customer.stage`
    #: value -> steps
    cases: "Annotated[dict[str, tuple[Step, ...]], Keys]" = Field(min_length=1)
    #: for every other value, and when there is none
    else_: "tuple[Step, ...]" = Field(default=(), alias="else")


class Set(StepModel):
    """Give slots values: a constant, a text with placeholders, or null to forget."""

    set: dict[Id, JsonValue] = Field(min_length=1)  #: slot -> value


class Act(StepModel):
    """Run an action on the CRM and keep what it returns."""

    act: Id  #: the action
    #: input -> value; a lone placeholder keeps its type
    with_: dict[str, JsonValue] = Field(default_factory=dict, alias="with")
    save: dict[str, Id] = Field(default_factory=dict)  #: result key -> slot
    meanwhile: Id | None = None  #: only of slow actions: said while the result is awaited
    #: when it cannot be done; default: the flow is closed with an apology
    on_failure: "tuple[Step, ...]" = ()


class Search(StepModel):
    """Answer a question from the knowledge base, or go on silently."""

    search: str = Field(min_length=1, max_length=500)  #: the question, with placeholders
    found: "tuple[Step, ...]" = ()  #: after an answer was shown
    missing: "tuple[Step, ...]" = ()  #: when there is none


class HandOff(StepModel):
    """Give the conversation to a desk; the flow ends."""

    hand_off: Id  #: the desk


class Link(StepModel):
    """End this flow and start another."""

    link: Id  #: the flow


class Call(StepModel):
    """Run another flow and come back; slots of the same name go in and come out."""

    call: Id  #: the flow
    #: slot of that flow -> value
    with_: dict[Id, JsonValue] = Field(default_factory=dict, alias="with")
    save: dict[Id, Id] = Field(default_factory=dict)  #: slot of that flow -> slot of this one


class Wait(StepModel):
    """Wait for a notice from outside, or for time to pass."""

    wait: Id | None = None  #: name of the notice; None: only time passes
    up_to: Duration  #: then `on_timeout` goes on
    remind: Id | None = None  #: response said once, half way
    save: dict[str, Id] = Field(default_factory=dict)  #: key of the notice's data -> slot
    on_timeout: "tuple[Step, ...]" = ()  #: default: the flow is closed politely


class End(StepModel):
    """End this flow here."""

    end: Literal[True]  #: always true


_KINDS = (
    *("say", "collect", "choose", "if", "switch", "set", "act", "search"),
    *("hand_off", "link", "call", "wait", "end"),
)

#: Fields that hold steps of their own.
_BRANCHES: Final = frozenset(
    {"then", "else_", "cases", "give_up", "on_failure", "found", "missing", "on_timeout"}
)


def kind_of(step: object) -> str | None:
    """Return which kind of step this is, by the key that YAML states it with."""
    return next(
        (kind for kind in _KINDS if hasattr(step, kind) or hasattr(step, f"{kind}_")), None
    )


def _kind(data: object) -> str | None:
    if isinstance(data, Mapping):
        return next((TAG + kind for kind in _KINDS if kind in data), None)
    kind = kind_of(data)
    return None if kind is None else TAG + kind


Step = Annotated[
    Annotated[Say, Tag("step:say")]
    | Annotated[Collect, Tag("step:collect")]
    | Annotated[Choose, Tag("step:choose")]
    | Annotated[If, Tag("step:if")]
    | Annotated[Switch, Tag("step:switch")]
    | Annotated[Set, Tag("step:set")]
    | Annotated[Act, Tag("step:act")]
    | Annotated[Search, Tag("step:search")]
    | Annotated[HandOff, Tag("step:hand_off")]
    | Annotated[Link, Tag("step:link")]
    | Annotated[Call, Tag("step:call")]
    | Annotated[Wait, Tag("step:wait")]
    | Annotated[End, Tag("step:end")],
    Discriminator(
        _kind,
        custom_error_type="step",
        custom_error_message=f"a step is one of {', '.join(_KINDS)}",
    ),
]

#: A branch of a step: where it stands in YAML, e.g. `then` or `cases/gold`, and its steps.
Branch = tuple[str, tuple[Any, ...]]


def branches(step: object) -> Iterator[Branch]:
    """Yield the steps nested in `step`, by their place in YAML."""
    match step:
        case If():
            yield from (("then", step.then), ("else", step.else_))
        case Switch():
            yield from ((f"cases/{value}", steps) for value, steps in step.cases.items())
            yield ("else", step.else_)
        case Choose():
            yield from ((f"then/{value}", steps) for value, steps in step.then.items())
            yield ("give_up", step.give_up)
        case Collect():
            yield ("give_up", step.give_up)
        case Act():
            yield ("on_failure", step.on_failure)
        case Search():
            yield from (("found", step.found), ("missing", step.missing))
        case Wait():
            yield ("on_timeout", step.on_timeout)


def fingerprint(step: StepModel) -> str:
    """Return a name for what `step` does itself, whatever stands around or inside it."""
    match step:
        case Say():
            return f"say:{step.say}"
        case Collect():
            return f"collect:{step.collect}"
        case Choose():
            return f"choose:{step.choose}"
        case Act():
            return f"act:{step.act}:{_digest(step.with_)}"
        case Call():
            return f"call:{step.call}:{_digest([step.with_, step.save])}"
    return f"{kind_of(step)}:{_digest(step.model_dump(mode='json', exclude=set(_BRANCHES)))}"


def _digest(data: object) -> str:
    written = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:8]


def asked_slot(step: object) -> str | None:
    """Return the slot that `step` asks the customer for, or None when it asks nothing."""
    match step:
        case Collect():
            return step.collect
        case Choose():
            return step.choose
    return None
