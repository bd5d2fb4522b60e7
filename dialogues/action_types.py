"""Types between flows and actions: what a step hands over and keeps must fit, checked at load."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from dialogues.action import ActionForm, form_of
from dialogues.action_values import REASON, Input, Output, UnfitValueError, ValueType, fit
from dialogues.bot import Bot
from dialogues.flow import Flow
from dialogues.slot import Slot
from dialogues.step import Act
from nlu.yaml_file import KeyPath

_LONE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")

#: What a slot of each type holds; an entity may hold anything, which is seen when it is there.
_HOLDS: Final[Mapping[str, ValueType]] = {
    "number": "number",
    "quantity": "number",
    "rating": "number",
    "boolean": "boolean",
    "choice": "choice",
    "date": "date",
}
_SAID: Final[Mapping[ValueType, str]] = {
    "text": "a text",
    "number": "a number",
    "boolean": "yes or no",
    "date": "a date",
}


def type_faults(bot: Bot, flow: Flow, step: Act) -> Iterator[tuple[KeyPath, str]]:
    """Yield each value of `step` whose type does not fit, by its key within the step."""
    form = form_of(bot, step.act)
    if form is None:
        return
    kinds = _slot_kinds(bot, flow)
    for name, value in step.with_.items():
        if name in form.inputs and (fault := _input_fault(form.inputs[name], value, kinds)):
            yield ("with", name), f"{step.act} takes {_words(form.inputs[name])} here, {fault}"
    for key, slot in step.save.items():
        if key in form.outputs and slot in flow.declared:
            fault = _output_fault(form.outputs[key], flow.declared[slot])
            if fault:
                yield (
                    ("save", key),
                    f"{step.act} returns {_words(form.outputs[key])} here, {fault}",
                )
    if step.meanwhile is not None and not form.slow:
        yield ("meanwhile",), f"{step.act} is done at once, so this would never be said"


def _slot_kinds(bot: Bot, flow: Flow) -> dict[str, Output]:
    """Return what each slot of the flow holds, as far as that is certain."""
    kinds: dict[str, Output] = {}
    for name, slot in flow.slots.items():
        if slot.type != "entity":
            kinds[name] = Output(_HOLDS.get(slot.type, "text"), choices=tuple(slot.options))
    for _, step in flow.walked:
        form = form_of(bot, step.act) if isinstance(step, Act) else None
        for key, slot in step.save.items() if form is not None else ():
            if form is not None and slot not in flow.slots and key in _outputs(form):
                kinds[slot] = _outputs(form)[key]
    return kinds


def _outputs(form: ActionForm) -> Mapping[str, Output]:
    return {**form.outputs, REASON: Output()}


def _input_fault(taken: Input, value: JsonValue, kinds: Mapping[str, Output]) -> str | None:
    lone = _LONE.fullmatch(value) if isinstance(value, str) else None
    if lone is not None:
        given = kinds.get(lone[1])
        return None if given is None or _fits(taken, given) else _holds(lone[1], given)
    if isinstance(value, str) and "{" in value:
        return None if taken.type in {"text", "choice"} else "not a text with placeholders"
    try:
        if value is not None:
            fit(value, taken)
    except UnfitValueError:
        return f"not {value!r}"
    return None


def _fits(taken: Input, given: Output) -> bool:
    if taken.type == "text":
        return True
    if taken.type == "choice":
        return given.type == "choice" and set(given.choices) <= set(taken.choices)
    return taken.type == given.type


def _output_fault(returned: Output, slot: Slot) -> str | None:
    if slot.type in {"entity", "text", "name", "company", "email", "phone", "date_text", "time"}:
        return None
    holds = Output(_HOLDS.get(slot.type, "text"), choices=tuple(slot.options))
    same = holds.type == returned.type
    if same and (holds.type != "choice" or set(returned.choices) <= set(holds.choices)):
        return None
    return f"and the slot keeps {_words(holds)}"


def _words(kind: Input | Output) -> str:
    return _SAID.get(kind.type) or f"one of {', '.join(kind.choices)}"


def _holds(name: str, given: Output) -> str:
    return f"and {name} holds {_words(given)}"
