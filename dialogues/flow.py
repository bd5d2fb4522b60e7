"""Flows as data: slots, steps, conditions and texts, exactly as a bot's YAML may state them."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    field_validator,
    model_validator,
)

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Texts = dict[str, Annotated[str, Field(min_length=1, max_length=4000)]]  #: language -> text

SlotType = Literal[
    "text",
    "name",
    "company",
    "email",
    "phone",
    "number",
    "quantity",
    "rating",
    "boolean",
    "choice",
    "entity",
    "date_text",
]

#: Position of a step: indexes, and the branch taken where steps nest, e.g. (3, "then", 0).
StepPath = tuple[int | str, ...]

#: Re-asks before a person is offered, unless a `collect` says otherwise.
ATTEMPTS = 3

#: Prefix of the tags pydantic puts into error places for a union; no YAML key contains it.
TAG = "step:"


class Strict(BaseModel):
    """Base of all parts of a bot: frozen, unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Variant(Strict):
    """One wording of a response, with what can be pressed below it."""

    text: str = Field(min_length=1, max_length=4000)
    style: Literal["text", "buttons", "quick_replies"] = "text"
    options: dict[str, str] = Field(default_factory=dict, max_length=13)  #: value -> label


class Response(Strict):
    """A named text in every language, in one or more wordings each."""

    variants: dict[str, tuple[Variant, ...]]

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: object) -> object:
        if not isinstance(data, Mapping) or set(data) == {"variants"}:
            return data
        return {"variants": {language: _wordings(text) for language, text in data.items()}}

    @field_validator("variants")
    @classmethod
    def _has_wordings(cls, value: dict[str, tuple[Variant, ...]]) -> dict[str, Any]:
        if empty := [language for language, wordings in value.items() if not wordings]:
            message = f"no text for {', '.join(empty)}"
            raise ValueError(message)
        return value


def _wordings(text: object) -> object:
    items = text if isinstance(text, list) else [text]
    return [{"text": item} if isinstance(item, str) else item for item in items]


class Slot(Strict):
    """A value a flow needs: its type, how it is asked and what counts as valid."""

    type: SlotType
    ask: Id | None = None  #: response that asks for it; needed when a step collects it
    invalid: Id | None = None  #: response to a value that does not fit; default by type
    entity: Id | None = None  #: only for type entity
    optional: bool = False  #: "skip" is accepted
    min_length: int = Field(default=1, ge=1, le=4000)  #: code points, texts only
    max_length: int = Field(default=2000, ge=1, le=4000)  #: code points, texts only
    min: float | None = None  #: smallest number or quantity
    max: float | None = None  #: largest number or quantity
    options: dict[str, Texts] = Field(default_factory=dict, max_length=12)  #: only for choice
    fact: Literal["name", "email", "phone", "company"] | None = None  #: taken over if known
    from_trigger: bool = False  #: text only: filled with the words that started the flow

    @model_validator(mode="after")
    def _fits_type(self) -> Self:
        needs = {"entity": self.entity is not None, "choice": bool(self.options)}
        for kind, given in needs.items():
            if (self.type == kind) is not given:
                key = "entity" if kind == "entity" else "options"
                verb = "needs" if self.type == kind else "has no"
                message = f"a slot of type {self.type} {verb} `{key}`"
                raise ValueError(message)
        bounds = (self.min, self.max)
        crossed = None not in bounds and bounds[0] > bounds[1]  # type: ignore[operator] # no None
        if self.min_length > self.max_length or crossed:
            message = "nothing fits: the smallest allowed is above the largest"
            raise ValueError(message)
        if self.from_trigger and self.type != "text":
            message = "`from_trigger` is for slots of type text"
            raise ValueError(message)
        return self


class Condition(Strict):
    """A closed form: about one slot (or `customer.<fact>`), or not/all/any of others."""

    slot: str | None = None
    is_: JsonValue = Field(default=None, alias="is")
    in_: tuple[JsonValue, ...] | None = Field(default=None, alias="in")
    known: bool | None = None
    greater: float | None = None
    less: float | None = None
    not_: "Condition | None" = Field(default=None, alias="not")
    all_: "tuple[Condition, ...] | None" = Field(default=None, alias="all")
    any_: "tuple[Condition, ...] | None" = Field(default=None, alias="any")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = self.model_fields_set
        tests = given & {"is_", "in_", "known", "greater", "less"}
        forms = given & {"not_", "all_", "any_"}
        if ("slot" in given and len(tests) == 1 and not forms) or (
            "slot" not in given and not tests and len(forms) == 1
        ):
            return self
        message = "a condition is `slot` with one of is/in/known/greater/less, or not/all/any"
        raise ValueError(message)

    def slots(self) -> Iterator[str]:
        """Yield every slot the condition reads."""
        if self.slot is not None:
            yield self.slot
        for part in (*(self.all_ or ()), *(self.any_ or ()), *((self.not_,) if self.not_ else ())):
            yield from part.slots()

    def holds(self, values: Mapping[str, JsonValue]) -> bool:
        """Tell whether the condition is true; a slot that is not known fails every test on it."""
        if self.not_ is not None:
            return not self.not_.holds(values)
        if self.all_ is not None:
            return all(part.holds(values) for part in self.all_)
        if self.any_ is not None:
            return any(part.holds(values) for part in self.any_)
        value = values.get(self.slot or "")
        if self.known is not None or value is None:
            return (value is not None) is self.known
        if self.in_ is not None:
            return value in self.in_
        if self.greater is None and self.less is None:
            return value == self.is_
        if not isinstance(value, int | float):
            return False
        return value > self.greater if self.greater is not None else value < (self.less or 0)


class Say(Strict):
    """Send a response."""

    say: Id


class Collect(Strict):
    """Ask for a slot until it has a value."""

    collect: Id
    attempts: int = Field(default=ATTEMPTS, ge=1, le=10)


class If(Strict):
    """Take one of two branches."""

    if_: Condition = Field(alias="if")
    then: "tuple[Step, ...]" = Field(min_length=1)
    else_: "tuple[Step, ...]" = Field(default=(), alias="else")


class Act(Strict):
    """Run an action on the CRM and keep what it returns."""

    act: Id
    with_: dict[str, JsonValue] = Field(default_factory=dict, alias="with")
    save: dict[str, Id] = Field(default_factory=dict)  #: result key -> slot
    on_failure: "tuple[Step, ...]" = ()


class Search(Strict):
    """Answer a question from the knowledge base, or go on silently."""

    search: str = Field(min_length=1, max_length=500)


class HandOff(Strict):
    """Give the conversation to a desk; the flow ends."""

    hand_off: Id


class Link(Strict):
    """End this flow and start another."""

    link: Id


class End(Strict):
    """End this flow here."""

    end: Literal[True]


_KINDS = ("say", "collect", "if", "act", "search", "hand_off", "link", "end")


def _kind(data: object) -> str | None:
    if isinstance(data, Mapping):
        return next((TAG + kind for kind in _KINDS if kind in data), None)
    return next(
        (TAG + kind for kind in _KINDS if hasattr(data, kind) or hasattr(data, f"{kind}_")), None
    )


Step = Annotated[
    Annotated[Say, Tag("step:say")]
    | Annotated[Collect, Tag("step:collect")]
    | Annotated[If, Tag("step:if")]
    | Annotated[Act, Tag("step:act")]
    | Annotated[Search, Tag("step:search")]
    | Annotated[HandOff, Tag("step:hand_off")]
    | Annotated[Link, Tag("step:link")]
    | Annotated[End, Tag("step:end")],
    Discriminator(
        _kind,
        custom_error_type="step",
        custom_error_message=f"a step is one of {', '.join(_KINDS)}",
    ),
]

#: A branch of a step: the key it stands under in YAML, and its steps.
Branch = tuple[str, tuple[Any, ...]]


def branches(step: object) -> tuple[Branch, ...]:
    """Return the steps nested in `step`, by YAML key."""
    if isinstance(step, If):
        return (("then", step.then), ("else", step.else_))
    if isinstance(step, Act):
        return (("on_failure", step.on_failure),)
    return ()


class Flow(Strict):
    """A dialogue for one goal."""

    id: Id
    description: Texts = Field(min_length=1)  #: shown when the bot asks what was meant
    triggers: tuple[str, ...] = ()  #: intents that start it
    slots: dict[Id, Slot] = Field(default_factory=dict)
    steps: tuple[Step, ...] = Field(min_length=1)
    responses: dict[Id, Response] = Field(default_factory=dict)

    @cached_property
    def hash(self) -> str:
        """Name of exactly this version of the flow."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @cached_property
    def walked(self) -> tuple[tuple[StepPath, Any], ...]:
        """Every step with its path, outer before inner."""
        return tuple(_walk(self.steps, ()))

    def step_at(self, path: StepPath) -> Any | None:  # noqa: ANN401 - one of Step
        """Return the step at `path`, or None where there is none."""
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[StepPath, Any]:
        return dict(self.walked)

    @cached_property
    def collected(self) -> tuple[str, ...]:
        """The slots the flow asks for, in the order of its steps."""
        return tuple(
            dict.fromkeys(step.collect for _, step in self.walked if isinstance(step, Collect))
        )


def _walk(steps: tuple[Any, ...], prefix: StepPath) -> Iterator[tuple[StepPath, Any]]:
    for index, step in enumerate(steps):
        path = (*prefix, index)
        yield path, step
        for key, nested in branches(step):
            yield from _walk(nested, (*path, key))
