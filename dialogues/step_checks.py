"""Checks of steps: what they name exists, what they state fits, and something reaches them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from dialogues.action import action_names, form_of
from dialogues.action_types import type_faults
from dialogues.action_values import REASON
from dialogues.bot import Bot
from dialogues.checking import (
    Check,
    Found,
    is_repair,
    language_faults,
    placeholder_faults,
    step_key,
)
from dialogues.flow import Flow
from dialogues.hints import unknown
from dialogues.known_slots import known_slots
from dialogues.response_checks import names, option_faults, unfit_options
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
    branches,
)
from dialogues.value_checks import closed_values, condition_faults, filled_fault, switch_faults
from nlu.yaml_file import KeyPath

_ENDINGS: Final = (End, Link, HandOff)

#: Steps of repair flows, which run within a turn.
_REPAIR_STEPS: Final = (Say, If, *_ENDINGS)


def check_steps(check: Check, flow: Flow) -> None:
    """Note everything wrong with the steps of a flow."""
    slots = known_slots(flow)
    for path, step in flow.walked:
        key = step_key(path)
        for place, message in _step_faults(check.bot, flow, step, slots):
            check.add(flow, (*key, *place), message)
        if is_repair(flow) and not isinstance(step, _REPAIR_STEPS):
            check.add(flow, key, "a repair flow only says, branches, ends, links and hands off")
    ids = Counter(step.id for _, step in flow.walked if step.id is not None)
    for path, step in flow.walked:
        if ids[step.id] > 1:
            check.add(flow, (*step_key(path), "id"), f"two steps have the id {step.id!r}")
    _check_sequence(check, flow, flow.steps, ("steps",))


def _step_faults(
    bot: Bot,
    flow: Flow,
    step: Any,  # noqa: ANN401 - one of Step
    slots: set[str],
) -> Iterator[Found]:
    match step:
        case Say():
            yield from ((("say",), message) for message in option_faults(bot, flow, step.say))
        case Choose():
            yield from _choose_faults(bot, flow, step)
        case If():
            yield from condition_faults(bot, flow, step.if_, ("if",))
        case Switch():
            yield from switch_faults(bot, flow, step)
        case Set():
            yield from _set_faults(bot, flow, step, slots)
        case Act():
            yield from _act_faults(bot, flow, step, slots)
        case Search():
            yield from (
                (("search",), message) for message in placeholder_faults(step.search, slots)
            )
        case Call():
            yield from _call_faults(bot, flow, step, slots)
        case _:
            yield from _name_faults(bot, flow, step)


def _name_faults(bot: Bot, flow: Flow, step: Any) -> Iterator[Found]:  # noqa: ANN401 - as above
    """Yield the names in a step that nothing has."""
    match step:
        case Collect() if step.collect not in flow.slots:
            yield ("collect",), unknown("slot", step.collect, flow.slots)
        case Wait() if step.remind is not None and bot.response(step.remind, flow) is None:
            yield ("remind",), unknown("response", step.remind, names(bot, flow))
        case HandOff() if step.hand_off not in bot.file.desks:
            yield ("hand_off",), unknown("desk", step.hand_off, bot.file.desks)
        case Link() if step.link not in bot.flows or is_repair(bot.flows[step.link]):
            yield ("link",), unknown("flow", step.link, bot.flows)


def _choose_faults(bot: Bot, flow: Flow, step: Choose) -> Iterator[Found]:
    ask = bot.response(step.ask, flow)
    if ask is None:
        yield ("ask",), unknown("response", step.ask, names(bot, flow))
    else:
        for value in unfit_options(flow.slots[step.choose], ask):
            yield ("ask",), f"{step.ask} offers {value!r}, which is no option of the step"
    for value, label in step.options.items():
        for message in language_faults(bot, label):
            yield ("options", value), message
    missing = [value for value in step.options if value not in step.then]
    if step.then and missing:
        yield ("then",), f"no branch for {', '.join(missing)}; write `{missing[0]}: []` to go on"


def _set_faults(bot: Bot, flow: Flow, step: Set, slots: set[str]) -> Iterator[Found]:
    for name, value in step.set.items():
        if isinstance(value, str):
            for message in placeholder_faults(value, slots):
                yield ("set", name), message
        if isinstance(value, list | dict):
            yield ("set", name), "a value is a text, a number, true, false or null"
            continue
        slot = flow.slots.get(name)
        if slot is not None and (fault := filled_fault(bot, flow, slot, value)) is not None:
            yield ("set", name), fault


def _act_faults(bot: Bot, flow: Flow, step: Act, slots: set[str]) -> Iterator[Found]:
    action = form_of(bot, step.act)
    if action is None:
        yield ("act",), unknown("action", step.act, action_names(bot))
        return
    for name, value in step.with_.items():
        if name not in action.inputs:
            yield ("with", name), f"{step.act} takes no {name!r}"
        if isinstance(value, str):
            for message in placeholder_faults(value, slots):
                yield ("with", name), message
    for name, taken in action.inputs.items():
        if taken.required and name not in step.with_:
            yield ("with",), f"{step.act} needs {name!r}"
    for name in step.save:
        if name not in action.outputs and name != REASON:
            yield ("save", name), f"{step.act} returns no {name!r}"
    if step.meanwhile is not None and bot.response(step.meanwhile, flow) is None:
        yield ("meanwhile",), unknown("response", step.meanwhile, names(bot, flow))
    yield from type_faults(bot, flow, step)


def _call_faults(bot: Bot, flow: Flow, step: Call, slots: set[str]) -> Iterator[Found]:
    target = bot.flows.get(step.call)
    if target is None or is_repair(target):
        yield ("call",), unknown("flow", step.call, [f for f in bot.flows if f != flow.id])
        return
    for name, value in step.with_.items():
        if isinstance(value, str):
            for message in placeholder_faults(value, slots):
                yield ("with", name), message
        if name not in target.slots:
            message = f"{step.call} has no slot {name!r}"
            yield ("with", name), message
        elif (fault := filled_fault(bot, flow, target.slots[name], value)) is not None:
            yield ("with", name), fault
    for name in step.save:
        if name not in known_slots(target):
            yield ("save", name), f"{step.call} has no slot {name!r}"


def _check_sequence(check: Check, flow: Flow, steps: tuple[Any, ...], key: KeyPath) -> bool:
    """Report steps that nothing reaches; return whether what follows `steps` is reached."""
    for index, step in enumerate(steps):
        nested = {
            name: _check_sequence(check, flow, inner, (*key, index, *name.split("/")))
            for name, inner in branches(step)
            if inner
        }
        if isinstance(step, _ENDINGS) or _ends(check.bot, flow, step, nested):
            if index + 1 < len(steps):
                check.add(flow, (*key, index + 1), "nothing reaches this step")
            return False
    return True


def _ends(bot: Bot, flow: Flow, step: object, nested: dict[str, bool]) -> bool:
    """Tell whether each branch of `step` ends the flow; nested: branch -> what follows it runs."""
    match step:
        case If():
            needed = ["then", "else"]
        case Switch():
            cases = [f"cases/{value}" for value in step.cases]
            closed = closed_values(bot, flow, step.switch)
            needed = cases if closed is not None and set(closed) <= set(step.cases) else []
            needed = [*needed, "else"] if not needed or step.else_ else needed
            needed = [*cases, *(name for name in needed if name not in cases)]
        case Choose():
            needed = [f"then/{value}" for value in step.options]
            needed += ["give_up"] if step.give_up else []
        case Search():
            needed = ["found", "missing"]
        case _:
            return False
    return all(nested.get(name) is False for name in needed)
