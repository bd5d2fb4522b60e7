"""What a flow needs to know: a slot's type, how it is asked for and what counts as valid."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dialogues.strict import Duration, Id, Keys, Strict, Texts

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
    "date",
    "time",
    "date_text",
]

#: What a value is turned into before it is checked and kept.
Form = Literal["upper", "lower", "digits", "simplified"]


class Slot(Strict):
    """A value a flow needs: its type, how it is asked and what counts as valid."""

    type: SlotType  #: what is read out of an answer, and how it is kept
    ask: Id | None = None  #: response that asks for it; needed when a step collects it
    invalid: Id | None = None  #: response to a value that does not fit; default by type
    entity: Id | None = None  #: only for type entity
    optional: bool = False  #: "skip" is accepted
    why: Id | None = None  #: response to "why do you ask?"; default: a shared one
    pattern: str | None = None  #: texts only: RE2 expression a whole value must match
    form: Form | None = None  #: texts and entities: what a value is turned into first
    future: bool = False  #: dates only: neither today nor before
    min_length: int = Field(default=1, ge=1, le=4000)  #: code points, texts only
    max_length: int = Field(default=2000, ge=1, le=4000)  #: code points, texts only
    min: float | None = None  #: smallest number or quantity
    max: float | None = None  #: largest number or quantity
    #: only for choice: value -> label
    options: Annotated[dict[str, Texts], Keys] = Field(default_factory=dict, max_length=12)
    fact: Literal["name", "email", "phone", "company"] | None = None  #: taken over if known
    fresh: Duration | None = None  #: a fact learnt longer ago is confirmed before it is used
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
