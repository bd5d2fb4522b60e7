"""Flows as data: a goal's slots, steps and texts, exactly as a bot's YAML may state them."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from channels.messages import Option
from dialogues.slot import Slot
from dialogues.step import Choose, Step, asked_slot, branches, fingerprint
from dialogues.strict import ONE_OR_MORE, Id, Keys, Strict, Texts

#: An address whose host is fixed; only behind it values may be inserted.
_ADDRESS: Final = r"^https://[A-Za-z0-9.:-]+([/?#]\S*)?$"

#: Position of a step: indexes, and the branch taken where steps nest, e.g. (3, "then", 0).
StepPath = tuple[int | str, ...]


class CardLink(Strict):
    """Where a card leads; values in the address are encoded."""

    label: str = Field(min_length=1, max_length=200)  #: the words to press
    #: https; values may stand behind the host
    url: str = Field(min_length=1, max_length=1000, pattern=_ADDRESS)


class Variant(Strict):
    """One wording of a response, with what can be pressed below it."""

    text: str = Field(default="", max_length=4000)  #: only a card may have none
    #: how options are shown, or a card
    style: Literal["text", "buttons", "quick_replies", "card"] = "text"
    #: value -> label
    options: Annotated[dict[str, str], Keys] = Field(default_factory=dict, max_length=13)
    #: where it is said, one or several; none: wherever no other wording is
    channel: Annotated[tuple[str, ...], ONE_OR_MORE] = ()
    title: str = Field(default="", max_length=200)  #: only of cards
    link: CardLink | None = None  #: only of cards
    #: only of cards: its address, https
    image: str | None = Field(default=None, max_length=1000, pattern=_ADDRESS)

    @model_validator(mode="after")
    def _fits_style(self) -> Self:
        if self.style == "card":
            if not self.title:
                message = "a card needs `title`"
                raise ValueError(message)
            return self
        if card := [key for key in ("title", "link", "image") if getattr(self, key)]:
            message = f"only a card has `{card[0]}`; write `style: card`"
            raise ValueError(message)
        if not self.text:
            message = "needs `text`"
            raise ValueError(message)
        return self

    @cached_property
    def pressed(self) -> tuple[Option, ...]:
        """Its own options, as channels show them."""
        return tuple(Option(value=v, label=text[:200]) for v, text in self.options.items())

    @property
    def texts(self) -> Iterator[str]:
        """Yield everything in which values may be inserted."""
        yield from (self.text, self.title)
        if self.link is not None:
            yield from (self.link.label, self.link.url)
        if self.image is not None:
            yield self.image


class Response(Strict):
    """A named text in every language, in one or more wordings each."""

    variants: dict[str, tuple[Variant, ...]]

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: object) -> object:
        if not isinstance(data, Mapping) or set(data) == {"variants"}:
            return data
        return {"variants": {language: _wordings(text) for language, text in data.items()}}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, make: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        """Return what YAML may state: a text, a wording, or several of them, by language."""
        schema = make.resolve_ref_schema(make(core))
        wording = schema["properties"]["variants"]["additionalProperties"]["items"]
        one = [{"type": "string", "minLength": 1, "maxLength": 4000}, wording]
        several = {"type": "array", "minItems": 1, "items": {"anyOf": one}}
        schema.clear()
        schema.update(
            type="object",
            description=cls.__doc__ or "",
            minProperties=1,
            additionalProperties={"anyOf": [*one, several]},
        )
        return schema

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


class Renamed(Strict):
    """What was called otherwise before, so that conversations in the middle go on."""

    flow: tuple[Id, ...] = ()  #: earlier ids of the flow
    slots: dict[Id, Id] = Field(default_factory=dict)  #: earlier name -> name now
    steps: dict[Id, Id] = Field(default_factory=dict)  #: earlier id -> id now


class Flow(Strict):
    """A dialogue for one goal."""

    id: Id  #: its name, the same as that of its file
    description: Texts = Field(min_length=1)  #: shown when the bot asks what was meant
    triggers: tuple[str, ...] = ()  #: intents that start it
    renamed: Renamed = Renamed()  #: for conversations that are in the middle of it
    #: what it needs to know
    declared: dict[Id, Slot] = Field(default_factory=dict, alias="slots")
    steps: tuple[Step, ...] = Field(min_length=1)  #: what it does, one after the other
    responses: dict[Id, Response] = Field(default_factory=dict)  #: what it says

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """Every slot by name: the declared ones and those that `choose` steps make."""
        made = {
            step.choose: Slot(type="choice", ask=step.ask, options=step.options)
            for _, step in self.walked
            if isinstance(step, Choose)
        }
        return made | self.declared

    @cached_property
    def hash(self) -> str:
        """Name of exactly this version of the flow."""
        written = self.model_dump_json(exclude_defaults=True)
        return hashlib.sha256(written.encode()).hexdigest()[:16]

    @cached_property
    def walked(self) -> tuple[tuple[StepPath, Any], ...]:
        """Every step with its path, outer before inner."""
        return tuple(_walk(self.steps, ()))

    @cached_property
    def names(self) -> Mapping[StepPath, str]:
        """A name for every step that stays when the flow around it changes.

        It is the step's `id`, else what the step does; the same once more gets a number.
        """
        names: dict[StepPath, str] = {}
        seen: Counter[str] = Counter()
        for path, step in self.walked:
            name = step.id or fingerprint(step)
            seen[name] += 1
            names[path] = name if seen[name] == 1 else f"{name}~{seen[name]}"
        return names

    def step_named(self, name: str) -> Any | None:  # noqa: ANN401 - one of Step
        """Return the step called `name`, or None when there is none."""
        return next((self._by_path[path] for path, n in self.names.items() if n == name), None)

    def step_at(self, path: StepPath) -> Any | None:  # noqa: ANN401 - one of Step
        """Return the step at `path`, or None where there is none."""
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[StepPath, Any]:
        return dict(self.walked)

    @cached_property
    def asked_first(self) -> tuple[str, ...]:
        """Every slot, those that are asked for first, in the order of the steps."""
        return tuple(dict.fromkeys((*self.collected, *self.slots)))

    @cached_property
    def collected(self) -> tuple[str, ...]:
        """The slots the flow asks for, in the order of its steps."""
        return tuple(
            dict.fromkeys(
                slot for _, step in self.walked if (slot := asked_slot(step)) is not None
            )
        )


def _walk(steps: tuple[Any, ...], prefix: StepPath) -> Iterator[tuple[StepPath, Any]]:
    for index, step in enumerate(steps):
        path = (*prefix, index)
        yield path, step
        for key, nested in branches(step):
            yield from _walk(nested, (*path, key))
