"""Checks of what the parts of a bot say about each other; every fault is named, none raised."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dialogues.action import action_names, form_of
from dialogues.action_types import type_faults
from dialogues.action_values import REASON
from dialogues.bot import REPAIR_FOLDER, REPAIR_PREFIX, Bot
from dialogues.flow import Flow, Response, StepPath
from dialogues.hints import hint, unknown
from dialogues.slot import Slot
from dialogues.step import Act, Collect, End, HandOff, If, Link, Say, Search, Wait, branches
from nlu.yaml_file import Fault, KeyPath, YamlFile

#: A placeholder in a text; braces with anything else inside are plain text.
PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_.]*)\}")

CUSTOMER_FACTS: Final = frozenset({"name", "email", "phone", "company"})

#: What a text may insert besides slots.
FIELDS: Final = frozenset(
    {f"customer.{fact}" for fact in CUSTOMER_FACTS} | {"bot.title", "turn.text"}
)

#: Intents that always mean repair; a flow they triggered would never start.
REPAIR_INTENTS: Final = frozenset({"cancel", "repeat", "skip", "start_over"})

_NO_VALUE: Final = "is no slot, customer fact or field of the bot"
_OPTION: Final = re.compile(r"human|bot|cancel|skip|none|kb:ask:.+")
_ENDINGS = (End, Link, HandOff)


@dataclass(frozen=True, slots=True)
class Sources:
    """The files a bot was read from, for the places of faults."""

    files: Mapping[Path, YamlFile]
    flow_paths: Mapping[str, Path]
    shared_names: frozenset[str]  #: responses of the shared repair flows


@dataclass(slots=True)
class _Check:
    bot: Bot
    sources: Sources
    faults: list[Fault] = field(default_factory=list)

    def file_of(self, flow: Flow) -> YamlFile:
        return self.sources.files[self.sources.flow_paths[flow.id]]

    def add(self, flow: Flow, key: KeyPath, message: str) -> None:
        self.faults.append(self.file_of(flow).fault(key, message))

    def is_own(self, flow: Flow) -> bool:
        return self.sources.flow_paths[flow.id].parent != REPAIR_FOLDER


def check_references(
    bot: Bot,
    sources: Sources,
    *,
    intents: Collection[str] | None,
    entities: Collection[str] | None,
) -> list[Fault]:
    """Return everything wrong between the parts of `bot`."""
    check = _Check(bot, sources)
    _check_bot_file(check)
    _check_bot_responses(check)
    own = [flow for flow in bot.flows.values() if check.is_own(flow)]
    for flow in own:
        _check_texts(check, flow)
        _check_slots(check, flow, entities)
        _check_steps(check, flow)
        _check_sequence(check, flow, flow.steps, ("steps",))
        _check_unused(check, flow)
    _check_triggers(check, own, intents)
    _check_link_cycles(check, own)
    return check.faults


def step_key(path: StepPath) -> KeyPath:
    """Return the place in a flow's file of the step at `path`."""
    return ("steps", *path)


def known_slots(flow: Flow) -> set[str]:
    """Return the slots a flow can read: declared ones and those an action saves."""
    saved = {
        slot
        for _, step in flow.walked
        if isinstance(step, Act | Wait)
        for slot in step.save.values()
    }
    return set(flow.slots) | saved


def _check_bot_file(check: _Check) -> None:
    path = check.bot.folder / "bot.yml"
    file = check.sources.files[path]
    for name in ("title", "description"):
        for message in _language_faults(check.bot, getattr(check.bot.file, name)):
            check.faults.append(file.fault((name,), message))
    for index, flow in enumerate(check.bot.file.menu):
        if flow not in check.bot.flows or flow.startswith(REPAIR_PREFIX):
            check.faults.append(
                file.fault(("menu", index), unknown("flow", flow, check.bot.flows))
            )
    for name, pattern in check.bot.file.patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            check.faults.append(
                file.fault(("patterns", name), f"not a regular expression: {error}")
            )


def _check_bot_responses(check: _Check) -> None:
    path = check.bot.folder / "responses.yml"
    file = check.sources.files.get(path)
    if file is not None and isinstance(file.data, dict):
        used = _used_responses(check.bot)
        for name in file.data:
            response = check.bot.responses[name]
            for key, message in _response_faults(check, response, slots=None):
                check.faults.append(file.fault((name, *key), message))
            if name not in used and name not in check.sources.shared_names:
                check.faults.append(file.fault((name,), "no flow says this response"))
    bot_file = check.sources.files[check.bot.folder / "bot.yml"]
    for name in sorted(check.sources.shared_names):
        missing = set(check.bot.languages) - set(check.bot.responses[name].variants)
        if missing and (file is None or name not in file.data):
            message = f"the shared response {name!r} has no {', '.join(sorted(missing))}; "
            check.faults.append(
                bot_file.fault(("languages",), message + "write it in responses.yml")
            )


def _used_responses(bot: Bot) -> set[str]:
    return {name for flow in bot.flows.values() for name in _said(flow)}


def _said(flow: Flow) -> Iterator[str]:
    for _, step in flow.walked:
        match step:
            case Say():
                yield step.say
            case Act(meanwhile=str(name)) | Wait(remind=str(name)):
                yield name
    for slot in flow.slots.values():
        yield from (name for name in (slot.ask, slot.invalid) if name)


def _language_faults(bot: Bot, texts: Collection[str]) -> Iterator[str]:
    for language in bot.languages:
        if language not in texts:
            yield f"has no text in {language!r}"
    for language in texts:
        if language not in bot.languages:
            yield f"{language!r} is not a language of the bot"


def _check_texts(check: _Check, flow: Flow) -> None:
    for message in _language_faults(check.bot, flow.description):
        check.add(flow, ("description",), message)
    slots = known_slots(flow)
    for name, response in flow.responses.items():
        for key, message in _response_faults(check, response, slots=slots):
            check.add(flow, ("responses", name, *key), message)
    for name, slot in flow.slots.items():
        for value, label in slot.options.items():
            for message in _language_faults(check.bot, label):
                check.add(flow, ("slots", name, "options", value), message)


def _response_faults(
    check: _Check, response: Response, *, slots: Collection[str] | None
) -> Iterator[tuple[KeyPath, str]]:
    for message in _language_faults(check.bot, response.variants):
        yield (), message
    values = {
        frozenset(variant.options) for texts in response.variants.values() for variant in texts
    }
    if len(values) > 1:
        yield (), "the texts do not offer the same options"
    for language, texts in response.variants.items():
        for name in {n for variant in texts for n in PLACEHOLDER.findall(variant.text)}:
            if name not in FIELDS and ("." in name or (slots is not None and name not in slots)):
                yield (language,), f"{{{name}}} {_NO_VALUE}{hint(name, {*(slots or ()), *FIELDS})}"


def _check_slots(check: _Check, flow: Flow, entities: Collection[str] | None) -> None:
    known = {*check.bot.file.patterns, *check.bot.file.lookups, *(entities or ())}
    for name, slot in flow.slots.items():
        for key, response in (("ask", slot.ask), ("invalid", slot.invalid)):
            if response is not None and check.bot.response(response, flow) is None:
                message = unknown("response", response, _responses(check.bot, flow))
                check.add(flow, ("slots", name, key), message)
        if slot.ask is None and name in flow.collected:
            check.add(flow, ("slots", name), "needs `ask`, because a step collects it")
        if slot.ask is not None and (ask := check.bot.response(slot.ask, flow)) is not None:
            for value in _unfit_options(slot, ask):
                message = f"{slot.ask} offers {value!r}, which does not fit the slot"
                check.add(flow, ("slots", name, "ask"), message)
        if slot.entity and entities is not None and slot.entity not in known:
            message = unknown("entity", slot.entity, known)
            check.add(flow, ("slots", name, "entity"), message)


def _unfit_options(slot: Slot, ask: Response) -> Iterator[str]:
    fits: dict[str, Collection[str]] = {
        "choice": slot.options,
        "boolean": ("yes", "no", "true", "false"),
        "rating": ("1", "2", "3", "4", "5"),
    }
    allowed = fits.get(slot.type)
    if allowed is not None:
        offered = {v for texts in ask.variants.values() for text in texts for v in text.options}
        yield from sorted(v for v in offered if v not in allowed and not _OPTION.fullmatch(v))


def _check_steps(check: _Check, flow: Flow) -> None:
    slots = known_slots(flow)
    for path, step in flow.walked:
        key = step_key(path)
        for place, message in _step_faults(check.bot, flow, step, slots):
            check.add(flow, (*key, *place), message)
        if flow.id.startswith(REPAIR_PREFIX) and isinstance(step, Collect | Act | Search):
            check.add(flow, key, "a repair flow only says, branches, ends, links and hands off")


def _step_faults(
    bot: Bot,
    flow: Flow,
    step: Any,  # noqa: ANN401 - one of Step
    slots: set[str],
) -> Iterator[tuple[KeyPath, str]]:
    match step:
        case Say():
            yield from _say_faults(bot, flow, step)
        case Collect() if step.collect not in flow.slots:
            yield ("collect",), unknown("slot", step.collect, flow.slots)
        case If():
            for name in step.if_.slots():
                fact = name.removeprefix("customer.")
                if name not in slots and (fact == name or fact not in CUSTOMER_FACTS):
                    yield ("if",), unknown("slot", name, slots)
        case Act():
            yield from _act_faults(bot, step, slots)
            yield from type_faults(bot, flow, step)
            if step.meanwhile is not None and bot.response(step.meanwhile, flow) is None:
                yield ("meanwhile",), unknown("response", step.meanwhile, _responses(bot, flow))
        case Wait() if step.remind is not None and bot.response(step.remind, flow) is None:
            yield ("remind",), unknown("response", step.remind, _responses(bot, flow))
        case Search():
            yield from _placeholder_faults(("search",), step.search, slots)
        case HandOff() if step.hand_off not in bot.file.desks:
            yield ("hand_off",), unknown("desk", step.hand_off, bot.file.desks)
        case Link() if step.link not in bot.flows:
            yield ("link",), unknown("flow", step.link, bot.flows)


def _say_faults(bot: Bot, flow: Flow, step: Say) -> Iterator[tuple[KeyPath, str]]:
    response = bot.response(step.say, flow)
    if response is None:
        yield ("say",), unknown("response", step.say, _responses(bot, flow))
        return
    for value in {v for texts in response.variants.values() for t in texts for v in t.options}:
        target = value.removeprefix("flow:")
        if target != value:
            if target not in bot.flows:
                yield ("say",), f"{step.say} offers {value!r}, but no flow is called {target!r}"
        elif not _OPTION.fullmatch(value) and value not in _choice_values(flow):
            yield ("say",), f"{step.say} offers {value!r}; write flow:<id>, human, cancel or none"


def _responses(bot: Bot, flow: Flow) -> set[str]:
    return {*flow.responses, *bot.responses}


def _choice_values(flow: Flow) -> set[str]:
    return {value for slot in flow.slots.values() for value in slot.options}


def _act_faults(bot: Bot, step: Act, slots: set[str]) -> Iterator[tuple[KeyPath, str]]:
    action = form_of(bot, step.act)
    if action is None:
        yield ("act",), unknown("action", step.act, action_names(bot))
        return
    for name, value in step.with_.items():
        if name not in action.inputs:
            yield ("with", name), f"{step.act} takes no {name!r}"
        if isinstance(value, str):
            yield from _placeholder_faults(("with", name), value, slots)
    for name, taken in action.inputs.items():
        if taken.required and name not in step.with_:
            yield ("with",), f"{step.act} needs {name!r}"
    for name in step.save:
        if name not in action.outputs and name != REASON:
            yield ("save", name), f"{step.act} returns no {name!r}"


def _placeholder_faults(key: KeyPath, text: str, slots: set[str]) -> Iterator[tuple[KeyPath, str]]:
    for name in PLACEHOLDER.findall(text):
        if name not in slots and name not in FIELDS:
            yield key, f"{{{name}}} {_NO_VALUE}{hint(name, {*slots, *FIELDS})}"


def _check_sequence(check: _Check, flow: Flow, steps: tuple[Any, ...], key: KeyPath) -> bool:
    """Report steps that nothing reaches; return whether what follows `steps` is reached."""
    for index, step in enumerate(steps):
        nested = [
            (name, _check_sequence(check, flow, inner, (*key, index, name)))
            for name, inner in branches(step)
            if inner
        ]
        both = len(nested) == 2 and not any(goes_on for _, goes_on in nested)
        if isinstance(step, _ENDINGS) or (isinstance(step, If) and both):
            if index + 1 < len(steps):
                check.add(flow, (*key, index + 1), "nothing reaches this step")
            return False
    return True


def _check_unused(check: _Check, flow: Flow) -> None:
    if flow.id.startswith(REPAIR_PREFIX):
        return
    used = set(_said(flow))
    for name in flow.responses:
        if name not in used:
            check.add(flow, ("responses", name), "no step of the flow says this response")


def _check_triggers(check: _Check, own: list[Flow], intents: Collection[str] | None) -> None:
    linked = {
        step.link for flow in own for _, step in flow.walked if isinstance(step, Link)
    } | _offered_flows(check.bot)
    taken: dict[str, str] = {}
    for flow in own:
        for index, intent in enumerate(flow.triggers):
            key = ("triggers", index)
            if intents is not None and intent not in intents:
                check.add(flow, key, f"no intent is called {intent!r}")
            if intent in REPAIR_INTENTS:
                check.add(flow, key, f"{intent} always means repair and starts no flow")
            if intent in taken:
                check.add(flow, key, f"{intent} starts the flow {taken[intent]!r} already")
            taken.setdefault(intent, flow.id)
        if flow.id.startswith(REPAIR_PREFIX):
            if not (REPAIR_FOLDER / f"{flow.id.removeprefix(REPAIR_PREFIX)}.yml").exists():
                check.add(flow, ("id",), f"no shared flow is called {flow.id!r}")
        elif not flow.triggers and flow.id not in linked:
            check.add(flow, ("id",), "nothing starts this flow: no triggers, and no link to it")


def _offered_flows(bot: Bot) -> set[str]:
    everywhere = [*bot.responses.values()]
    everywhere += [r for flow in bot.flows.values() for r in flow.responses.values()]
    return {
        value.removeprefix("flow:")
        for response in everywhere
        for texts in response.variants.values()
        for variant in texts
        for value in variant.options
    }


def _check_link_cycles(check: _Check, own: list[Flow]) -> None:
    """Report flows that lead back to themselves without ever asking anything."""
    edges = {flow.id: {target for target, _ in _links_at_once(flow.steps)} for flow in own}
    for flow in own:
        seen: set[str] = set()
        todo = set(edges[flow.id])
        while todo:
            target = todo.pop()
            seen.add(target)
            todo |= edges.get(target, set()) - seen
        if flow.id in seen:
            path = next(
                path for path, step in flow.walked if isinstance(step, Link) and step.link in seen
            )
            check.add(flow, step_key(path), "leads back to this flow without asking anything")


def _links_at_once(steps: tuple[Any, ...]) -> Iterator[tuple[str, bool]]:
    """Yield the flows linked to before anything is collected."""
    for step in steps:
        if isinstance(step, Collect):
            return
        if isinstance(step, Link):
            yield step.link, True
        for _, nested in branches(step):
            yield from _links_at_once(nested)
