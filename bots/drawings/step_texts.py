"""Step texts: what a box of a drawing says about its step, and what its branches are called."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import JsonValue

from bots.drawings.words import word
from dialogues.bot import Bot, localised
from dialogues.condition import Condition
from dialogues.flow import Flow, Variant
from dialogues.responses import shown
from dialogues.step import (
    Act,
    Call,
    Choose,
    Collect,
    End,
    HandOff,
    If,
    Link,
    Say,
    Search,
    Set,
    Switch,
    Wait,
)
from dialogues.strict import written

#: Steps after which nothing of their flow follows.
EXITS: Final = (End, HandOff, Link)


@dataclass(frozen=True, slots=True)
class StepText:
    """What a box says."""

    kind: str  #: the step's key in YAML
    name: str  #: of what it is about: a response, slot, action, desk, flow
    text: str = ""  #: the words customers read, or the condition
    options: tuple[str, ...] = ()  #: labels of what can be pressed
    notes: tuple[str, ...] = ()  #: smaller, below
    loops: str = ""  #: what makes it run again


class Reader:
    """Reads the steps of one flow in one language."""

    def __init__(self, bot: Bot, flow: Flow, language: str) -> None:
        self._bot = bot
        self._flow = flow
        self._language = language

    def word(self, name: str, /, **values: object) -> str:
        """Return a word of drawings in the language."""
        return word(name, self._language, **values)

    def text(self, step: object) -> StepText:
        """Return what the box of `step` says."""
        tell = _TELL.get(type(step))
        return tell(self, step) if tell is not None else StepText(type(step).__name__.lower(), "")

    def label(self, step: object, key: str) -> str:
        """Return what the branch at the YAML place `key` of `step` is called."""
        first, _, value = key.partition("/")
        if isinstance(step, Choose) and first == "then":
            return localised(step.options.get(value, {}), self._language) or value
        if isinstance(step, Switch):
            return value or self.word("otherwise")
        known = ("then", "else", "give_up", "on_failure", "found", "missing", "on_timeout")
        return self.word(first) if first in known else key

    def condition(self, condition: Condition, *, inner: bool = False) -> str:
        """Return a condition in words."""
        if condition.not_ is not None:
            return f"{self.word('not')} ({self.condition(condition.not_)})"
        for parts, joint in ((condition.all_, "and"), (condition.any_, "or")):
            if parts is not None:
                told = f" {self.word(joint)} ".join(self.condition(p, inner=True) for p in parts)
                return f"({told})" if inner and len(parts) > 1 else told
        if condition.open is not None:
            return self.word("open", name=condition.open)
        for place in ("channel", "language", "tier", "stage"):
            if (names := getattr(condition, place)) is not None:
                return f"{place} = {' / '.join(names)}"
        return self._test(condition, condition.slot or "")

    def _test(self, condition: Condition, name: str) -> str:
        if condition.known is not None:
            return self.word("known" if condition.known else "unknown", name=name)
        if condition.in_ is not None:
            return f"{name} = {' / '.join(self._value(name, value) for value in condition.in_)}"
        if condition.greater is not None:
            return f"{name} > {condition.greater:g}"
        if condition.less is not None:
            return f"{name} < {condition.less:g}"
        return f"{name} = {self._value(name, condition.is_)}"

    def _value(self, slot: str, value: JsonValue) -> str:
        if isinstance(value, bool):
            return self.word("then" if value else "else")
        return shown(self._bot, self._flow, slot, value, language=self._language) or str(value)

    def _variants(self, name: str | None) -> tuple[Variant, ...]:
        response = self._bot.response(name, self._flow) if name else None
        if response is None:
            return ()
        return response.variants.get(self._language) or next(iter(response.variants.values()))

    def _said(self, name: str | None) -> str:
        first = next(iter(self._variants(name)), None)
        return "\n".join(filter(None, (first.title, first.text))) if first is not None else ""

    def _options(self, name: str | None) -> tuple[str, ...]:
        """Return what can be pressed below a response."""
        return next((tuple(w.options.values()) for w in self._variants(name)), ())

    def _wordings(self, name: str | None) -> tuple[str, ...]:
        """Return how many wordings a response has, when it is several."""
        count = len(self._variants(name))
        return (self.word("more", count=count),) if count > 1 else ()

    def _say(self, step: Say) -> StepText:
        name = step.say
        options = self._options(name)
        return StepText("say", name, self._said(name), options, self._wordings(name))

    def _choose(self, step: Choose) -> StepText:
        labels = tuple(localised(texts, self._language) for texts in step.options.values())
        notes, loops = self._wordings(step.ask), self.word("again", count=step.attempts)
        return StepText("choose", step.choose, self._said(step.ask), labels, notes, loops)

    def _if(self, step: If) -> StepText:
        return StepText("if", "", self.condition(step.if_))

    def _switch(self, step: Switch) -> StepText:
        return StepText("switch", step.switch)

    def _set(self, step: Set) -> StepText:
        return StepText("set", "", "\n".join(self._assigned(step.set)))

    def _search(self, step: Search) -> StepText:
        return StepText("search", "", step.search)

    def _hand_off(self, step: HandOff) -> StepText:
        return StepText("hand_off", step.hand_off, self.word("hand_off"))

    def _link(self, step: Link) -> StepText:
        return StepText("link", step.link, self._goal(step.link))

    def _call(self, step: Call) -> StepText:
        return StepText("call", step.call, self._goal(step.call), notes=self._passed(step))

    def _end(self, _: End) -> StepText:
        return StepText("end", "", self.word("over"))

    def _collect(self, step: Collect) -> StepText:
        slot = self._flow.slots.get(step.collect)
        if slot is None:
            return StepText("collect", step.collect)
        own = tuple(localised(texts, self._language) for texts in slot.options.values())
        notes = [
            *self._wordings(slot.ask),
            self.word("optional") if slot.optional else "",
            self.word("fact", name=f"customer.{slot.fact}") if slot.fact else "",
        ]
        return StepText(
            "collect",
            f"{step.collect}: {slot.entity or slot.type}",
            self._said(slot.ask),
            own or self._options(slot.ask),
            tuple(note for note in notes if note),
            self.word("again", count=step.attempts),
        )

    def _act(self, step: Act) -> StepText:
        text = self._said(step.meanwhile)
        notes = [
            self.word("meanwhile", text=text) if text else "",
            self.word("with", names=", ".join(step.with_)) if step.with_ else "",
            self.word("save", names=", ".join(step.save.values())) if step.save else "",
        ]
        return StepText("act", step.act, notes=tuple(note for note in notes if note))

    def _passed(self, step: Call) -> tuple[str, ...]:
        notes = [
            self.word("with", names=", ".join(step.with_)) if step.with_ else "",
            self.word("save", names=", ".join(step.save.values())) if step.save else "",
        ]
        return tuple(note for note in notes if note)

    def _wait(self, step: Wait) -> StepText:
        awaited = self.word("notice", name=step.wait) if step.wait else self.word("time")
        reminder = self._said(step.remind)
        notes = [
            self.word("up_to", time=written(step.up_to)),
            self.word("remind", text=reminder) if reminder else "",
            self.word("save", names=", ".join(step.save.values())) if step.save else "",
        ]
        told = tuple(note for note in notes if note)
        return StepText("wait", step.wait or "", awaited, notes=told)

    def _goal(self, flow: str) -> str:
        other = self._bot.flows.get(flow)
        return localised(other.description, self._language) if other is not None else ""

    def _assigned(self, values: Mapping[str, Any]) -> Iterator[str]:
        for name, value in values.items():
            if value is None:
                yield self.word("forget", name=name)
            else:
                yield f"{name} = {self._value(name, value)}"


_TELL: Final[Mapping[type[Any], Callable[[Reader, Any], StepText]]] = {
    Say: Reader._say,
    Collect: Reader._collect,
    Choose: Reader._choose,
    If: Reader._if,
    Switch: Reader._switch,
    Set: Reader._set,
    Act: Reader._act,
    Search: Reader._search,
    HandOff: Reader._hand_off,
    Link: Reader._link,
    Call: Reader._call,
    Wait: Reader._wait,
    End: Reader._end,
}
