"""Conditions: a closed form about slots, the customer and where and when a turn takes place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from pydantic import Field, JsonValue, model_validator

from dialogues.strict import Id, Names, Strict

_TESTS: Final = frozenset({"is_", "in_", "known", "greater", "less"})
_PLACES: Final = frozenset({"channel", "language", "tier", "stage"})


@dataclass(frozen=True, slots=True)
class Setting:
    """Where, when and with whom a turn takes place, as conditions may ask."""

    channel: str
    language: str  #: BCP-47
    tier: str  #: the customer's value tier
    stage: str  #: the customer's life-cycle stage
    is_open: Callable[[str], bool]  #: desk -> whether its staff work now


class Condition(Strict):
    """A closed form: about one slot or fact, about the setting, or not/all/any of others."""

    slot: str | None = None  #: a slot, or `customer.<fact>`
    is_: JsonValue = Field(default=None, alias="is")  #: the slot has this value
    #: the slot has one of these values
    in_: tuple[JsonValue, ...] | None = Field(default=None, alias="in")
    known: bool | None = None  #: whether the slot has a value
    greater: float | None = None  #: the slot's number is greater
    less: float | None = None  #: the slot's number is less
    channel: Names | None = None  #: the customer writes there
    language: Names | None = None  #: the customer is answered in it
    tier: Names | None = None  #: the customer's value tier
    stage: Names | None = None  #: the customer's life-cycle stage
    open: Id | None = None  #: a desk, within its hours
    not_: "Condition | None" = Field(default=None, alias="not")  #: it does not hold
    #: every one of these holds
    all_: "tuple[Condition, ...] | None" = Field(default=None, alias="all")
    #: at least one of these holds
    any_: "tuple[Condition, ...] | None" = Field(default=None, alias="any")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = self.model_fields_set
        tests = given & _TESTS
        forms = given - _TESTS - {"slot"}
        if ("slot" in given and len(tests) == 1 and not forms) or (
            "slot" not in given and not tests and len(forms) == 1
        ):
            return self
        message = (
            "a condition is `slot` with one of is/in/known/greater/less, or one of "
            "channel/language/tier/stage/open, or one of not/all/any"
        )
        raise ValueError(message)

    def parts(self) -> Iterator["Condition"]:
        """Yield the condition and every condition within it."""
        yield self
        for part in (*(self.all_ or ()), *(self.any_ or ()), *((self.not_,) if self.not_ else ())):
            yield from part.parts()

    def slots(self) -> Iterator[str]:
        """Yield every slot the condition reads."""
        yield from (part.slot for part in self.parts() if part.slot is not None)

    def holds(self, known: Callable[[str], JsonValue], setting: Setting) -> bool:
        """Tell whether the condition is true; a slot that is not known fails every test on it.

        Args:
            known: slot or fact -> its value, None for none.
            setting: where, when and with whom the turn takes place.
        """
        if self.not_ is not None:
            return not self.not_.holds(known, setting)
        if self.all_ is not None:
            return all(part.holds(known, setting) for part in self.all_)
        if self.any_ is not None:
            return any(part.holds(known, setting) for part in self.any_)
        if self.open is not None:
            return setting.is_open(self.open)
        for place in _PLACES & self.model_fields_set:
            return getattr(setting, place) in getattr(self, place)
        return self._passes(known(self.slot or ""))

    def _passes(self, value: JsonValue) -> bool:
        if self.known is not None or value is None:
            return (value is not None) is self.known
        if self.in_ is not None:
            return value in self.in_
        if self.greater is None and self.less is None:
            return value == self.is_
        if not isinstance(value, int | float):
            return False
        return value > self.greater if self.greater is not None else value < (self.less or 0)
